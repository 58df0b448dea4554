"""datasets.lock: what was pinned is kept to, and a change is refused with the difference named."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hub_server import HubServer

from mmbench.data import open_dataset, open_shots
from mmbench.data.curate import pin
from mmbench.data.lock import Pinned, lock_path, read_lock, write_lock
from mmbench.dataset import Dataset, Files, Hub
from mmbench.errors import DataError, StoreError

TINY = Dataset(Hub("org/tiny", "default"), columns={"answers": "answers.text"})


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "datasets.lock"
    monkeypatch.setenv("MMBENCH_LOCK", str(path))
    return path


def read(dataset: Dataset = TINY, limit: int | None = None, **options: str) -> int:
    return sum(1 for _ in open_dataset(dataset, name="t:tiny", limit=limit, options=options))


def drop_row(path: Path) -> None:
    table = pq.read_table(path)
    pq.write_table(table.slice(1), path)


def test_a_pin_holds_what_was_read(hub: HubServer, lock: Path) -> None:
    label, pinned = pin(TINY, "t:tiny", {})
    commit = hub.heads["org/tiny"]
    assert (label, pinned.rows, pinned.revision) == ("t:tiny", 1200, commit)
    assert pinned.source == f"hub:org/tiny@{commit} default/test"
    assert sorted(pinned.files) == ["data/test-0.parquet", "data/test-1.parquet"]
    assert read_lock(lock) == {"t:tiny": pinned}
    assert list(json.loads(lock.read_text())) == ["version", "datasets"]
    assert read() == 1200


def test_the_pinned_revision_is_read_when_the_hub_moves_on(hub: HubServer, lock: Path) -> None:
    pin(TINY, "t:tiny", {})
    drop_row(hub.root / "org/tiny/data/test-0.parquet")
    hub.publish("org/tiny")
    assert read() == 1200
    assert read(limit=3) == 3
    pin(TINY, "t:tiny", {})
    assert read() == 1199


def test_examples_come_from_the_pinned_revision_too(hub: HubServer, lock: Path) -> None:
    learning = replace(TINY, shots=Hub("org/tiny", "default", "train"))
    pin(learning, "t:tiny", {})
    drop_row(hub.root / "org/tiny/data/train-0.parquet")
    hub.publish("org/tiny")
    assert sum(1 for _ in open_shots(learning, name="t:tiny")) == 3
    lock.unlink()
    assert sum(1 for _ in open_shots(learning, name="t:tiny")) == 2


def test_a_pinned_revision_that_the_hub_forgot_is_told(hub: HubServer, lock: Path, tmp_path: Path) -> None:
    pin(TINY, "t:tiny", {})
    shutil.rmtree(tmp_path / "prepared")
    shutil.rmtree(tmp_path / "downloads")
    drop_row(hub.root / "org/tiny/data/test-0.parquet")
    hub.publish("org/tiny", forget=True)
    with pytest.raises(DataError, match=r"Revision '.*' doesn't exist"):
        read()


def test_a_changed_mirror_is_refused_with_the_files_named(
    hub: HubServer, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMBENCH_DATA_DIR", str(hub.root))
    label, pinned = pin(TINY, "t:tiny", {})
    assert (label, pinned.revision) == ("t:tiny @mirror", None)
    assert read() == 1200
    folder = hub.root / "org/tiny/data"
    drop_row(folder / "test-0.parquet")
    for limit in (None, 5):
        with pytest.raises(DataError) as caught:
            read(limit=limit)
        assert "'t:tiny' is not the one that" in str(caught.value)
        assert "data/test-0.parquet changed (sha256 " in str(caught.value)
        assert str(caught.value).endswith("If the change is wanted: mmbench data pin t:tiny")
    (folder / "test-0.parquet").rename(folder / "test-2.parquet")
    with pytest.raises(DataError, match=r"data/test-0\.parquet is gone; data/test-2\.parquet is new\. If"):
        read()
    pin(TINY, "t:tiny", {})
    assert read() == 1199


def test_what_was_pinned_from_the_hub_holds_for_a_mirror_of_it(
    hub: HubServer, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(TINY, "t:tiny", {})
    monkeypatch.setenv("MMBENCH_DATA_DIR", str(hub.root))
    assert read() == 1200
    drop_row(hub.root / "org/tiny/data/test-1.parquet")
    with pytest.raises(DataError, match=r"data/test-1\.parquet changed"):
        read()


def test_rows_are_compared_where_files_are_not_known(tmp_path: Path, lock: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"n": 1}\n{"n": 2}\n')
    dataset = Dataset(Files(str(path)))
    _, pinned = pin(dataset, "t:tiny", {})
    assert list(pinned.files) == ["rows.jsonl"]
    entry = {"source": pinned.source, "revision": None, "files": {}}
    write_lock(lock, {"t:tiny": Pinned(**entry, rows=2, fingerprint="0" * 64)})
    with pytest.raises(DataError, match=r"as many rows, but not the same \(fingerprint 000000000000 then, "):
        read(dataset)
    write_lock(lock, {"t:tiny": Pinned(**entry, rows=3, fingerprint=pinned.fingerprint)})
    with pytest.raises(DataError, match="3 rows then, 2 now"):
        read(dataset)
    assert read(dataset, limit=1) == 1


def test_options_that_choose_rows_are_pinned_apart(
    hub: HubServer, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMBENCH_DATA_DIR", str(hub.root))
    dataset = Dataset(Hub("org/tiny", "{kind}"), columns={"text": "{field}"})
    options = {"kind": "lines", "field": "question", "prompt": "?", "split": ""}
    assert pin(dataset, "t:tiny", options)[0] == "t:tiny field=question kind=lines @mirror"
    assert pin(dataset, "t:tiny", options | {"split": "train"})[1].rows == 3
    assert sorted(read_lock(lock)) == [
        "t:tiny field=question kind=lines @mirror",
        "t:tiny field=question kind=lines split=train @mirror",
    ]


def test_the_lock_is_found_here_or_where_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MMBENCH_LOCK")
    assert lock_path() is None
    (tmp_path / "datasets.lock").touch()
    assert lock_path() == Path("datasets.lock")
    monkeypatch.setenv("MMBENCH_LOCK", "elsewhere")
    assert lock_path() == Path("elsewhere")
    assert read_lock(lock_path()) == {}
    monkeypatch.setenv("MMBENCH_LOCK", "off")
    assert lock_path() is None


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "cannot read .*: .* Restore it, or delete it"), ('{"version": 9, "datasets": {}}', "has version 9")],
)
def test_a_broken_lock_is_told(lock: Path, text: str, message: str, tmp_path: Path) -> None:
    lock.write_text(text)
    (tmp_path / "a.jsonl").write_text('{"n": 1}')
    with pytest.raises(DataError, match=message):
        read(Dataset(Files(str(tmp_path / "a.jsonl"))))


def test_a_lock_that_cannot_be_written_is_told(tmp_path: Path, lock: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"n": 1}')
    with pytest.raises(StoreError, match=r"cannot write .*: No such file or directory"):
        pin(Dataset(Files(str(tmp_path / "a.jsonl"))), "t:tiny", {}, tmp_path / "gone" / "datasets.lock")
