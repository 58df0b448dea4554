"""Every set of the real mirror over HTTP: the same rows and the same scores as from the folder."""

import dataclasses
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hub_server import HubServer, point_at

from mmbench import plugins
from mmbench.data import open_dataset
from mmbench.dataset import Dataset, Hub
from mmbench.engine.evaluate import Settings, run_selections
from mmbench.engine.select import Selection
from mmbench.model import Capabilities
from mmbench.schema import Choice, Generate, LogLikelihood, Perplexity, Request, Response
from mmbench.store.keys import request_key


class Guesses:
    """A fixed model: its answer to a request is a function of the request and nothing else."""

    name = fingerprint = "guesses"
    capabilities = Capabilities(frozenset({"text", "image", "audio"}))
    batch_size = 8

    def run(self, requests: Sequence[Request]) -> Sequence[Response]:
        return [self.answer(request) for request in requests]

    def answer(self, request: Request) -> Response:
        number = zlib.crc32(request_key("", request))
        match request:
            case Generate():
                words = request.messages[-1].text.split()
                return Response(" ".join(words[number % len(words) :][:5]) or "no", tokens=(1,))
            case Choice(_, options):
                logprobs = tuple(-1.0 - zlib.crc32(option.encode(), number) % 97 for option in options)
                best = options[logprobs.index(max(logprobs))]
                return Response(best, logprobs, tokens=(1,) * len(options))
            case LogLikelihood():
                return Response(logprobs=(-1.0 - number % 7,), tokens=(1,))
            case Perplexity(text):
                return Response(
                    logprobs=tuple(-1.0 - len(word) for word in text.split()), tokens=(len(text.split()),)
                )

    def size(self, request: Request) -> int:
        return 1

    def close(self) -> None: ...


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


def present(name: str, dataset: str, server: HubServer) -> tuple[Any, Dataset]:
    """Return task and entry as the server has it: under the name of a copy, at no particular revision."""
    entry = TASKS[name].datasets[dataset]
    source = entry.source
    assert isinstance(source, Hub)
    path = next((path for path in (source.path, *source.copies) if path in server.heads), None)
    if path is None or dataset == "wikitext103":
        pytest.skip(f"the mirror does not hold {dataset}")
    task = dataclasses.replace(TASKS[name], **entry.defaults)
    if dataset == "vqav2":
        task = dataclasses.replace(task, split="train")
    hub = dataclasses.replace(source, path=path, copies=(), revision=None)
    return task, dataclasses.replace(entry, source=hub)


@pytest.mark.data
@pytest.mark.parametrize(("name", "dataset"), ENTRIES)
def test_rows_over_http_are_those_of_the_folder(
    name: str, dataset: str, served: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, entry = present(name, dataset, served)
    options = dataclasses.asdict(task)
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
@pytest.mark.parametrize(("name", "dataset"), ENTRIES)
def test_scores_over_http_are_those_of_the_folder(
    name: str, dataset: str, served: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, entry = present(name, dataset, served)
    selection = Selection(task, dataset, entry, {})

    def values(out: str) -> bytes:
        setup = Settings(limit=40, out=tmp_path / out, cache="off")
        run = run_selections(Guesses(), [selection], [], setup)
        assert (run.manifest.status, run.manifest.tasks[0].dataset.source[:3]) == ("done", out)
        return (run.path / "results.json").read_bytes()

    before = values("mir")
    point_at(served, tmp_path, monkeypatch)
    assert values("hub") == before
