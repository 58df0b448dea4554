"""The HTML report in a real browser, opened from disk."""

import json

import pytest

from mmbench.schema import Response
from mmbench.store.run_folder import Answered

pytestmark = pytest.mark.browser

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
EVIL = "<script>document.title='owned'</script></script><img src=x onerror=\"document.title='owned'\">"


def _background(page) -> tuple[int, ...]:
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return tuple(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))


def _is_dark(page) -> bool:
    return sum(_background(page)) < 3 * 64


def _overflows(page) -> list[str]:
    """Return what sticks out of the window, but for what scrolls on its own."""
    return page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter(e => e.getBoundingClientRect().right > innerWidth + 0.5)
            .filter(e => !e.closest(".scroll, nav, .skip, .unseen, svg"))
            .map(e => `${e.tagName}.${e.className} in ${e.parentElement.tagName}.${e.parentElement.className}`)"""
    )


def test_opens_from_disk_and_shows_pictures_and_charts(visit, gallery):
    page = visit(gallery)
    assert page.title() == "alpha vs beta · mmbench report"
    page.locator("#samples img").first.scroll_into_view_if_needed()
    assert (
        page.locator("#samples img").first.evaluate("image => image.decode().then(() => image.naturalWidth)")
        == 320
    )
    assert page.locator("#results .chart > svg:visible").count() == 1


def test_sounds_can_be_played(visit, gallery):
    page = visit(gallery)
    length = page.locator("audio").first.evaluate(
        """sound => new Promise((done, failed) => {
            sound.onloadedmetadata = () => done(sound.duration);
            sound.onerror = () => failed(sound.error.message);
            sound.preload = "auto"; sound.load();
        })"""
    )
    assert length == pytest.approx(1.0, abs=0.2)
    heard = page.locator("audio").first.evaluate(
        """sound => { sound.muted = true; return sound.play().then(() => new Promise(done => {
            sound.ontimeupdate = () => sound.currentTime > 0 && done(sound.currentTime);
        })); }"""
    )
    assert heard > 0


def test_hostile_answers_stay_text(visit, make_run, told, row):
    rows = [row(f"{i}", EVIL, prompt=EVIL, target=EVIL, slices={EVIL: EVIL}) for i in range(3)]
    page = visit([make_run(EVIL, told("x", rows=rows, values={"accuracy": 1.0}, slices={f"{EVIL}={EVIL}": 0.5}))])
    assert "owned" not in page.title().partition("·")[0].replace("document.title='owned'", "")
    assert page.locator("script").count() == 3
    assert page.locator("img").count() == 0
    assert EVIL in page.locator("article").first.inner_text()


def test_colours_follow_the_system_and_the_switch(visit, gallery):
    page = visit(gallery, scheme="dark")
    switch = page.get_by_role("button", name="Dark colours")
    assert _is_dark(page)
    assert switch.get_attribute("aria-pressed") == "true"
    switch.click()
    assert not _is_dark(page)
    assert switch.get_attribute("aria-pressed") == "false"
    page.reload()
    assert not _is_dark(page), "the choice is kept"
    switch.click()
    assert _is_dark(page)


@pytest.mark.parametrize("runs", [1, 2])
def test_nothing_sticks_out_of_a_phone(visit, gallery, make_run, told, row, runs):
    page = visit(gallery[:runs], PHONE)
    for details in page.locator("details").all():
        details.evaluate("details => details.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert _overflows(page) == []
    assert page.locator("#results .chart > svg:visible").count() == 1


def test_endless_words_do_not_widen_the_page(visit, make_run, told, row):
    word = "W" * 400
    task = told(word, word, [row(word, word, 0.5, prompt=word, target=word, slices={word: word})], {word: 0.5},
                slices={f"{word}={word}": 0.5}, errors=1, first_error=word)  # fmt: skip
    page = visit([make_run(word, task, versions={word: word}, hardware={word: word})], PHONE)
    for details in page.locator("details").all():
        details.evaluate("details => details.open = true")
    assert _overflows(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_keyboard_reaches_everything(visit, gallery):
    page = visit(gallery)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the results"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#results"
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.closest('#results') !== null")
    assert focused
    summary = page.locator("#slices summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert not page.locator("#slices table").first.is_visible()
    page.keyboard.press("Enter")
    assert page.locator("#slices table").first.is_visible()


def test_a_link_leads_to_its_sample(visit, gallery):
    page = visit(gallery)
    link = page.locator("article .link").nth(4)
    link.click()
    key = page.evaluate("location.hash.slice(1)")
    article = page.locator(f"[id='{key}']")
    assert article.evaluate("article => article.matches(':target')")
    assert article.is_visible()


def test_tables_and_samples_need_no_scripts(visit, gallery):
    page = visit(gallery, javascript=False)
    assert page.get_by_text("62.0%").first.is_visible()
    assert page.locator("article").first.is_visible()
    assert not page.get_by_role("button", name="Dark colours").is_visible()


def test_nothing_moves_while_the_page_loads(visit, gallery):
    page = visit(gallery)
    shift = page.evaluate(
        """() => new Promise(done => {
            let sum = 0;
            new PerformanceObserver(list => list.getEntries().forEach(e => sum += e.value))
                .observe({type: "layout-shift", buffered: true});
            requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
        })"""
    )
    assert shift == 0


def test_prints_to_pdf_with_everything_unfolded(visit, gallery):
    page = visit(gallery)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    assert page.pdf().startswith(b"%PDF")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() > 0


@pytest.fixture(scope="module")
def insights(tmp_path_factory, told, row, writer):
    """Two runs that differ, tell their confidence and their time, and of which one has a training log."""
    folder = tmp_path_factory.mktemp("insights")
    checkpoint = folder / "checkpoint"
    checkpoint.mkdir()
    (checkpoint / "config.json").write_text("{}")
    lines = [f"{10 * step},{3 / (step + 1)},{3.2 / (step + 1)},x=0.{step}" for step in range(9)]
    (checkpoint / "log.csv").write_text("\n".join(["step,loss,validation_loss,scores", *lines]))

    def answered(index: int, right: bool, seconds: float) -> Answered:
        made = row(f"{index}", "yes" if right else "no", float(right))
        response = Response("yes", logprobs=(-0.05 * (index % 20) - 0.01,), latency=seconds)
        return Answered(made.sample, [response], made.prediction, made.statistics)

    make = writer(folder)
    runs = []
    for name, modulus, seconds in (("slow", 10, 0.4), ("fast", 2, 0.02)):
        rows = [answered(index, index % modulus > 0, seconds) for index in range(60)]
        values = {"accuracy": 1 - 1 / modulus}
        runs.append(make(name, told("x", rows=rows, values=values, slices={"type=a": 0.5})))
    manifest = json.loads((runs[0].path / "manifest.json").read_text())
    manifest["model"]["spec"] = str(checkpoint)
    (runs[0].path / "manifest.json").write_text(json.dumps(manifest))
    return runs


def test_every_plot_is_drawn_and_fits_a_phone(visit, insights):
    page = visit(insights, PHONE)
    for part in ("results", "differences", "calibration", "efficiency", "learning"):
        plot = page.locator(f"#{part} svg[role=img]:visible").first
        assert plot.bounding_box()["width"] <= PHONE["width"]
    for details in page.locator("details").all():
        details.evaluate("details => details.open = true")
    assert page.locator("#differences table").get_by_text("−40.0").is_visible()
    assert _overflows(page) == []


def _faults(page) -> str:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is missing")
    for details in page.locator("details").all():
        details.evaluate("details => details.open = true")
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = axe.Axe().run(page, options={"runOnly": {"type": "tag", "values": rules}})
    return found.generate_report() if found.violations_count else ""


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_axe_finds_no_fault(visit, gallery, size, scheme):
    assert _faults(visit(gallery, size, scheme)) == ""


def test_axe_finds_no_fault_in_the_plots(visit, insights):
    assert _faults(visit(insights, DESKTOP, "dark")) == ""


CONTRAST = """() => {
    const rgb = (colour) => {
        const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(part => part / 255);
    };
    const light = (colour) => {
        const linear = part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        const [r, g, b] = rgb(colour).map(linear);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    };
    return [...document.querySelectorAll("td[class*=heat] span:not(.unseen)")].map(span => {
        const one = light(getComputedStyle(span).color);
        const other = light(getComputedStyle(span.closest("td")).backgroundColor);
        return Math.max(one, other) / Math.min(one, other);
    });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_on_every_heat_can_be_read(visit, make_run, told, scheme):
    slices = {f"type={i}": i / 10 + 0.05 for i in range(10)}
    runs = [make_run(name, told("x", values={"m": 0.5}, slices=slices, width=0.001)) for name in "ab"]
    ratios = visit(runs, scheme=scheme).evaluate(CONTRAST)
    assert len(ratios) >= 40
    assert min(ratios) >= 4.5
