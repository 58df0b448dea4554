"""Dataset repositories in a local mirror, and what is told when one cannot be had."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mmbench.data import open_dataset
from mmbench.dataset import Dataset, Hub
from mmbench.errors import DataError
from mmbench.schema import Audio, Image

CARD = """---
configs:
- config_name: main
  data_files:
  - split: test
    path: data/test-*
- config_name: other
  data_files:
  - split: train
    path: other/train.parquet
---
"""


@pytest.fixture
def repository(mirror: Path, png: bytes) -> Path:
    """A repository with a picture, a sound and a class label, typed as the Hub types them."""
    import datasets

    folder = mirror / "org" / "set"
    (folder / "data").mkdir(parents=True)
    (folder / "other").mkdir()
    features = datasets.Features(
        picture=datasets.Image(),
        more=datasets.List(datasets.Image()),
        sound=datasets.Audio(),
        label=datasets.ClassLabel(names=["no", "yes"]),
        answers={"text": datasets.List(datasets.Value("string"))},
    )
    rows = [
        {
            "picture": {"bytes": png, "path": "1.png"},
            "more": [{"bytes": png, "path": "1.png"}],
            "sound": {"bytes": b"RIFF", "path": "1.wav"},
            "label": 1,
            "answers": {"text": ["a", "b"]},
        },
        {"picture": {"bytes": png, "path": None}, "more": [], "sound": None, "label": 0, "answers": {"text": []}},
    ]
    table = pa.Table.from_pylist(rows, schema=features.arrow_schema)
    pq.write_table(table, folder / "data" / "test-0.parquet")
    pq.write_table(pa.table({"label": [7]}), folder / "other" / "train.parquet")
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    return folder


def open_hub(path: str = "org/set", config: str | None = "main", split: str = "test", **options: Any) -> Any:
    columns = {"image": "picture", "answers": "answers.text"} if config == "main" else {}
    hub = Hub(path, config, split, revision="0" * 40)
    return open_dataset(Dataset(hub, columns=columns), name="t:x", options=options)


def test_media_stay_encoded_and_labels_stay_numbers(repository: Path, png: bytes) -> None:
    rows = open_hub()
    first, second = rows
    assert isinstance(first["image"], Image)
    assert first["image"].read() == second["image"].read() == png
    assert [type(image) for image in first["more"]] == [Image]
    assert isinstance(first["sound"], Audio)
    assert first["sound"].read() == b"RIFF"
    assert second["sound"] is None
    assert (first["label"], first["answers"]) == (1, ["a", "b"])
    assert rows.length == 2
    assert rows.source == "mirror:org/set main/test"
    assert list(rows) == [first, second]


def test_limit(repository: Path) -> None:
    rows = open_dataset(Dataset(Hub("org/set", "main")), name="t:x", limit=1)
    assert (rows.length, len(list(rows))) == (1, 1)


def test_config_and_split_take_options(repository: Path) -> None:
    rows = open_hub(config="{which}", split="{part}", which="other", part="train")
    assert [row["label"] for row in rows] == [7]


def test_the_option_split_replaces_the_split(repository: Path) -> None:
    dataset = Dataset(Hub("org/set", "other", "test"))
    assert len(list(open_dataset(dataset, name="t:x", options={"split": "train"}))) == 1


def test_a_copy_of_the_repository_will_do(repository: Path) -> None:
    rows = open_dataset(Dataset(Hub("elsewhere/name", "main", copies=("org/set",))), name="t:x")
    assert rows.source == "mirror:org/set main/test"


def test_a_changed_mirror_is_read_anew(repository: Path) -> None:
    hub = Dataset(Hub("org/set", "other", "train"))
    before = open_dataset(hub, name="t:x")
    assert [row["label"] for row in before] == [7]
    pq.write_table(pa.table({"label": [8, 9]}), repository / "other" / "train.parquet")
    after = open_dataset(hub, name="t:x")
    assert [row["label"] for row in after] == [8, 9]
    assert after.fingerprint != before.fingerprint


@pytest.mark.parametrize(
    ("config", "split", "message"),
    [
        ("zzz", "test", r"dataset 't:x': BuilderConfig 'zzz' not found\. Available: \['main', 'other'\]"),
        (None, "test", r"dataset 't:x': Config name is missing.*\['main', 'other'\]"),
        ("main", "dev", r"Bad split: dev\. Available splits: \['test'\]\. Choose one with --set split=NAME"),
    ],
)
def test_a_wrong_config_or_split_is_told_with_those_that_are_there(
    repository: Path, config: str | None, split: str, message: str
) -> None:
    with pytest.raises(DataError, match=message) as caught:
        open_hub(config=config, split=split)
    assert "\n" not in str(caught.value)


def test_a_missing_column_is_told(repository: Path) -> None:
    with pytest.raises(DataError, match=r"'t:x' has no column 'pictur'\. Did you mean 'picture'\?"):
        list(open_dataset(Dataset(Hub("org/set", "main"), columns={"image": "pictur"}), name="t:x"))


def test_a_broken_file_is_told(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (repository / "data" / "test-0.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match=r"dataset 't:x': .*not a parquet file"):
        list(open_hub())
    assert capfd.readouterr() == ("", "")


def test_a_set_that_is_nowhere_is_told(mirror: Path, offline: Callable[[], None]) -> None:
    offline()
    with pytest.raises(DataError, match=r"'nobody/nothing'.* Go online, or set MMBENCH_DATA_DIR to a mirror"):
        open_dataset(Dataset(Hub("nobody/nothing")), name="t:x")


def test_a_mirror_that_is_no_folder_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MMBENCH_DATA_DIR", str(tmp_path / "gone"))
    with pytest.raises(DataError, match=r"MMBENCH_DATA_DIR is '.*gone', which is no folder"):
        open_dataset(Dataset(Hub("org/set")), name="t:x")


def test_a_folder_here_never_stands_in_for_the_hub(monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    monkeypatch.chdir(repository.parent.parent)
    monkeypatch.delenv("MMBENCH_DATA_DIR")
    with pytest.raises(DataError, match=r"a folder 'org/set' here would hide the Hub's. Set MMBENCH_DATA_DIR=\."):
        open_hub()


def test_bars_and_logs_are_as_before(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    import datasets

    before = (datasets.are_progress_bars_disabled(), datasets.logging.get_verbosity())
    list(open_hub())
    assert (datasets.are_progress_bars_disabled(), datasets.logging.get_verbosity()) == before
    assert capfd.readouterr() == ("", "")


def test_memory_does_not_grow_with_the_set(mirror: Path) -> None:
    import tracemalloc

    def peak(count: int) -> int:
        folder = mirror / "org" / f"rows{count}"
        folder.mkdir(parents=True)
        (folder / "README.md").write_text(
            "---\nconfigs:\n- config_name: default\n  data_files: test.parquet\n---\n"
        )
        texts = pa.array([f"row {number} " * 20 for number in range(count)])
        pq.write_table(pa.table({"text": texts}), folder / "test.parquet", row_group_size=1000)
        del texts
        rows = open_dataset(Dataset(Hub(f"org/rows{count}", split="train")), name="t:x")
        before, most = pa.total_allocated_bytes(), 0
        tracemalloc.start()
        for number, _ in enumerate(rows):
            if number % 500 == 0:
                most = max(most, pa.total_allocated_bytes() - before)
        most += tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert number == count - 1
        return most

    peak(2_000)
    few, many = peak(5_000), peak(100_000)
    assert many < 1.5 * few + 200_000
