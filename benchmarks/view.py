"""`mmbench view` over a run of 1,000,000 synthetic samples.

The server is started as a user starts it; times are those of whole requests to it (median and largest of five).
The index is read in the background after the first page; a search tells its first hits while it goes on. Memory is
the largest resident set of the server, index and all requests included.
"""

import http.client
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mmbench.schema import Response, Sample, user
from mmbench.store.records import (
    SAMPLES,
    SCHEMA_VERSION,
    DatasetRecord,
    Efficiency,
    IntervalRecord,
    Manifest,
    ModelRecord,
    Result,
    TaskRecord,
)
from mmbench.store.run_folder import SAMPLE_ROWS, Answered, RunFolder, utc_now

COUNT, WINDOW, REPEATS = 1_000_000, 2048, 5
WORDS = "red blue green circle square boat tree house left right above under number small large clock sign".split()


def write_run(folder: Path) -> Path:
    """Write a run folder: one window made sample by sample, then again and again with other ids and prompts."""
    rng = random.Random(0)
    run = RunFolder(folder, "synthetic", "0" * 8)
    work = Efficiency(seconds=1.0, samples=COUNT)
    task = TaskRecord(
        "vqa", "1", DatasetRecord("synthetic", "made", "0", COUNT), {}, ["accuracy|made"], status="done",
        efficiency=work,
    )  # fmt: skip
    model = ModelRecord("synthetic", "synthetic", "0", {})
    now = utc_now()
    run.write_manifest(
        Manifest(SCHEMA_VERSION, "done", now, now, model, [task], 0, None, versions={}, hardware={})
    )
    run.add_samples("vqa", "synthetic", [_row(rng, number) for number in range(WINDOW)])
    run.finish_samples()
    interval = IntervalRecord(0.79, 0.81, 0.95, "wilson")
    bounds = (0.0, 1.0)
    result = Result(
        "vqa", "synthetic", "accuracy", "", 0.8, interval, COUNT, 0, 0, "accuracy|made", True, bounds
    )  # fmt: skip
    run.write_results("synthetic", [result])
    _repeat(run.path / SAMPLE_ROWS)
    return run.path


def _row(rng: random.Random, number: int) -> Answered:
    target, right = rng.choice(WORDS), rng.random() < 0.8
    said = target if right else rng.choice(WORDS)
    sample = Sample(
        str(number), (user(" ".join(rng.choices(WORDS, k=12)) + "?"),), [target], target,
        slices={"kind": rng.choice("abcde"), "level": str(rng.randrange(5))},
    )  # fmt: skip
    return Answered(sample, [Response(said)], said, {"accuracy": [float(right), 1.0]})


def _repeat(path: Path) -> None:
    window = pq.read_table(path)
    with pq.ParquetWriter(path, SAMPLES, compression="zstd") as writer:
        for start in range(0, COUNT, WINDOW):
            table = window.slice(0, min(WINDOW, COUNT - start))
            ids = pa.array([str(number) for number in range(start, start + table.num_rows)])
            prompts = pc.binary_join_element_wise(ids, table["prompt"], ": ")
            named = {"id": ids, "prompt": prompts}
            columns = [named.get(name, table[name]) for name in SAMPLES.names]
            writer.write_table(pa.Table.from_arrays(columns, schema=SAMPLES))


class Server:
    """A running `mmbench view`."""

    def __init__(self, run: Path) -> None:
        command = [sys.executable, "-m", "mmbench", "view", str(run)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline() if self.process.stdout else ""
        found = re.search(r":(\d+)/\?token=(\S+)", line)
        if not found:
            raise SystemExit("mmbench view did not start")
        self.port, self.token = int(found.group(1)), found.group(2)

    def get(self, path: str) -> tuple[bytes, float]:
        """Return the answer's body and the seconds it took."""
        started = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("GET", path, headers={"Cookie": f"mmbench-view={self.token}"})
        body = connection.getresponse().read()
        return body, time.perf_counter() - started

    def peak(self) -> float:
        """Return the largest resident set so far in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


def main() -> list[str]:
    """Measure, and return the lines of a Markdown table."""
    with tempfile.TemporaryDirectory() as place:
        run = write_run(Path(place))
        started = time.perf_counter()
        server = Server(run)
        ready = time.perf_counter() - started
        try:
            rows = [("start of the command to its address", [ready])]
            first = server.get("/")[1] + server.get("/samples")[1]
            rows.append(("first page: page and samples", [first]))
            rows.append(("index of all samples", [_indexed(server)]))
            rows += [(name, _times(server, queries)) for name, queries in _queries().items()]
            rows.append(("search through all texts, to its end", [_whole(server)]))
            peak = server.peak()
        finally:
            server.process.terminate()
            server.process.wait()
    lines = ["| what | seconds (median) | largest |", "|---|---:|---:|"]
    lines += [f"| {name} | {statistics.median(times):.2f} | {max(times):.2f} |" for name, times in rows]
    return [*lines, f"| peak memory | {peak:.0f} MiB | |"]


def _indexed(server: Server) -> float:
    started = time.perf_counter()
    while not json.loads(server.get("/samples")[0])["indexed"]:
        time.sleep(0.1)
    return time.perf_counter() - started


def _queries() -> dict[str, list[dict[str, str]]]:
    levels = [str(level) for level in range(REPEATS)]
    return {
        "a page far behind": [{"page": str(9_000 + 7_000 * i)} for i in range(REPEATS)],
        "filter by outcome and slice": [{"outcome": "wrong", "slice": f"level={one}"} for one in levels],
        "worst first, of a slice": [{"order": "worst", "slice": f"level={one}"} for one in levels],
        "search: first hits": [{"words": f"boat {word}"} for word in WORDS[:REPEATS]],
    }


def _times(server: Server, queries: list[dict[str, str]]) -> list[float]:
    return [server.get(f"/samples?{urllib.parse.urlencode(query)}")[1] for query in queries]


def _whole(server: Server) -> float:
    started = time.perf_counter()
    while not json.loads(server.get("/samples?words=nowhere")[0])["done"]:
        pass
    return time.perf_counter() - started


if __name__ == "__main__":
    print("\n".join(main()))
