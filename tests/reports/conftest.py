"""Run folders to report on, written through the store itself, and a browser where there is one."""

import io
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
import soundfile

from mmbench.schema import Audio, Image, Part, Response, Sample, user
from mmbench.store.records import (
    SCHEMA_VERSION,
    DatasetRecord,
    Efficiency,
    IntervalRecord,
    Manifest,
    ModelRecord,
    Result,
    TaskRecord,
)
from mmbench.store.run import Run
from mmbench.store.run_folder import Answered, RunFolder
from mmbench_reports.html import render

DESKTOP = {"width": 1280, "height": 900}
Bounds = tuple[float | None, float | None]
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--no-first-run",
)


@dataclass
class Told:
    """One task of a made-up run. ``values`` are metric -> value; each becomes a result with an interval ± 0.05."""

    name: str
    dataset: str = "toy"
    rows: Sequence[Answered] = ()
    values: Mapping[str, float | None] = field(default_factory=dict)
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    slices: Mapping[str, float] = field(default_factory=dict)
    width: float = 0.05
    better: Mapping[str, bool] = field(default_factory=dict)
    status: str = "done"
    reason: str = ""
    errors: int = 0
    first_error: str = ""
    fingerprint: str = "f" * 64
    n: int = 100
    scored: bool = False
    """Write samples whose statistics give the values: the first samples are right, the others wrong."""

    def record(self) -> TaskRecord:
        return TaskRecord(
            name=self.name,
            version="1",
            dataset=DatasetRecord(self.dataset, f"embedded:{self.dataset}", self.fingerprint, self.n, "CC0-1.0"),
            options={"prompt": "{text}"},
            metrics=[_signature(name) for name in self.values],
            status=self.status,  # type: ignore[arg-type]
            reason=self.reason,
            errors=self.errors,
            first_error=self.first_error,
            efficiency=Efficiency(1.5, 1.0, self.n, self.n, 0, 1200, 300),
        )

    def answered(self) -> Sequence[Answered]:
        if self.rows or not self.scored:
            return self.rows
        shares = {metric: value for metric, value in self.values.items() if value is not None}
        return [
            Answered(
                Sample(f"{index}", (user("Is it so?"),), "yes", "yes"),
                [Response("yes")],
                "yes",
                {metric: [float(index < round(share * self.n)), 1.0] for metric, share in shares.items()},
            )
            for index in range(self.n)
        ]

    def results(self) -> list[Result]:
        cut = [("", 0.0), *((name, value) for name, value in self.slices.items())]
        return [
            self._result(metric, name, value if not name else other)
            for metric, value in self.values.items()
            for name, other in cut
        ]

    def _result(self, metric: str, name: str, value: float | None) -> Result:
        method = "bootstrap|poisson|replicates:1000|seed:0"
        interval = None if value is None else IntervalRecord(value - self.width, value + self.width, 0.95, method)
        return Result(
            task=self.name,
            dataset=self.dataset,
            metric=metric,
            slice=name,
            value=value,
            interval=interval,
            n=self.n // 4 if name else self.n,
            errors=0 if name else self.errors,
            clusters=0,
            signature=_signature(metric),
            higher_is_better=self.better.get(metric, True),
            range=self.bounds.get(metric, (0.0, 1.0)),
        )


def _signature(metric: str) -> str:
    return f"{metric}|version:1"


MakeRun = Callable[..., Run]


def _writer(folder: Path) -> MakeRun:
    made: list[Path] = []

    def make(model: str, *tasks: Told, **changes: Any) -> Run:
        run = RunFolder(folder, f"run{len(made)}", "0" * 8)
        made.append(run.path)
        fields: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "status": "done",
            "started": "2026-03-01T12:00:00Z",
            "finished": "2026-03-01T12:01:00Z",
            "model": ModelRecord(f"hf:{model}", model, "a" * 64, {"dtype": "float32"}),
            "tasks": [task.record() for task in tasks],
            "seed": 7,
            "batch_size": None,
            "versions": {"python": "3.11.7", "mmbench": "0.1.0"},
            "hardware": {"cpus": 2},
        }
        run.write_manifest(Manifest(**(fields | changes)))
        for task in tasks:
            if rows := task.answered():
                run.add_samples(task.name, task.dataset, rows)
        run.finish_samples()
        run.write_results(model, [result for task in tasks for result in task.results()])
        return Run(run.path)

    return make


@pytest.fixture(scope="session")
def writer() -> Callable[[Path], MakeRun]:
    """Make a writer of run folders in a folder."""
    return _writer


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Write a run folder: ``make_run(model, *tasks, **fields of the manifest)``."""
    return _writer(tmp_path)


Row = Callable[..., Answered]


@pytest.fixture(scope="session")
def row() -> Row:
    """Make one answered sample: ``row(id, prediction, score, ...)``; ``error`` in place of a prediction."""

    def make(
        identity: str,
        prediction: str = "yes",
        score: float = 1.0,
        *,
        prompt: str = "Is it so?",
        target: Any = "yes",
        media: Sequence[Part] = (),
        error: str | None = None,
        metric: str = "accuracy",
        raw: str | None = None,
        **fields: Any,
    ) -> Answered:
        sample = Sample(identity, (user(*media, prompt),), target, str(target), **fields)
        if error is not None:
            return Answered(sample, [Response(error=error, finish_reason="error")], None, {}, error)
        said = prediction if raw is None else raw
        return Answered(sample, [Response(said, latency=0.25)], prediction, {metric: [score, 1.0]})

    return make


@pytest.fixture(scope="session")
def picture() -> Image:
    """A photograph-like picture, 800 x 600."""
    ramp = np.linspace(0, 255, 800, dtype=np.uint8)
    pixels = np.stack(
        [np.tile(ramp, (600, 1)), np.full((600, 800), 90, np.uint8), np.tile(ramp[::-1], (600, 1))], -1
    )
    data = io.BytesIO()
    PIL.Image.fromarray(pixels).save(data, "JPEG", comment=b"private words")
    return Image(data.getvalue(), "ramp.jpg")


@pytest.fixture(scope="session")
def sound() -> Audio:
    """A second of a tone."""
    wave = 0.4 * np.sin(np.arange(16_000) * 2 * np.pi * 440 / 16_000)
    data = io.BytesIO()
    soundfile.write(data, wave, 16_000, format="WAV")
    return Audio(data.getvalue(), "tone.wav")


@pytest.fixture(scope="session")
def told() -> type[Told]:
    """The class of made-up tasks."""
    return Told


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, or whichever is on the path."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=list(CHROMIUM_FLAGS))
        yield running
        running.close()


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sequence[Run]], Path]:
    """Write the report of runs, once."""
    folder = tmp_path_factory.mktemp("reports")

    @cache
    def write(paths: tuple[Path, ...]) -> Path:
        out = folder / f"{write.cache_info().misses}.html"
        render([Run(path) for path in paths], out)
        return out

    return lambda runs: write(tuple(run.path for run in runs))


@pytest.fixture
def visit(browser, rendered):
    """Open a report as a visitor would; at the end nothing may have been complained of or asked for."""
    complaints: list[str] = []
    contexts = []

    def open_report(runs, size=DESKTOP, scheme="light", javascript=True):
        path = rendered(runs)
        context = browser.new_context(
            viewport=size, color_scheme=scheme, java_script_enabled=javascript, offline=True
        )
        context.set_default_timeout(180_000)  # the machine may be busy with something else
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: _note(request.url, path, complaints))
        page.goto(path.as_uri())
        return page

    yield open_report
    for context in contexts:
        context.close()
    assert complaints == []


def _note(url: str, path: Path, complaints: list[str]) -> None:
    if url.partition("#")[0] != path.as_uri() and not url.startswith("data:"):
        complaints.append(f"request for {url}")


@pytest.fixture(scope="session")
def gallery(
    tmp_path_factory: pytest.TempPathFactory, row: Row, told: type[Told], picture: Image, sound: Audio
) -> list[Run]:
    """Two runs over three tasks with pictures, sounds, slices, errors and a skipped task. Not to be changed."""
    make_run = _writer(tmp_path_factory.mktemp("gallery"))

    def tasks(shift: int) -> list[Told]:
        vqa = [
            row(
                f"vqa-{i}",
                "two" if (i + shift) % 3 else "three",
                float((i + shift) % 3 > 0),
                prompt=f"How many balls lie on table {i}?",
                target=["two", "two", "2"],
                media=[picture],
                slices={"type": ["counting", "colour"][i % 2]},
            )
            for i in range(14)
        ]
        vqa[3] = row("vqa-3", error="the model ran out of memory", media=[picture], slices={"type": "colour"})
        speech = [row(f"speech-{i}", "seven", 1.0, prompt="Write down.", media=[sound]) for i in range(3)]
        mood = [
            row(f"mood-{i}", "good" if i % 2 else "bad", float(i % 4 < 2), choices=("good", "bad"), target="good")
            for i in range(12)
        ]
        return [
            told("vqa", "scenes", vqa, {"accuracy": 0.62 - 0.2 * shift, "token-f1": 0.7},
                 slices={"type=counting": 0.5, "type=colour": 0.75},
                 errors=1, first_error="vqa-3: the model ran out of memory"),
            told("speech", "digits", speech, {"wer": 0.2}, better={"wer": False}, bounds={"wer": (0.0, None)}),
            told("sentiment", "reviews", mood, {"accuracy": 0.8}),
            told("caption", "scenes", status="skipped", reason="model takes no image input.", fingerprint=""),
        ]  # fmt: skip

    return [make_run("alpha", *tasks(0), status="partial"), make_run("beta", *tasks(1), status="partial")]
