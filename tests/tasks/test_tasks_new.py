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
from mmbench.schema import Image, Sample
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
