"""Looking at a dataset, and making a mirror of it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hub_server import HubServer

from mmbench.data import open_dataset
from mmbench.data.curate import check, license_notice, pin, transcript
from mmbench.data.mirror import pull
from mmbench.dataset import Dataset, Embedded, Files, Hub, Join
from mmbench.errors import DataError, StoreError, UsageError
from mmbench.schema import Audio, Sample, assistant, user

TINY = Dataset(
    Hub("org/tiny", "default"),
    columns={"answers": "answers.text"},
    shots=Hub("org/tiny", "default", "train"),
    license="MIT",
)


@dataclass(frozen=True)
class Ask:
    name: str = "ask"
    version: str = "1"
    datasets: Any = None
    metrics: Any = ()

    def sample(self, row: Any) -> Sample:
        if "answers" not in row:
            raise DataError("no field 'answers'")
        return Sample(row["id"], (user(row["image"], row["question"]),), row["answers"], row["answers"][0])

    def requests(self, sample: Any, capabilities: Any) -> Any: ...

    def parse(self, responses: Any, sample: Any) -> Any: ...


@pytest.fixture
def served(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    """The Hub's folder as a mirror."""
    monkeypatch.setenv("MMBENCH_DATA_DIR", str(hub.root))
    return hub


def test_check_tells_what_is_there(served: HubServer, png: bytes) -> None:
    found = check(Ask(), TINY, "t:tiny", {})
    assert (found.name, found.found.rows, found.pinned, found.difference) == ("t:tiny @mirror", 1200, None, "")
    assert found.columns == [
        ("image", "image", ""),
        ("question", "str", ""),
        ("answers", "{text: list of str}", "answers"),
    ]
    digest = hashlib.sha256(png + b"\0").hexdigest()[:12]
    assert found.first[0]["image"] == f"[image 4 x 3, {digest}]"
    assert (len(found.first), found.first[1]["answers"]) == (3, "['yes', 'no']")
    assert found.prompts[0] == f"user: [image 4 x 3, {digest}]\nQuestion 0?\n=> yes"
    assert (found.described.license, found.split) == ("mit", "test")


def test_check_compares_with_the_pin(served: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMBENCH_LOCK", str(tmp_path / "datasets.lock"))
    pin(TINY, "t:tiny", {})
    same = check(Ask(), TINY, "t:tiny", {})
    assert (same.pinned, same.difference) == (same.found, "")
    (served.root / "org/tiny/data/test-1.parquet").unlink()
    assert "data/test-1.parquet is gone" in check(Ask(), TINY, "t:tiny", {}).difference


def test_check_finds_rows_that_the_task_cannot_use(served: HubServer) -> None:
    with pytest.raises(DataError, match="dataset 't:tiny', row 0: no field 'answers'"):
        check(Ask(), Dataset(TINY.source, columns={"answer": "answers"}), "t:tiny", {})


def test_a_transcript_shows_every_turn() -> None:
    messages = (user("One?"), assistant("1"), user(Audio(b"RIFF"), "Two?"))
    assert transcript(Sample("a", messages, "", "x" * 99)) == (
        "user: One?\nassistant: 1\nuser: [audio of 4 bytes, "
        + hashlib.sha256(b"RIFF").hexdigest()[:12]
        + "]\nTwo?\n=> "
        + "x" * 77
        + "..."
    )


@pytest.mark.parametrize("source", ["hub", "mirror"])
def test_pull_makes_a_mirror_that_gives_the_same_rows(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offline: Callable[[], None], source: str
) -> None:
    if source == "mirror":
        monkeypatch.setenv("MMBENCH_DATA_DIR", str(hub.root))
    rows = open_dataset(TINY, name="t:tiny")
    list(rows)
    folder = pull(TINY, "t:tiny", {}, tmp_path / "new")
    assert folder == tmp_path / "new" / "org" / "tiny"
    assert sorted(path.name for path in folder.rglob("*.parquet")) == [
        "test-0.parquet",
        "test-1.parquet",
        "train-0.parquet",
    ]
    monkeypatch.setenv("MMBENCH_DATA_DIR", str(tmp_path / "new"))
    offline()
    copied = open_dataset(TINY, name="t:tiny")
    list(copied)
    assert copied.fingerprint == rows.fingerprint
    train = Dataset(Hub("org/tiny", "default", "train"))
    assert len(list(open_dataset(train, name="t:tiny"))) == 3


def test_pull_takes_the_second_table_too(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offline: Callable[[], None]
) -> None:
    pictures = hub.root / "org" / "pictures"
    pictures.mkdir()
    (pictures / "README.md").write_text("---\nconfigs:\n- config_name: default\n  data_files: all.jsonl\n---\n")
    (pictures / "all.jsonl").write_text(
        "".join(f'{{"q": "Question {n}?", "hint": "h{n}"}}\n' for n in range(1200))
    )
    hub.publish("org/pictures")
    join = Join(Hub("org/pictures", split="train"), key="question", other="q", columns={"hint": "hint"})
    both = Dataset(Hub("org/tiny", "lines"), join=join)
    rows = open_dataset(both, name="t:both")
    assert [row["hint"] for row in rows][:2] == ["h0", "h1"]
    pull(both, "t:both", {}, tmp_path / "new")
    monkeypatch.setenv("MMBENCH_DATA_DIR", str(tmp_path / "new"))
    offline()
    copied = open_dataset(both, name="t:both")
    list(copied)
    assert copied.fingerprint == rows.fingerprint


def test_examples_that_cannot_be_had_are_told(hub: HubServer, tmp_path: Path) -> None:
    gone = Dataset(Hub("org/tiny", "lines"), shots=Hub("org/gone", split="train"))
    with pytest.raises(DataError, match="'org/gone' doesn't exist on the Hub"):
        pull(gone, "t:gone", {}, tmp_path / "new")


def test_pull_adds_to_what_is_there(hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = Dataset(Hub("org/tiny", "lines"))
    for dataset in (lines, TINY, lines):
        pull(dataset, "t:tiny", {}, tmp_path / "new")
    monkeypatch.setenv("MMBENCH_DATA_DIR", str(tmp_path / "new"))
    for dataset in (lines, TINY):
        assert len(list(open_dataset(dataset, name="t:tiny"))) == 1200
    card = (tmp_path / "new" / "org" / "tiny" / "README.md").read_text()
    assert card.startswith("---\nlicense: mit\n")
    assert card.count("config_name") == 2
    assert card.endswith("# Tiny\n")


def test_pull_keeps_typed_columns_of_the_card(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = hub.root / "org/tiny/README.md"
    info = "dataset_info:\n  config_name: lines\n  features:\n  - name: question\n    dtype: string\n"
    card.write_text(card.read_text().replace("---\n# Tiny", info + "---\n# Tiny"))
    hub.publish("org/tiny")
    folder = pull(Dataset(Hub("org/tiny", "lines")), "t:tiny", {}, tmp_path / "new")
    assert "features:\n  - name: question\n    dtype: string" in (folder / "README.md").read_text()


def test_pull_refuses_what_has_no_files(tmp_path: Path) -> None:
    for dataset in (Dataset(Embedded("a:b")), Dataset(Files("a.csv"))):
        with pytest.raises(UsageError, match="'t:x' does not come from the Hub"):
            pull(dataset, "t:x", {}, tmp_path)


def test_a_mirror_that_cannot_be_written_is_told(served: HubServer, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"cannot write the mirror .*file"):
        pull(TINY, "t:tiny", {}, tmp_path / "file")


def test_licences_that_forbid_commercial_use_are_told() -> None:
    assert license_notice(TINY, "t:tiny") == ""
    for license in ("CC BY-NC 4.0", "cc-by-nc-sa-4.0", "terms of the challenge (non-commercial)", "Noncommercial"):
        told = license_notice(Dataset(TINY.source, license=license), "t:x")
        assert told == f"the licence of 't:x' limits commercial use: {license}"
    for license in ("", "MIT", "CC BY 4.0", "public domain"):
        assert license_notice(Dataset(TINY.source, license=license), "t:x") == ""
