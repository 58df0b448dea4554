"""What the harness itself costs: a local jsonl file, a model that answers at once, the whole command.

Start-up, store, scoring, run folder and report are all on. Memory is the peak resident set of the process.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPEATS = 5
MODEL = "def make():\n    return lambda prompts: ['Paris'] * len(prompts)\n"


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


def run_command(folder: Path, rows: str, out: str) -> tuple[float, float]:
    """Run the whole command once; return its wall seconds and peak MiB."""
    arguments = ["run", "-m", "python:instant:make", "-t", f"qa:{rows}", "--out", out]
    command = [sys.executable, "-m", "mmbench", *arguments]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(command)} failed with status {status}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def main() -> list[str]:
    """Measure, and return the lines of a Markdown table."""
    lines = ["| samples | wall seconds (median) | min - max | peak MiB |", "|---:|---:|---:|---:|"]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "instant.py").write_text(MODEL)
        for count in (10_000, 20_000, 100_000):
            write_rows(folder / f"rows{count}.jsonl", count)
            runs = [run_command(folder, f"rows{count}.jsonl", f"out{count}-{i}") for i in range(REPEATS)]
            seconds = [run[0] for run in runs]
            peak = statistics.median(run[1] for run in runs)
            spread = f"{min(seconds):.2f} - {max(seconds):.2f}"
            lines.append(f"| {count:,} | {statistics.median(seconds):.2f} | {spread} | {peak:.0f} |")
    return lines


if __name__ == "__main__":
    print("\n".join(main()))
