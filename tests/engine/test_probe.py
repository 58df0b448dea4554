"""Answers that turn over when they are asked for one at a time are counted; nothing else is."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from toys import Addition, Calculator

import mmbench
from mmbench.engine.events import Event, Notice
from mmbench.engine.probe import PROBED
from mmbench.schema import Request, Response
from mmbench.store.records import Probe


class Wavering(Calculator):
    """Answers multiples of three otherwise when it is asked alone."""

    name = "wavering"

    def __init__(self, precision: str = "bfloat16") -> None:
        super().__init__()
        self.precision = precision

    def run(self, requests: Sequence[Request]) -> Sequence[Response]:
        alone = len(requests) == 1
        answers = []
        for response in super().run(requests):
            changes = alone and int(response.text) % 3 == 0
            text = "?" if changes else response.text
            answers.append(Response(text=text, tokens=(1,), margin=int(response.text) / 100))
        return answers


def run(model: Calculator, out: Path, **options: object) -> tuple[Probe | None, list[str]]:
    told: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, Notice):
            told.append(event.text)

    finished = mmbench.evaluate(model, options.pop("task", Addition()), out=out, on_event=listen, **options)  # type: ignore[arg-type]
    return mmbench.load_run(finished.path).manifest.tasks[0].probe, told


def test_flips_are_counted_with_their_widest_margin(tmp_path: Path) -> None:
    model = Wavering()
    found, told = run(model, tmp_path)
    asked = [sum(map(int, request.messages[-1].text[:-1].split("+"))) for request in model.asked[-PROBED:]]  # type: ignore[union-attr]
    answers = [
        total + (int(request.messages[-1].text.split("+")[0]) % 10 == 0)
        for total, request in zip(asked, model.asked[-PROBED:], strict=True)
    ]  # type: ignore[union-attr]
    flips = [answer for answer in answers if answer % 3 == 0]
    assert model.batches[-PROBED:] == [1] * PROBED
    assert found == Probe(PROBED, len(flips), max(flips) / 100)
    assert 0 < found.flip_rate < 1
    assert [line for line in told if "one at a time" in line and f"{len(flips)} of 32" in line]


def test_only_low_precision_is_probed_unless_the_user_says(tmp_path: Path) -> None:
    assert run(Wavering("float32"), tmp_path / "a")[0] is None
    assert run(Wavering("float32"), tmp_path / "b", probe=True)[0] is not None
    assert run(Wavering("float16"), tmp_path / "c", probe=False)[0] is None
    plain, told = run(Calculator(), tmp_path / "d", probe=True)
    assert plain == Probe(PROBED, 0, None)
    assert "0 of 32 answers (0.0%) change." in told[-1]


@pytest.mark.parametrize("repeats", [1, 2])
def test_drawn_answers_are_not_probed(tmp_path: Path, repeats: int) -> None:
    task = Addition(temperature=1.0)
    assert run(Wavering(), tmp_path, task=task, repeats=repeats)[0] is None
