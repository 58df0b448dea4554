"""What `view` finds: filters, words, orders and pages over whole run folders."""

import numpy as np
import pytest

from mmbench.errors import StoreError
from mmbench.store.run import Run
from mmbench_reports.columns import columns_of
from mmbench_reports.view.index import ABSENT, grid_of
from mmbench_reports.view.library import PAGE, Library
from mmbench_reports.view.search import Query, Search

PLACE = ("vqa", "toy")


@pytest.fixture
def runs(make_run, told, row):
    """Two runs of 1,500 samples in three row groups; the second lacks the first ten and is in reverse order."""

    def rows(shift: int, numbers) -> list:
        return [
            row(
                f"q{i}",
                "Ünder" if i == 1_321 else f"word{i % 7}",
                float((i + shift) % 4 > 0),
                prompt=f"Where is item {i}?",
                target="box",
                slices={"kind": "ab"[i % 2], "level": str(i % 3)},
            )
            for i in numbers
        ]

    def make(name: str, shift: int, numbers):
        made = rows(shift, numbers)
        parts = [told("vqa", "toy", made[at : at + 600], {"accuracy": 0.75}) for at in range(0, len(made), 600)]
        return make_run(name, *parts)

    return [make("alpha", 0, range(1_500)), make("beta", 1, range(1_499, 9, -1))]


def found(grid, **query) -> list[int]:
    search = Search(grid, Query(**query))
    while not search.is_done:
        search.go_on(0.05)
    return search.found.tolist()


def test_filters_agree_with_counting_by_hand(runs):
    grid = grid_of(columns_of(runs), PLACE)
    numbers = range(1_500)
    assert grid.count == 1_500
    assert found(grid, slice="kind=b") == [i for i in numbers if i % 2]
    assert found(grid, slice="kind=c") == found(grid, slice="colour=red") == []
    assert found(grid, outcome="wrong", model=0) == [i for i in numbers if i % 4 == 0]
    assert found(grid, outcome="wrong", model=1) == [i for i in numbers if i >= 10 and i % 4 == 3]
    assert found(grid, outcome="wrong") == [i for i in numbers if i % 4 == 0 or (i >= 10 and i % 4 == 3)]
    assert found(grid, outcome="disagree") == [i for i in numbers if i >= 10 and i % 4 in (0, 3)]
    assert found(grid, model=1) == list(range(10, 1_500))


def test_runs_are_matched_by_id_and_not_by_place(runs):
    grid = grid_of(columns_of(runs), PLACE)
    assert grid.where[1, :10].tolist() == [ABSENT] * 10
    assert grid.where[1, 10] == 1_489
    (asked,) = grid.asked(np.array([11]))
    assert [row.id for _, _, row in asked] == ["q11", "q11"]
    (alone,) = grid.asked(np.array([3]))
    assert [column.label for column, _, _ in alone] == ["alpha"]


def test_all_words_must_occur_whatever_their_case_and_place(runs):
    grid = grid_of(columns_of(runs), PLACE)
    assert found(grid, words="ITEM 42?") == [i for i in range(1_500) if str(i).endswith("42")]
    assert found(grid, words="word3 item") == [i for i in range(1_500) if i % 7 == 3 and i != 1_321]
    assert found(grid, words="ünder") == [1_321]
    assert found(grid, words="nowhere") == []


def test_an_answer_of_any_run_is_searched(make_run, told, row):
    one = make_run("one", told("vqa", "toy", [row("a", "cat"), row("b", "dog")], {"accuracy": 1.0}))
    two = make_run("two", told("vqa", "toy", [row("b", "horse")], {"accuracy": 1.0}))
    grid = grid_of(columns_of([one, two]), PLACE)
    assert found(grid, words="horse") == [1]
    assert found(grid, words="horse dog") == [1]


def test_orders(runs):
    grid = grid_of(columns_of(runs), PLACE)
    worst = found(grid, order="worst", slice="level=0")
    assert sorted(worst) == found(grid, slice="level=0")
    means = np.nan_to_num(grid.shares[:, worst], nan=1.0).mean(axis=0)
    assert (np.diff(means) >= 0).all()
    apart = found(grid, order="gap")[: 2 * len(found(grid, outcome="disagree"))]
    assert set(found(grid, outcome="disagree")) <= set(apart)


def test_words_are_looked_for_in_steps(runs, monkeypatch):
    monkeypatch.setattr("mmbench_reports.view.search._STEP", 500)
    search = Search(grid_of(columns_of(runs), PLACE), Query(words="item"))
    assert not search.is_done
    search.go_on(1e-9)
    assert (search.looked_through, search.candidates) == (500, 1_500)
    assert search.found.tolist() == list(range(500))


def test_errors_and_metrics_without_bounds(make_run, told, row):
    rows = [row("a", metric="wer"), row("b", error="no memory"), row("c", score=2.0, metric="wer")]
    task = told("speech", "toy", rows, {"wer": 0.5}, bounds={"wer": (0.0, None)}, better={"wer": False})
    grid = grid_of(columns_of([make_run("m", task)]), ("speech", "toy"))
    assert found(grid, outcome="error") == [1]
    assert found(grid, outcome="scored") == [0, 2]


def test_pages(runs):
    library = Library(runs)
    first = library.sheet(PLACE, Query())
    assert [card.id for card in first.cards] == [f"q{i}" for i in range(PAGE)]
    assert (first.total, first.is_indexed, first.is_done) == (1_500, False, False)
    later = library.sheet(PLACE, Query(slice="kind=a"), number=3)
    assert [card.id for card in later.cards] == [f"q{2 * i}" for i in range(3 * PAGE, 4 * PAGE)]
    assert later.is_done
    assert later.slices == {"kind": ["a", "b"], "level": ["0", "1", "2"]}
    again = library.sheet(PLACE, Query())
    assert [card.id for card in again.cards] == [card.id for card in first.cards]
    assert again.is_done
    library.close()


def test_the_page_of_a_sample(runs):
    library = Library(runs)
    assert library.sheet(PLACE, Query(), at="q77").number == 77 // PAGE
    assert library.sheet(PLACE, Query(), at="nobody").number == 0
    library.close()


def test_a_task_without_samples_and_a_broken_file(make_run, told, row):
    empty = make_run("m", told("vqa", "toy", status="failed"))
    library = Library([empty])
    assert library.sheet(PLACE, Query()).cards == []
    assert library.sheet(PLACE, Query(words="x")).is_done
    library.close()
    broken = make_run("n", told("vqa", "toy", [row("a")], {"accuracy": 1.0}))
    (broken.path / "samples.parquet").write_bytes(b"PAR1 nothing of use")
    with pytest.raises(StoreError, match=r"samples\.parquet"):
        Library([Run(broken.path)]).warm_up()
