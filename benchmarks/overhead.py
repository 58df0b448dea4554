"""What the harness itself costs: a local jsonl file, a model that answers at once, the whole command.

Start-up, store, scoring and run folder are on; the HTML report where a row says so. Processor seconds are those
of all threads. Bytecode is compiled before, as pip leaves it where a package is installed. Memory is the peak
resident set that the run tells of itself. The margin is what a further sample costs, from the smallest size to the
row's. `python benchmarks/overhead.py --million` adds a million samples, run once, and what `mmbench verify` takes
to compute them again.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

REPEATS = 5
SIZES = (2_000, 20_000, 100_000)
MILLION = 1_000_000
MODEL = "def make():\n    return lambda prompts: ['Paris'] * len(prompts)\n"


@dataclass(frozen=True)
class Cost:
    """Of one command: seconds on the wall and of the processor, and peak memory in MiB."""

    wall: float
    processor: float
    peak: float


def write_rows(path: Path, count: int) -> None:
    """Write short questions, all distinct."""
    with path.open("w") as file:
        for number in range(count):
            row = {
                "id": str(number),
                "context": f"Fact {number}: the capital of country {number % 197} is city {number % 89}.",
                "question": f"What is the capital of country {number % 197}?",
                "answers": ["Paris" if number % 3 == 0 else f"city {number % 89}"],
                "type": f"kind {number % 5}",
            }
            file.write(json.dumps(row) + "\n")


def installed(folder: Path) -> dict[str, str]:
    """Return settings under which bytecode is kept in a folder from one command to the next."""
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def command(folder: Path, *arguments: str) -> Cost:
    """Run a command of mmbench once."""
    line = [sys.executable, "-m", "mmbench", *arguments]
    started = time.perf_counter()
    process = subprocess.Popen(
        line,
        cwd=folder,
        env=os.environ | installed(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(line)} failed with status {status}")
    wall = time.perf_counter() - started
    # ru_maxrss would count this process too: it survives fork and exec
    return Cost(wall, usage.ru_utime + usage.ru_stime, 0.0)


def run(folder: Path, count: int, number: int, *, report: bool) -> Cost:
    """Run the whole command once."""
    out = f"out{count}-{number}-{report}"
    arguments = ["run", "-m", "python:instant:make", "-t", f"qa:rows{count}.jsonl", "--out", out]
    spent = command(folder, *arguments, "--report" if report else "--no-report")
    (manifest,) = (folder / out).glob("*/manifest.json")
    peak = json.loads(manifest.read_text())["tasks"][0]["efficiency"]["peak_host_bytes"]
    return Cost(spent.wall, spent.processor, peak / 2**20)


def row(name: str, costs: list[Cost], first: Cost | None, count: int) -> tuple[str, Cost]:
    """Return a line of the table, and the medians."""
    walls, cpus, peaks = ([getattr(cost, part) for cost in costs] for part in ("wall", "processor", "peak"))
    middle = Cost(*(statistics.median(values) for values in (walls, cpus, peaks)))
    margin = ["", ""]
    if first is not None:
        more = count - SIZES[0]
        spent = (middle.wall - first.wall, middle.processor - first.processor)
        margin = [f"{more / seconds:,.0f}" for seconds in spent]
    spread = f"{min(walls):.2f} - {max(walls):.2f}" if len(walls) > 1 else "once"
    line = f"| {name} | {middle.wall:.2f} | {spread} | {middle.processor:.2f} | {margin[0]} | {margin[1]} "
    return line + f"| {middle.peak:.0f} |", middle


def main() -> list[str]:
    """Measure, and return the lines of a Markdown table."""
    lines = [
        "| samples | wall, s (median) | min - max | processor, s | at the margin, samples/s | of the processor "
        "| peak MiB |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    sizes = (*SIZES, MILLION) if "--million" in sys.argv else SIZES
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "instant.py").write_text(MODEL)
        first: Cost | None = None
        for count in sizes:
            write_rows(folder / f"rows{count}.jsonl", count)
            if first is None:
                run(folder, count, REPEATS, report=True)  # compiles
            repeats = 1 if count == MILLION else REPEATS
            costs = [run(folder, count, number, report=False) for number in range(repeats)]
            line, middle = row(f"{count:,}", costs, first, count)
            lines.append(line)
            first = first or middle
            if count == 20_000:
                with_report = [run(folder, count, number, report=True) for number in range(repeats)]
                lines.append(row(f"{count:,} and the report", with_report, None, count)[0])
        if MILLION in sizes:
            (made,) = (folder / f"out{MILLION}-0-False").glob("*/")
            spent = command(folder, "verify", str(made))
            lines.append(f"| verify {MILLION:,} | {spent.wall:.2f} | once | {spent.processor:.2f} | | | |")
    return lines


if __name__ == "__main__":
    print("\n".join(main()))
