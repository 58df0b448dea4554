"""Small, fast parts for engine tests: a task over local files and models that answer at once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from mmbench.dataset import Dataset, Embedded, Files
from mmbench.metric import Metric, Vector
from mmbench.model import Capabilities
from mmbench.schema import Generate, Perplexity, Prediction, Request, Response, Sample, user


@dataclass(frozen=True)
class Exact:
    """Share of answers equal to the target."""

    name: str = "exact"
    signature: str = "exact|version:1"
    higher_is_better: bool = True
    range: tuple[float, float] = (0.0, 1.0)

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        return np.array([float(prediction.text == sample.target), 1.0])

    def aggregate(self, totals: Vector) -> Vector:
        return totals[..., 0] / totals[..., 1]


def sum_rows(split: str, *, start: int = 0, seed: int = 0, top: int = 100) -> Iterator[dict[str, Any]]:
    """Additions without end."""
    shift = {"train": 1, "validation": 2, "test": 3}[split]
    index = start
    while True:
        a, b = (index * 37 + shift + seed) % top, (index * 11) % top
        yield {"id": f"{split}-{index}", "question": f"{a}+{b}", "answer": str(a + b), "cluster": f"c{index // 4}"}
        index += 1


@dataclass(frozen=True)
class Addition:
    """Sums of two numbers."""

    prompt: str = "{question}="
    max_tokens: int = 8
    temperature: float = 0.0
    clustered: bool = False

    name: ClassVar[str] = "addition"
    version: ClassVar[str] = "1"
    datasets: ClassVar[Mapping[str, Dataset]] = {
        "sums": Dataset(Embedded("toys:sum_rows", version="1", rows=40)),
    }
    metrics: ClassVar[tuple[Metric, ...]] = (Exact(),)

    def sample(self, row: Mapping[str, Any]) -> Sample:
        question = str(row["question"])
        parity = "even" if int(row["answer"]) % 2 == 0 else "odd"
        return Sample(
            id=str(row["id"]),
            messages=(user(self.prompt.format(question=question)),),
            target=str(row["answer"]),
            answer=str(row["answer"]),
            slices={"type": parity},
            cluster=str(row.get("cluster", "")) if self.clustered else "",
        )

    def requests(self, sample: Sample, capabilities: Capabilities) -> Sequence[Request]:
        return [Generate(sample.messages, max_tokens=self.max_tokens, temperature=self.temperature)]

    def parse(self, responses: Sequence[Response], sample: Sample) -> Prediction:
        return Prediction(text=responses[0].text)


class Calculator:
    """Adds; wrong on every tenth first addend. Counts what it is asked."""

    name = "calculator"
    capabilities = Capabilities(frozenset({"text"}), frozenset({Generate, Perplexity}))
    batch_size = 8

    def __init__(self, fingerprint: str = "calculator-1") -> None:
        self.fingerprint = fingerprint
        self.asked: list[Request] = []
        self.batches: list[int] = []
        self.closed = False

    def run(self, requests: Sequence[Request]) -> Sequence[Response]:
        self.asked += requests
        self.batches.append(len(requests))
        return [self.answer(request) for request in requests]

    def answer(self, request: Request) -> Response:
        assert isinstance(request, Generate)
        a, b = request.messages[-1].text.rstrip("=").split("+")
        wrong = int(a) % 10 == 0
        return Response(text=str(int(a) + int(b) + wrong), tokens=(1,), input_tokens=3)

    def size(self, request: Request) -> int:
        assert isinstance(request, Generate)
        return len(request.messages[-1].text)

    def close(self) -> None:
        self.closed = True


def write_sums(path: Path, count: int) -> Path:
    """Write additions as jsonl."""
    rows = sum_rows("test")
    with path.open("w") as file:
        for _ in range(count):
            file.write(json.dumps(next(rows)) + "\n")
    return path


def with_file(path: Path) -> Addition:
    """Return the task over a jsonl file."""

    class FileAddition(Addition):
        datasets: ClassVar[Mapping[str, Dataset]] = {"file": Dataset(Files(str(path)))}

    return FileAddition()
