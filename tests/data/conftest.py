import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hub_server import HubServer, point_at, set_offline


@pytest.fixture(scope="session")
def png() -> bytes:
    import PIL.Image

    stream = io.BytesIO()
    PIL.Image.new("RGB", (4, 3), "red").save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty mirror of the Hub; what ``datasets`` caches goes to a folder of the test's own."""
    import datasets

    folder = tmp_path / "mirror"
    folder.mkdir()
    monkeypatch.setenv("MMBENCH_DATA_DIR", str(folder))
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    return folder


@pytest.fixture(autouse=True)
def no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads the lock of the folder that it runs in."""
    monkeypatch.setenv("MMBENCH_LOCK", "off")


TINY_CARD = """---
license: mit
configs:
- config_name: default
  data_files:
  - split: test
    path: data/test-*
  - split: train
    path: data/train-*
- config_name: lines
  data_files:
  - split: test
    path: lines/test-*
  - split: train
    path: lines/train-*
---
# Tiny
"""


def make_tiny(root: Path, png: bytes, rows: int = 1200) -> Path:
    """A repository with questions about pictures, 1,200 of them in two files, and 3 to learn from."""
    import datasets

    folder = root / "org" / "tiny"
    (folder / "data").mkdir(parents=True)
    (folder / "lines").mkdir()
    (folder / "README.md").write_text(TINY_CARD, encoding="utf-8")
    features = datasets.Features(
        image=datasets.Image(),
        question=datasets.Value("string"),
        answers={"text": datasets.List(datasets.Value("string"))},
    )

    def write(name: str, numbers: range) -> None:
        made = [
            {
                "image": {"bytes": png + bytes([number % 7]), "path": f"{number}.png"},
                "question": f"Question {number}?",
                "answers": {"text": ["yes", "no"][: 1 + number % 2]},
            }
            for number in numbers
        ]
        table = pa.Table.from_pylist(made, schema=features.arrow_schema)
        pq.write_table(table, folder / "data" / f"{name}.parquet", row_group_size=200)
        pq.write_table(table.drop_columns(["image"]), folder / "lines" / f"{name}.parquet")

    write("test-0", range(rows // 2))
    write("test-1", range(rows // 2, rows))
    write("train-0", range(rows, rows + 3))
    return folder


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it to cut the network off."""
    return lambda: set_offline(monkeypatch, True)


@pytest.fixture
def hub(tmp_path: Path, png: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A Hub on 127.0.0.1 with the repository org/tiny; caches are the test's own, and nobody waits."""
    make_tiny(tmp_path / "served", png)
    with HubServer(tmp_path / "served", tmp_path / "revisions") as server:
        point_at(server, tmp_path, monkeypatch)
        yield server
