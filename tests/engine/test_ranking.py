import pytest
from toys import Addition, Calculator, Exact

import mmbench
from mmbench.engine.comparison import Report
from mmbench.engine.ranking import Ranking
from mmbench.errors import StoreError, UsageError
from mmbench.schema import Response
from mmbench.stats.multiplicity import adjust
from mmbench.store.baseline import save_baseline


class Wrong(Calculator):
    """Wrong wherever the first addend is a multiple of ``every``."""

    def __init__(self, name, every):
        super().__init__(name)
        self.name, self.every = name, every

    def answer(self, request):
        a = int(request.messages[-1].text.split("+")[0])
        return Response(text="no") if a % self.every == 0 else super().answer(request)


@pytest.fixture(autouse=True)
def _installed(monkeypatch):
    monkeypatch.setattr("mmbench.engine.rescore.load_task", lambda name: Addition())


@pytest.fixture
def runs(tmp_path):
    models = [Wrong("mid", 5), Calculator("top"), Wrong("low", 1)]
    return [mmbench.evaluate(model, Addition(), out=tmp_path, options={"top": "1000"}) for model in models]


def test_more_than_two_runs_are_ranked(runs):
    ranking = mmbench.compare(*runs, slices=True)
    assert isinstance(ranking, Ranking)
    assert ranking.models == ["mid", "calculator", "low"]
    contest = ranking.contests[0]
    assert [(pair.a, pair.b) for pair in contest.pairs] == [(0, 1), (0, 2), (1, 2)]
    ranks = [(each.rank, each.best, each.worst) for each in contest.standings]
    assert ranks == [(2, 1, 2), (1, 1, 2), (3, 3, 3)]
    assert contest.standings[2].interval.method == "wilson"
    assert {item.slice for item in ranking.contests} == {"", "type=odd"}


def test_p_values_are_adjusted_over_all_pairs(runs):
    pairs = mmbench.compare(*runs).contests[0].pairs
    plain = [pair.comparison.difference.p_value for pair in pairs]
    assert [pair.comparison.adjusted_p for pair in pairs] == adjust(plain, "holm")


def test_a_metric_that_is_better_when_low_is_ranked_the_other_way(runs, monkeypatch):
    monkeypatch.setattr(Addition, "metrics", (Exact(higher_is_better=False),))
    ranks = [each.rank for each in mmbench.compare(*runs).contests[0].standings]
    assert ranks == [2, 3, 1]


def test_only_samples_that_all_answered_count(runs, tmp_path):
    part = mmbench.evaluate(Calculator("part"), Addition(), out=tmp_path, options={"top": "1000"}, limit=25)
    ranking = mmbench.compare(*runs, part)
    assert ranking.contests[0].n == 25
    assert any("15 samples are answered in some runs only; 25 in all" in note for note in ranking.notes)


def test_frames(runs, tmp_path):
    report = mmbench.compare(runs[0], str(runs[2].path))
    assert isinstance(report, Report)
    frame = report.to_frame()
    assert frame.loc[0, "delta"] == pytest.approx(frame.loc[0, "b"] - frame.loc[0, "a"])
    assert frame.loc[0, "low"] < frame.loc[0, "delta"] < frame.loc[0, "high"]
    kept = save_baseline(runs[1], tmp_path / "b.mmbench.parquet")
    table = mmbench.compare(runs[0].path, kept.path, runs[2]).to_frame()
    assert table["rank"].tolist() == [2, 1, 3]
    (tmp_path / "gate.toml").write_text('[[rule]]\nmetric = "exact"\nmin = 50\n')
    judged = mmbench.gate(str(tmp_path / "gate.toml"), runs[2].path)
    assert judged.to_frame()["verdict"].tolist() == ["fail"]


def test_what_differs_most_is_named(runs):
    item = mmbench.compare(runs[1], runs[2]).comparisons[0]
    assert len(item.extremes) == 5
    assert all((gap.a, gap.b) == (1.0, 0.0) for gap in item.extremes)
    assert item.effect < -1
    assert item.better + item.worse + item.equal == item.n


def test_prompts_are_compared_byte_by_byte(runs, tmp_path):
    class Reworded(Addition):
        def sample(self, row):
            return super().sample({**row, "question": f"0{row['question']}"})

    other = mmbench.evaluate(Calculator("r"), Reworded(), out=tmp_path, options={"top": "1000"})
    assert any("40 of 40 prompts differ" in note for note in mmbench.compare(runs[1], other).notes)


def test_bad_input(runs, tmp_path):
    with pytest.raises(StoreError, match="not a run folder"):
        mmbench.compare(runs[0], tmp_path)
    with pytest.raises(UsageError, match="at most 26"):
        mmbench.compare(*runs * 9)
