"""Several wordings of a prompt: every value of every wording, their spread, and refusals."""

import dataclasses
import json
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
from toys import Addition, Calculator

import mmbench
from mmbench.engine.again import settings_of
from mmbench.engine.events import Notice, RunStarted, TaskEnded, TaskStarted
from mmbench.engine.reproduce import reproduce
from mmbench.errors import UsageError
from mmbench.schema import Response
from mmbench.store.baseline import save_baseline
from mmbench.store.records import SCHEMA_VERSION

WORDINGS = ("{question}=", "What is {question}=", "{question} is=")


@dataclass(frozen=True)
class Asked(Addition):
    """Additions in three wordings."""

    variant: int = 0
    paraphrases: ClassVar[int] = 2

    def sample(self, row):
        worded = dataclasses.replace(self, prompt=WORDINGS[self.variant])
        return Addition.sample(worded, row)


class Particular(Calculator):
    """Wrong on one first addend in ten as it is asked plainly, on all above 50 with "What is", on none else."""

    def answer(self, request):
        text = request.messages[-1].text
        a, b = (int(part) for part in text.strip("Whatis =").split("+"))
        wrong = a > 50 if text.startswith("What") else a % 10 == 0 if not text.endswith("is=") else False
        return Response(text=str(a + b + wrong), tokens=(1,), input_tokens=3)


def test_values_spread_over_the_wordings(tmp_path):
    events = []
    model = Particular()
    run = mmbench.evaluate(model, Asked(), out=tmp_path, prompt_variants=2, on_event=events.append)
    (spread,) = run.spreads
    plain, what, best = spread.values
    assert plain == next(entry.value for entry in run.entries if not entry.slice)
    assert best == 1.0
    assert what < plain < best
    assert (spread.min, spread.max) == (what, best)
    assert spread.mean == pytest.approx(statistics.fmean(spread.values))
    assert spread.sd == pytest.approx(statistics.stdev(spread.values))
    assert len(model.asked) == 120
    assert run.manifest.prompt_variants == 2
    started = [event.task for event in events if isinstance(event, TaskStarted)]
    assert started == ["addition:sums", "addition:sums (1)", "addition:sums (2)"]
    assert len([event for event in events if isinstance(event, RunStarted)]) == 1


def test_each_wording_is_a_run_of_its_own_inside_the_run(tmp_path):
    run = mmbench.evaluate(Particular(), Asked(), out=tmp_path, prompt_variants=2)
    inner = [mmbench.load_run(path) for path in sorted((run.path / "wordings").iterdir())]
    assert sorted(one.manifest.tasks[0].options["variant"] for one in inner) == [1, 2]
    assert sorted(one.entries[0].value for one in inner) == sorted(run.spreads[0].values[1:])


def test_a_plain_run_says_nothing_of_wordings(tmp_path):
    run = mmbench.evaluate(Particular(), Asked(), out=tmp_path)
    assert run.spreads == []
    found = json.loads((run.path / "results.json").read_text())
    assert list(found) == ["schema_version", "model", "results"]
    assert found["schema_version"] == SCHEMA_VERSION
    assert not (run.path / "wordings").exists()


def test_answers_are_kept_and_the_run_can_be_repeated(tmp_path):
    first = mmbench.evaluate(Particular(), Asked(), out=tmp_path, prompt_variants=1)
    model = Particular()
    again = mmbench.evaluate(model, Asked(), out=tmp_path, prompt_variants=1)
    assert model.asked == []
    assert (again.path / "results.json").read_bytes() == (first.path / "results.json").read_bytes()
    assert settings_of(first.manifest, tmp_path, None).prompt_variants == 1
    assert save_baseline(first, tmp_path / "a.mmbench.parquet").spreads == first.spreads


def test_a_run_of_a_known_task_is_reproduced_with_its_wordings(tmp_path):
    run = mmbench.evaluate("majority", "sentiment", out=tmp_path, limit=20, prompt_variants=1)
    assert len(run.spreads[0].values) == 2
    assert not mmbench.verify(run).faults
    assert reproduce(run, tmp_path / "again").identical


def test_a_wording_that_fails_is_told_and_has_no_value(tmp_path):
    class Fails(Particular):
        def answer(self, request):
            if request.messages[-1].text.startswith("What"):
                return Response(error="no")
            return super().answer(request)

    events = []
    run = mmbench.evaluate(Fails(), Asked(), out=tmp_path, prompt_variants=2, on_event=events.append)
    (spread,) = run.spreads
    assert spread.values[1] is None
    assert spread.mean == pytest.approx((spread.values[0] + spread.values[2]) / 2)
    failed = [event for event in events if isinstance(event, TaskEnded) and event.status == "failed"]
    assert [event.task for event in failed] == ["addition:sums (1)"]
    assert not [event for event in events if isinstance(event, Notice)]


@pytest.mark.parametrize(
    ("task", "count", "message"),
    [
        (
            Asked(),
            3,
            "addition:sums: its prompt has only 2 other wordings, --prompt-variants asks for 3. Ask for at",
        ),
        (Addition(), 1, "addition:sums: its prompt has no other wording, --prompt-variants asks for 1. Choose"),
        (Asked(variant=1), 1, "--prompt-variants asks in all wordings; leave --set variant out"),
        (Asked(), -1, "--prompt-variants must not be negative"),
    ],
)
def test_what_cannot_be_had_is_refused_before_anything_is_asked(tmp_path, task, count, message):
    model = Particular()
    with pytest.raises(UsageError, match=message):
        mmbench.evaluate(model, task, out=tmp_path / "out", prompt_variants=count)
    assert model.asked == []
    assert not Path(tmp_path / "out").exists()


def test_a_prompt_of_one_s_own_has_no_other_wordings(tmp_path):
    with pytest.raises(UsageError, match="vqa:scenes: its prompt has no other wording"):
        mmbench.evaluate("random", "vqa", out=tmp_path, prompt_variants=1, options={"prompt": "{question}"})
