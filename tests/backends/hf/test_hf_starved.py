"""A process that may take little memory answers as one that may take all."""

from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


@pytest.mark.slow
def test_a_starved_run_finishes_by_itself_with_the_same_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    import memory_starved

    memory_starved.write_work(tmp_path)
    free, starved = (memory_starved.starved(tmp_path, room) for room in (None, 128))
    assert (starved.status, starved.errors) == ("done", 0)
    assert free.halved == []
    assert starved.halved
    assert max(starved.halved) == memory_starved.BATCH
    assert (starved.answers, starved.values) == (free.answers, free.values)
