"""Every set of the real mirror over HTTP: the same rows and the same scores as from the folder."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_server import HubServer, point_at

import mmbench
from mmbench import plugins
from mmbench.data import open_dataset
from mmbench.dataset import Dataset, Hub

TASKS = {name: plugins.load("tasks", name)() for name in plugins.names("tasks")}
ENTRIES = [
    (name, dataset)
    for name, task in TASKS.items()
    for dataset, entry in task.datasets.items()
    if isinstance(entry.source, Hub)
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubServer]:
    import os

    folder = os.environ.get("MMBENCH_DATA_DIR")
    if not folder:
        pytest.skip("MMBENCH_DATA_DIR is not set")
    with HubServer(Path(folder), tmp_path_factory.mktemp("revisions")) as server:
        yield server


def present(name: str, dataset: str, server: HubServer) -> tuple[Dataset, dict[str, Any]]:
    """Return the entry as the server has it: under the name of a copy, at no particular revision."""
    entry = TASKS[name].datasets[dataset]
    source = entry.source
    assert isinstance(source, Hub)
    path = next((path for path in (source.path, *source.copies) if path in server.heads), None)
    if path is None or dataset == "wikitext103":
        pytest.skip(f"the mirror does not hold {dataset}")
    task = dataclasses.replace(TASKS[name], **entry.defaults)
    options = dataclasses.asdict(task) | ({"split": "train"} if dataset == "vqav2" else {})
    hub = dataclasses.replace(source, path=path, copies=(), revision=None)
    return dataclasses.replace(entry, source=hub), options


@pytest.mark.data
@pytest.mark.parametrize(("name", "dataset"), ENTRIES)
def test_rows_over_http_are_those_of_the_folder(
    name: str, dataset: str, served: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry, options = present(name, dataset, served)
    from_folder = open_dataset(entry, name=dataset, options=options)
    count = sum(1 for _ in from_folder)
    point_at(served, tmp_path, monkeypatch)
    over_http = open_dataset(entry, name=dataset, options=options)
    assert sum(1 for _ in over_http) == count
    assert over_http.fingerprint == from_folder.fingerprint
    assert over_http.source.startswith("hub:")
    streamed = open_dataset(entry, name=dataset, options=options, limit=5)
    assert sum(1 for _ in streamed) == min(5, count)


@pytest.mark.data
def test_scores_over_http_are_those_of_the_folder(
    served: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = ["qa:squad_v2", "sentiment:uci", "vqa:nlvr", "summarization:dialogsum", "translation:multi30k"]
    options = {"model": "random", "tasks": tasks, "limit": 60, "cache": None}
    before = mmbench.evaluate(**options, out=tmp_path / "folder")
    point_at(served, tmp_path, monkeypatch)
    after = mmbench.evaluate(**options, out=tmp_path / "http")
    columns = ["task", "dataset", "metric", "slice", "value", "n"]
    assert before.results[columns].to_dict() == after.results[columns].to_dict()
    assert len(before.results) > 20
