"""A run whose memory is limited finishes by itself, with the same scores.

128 questions of about 600 tokens, half of them with four options and half answered in up to 16 tokens, in batches
of 64, whose keys and values alone take half a gigabyte, by a small, deep, seeded model. Once that is loaded and
warm, `RLIMIT_AS` leaves the process as much address space as the table says and no more. A batch that does not fit
is halved until it does; nothing is lost, and the answers are those of the run without a limit.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import seeded

ROOMS = (None, 256, 128)
PROMPT = "{question}\nAnswer:"
BATCH = 64


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its values, a digest of its answers, the sizes of batches that were halved."""

    status: str
    errors: int
    values: dict[str, float]
    answers: str
    halved: list[int]


def starved(folder: Path, room: int | None) -> Outcome:
    """Run in a process of its own that may take ``room`` MiB more than it has when the model is ready."""
    command = [sys.executable, __file__, str(folder), str(room or 0)]
    settings = {"OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1", "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | settings)
    return Outcome(**json.loads(done.stdout.splitlines()[-1]))


def write_work(folder: Path) -> None:
    """Write the checkpoint and the questions."""
    seeded.causal(folder / "checkpoint", hidden=64, layers=24)
    rows = seeded.choice_items(2 * BATCH, 9)
    for row in rows:
        row["question"] = seeded.text(430, int(row["id"]))
    for row in rows[::2]:
        del row["choices"]
    seeded.write_rows(folder / "rows.jsonl", rows)
    seeded.write_rows(folder / "warm.jsonl", seeded.choice_items(2, 1))


def child(folder: Path, room: int) -> None:
    """Load, warm up, limit the address space, run, and print how it ended."""
    import resource

    from mmbench import evaluate
    from mmbench.backends.hf import load, model

    loaded: Any = load(str(folder / "checkpoint"), device="cpu", dtype="float32")
    loaded.close = lambda: None  # it is asked again
    options = {"prompt": PROMPT, "closed_prompt": PROMPT, "max_tokens": "16"}
    evaluate(loaded, f"qa:{folder / 'warm.jsonl'}", out=folder / f"warm{room}", options=options)
    halved: list[int] = []
    halve = model.HFModel._answer_halves
    model.HFModel._answer_halves = lambda self, asked: halved.append(len(asked)) or halve(self, asked)  # type: ignore
    if room:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + room * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
    run = evaluate(
        loaded, f"qa:{folder / 'rows.jsonl'}", batch_size=BATCH, out=folder / f"out{room}", options=options
    )
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    answers = [row["prediction"] for batch in run.sample_batches(["prediction"]) for row in batch.to_pylist()]
    values = {f"{entry.metric} {entry.slice}": entry.value for entry in run.entries}
    digest = hashlib.sha256(json.dumps(answers).encode()).hexdigest()
    print(json.dumps(vars(Outcome(run.manifest.status, run.manifest.tasks[0].errors, values, digest, halved))))


def main() -> list[str]:
    """Measure, and return the lines of a Markdown table."""
    lines = ["| memory left, MiB | ended | batches halved | answers and scores |", "|---:|---|---:|---|"]
    with tempfile.TemporaryDirectory() as place:
        write_work(Path(place))
        outcomes = {room: starved(Path(place), room) for room in ROOMS}
    free = outcomes[None]
    for room, outcome in outcomes.items():
        same = "the same" if (outcome.answers, outcome.values) == (free.answers, free.values) else "OTHERS"
        lines.append(f"| {room or 'no limit'} | {outcome.status} | {len(outcome.halved)} | {same} |")
    return lines


if __name__ == "__main__":
    if len(sys.argv) == 3:
        child(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        print("\n".join(main()))
