"""Reading a large set of the Hub: memory with 1,000, 10,000 and 100,000 rows of it.

One Parquet file of questions with pictures of 600 bytes (62 MB in all) lies in a mirror, or on a server on
127.0.0.1 that speaks the Hub's protocol, in a process of its own. It is read in three ways: from the mirror;
downloaded, checked and read; streamed, only the parts that are read travelling. Each line is a fresh process that
reads rows, fingerprint included, and evaluates nothing. Memory is its peak resident set.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT)]

ROWS = 100_000
COUNTS = (1_000, 10_000, ROWS)
WAYS = ("from a mirror", "downloaded", "streamed")


def read(count: int, way: str) -> None:
    """Read rows in this process and print peak MiB and processor seconds."""
    import mmbench.data.hub
    from mmbench.data import open_dataset
    from mmbench.dataset import Dataset, Hub

    mmbench.data.hub.STREAM_LIMIT = 10**9 if way == "streamed" else 0
    started = time.process_time()
    rows = open_dataset(Dataset(Hub("org/big", "default")), name="big", limit=count)
    assert sum(1 for _ in rows) == count
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, time.process_time() - started)


def measure(count: int, way: str, url: str, served: Path) -> tuple[float, float]:
    """Read rows in a fresh process with empty caches; return peak MiB and processor seconds."""
    with tempfile.TemporaryDirectory() as home:
        place = {"MMBENCH_DATA_DIR": str(served)} if way == "from a mirror" else {"HF_ENDPOINT": url}
        quiet = {"MMBENCH_LOCK": "off", "HF_HOME": home, "HF_HUB_OFFLINE": "0", "OMP_NUM_THREADS": "1"}
        kept = {key: value for key, value in os.environ.items() if key != "MMBENCH_DATA_DIR"}
        command = [sys.executable, __file__, "read", str(count), way]
        done = subprocess.run(command, env=kept | quiet | place, stdout=subprocess.PIPE, text=True, check=True)
    peak, seconds = map(float, done.stdout.split())
    return peak, seconds


def main() -> list[str]:
    """Measure, and return the lines of a Markdown table."""
    from big_set import serving, write_big

    lines = ["| way | rows | peak MiB | MiB above one row | processor seconds |", "|---|---:|---:|---:|---:|"]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_big(folder / "served", ROWS)
        with serving(folder / "served", folder / "revisions") as url:
            for way in WAYS:
                least, _ = measure(1, way, url, folder / "served")
                for count in COUNTS:
                    peak, seconds = measure(count, way, url, folder / "served")
                    above = max(0.0, peak - least)
                    lines.append(f"| {way} | {count:,} | {peak:.0f} | {above:.0f} | {seconds:.1f} |")
    return lines


if __name__ == "__main__":
    if sys.argv[1:2] == ["read"]:
        read(int(sys.argv[2]), sys.argv[3])
    else:
        print("\n".join(main()))
