"""The repository's datasets.lock against the real mirror: every entry, every byte."""

import dataclasses
from pathlib import Path

import pytest

from mmbench import plugins
from mmbench.data import open_dataset
from mmbench.data.lock import read_lock
from mmbench.data.rows import lock_name
from mmbench.dataset import Hub

LOCK = Path(__file__).parents[2] / "datasets.lock"
PINNED = read_lock(LOCK)


def test_the_lock_holds_no_path_of_a_machine() -> None:
    assert PINNED
    assert not any(path.startswith(("/", "..")) for pinned in PINNED.values() for path in pinned.files)
    assert all(pinned.files and pinned.rows and len(pinned.fingerprint) == 64 for pinned in PINNED.values())


@pytest.mark.data
@pytest.mark.parametrize("entry", PINNED)
def test_the_mirror_holds_what_was_pinned(entry: str, hub_mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMBENCH_LOCK", str(LOCK))
    name, *told = entry.removesuffix(" @mirror").split()
    task_name, _, dataset_name = name.partition(":")
    task = plugins.load("tasks", task_name)()
    dataset = task.datasets[dataset_name]
    assert isinstance(dataset.source, Hub)
    if not any((hub_mirror / path).is_dir() for path in (dataset.source.path, *dataset.source.copies)):
        pytest.skip(f"the mirror does not hold {dataset.source.path}")
    chosen = dict(part.split("=", 1) for part in told)
    options = dataclasses.asdict(dataclasses.replace(task, **dataset.defaults, **chosen))
    assert lock_name(dataset, name, options) == entry
    rows = open_dataset(dataset, name=name, options=options)
    assert rows.pinned == PINNED[entry]
    assert sum(1 for _ in rows) == PINNED[entry].rows
    assert rows.fingerprint == PINNED[entry].fingerprint
