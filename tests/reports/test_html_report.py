"""The HTML report as a file: self-contained, strict, escaped, the same every time."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest

from mmbench.errors import StoreError
from mmbench.schema import Response, Sample, user
from mmbench.store.run_folder import Answered
from mmbench_reports.html import environment, html_of, render

EVIL = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "</textarea></title></style><img src=x onerror=alert(3)>",
    '"><svg onload=alert(4)>',
    "' onmouseover='alert(5)",
    "<a href='javascript:alert(6)'>click</a>",
    "{{ 7 * 7 }}{% raw %}<!--",
    "]]> --> <iframe src=https://example.org>",
)
VOID = {"meta", "link", "img", "br", "path", "circle", "input"}


class Reader(HTMLParser):
    """Collects tags with attributes, the text of each element kind, and whether elements nest properly."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: dict[str, list[str]] = {}
        self.words: list[str] = []
        self.ids: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for key, value in attrs if key == "id" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> out of turn"

    def handle_data(self, data):
        self.text.setdefault(self.open[-1] if self.open else "", []).append(data)
        if not self.open or self.open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def page(self) -> str:
        return " ".join("".join(self.words).split())

    def attributes(self, name):
        return [attributes[name] for _, attributes in self.tags if name in attributes]


@pytest.fixture
def page(gallery):
    return Reader(html_of(gallery))


def test_elements_nest_and_ids_are_unique(page):
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_links_within_the_page_lead_somewhere(page):
    targets = [link[1:] for link in page.attributes("href") if link.startswith("#")]
    assert targets
    assert set(targets) <= set(page.ids)


def test_nothing_is_loaded_from_anywhere(page):
    addresses = [*page.attributes("src"), *page.attributes("href")]
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert not {"iframe", "object", "embed", "form", "base"} & {tag for tag, _ in page.tags}


def test_policy_allows_our_own_style_and_scripts_by_hash_and_nothing_else(page):
    (policy,) = [attributes["content"] for tag, attributes in page.tags if "http-equiv" in attributes]
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";")}
    assert rules["default-src"] == ["'none'"]
    assert rules["img-src"] == rules["media-src"] == ["data:"]
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        texts = page.text[tag]
        hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]
        assert rules[rule] == [f"'sha256-{value}'" for value in hashes]
    assert not page.attributes("style")
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


def test_every_picture_has_a_size_and_a_text(page):
    pictures = [attributes for tag, attributes in page.tags if tag == "img"]
    assert pictures
    for picture in pictures:
        assert int(picture["width"]) <= 320
        assert int(picture["height"]) <= 320
        assert picture["alt"]


def test_numbers_intervals_and_reasons_are_there(gallery):
    page = Reader(html_of(gallery[:1])).page
    for words in (
        "62.0%",
        "57.0–67.0",
        "wer",
        "lower is better",
        "0.200",
        "model takes no image input.",
        "skipped",
    ):
        assert words in page
    assert "1 of 300 samples (vqa:scenes 1)" in page
    assert "the model ran out of memory" in page


def test_provenance_tells_what_repeats_the_run(gallery):
    page = Reader(html_of(gallery[:1])).page
    for words in ("a" * 64, "f" * 64, "hf:alpha", "CC0-1.0", "accuracy|version:1", "Seed7", "embedded:scenes"):
        assert words in page


def test_several_runs_stand_side_by_side(gallery):
    page = Reader(html_of(gallery)).page
    assert page.index("62.0%") < page.index("42.0%")
    assert "No clear difference between alpha and beta." in page


def test_no_path_of_this_machine_is_told(gallery):
    assert str(gallery[0].path.parent) not in html_of(gallery)


def test_samples_of_every_task_are_there(page):
    cards = [attributes for tag, attributes in page.tags if tag == "article"]
    assert len(cards) == 14 + 3 + 12


def test_equal_runs_give_equal_bytes(gallery, tmp_path):
    render(gallery, tmp_path / "one.html")
    render(gallery, tmp_path / "two.html")
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_what_cannot_be_written_is_told_and_leaves_nothing(gallery, tmp_path):
    with pytest.raises(StoreError, match="cannot write"):
        render(gallery, tmp_path / "absent" / "report.html")
    assert list(tmp_path.glob("**/*.tmp")) == []


def _hostile(text: str) -> Answered:
    sample = Sample(text, (user(text),), [text, {text: text}], text, (text,), {text: text}, text)
    return Answered(sample, [Response(text + "!", error=None)], text, {"m": [0.0, 1.0]})


@pytest.mark.parametrize("evil", EVIL)
def test_hostile_text_stays_text_everywhere(make_run, told, row, evil):
    tasks = [
        told(evil, evil, [_hostile(evil), row("e", error=evil)], {evil: 0.5, "m": 0.5},
             slices={f"{evil}={evil}": 0.4}, errors=1, first_error=evil, fingerprint=evil),
        told("other", status="failed", reason=evil),
    ]  # fmt: skip
    runs = [make_run(evil, *tasks, versions={evil: evil}, hardware={evil: evil}, reason=evil, status="failed")]
    for found in (runs, [*runs, make_run("b", *tasks)]):
        page = Reader(html_of(found))
        assert page.open == []
        assert not {"img", "iframe"} & {tag for tag, _ in page.tags}
        assert len(page.text["script"]) == 3
        assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
        assert all(address.startswith(("#", "data:")) for address in page.attributes("href"))
        assert page.page.count(" ".join(evil.split())) >= 8


def test_controls_and_direction_marks_never_reach_the_page(make_run, told, row):
    trick = "abc\x00\u202edef\u2066\u200b\x1b[31m"
    run = make_run(
        trick, told("x", rows=[row(trick, trick, prompt=trick, target=trick)], values={"accuracy": 1.0})
    )
    html = html_of([run])
    assert not re.search("[\x00-\x08\x0b-\x1f\u200b\u202a-\u202e\u2066-\u2069]", html)
    assert "abc␀⟨U+202E⟩def⟨U+2066⟩⟨U+200B⟩␛[31m" in html


def test_a_run_of_nothing_still_has_a_page(make_run):
    page = Reader(html_of([make_run("a")])).page
    assert "a finished no task." in page


def test_media_have_a_budget(make_run, told, row, picture, monkeypatch):
    monkeypatch.setattr("mmbench_reports.page.BUDGET", 100)
    run = make_run("a", told("x", rows=[row("1", media=[picture])], values={"accuracy": 1.0}))
    assert "left out to keep this page small" in html_of([run])


def test_templates_refuse_names_they_do_not_know():
    with pytest.raises(jinja2.UndefinedError):
        environment().from_string("{{ nobody }}").render()


def test_file_is_small(gallery, tmp_path):
    render(gallery, tmp_path / "r.html")
    assert Path(tmp_path / "r.html").stat().st_size < 400_000


def test_many_metrics_fold_beneath_the_main_ones(make_run, told):
    values = {f"metric-{i}": i / 20 for i in range(20)}
    html = html_of(
        [make_run("a", told("x", values=values), told("y", values={"m": 0.5}), told("z", status="failed"))]
    )
    short, _, rest = html.partition("All metrics")
    assert "metric-0" in short
    assert "metric-19" not in short
    assert all(name in rest for name in values)
    assert "metric-19" in Reader(html).page
    few = html_of([make_run("a", told("x", values={"m": 0.5, "other": 0.6}))])
    assert "All metrics" not in few
    assert "other" in few


def test_slices_show_fewer_metrics_the_more_models_there_are(make_run, told):
    values = {f"m{i}": 0.5 for i in range(6)}
    runs = [make_run(name, told("x", values=values, slices={"type=a": 0.4})) for name in "abc"]
    for count, shown in ((1, 4), (2, 2), (3, 1)):
        part = html_of(runs[:count]).partition('id="slices"')[2].partition("</section>")[0]
        assert part.count(">40.0%<") == shown * count
