"""The leaderboard in a real browser, opened from disk."""

import json
from pathlib import Path

import pytest
from knowing_models import Knowing, answers

import mmbench
from mmbench_reports.leaderboard import render

pytestmark = pytest.mark.browser

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A site of four models, two baselines and one refused run over two tasks."""
    folder = tmp_path_factory.mktemp("board")
    known = answers("sentiment", 60) | answers("qa", 60)

    def run(model, tasks):
        return mmbench.evaluate(model, tasks, limit=60, out=folder / "runs", cache="off")

    both = ["sentiment", "qa"]
    runs = [
        run(Knowing("atlas-7b", 0.6, known, 0.03), both),
        run(Knowing("atlas-7b", 0.9, known, 0.03, version=2), both),
        run(Knowing("borealis-mini", 0.4, known, 0.004), both),
        run(Knowing("org/a-very-long-model-name-of-an-adapter-v2", 0.7, known, 0.4), both),
        run(Knowing("quill-1b", 0.95, known, 0.002), "sentiment"),
        run("majority", both),
        run("oracle", both),
        run(Knowing("cheat", 0.5, known), "sentiment"),
    ]
    for hour, one in enumerate(runs):  # runs of one second have no order
        manifest = json.loads((one.path / "manifest.json").read_text())
        manifest["started"] = manifest["finished"] = f"2026-01-01T{hour:02}:00:00Z"
        (one.path / "manifest.json").write_text(json.dumps(manifest))
    results = json.loads((runs[-1].path / "results.json").read_text())
    results["results"][0]["value"] = 1.0
    (runs[-1].path / "results.json").write_text(json.dumps(results))
    render([mmbench.load_run(one.path) for one in runs], folder / "site")
    return folder / "site"


@pytest.fixture
def visit(browser, site):
    """Open a page of the site; at the end nothing may have been complained of or asked for beyond its pages."""
    complaints: list[str] = []
    contexts = []

    def open_page(name="index.html", size=DESKTOP, scheme="light", javascript=True):
        context = browser.new_context(
            viewport=size, color_scheme=scheme, java_script_enabled=javascript, offline=True
        )
        context.set_default_timeout(180_000)  # the machine may be busy with something else
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: _note(request.url, complaints))
        page.goto((site / name).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _note(url: str, complaints: list[str]) -> None:
    if not url.partition("#")[0].endswith(".html") and not url.startswith("data:"):
        complaints.append(f"request for {url}")


def _names(page) -> list[str]:
    return page.locator("#board tbody tr:visible th a").all_inner_texts()


def test_sorted_by_rank_first_and_by_any_column_on_demand(visit):
    page = visit()
    assert _names(page)[0] == "atlas-7b"
    assert _names(page)[-2:] == ["majority", "oracle"]
    page.get_by_role("button", name="sentiment").click()
    assert _names(page)[0] == "oracle"
    head = page.locator("th", has=page.get_by_role("button", name="sentiment"))
    assert head.get_attribute("aria-sort") == "descending"
    page.get_by_role("button", name="sentiment").press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert _names(page)[-1] == "oracle"
    page.get_by_role("button", name="Time", exact=True).click()
    assert _names(page)[0] == "quill-1b"
    assert set(_names(page)[-2:]) == {"majority", "oracle"}, "what has no value stands last"


def test_filters_by_name_kind_and_task(visit):
    page = visit()
    page.get_by_label("Model", exact=True).fill("LONG")
    assert _names(page) == ["org/a-very-long-model-name-of-an-adapter-v2"]
    assert page.get_by_role("status").inner_text() == "1 of 6 rows"
    page.get_by_label("Model", exact=True).fill("")
    page.get_by_label("Show").select_option("baseline")
    assert _names(page) == ["majority", "oracle"]
    page.get_by_label("Show").select_option("")
    page.get_by_label("Task").select_option(label=page.locator("#contest option").nth(1).inner_text())
    assert "quill-1b" not in _names(page), "it did not run this task"
    assert page.locator("#board thead th:visible").count() == 5


def test_model_pages_show_history_and_lead_back(visit):
    page = visit()
    page.get_by_role("link", name="atlas-7b").click()
    assert page.title() == "atlas-7b · Leaderboard"
    assert page.locator("#history svg.history").count() == 2
    assert page.locator("#history tbody tr").count() == 2
    page.locator("#provenance summary").first.click()
    assert page.locator("#provenance .pairs").first.is_visible()
    page.locator(".kicker a").click()
    assert page.title() == "Leaderboard"


def test_refused_runs_are_listed_with_their_reason(visit):
    page = visit()
    page.locator("#refused summary").click()
    assert "results.json says 1, the answers give" in page.locator("#refused").inner_text()


def test_the_table_needs_no_scripts(visit):
    page = visit(javascript=False)
    assert len(_names(page)) == 6
    assert not page.get_by_label("Show").is_visible()


def test_keyboard_reaches_the_table(visit):
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.get_by_label("Show").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "sorter"


@pytest.mark.parametrize("name", ["index.html", "models/atlas-7b.html"])
def test_nothing_sticks_out_of_a_phone(visit, name):
    page = visit(name, PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.locator("#pareto svg:visible, .history:visible").count() > 0


@pytest.fixture(scope="module")
def wide_site(tmp_path_factory) -> Path:
    """A site of two models with long names over eight columns."""
    folder = tmp_path_factory.mktemp("wide")
    tasks = ["caption", "qa", "sentiment", "speech", "summarization", "translation", "vqa"]
    runs = [
        mmbench.evaluate(name, tasks, limit=12, out=folder / "runs", cache="off") for name in ("oracle", "random")
    ]
    runs.append(mmbench.evaluate("random", "sentiment", limit=12, shots=2, out=folder / "runs", cache="off"))
    render(runs, folder / "site")
    return folder / "site"


def test_eight_columns_fit_a_small_desktop_and_the_names_stay_in_sight_on_a_phone(browser, wide_site):
    page = browser.new_page(viewport=DESKTOP)
    page.goto((wide_site / "index.html").as_uri())
    region = page.locator("#table .scroll")
    assert page.locator("#board thead th").count() == 12
    assert region.evaluate("region => region.scrollWidth <= region.clientWidth")
    page.set_viewport_size(PHONE)
    region.evaluate("region => { region.scrollLeft = region.scrollWidth; }")
    assert page.locator("#board tbody th").first.bounding_box()["x"] >= 0
    assert page.locator("#board thead th").first.bounding_box()["x"] < 0
    page.close()


@pytest.mark.parametrize(
    ("name", "size", "scheme"),
    [("index.html", DESKTOP, "light"), ("index.html", PHONE, "dark"), ("models/atlas-7b.html", DESKTOP, "dark")],
)
def test_axe_finds_no_fault(visit, name, size, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is missing")
    page = visit(name, size, scheme)
    for details in page.locator("details").all():
        details.evaluate("details => details.open = true")
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = axe.Axe().run(page, options={"runOnly": {"type": "tag", "values": rules}})
    assert found.violations_count == 0, found.generate_report()
