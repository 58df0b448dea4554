"""A large dataset repository, a Hub in a process of its own that serves it, and a reader that tells its memory.

As a program: ``big_set.py serve ROOT STORE`` prints the server's address and serves until its input ends.
"""

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
NAME = "org/big"
_CARD = "---\nconfigs:\n- config_name: default\n  data_files:\n  - {split: test, path: test.parquet}\n---\n"


def write_big(root: Path, rows: int, size: int = 600) -> Path:
    """Write ``root/org/big``: questions about pictures of ``size`` random bytes; return its folder."""
    import datasets
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = root / NAME
    folder.mkdir(parents=True)
    (folder / "README.md").write_text(_CARD)
    kinds = datasets.Features(
        image=datasets.Image(), question=datasets.Value("string"), answers=datasets.Value("string")
    )
    chance = random.Random(0)
    with pq.ParquetWriter(folder / "test.parquet", kinds.arrow_schema) as writer:
        for start in range(0, rows, 1000):
            made = [
                {
                    "image": {"bytes": chance.randbytes(size), "path": None},
                    "question": f"Question {number}?",
                    "answers": str(number % 7),
                }
                for number in range(start, min(rows, start + 1000))
            ]
            writer.write_table(pa.Table.from_pylist(made, schema=kinds.arrow_schema))
    return folder


@contextmanager
def serving(root: Path, store: Path) -> Iterator[str]:
    """Serve a folder from another process, so that its memory is not ours; yield its address."""
    command = [sys.executable, str(HERE / "big_set.py"), "serve", str(root), str(store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def _serve(root: str, store: str) -> None:
    from hub_server import HubServer

    with HubServer(Path(root), Path(store)) as server:
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    _serve(*sys.argv[2:4])
