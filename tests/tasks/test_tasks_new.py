"""A new task over pictures takes under forty lines, and everything else comes with it."""

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import mmbench
from mmbench.dataset import Dataset, Files
from mmbench.metric import Metric
from mmbench.model import Capabilities
from mmbench.schema import Generate, Image, Message, Request, Response, Sample, media_of
from mmbench_tasks.base import ChoiceTask
from mmbench_tasks.fields import Row, media, text
from mmbench_tasks.scoring import CLOSED


@dataclass(frozen=True)
class Weather(ChoiceTask):
    """What the weather is like in a picture."""

    closed_prompt: str = "What is the weather like: {choices}?\nAnswer:"

    name: ClassVar[str] = "weather"
    version: ClassVar[str] = "1"
    datasets: ClassVar[Mapping[str, Dataset]] = {"skies": Dataset(Files("skies.jsonl"), columns={"sky": "label"})}
    metrics: ClassVar[Sequence[Metric]] = CLOSED

    def sample(self, row: Row) -> Sample:
        """Build a sample."""
        choices = ["sunny", "rainy", "snowy"]
        return self.ask_closed(
            row, {}, target=text(row, "sky"), choices=choices, media=[media(row, "image", Image)]
        )


class Looks:
    """Keeps every conversation that it is asked."""

    name = fingerprint = "looks"
    capabilities = Capabilities(frozenset({"text", "image"}), frozenset({Generate}))
    batch_size = 4

    def __init__(self) -> None:
        self.seen: list[tuple[Message, ...]] = []

    def run(self, requests: Sequence[Request]) -> Sequence[Response]:
        self.seen += [request.messages for request in requests if isinstance(request, Generate)]
        return [Response("sunny") for _ in requests]

    def size(self, request: Request) -> int:
        return 1

    def close(self) -> None: ...


def test_examples_have_pictures_and_come_from_elsewhere(tmp_path: Path) -> None:
    for part, count in (("train", 6), ("test", 4)):
        rows = [{"image": f"{part}{n}.png", "question": f"{part} {n}?", "answer": f"a{n}"} for n in range(count)]
        (tmp_path / f"{part}.jsonl").write_text("\n".join(map(json.dumps, rows)))
        for n in range(count):
            (tmp_path / f"{part}{n}.png").write_bytes(f"{part} {n}".encode())
    (tmp_path / "signs.yaml").write_text("task: vqa\ndata: test.jsonl\nshots: train.jsonl\n")
    seen = []
    for seed in (0, 0, 1):
        model = Looks()
        run = mmbench.evaluate(model, str(tmp_path / "signs.yaml"), shots=2, seed=seed, out=tmp_path, cache="off")
        assert run.manifest.status == "done"
        assert [[turn.role for turn in messages] for messages in model.seen] == [
            ["user", "assistant"] * 2 + ["user"]
        ] * 4
        for number, messages in enumerate(model.seen):
            pictures = [part.read().decode() for part in media_of(messages)]
            assert pictures[2] == f"test {number}"
            assert all(name.startswith("train ") for name in pictures[:2])
            assert messages[1].text == f"a{pictures[0].split()[1]}"
        assert len({messages[:4] for messages in model.seen}) == 1
        seen.append(model.seen[0][:4])
    assert seen[0] == seen[1] != seen[2]

    (tmp_path / "signs.yaml").write_text("task: vqa\ndata: test.jsonl\nshots: test.jsonl\n")
    leak = mmbench.evaluate(Looks(), str(tmp_path / "signs.yaml"), shots=2, out=tmp_path / "leak", cache="off")
    assert leak.manifest.status == "failed"
    assert "so it cannot be tested too" in leak.manifest.tasks[0].reason


def test_a_task_of_under_forty_lines_runs(tmp_path: Path) -> None:
    assert len(inspect.getsource(Weather).splitlines()) < 40
    (tmp_path / "sky.png").write_bytes(b"a picture that a baseline does not open")
    rows = [{"id": str(n), "image": "sky.png", "label": ("sunny", "snowy")[n % 2]} for n in range(8)]
    (tmp_path / "skies.jsonl").write_text("\n".join(map(json.dumps, rows)))

    @dataclass(frozen=True)
    class Here(Weather):
        datasets: ClassVar[Mapping[str, Dataset]] = {
            "skies": Dataset(Files(str(tmp_path / "skies.jsonl")), columns={"sky": "label"})
        }

    run = mmbench.evaluate("oracle", Here(), out=tmp_path / "runs", cache="off")
    values = run.results.set_index(["metric", "slice"])["value"]
    assert values["accuracy", ""] == values["macro-f1", ""] == 1.0
