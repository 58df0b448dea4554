"""Other harnesses, each in a virtual environment of its own, and how to make them do our work.

Every class writes the files that its harness wants into a scratch folder and names the command; what the harness
says is read back from its own logs.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import overhead

PINS = ("torch==2.13.0", "transformers==5.23.0", "datasets==5.2.0")
PROMPT = "{question}\nAnswer:"


@dataclass(frozen=True)
class Cost:
    """What a whole command took."""

    busy: float
    wall: float
    peak_mib: float


def measure(command: Sequence[str | Path], folder: Path, **environment: str) -> Cost:
    """Run a whole command, on one thread and without a network.

    Raises:
        SystemExit: it failed; its last words are shown.
    """
    settings = {
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HOME": str(folder / "hf_home"),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    log = folder / "last.log"
    started = time.perf_counter()
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | settings | environment,
        )
        _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{command[0]} failed with status {status}:\n{log.read_text()[-3000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - started, usage.ru_maxrss / 1024)


@dataclass(frozen=True)
class Harness:
    """Where a harness is installed, and where it may write."""

    name: str
    requirement: str
    binary: str
    venvs: Path
    extra: tuple[str, ...] = ()

    @property
    def bin(self) -> Path:
        """The commands of its environment."""
        return self.venvs / self.name / "bin"

    def install(self) -> str:
        """Make the environment, if it is not there; return why that failed, or ""."""
        if (self.bin / self.binary).exists():
            return ""
        subprocess.run([sys.executable, "-m", "venv", self.venvs / self.name], check=True)
        pip = [
            self.bin / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            *PINS,
            "accelerate",
            self.requirement,
            *self.extra,
        ]
        result = subprocess.run(pip, check=False, capture_output=True, text=True)
        return "" if result.returncode == 0 else (result.stderr.strip().splitlines() or ["pip failed"])[-1]

    def version(self) -> str:
        """Ask for the installed version."""
        code = f"import importlib.metadata as m; print(m.version('{self.requirement}'))"
        return subprocess.run(
            [self.bin / "python", "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Read a jsonl file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


class LMEval(Harness):
    """lm-evaluation-harness: tasks in YAML."""

    def instant(self, rows: Path, folder: Path) -> Cost:
        """Answer rows at once by its ``dummy`` model, logs of samples on."""
        self._task(folder, "instant", rows, "generate_until", metric="exact_match", target="{{answers[0]}}")
        return self._run(folder, "instant", "dummy", "")

    def choice(self, rows: Path, checkpoint: Path, folder: Path) -> tuple[Cost, list[int]]:
        """Score options; return the index of each row's likeliest."""
        extra = "doc_to_choice: choices\n"
        self._task(
            folder, "choice", rows, "multiple_choice", extra, metric="acc", target="{{choices.index(answers[0])}}"
        )
        cost = self._run(folder, "choice", "hf", f"pretrained={checkpoint},dtype=float32")
        scores = [[float(pair[0][0]) for pair in sample["resps"]] for sample in self._samples(folder, "choice")]
        return cost, [max(range(len(row)), key=row.__getitem__) for row in scores]

    def generation(self, rows: Path, checkpoint: Path, folder: Path) -> tuple[Cost, list[str]]:
        """Write 32 tokens an answer."""
        self._task(folder, "writing", rows, "generate_until", metric="exact_match", target="{{answers[0]}}")
        cost = self._run(folder, "writing", "hf", f"pretrained={checkpoint},dtype=float32")
        return cost, [sample["resps"][0][0].strip() for sample in self._samples(folder, "writing")]

    def perplexity(self, rows: Path, checkpoint: Path, folder: Path) -> tuple[Cost, float]:
        """Return the perplexity per word."""
        self._task(folder, "rolling", rows, "loglikelihood_rolling", metric="word_perplexity", target="{{text}}")
        cost = self._run(folder, "rolling", "hf", f"pretrained={checkpoint},dtype=float32")
        results = json.loads(next(iter(sorted((folder / "rolling-out").rglob("results_*.json")))).read_text())
        return cost, float(results["results"]["rolling"]["word_perplexity,none"])

    def _task(
        self, folder: Path, name: str, rows: Path, kind: str, extra: str = "", *, metric: str, target: str
    ) -> None:
        question = '""' if kind == "loglikelihood_rolling" else '"{{question}}\\nAnswer:"'
        text = (
            f"task: {name}\ndataset_path: json\ndataset_kwargs:\n  data_files:\n    test: {rows}\n"
            f'test_split: test\noutput_type: {kind}\ndoc_to_text: {question}\ndoc_to_target: "{target}"\n'
            f"{extra}metric_list:\n  - metric: {metric}\n"
        )
        if kind == "generate_until":
            text += 'generation_kwargs:\n  until: ["\\n"]\n  max_gen_toks: 32\n  do_sample: false\n'
        (folder / "tasks").mkdir(exist_ok=True)
        (folder / "tasks" / f"{name}.yaml").write_text(text)

    def _run(self, folder: Path, name: str, model: str, arguments: str) -> Cost:
        command = [
            self.bin / "lm_eval",
            "run",
            "--model",
            model,
            "--tasks",
            name,
            "--include_path",
            folder / "tasks",
        ]
        command += [
            "--output_path",
            folder / f"{name}-out",
            "--log_samples",
            "--batch_size",
            "32",
            "--device",
            "cpu",
        ]
        command += ["--model_args", arguments] if arguments else []
        return measure(command, folder)

    @staticmethod
    def _samples(folder: Path, name: str) -> list[dict[str, Any]]:
        samples = rows_of(next(iter(sorted((folder / f"{name}-out").rglob("samples_*.jsonl")))))
        return sorted(samples, key=lambda sample: int(sample["doc_id"]))


class Inspect(Harness):
    """inspect_ai: a task is a Python function; ``mockllm`` answers at once."""

    def instant(self, rows: Path, folder: Path) -> Cost:
        """Answer rows by ``mockllm``, exact match."""
        (folder / "instant_task.py").write_text(
            "from inspect_ai import Task, task\n"
            "from inspect_ai.dataset import Sample, json_dataset\n"
            "from inspect_ai.scorer import exact\n"
            "from inspect_ai.solver import generate\n\n\n"
            "def sample(row):\n"
            f"    return Sample(id=row['id'], input={PROMPT!r}.format(**row), target=row['answers'])\n\n\n"
            "@task\n"
            "def instant():\n"
            f"    return Task(dataset=json_dataset({str(rows)!r}, sample), solver=generate(), scorer=exact())\n"
        )
        command = [self.bin / "inspect", "eval", "instant_task.py", "--model", "mockllm/model"]
        return measure([*command, "--display", "none", "--log-dir", folder / "inspect-logs"], folder)


class Lighteval(Harness):
    """lighteval: a task is a Python object; its dummy model is reached from Python alone.

    Three of its modules of tasks are left out: one fetches a file on import, and there is no network here; the
    others call a function of huggingface_hub as it was before version 2.
    """

    def instant(self, rows: Path, folder: Path) -> Cost:
        """Answer rows by ``DummyModel``, exact match."""
        self._task(folder, rows)
        (folder / "instant_run.py").write_text(
            "import sys\nimport types\n\n"
            "for name in ('tiny_benchmarks', 'mt_bench.main', 'mix_eval.main'):\n"
            "    left_out = types.ModuleType(f'lighteval.tasks.tasks.{name}')\n"
            "    left_out.TASKS_TABLE = []\n"
            "    sys.modules[left_out.__name__] = left_out\n"
            "from lighteval.logging.evaluation_tracker import EvaluationTracker\n"
            "from lighteval.models.dummy.dummy_model import DummyModelConfig\n"
            "from lighteval.pipeline import ParallelismManager, Pipeline, PipelineParameters\n\n"
            f"tracker = EvaluationTracker(output_dir={str(folder / 'lighteval-out')!r}, save_details=True)\n"
            "parameters = PipelineParameters(\n"
            "    launcher_type=ParallelismManager.NONE, custom_tasks_directory='lighteval_task.py'\n)\n"
            "pipeline = Pipeline(\n"
            "    tasks='asked|0', pipeline_parameters=parameters, evaluation_tracker=tracker,\n"
            "    model_config=DummyModelConfig(seed=1),\n)\n"
            "pipeline.evaluate()\npipeline.show_results()\npipeline.save_and_push_results()\n"
        )
        return measure([self.bin / "python", "instant_run.py"], folder)

    @staticmethod
    def _task(folder: Path, rows: Path) -> None:
        data = folder / "lighteval-data"
        data.mkdir(exist_ok=True)
        (data / "test.jsonl").write_text(rows.read_text())
        (folder / "lighteval_task.py").write_text(
            "from lighteval.metrics.metrics import Metrics\n"
            "from lighteval.tasks.lighteval_task import LightevalTaskConfig\n"
            "from lighteval.tasks.requests import Doc\n\n\n"
            "def prompt(row, task_name=None):\n"
            f"    query = {PROMPT!r}.format(**row)\n"
            "    return Doc(task_name=task_name, query=query, choices=row['answers'], gold_index=0)\n\n\n"
            "TASKS_TABLE = [LightevalTaskConfig(\n"
            f"    name='asked', prompt_function=prompt, hf_repo={str(data)!r}, hf_subset='default',\n"
            "    hf_avail_splits=['test'], evaluation_splits=['test'], metrics=[Metrics.exact_match],\n"
            "    generation_size=32, stop_sequence=['\\n'],\n)]\n"
        )


def ours_instant(rows: Path, folder: Path, *more: str) -> Cost:
    """Answer rows by a Python function, with store, scoring, run folder and, unless ``more`` says no, report."""
    (folder / "instant.py").write_text(overhead.MODEL)
    arguments = ["-m", "python:instant:make", "-t", f"qa:{rows}", "--set", f"prompt={PROMPT}", *more]
    return ours(arguments, folder, overhead.installed(folder))


def ours(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None, **options: str
) -> Cost:
    """Run ``mmbench run`` as a whole command, with a fresh store."""
    out = folder / f"ours{time.time_ns()}"
    command = [sys.executable, "-m", "mmbench", "run", *arguments, "--out", str(out)]
    for name, value in options.items():
        command += ["--set", f"{name}={value}"]
    return measure(command, folder, **(environment or {}))


def harnesses(venvs: Path) -> Mapping[str, Harness]:
    """Return the harnesses by name."""
    return {
        "lm-eval": LMEval("lm-eval", "lm_eval", "lm_eval", venvs),
        "inspect-ai": Inspect("inspect-ai", "inspect_ai", "inspect", venvs),
        "lighteval": Lighteval("lighteval", "lighteval", "lighteval", venvs, ("xxhash<4",)),
    }
