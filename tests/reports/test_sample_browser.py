"""The sample browser in a real browser: filters, search, order, keys, links."""

import pytest

pytestmark = pytest.mark.browser


def _shown(page) -> list[str]:
    return [text.strip() for text in page.locator("article.shown h4").all_inner_texts()]


def _menu(page, name: str):
    return page.get_by_role("combobox", name=name, exact=True)


def _hits(page) -> str:
    return page.locator("#hits").inner_text()


def test_begins_with_ten_of_the_first_task_and_shows_more_on_demand(visit, gallery):
    page = visit(gallery)
    assert len(_shown(page)) == 10
    assert all(name.startswith("vqa") for name in _shown(page))
    assert _hits(page) == "14 of 29 samples"
    page.get_by_role("button", name="Show more").click()
    assert len(_shown(page)) == 14
    assert page.evaluate("document.activeElement.matches('article')"), "the first new card has the focus"
    assert not page.get_by_role("button", name="Show more").is_visible()


def test_filters_by_task(visit, gallery):
    page = visit(gallery)
    _menu(page, "Task").select_option("speech · digits")
    assert _hits(page) == "3 of 29 samples"
    _menu(page, "Task").select_option("All tasks")
    assert _hits(page) == "29 of 29 samples"


def test_filters_by_slice_of_the_task_at_hand(visit, gallery):
    page = visit(gallery)
    slices = _menu(page, "Slice")
    assert slices.locator("option").all_inner_texts() == ["All slices", "type: colour", "type: counting"]
    slices.select_option("type: counting")
    assert _hits(page) == "7 of 29 samples"
    tags = page.locator("article.shown .tag b").all_inner_texts()
    assert set(tags) == {"counting"}
    _menu(page, "Task").select_option("sentiment · reviews")
    assert slices.is_disabled()
    assert _hits(page) == "12 of 29 samples", "a slice of another task does not stay"


def test_filters_by_outcome_of_any_or_one_model(visit, gallery):
    page = visit(gallery)
    outcome, model = _menu(page, "Outcome"), _menu(page, "Model")
    outcome.select_option("No answer")
    assert _shown(page) == ["vqa-3"]
    outcome.select_option("Wrong")
    either = set(_shown(page))
    model.select_option("alpha")
    alpha = set(_shown(page))
    model.select_option("beta")
    beta = set(_shown(page))
    assert alpha | beta == either
    assert alpha == {"vqa-0", "vqa-6", "vqa-9", "vqa-12"}
    outcome.select_option("Models disagree")
    assert "vqa-0" in _shown(page)
    assert "vqa-1" not in _shown(page)


def test_orders_by_difference(visit, make_run, told, row):
    scores = {"a": [0.5, 0.2, 0.9], "b": [0.6, 0.9, 0.1]}
    runs = [
        make_run(
            name, told("x", rows=[row(f"{i}", score=s) for i, s in enumerate(values)], values={"accuracy": 0.5})
        )
        for name, values in scores.items()
    ]
    page = visit(runs)
    assert _shown(page) == ["0", "1", "2"]
    _menu(page, "Order").select_option("Largest difference")
    assert _shown(page) == ["2", "1", "0"]
    _menu(page, "Order").select_option("As picked")
    assert _shown(page) == ["0", "1", "2"]


def test_finds_words_anywhere_in_a_sample(visit, gallery):
    page = visit(gallery)
    search = page.get_by_label("Search")
    search.fill("TABLE 12")
    assert _shown(page) == ["vqa-12"]
    assert page.evaluate("CSS.highlights.get('found').size") > 0
    search.press("Escape")
    assert search.input_value() == ""
    assert _hits(page) == "14 of 29 samples"


def test_finding_nothing_offers_a_way_back(visit, gallery):
    page = visit(gallery)
    page.get_by_label("Search").fill("nobody ever wrote this")
    assert _hits(page) == "0 of 29 samples"
    page.get_by_role("button", name="Clear all filters").click()
    assert _hits(page) == "29 of 29 samples"
    assert page.evaluate("document.activeElement.id") == "words"


def test_keys_step_through_samples_past_the_first_page(visit, gallery):
    page = visit(gallery)
    seen = []
    for _ in range(15):
        page.keyboard.press("j")
        seen.append(page.evaluate("document.activeElement.querySelector('h4').textContent.trim()"))
    assert len(set(seen)) == 14
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.querySelector('h4').textContent.trim()") == seen[12]
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "words"
    page.keyboard.type("jk/")
    assert page.get_by_label("Search").input_value() == "jk/", "letters typed into a field are letters"


def test_a_link_opens_its_sample_whatever_the_filters(visit, gallery):
    page = visit(gallery)
    key = page.locator("article").last.get_attribute("id")
    assert not page.locator(f"[id='{key}']").is_visible()
    page.goto(page.url.partition("#")[0] + f"#{key}")
    card = page.locator(f"[id='{key}']")
    assert card.is_visible()
    assert card.evaluate("card => card === document.activeElement")
    assert _hits(page) == "12 of 29 samples"
    page.reload()
    assert card.is_visible()
    box = card.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 900


def test_hostile_slices_and_names_stay_text_in_the_menus(visit, make_run, told, row):
    evil = '"><img src=x onerror="document.title=\'owned\'">'
    rows = [row("1", slices={evil: evil})]
    page = visit([make_run(name, told(evil, rows=rows, values={"accuracy": 1.0})) for name in (evil, "b")])
    _menu(page, "Slice").select_option(f"{evil}={evil}")
    assert _shown(page) == ["1"]
    assert page.locator("img").count() == 0
    assert "owned" not in page.evaluate("document.title.replace(/document.title=.owned./g, '')")


def test_two_thousand_samples_are_sifted_at_once(visit, make_run, told, row, monkeypatch):
    monkeypatch.setattr("mmbench_reports.page.MOST_SAMPLES", 2_000)
    monkeypatch.setattr("mmbench_reports.page.ALL_SAMPLES", 2_000)
    monkeypatch.setattr("mmbench_reports.page.BUDGET", 10**8)
    rows = [row(f"{i}", score=float(i % 2), prompt=f"Question number {i}") for i in range(2_000)]
    page = visit([make_run("a", told("x", rows=rows, values={"accuracy": 0.5}))])
    page.get_by_label("Search").fill("number 1234")
    assert _shown(page) == ["1234"]
    page.get_by_label("Search").fill("")
    _menu(page, "Outcome").select_option("Wrong")
    assert _hits(page) == "1000 of 2000 samples"


def test_without_scripts_all_samples_stand_there(visit, gallery):
    page = visit(gallery, javascript=False)
    assert page.locator("article:visible").count() == 29
    assert not page.get_by_label("Search").is_visible()


def test_differences_from_the_target_are_marked_until_one_does_not_want_them(visit, make_run, told, row):
    rows = [row("1", "a <b>red</b> cat sat down", 0.5, target="a <b>blue</b> cat sat down")]
    page = visit([make_run("a", told("x", rows=rows, values={"accuracy": 0.5}))])
    assert page.locator("ins").all_inner_texts() == ["red"]
    assert page.locator("del").all_inner_texts() == ["blue"]
    assert page.locator(".prose b").count() == 0
    page.get_by_label("Mark differences").uncheck()
    assert page.locator(".diff").inner_text() == "a <b>red</b> cat sat down"
    assert not page.locator("del").is_visible()
