"""A set of 100,000 rows, streamed over HTTP: memory stays flat."""

import tracemalloc
from pathlib import Path

import pyarrow as pa
import pytest
from big_set import NAME, serving, write_big
from hub_server import needs_loopback, point_at_url

from mmbench.data import open_dataset
from mmbench.dataset import Dataset, Hub


def peak(limit: int, folder: Path, url: str, patch: pytest.MonkeyPatch) -> int:
    """Return the most bytes that Python and Arrow held while rows went by, less what they held before."""
    point_at_url(url, folder, patch)
    patch.setattr("mmbench.data.hub.STREAM_LIMIT", 1_000_000)
    rows = open_dataset(Dataset(Hub(NAME, "default")), name="t:big", limit=limit)
    before, arrow = pa.total_allocated_bytes(), 0
    tracemalloc.start()
    number = -1
    for number, row in enumerate(rows):
        assert row["question"] == f"Question {number}?"
        if number % 500 == 0:
            arrow = max(arrow, pa.total_allocated_bytes() - before)
    python = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert number == limit - 1
    assert not list(folder.rglob("*.parquet"))
    return arrow + python


@pytest.mark.parametrize(("few", "many"), [(1_000, 5_000), pytest.param(20_000, 100_000, marks=pytest.mark.slow)])
def test_memory_of_a_streamed_set_does_not_grow(
    few: int, many: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_loopback()
    write_big(tmp_path / "served", many)
    with serving(tmp_path / "served", tmp_path / "revisions") as url:
        peak(few, tmp_path / "warm", url, monkeypatch)
        small, large = (peak(count, tmp_path / str(count), url, monkeypatch) for count in (few, many))
    assert large < 1.3 * small + 200_000
