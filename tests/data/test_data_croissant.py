"""Datasets written out as plain files with a Croissant record, and read again."""

import json
from pathlib import Path

import pytest

from mmbench import plugins
from mmbench.data import dataset_from_file, open_dataset
from mmbench.data.croissant import export
from mmbench.data.download import file_digest
from mmbench.dataset import Dataset, Files
from mmbench.errors import DataError, StoreError


@pytest.fixture
def folder(tmp_path: Path, png: bytes) -> Path:
    (tmp_path / "1.png").write_bytes(png)
    lines = [
        {"id": "a", "image": "1.png", "question": "Größe?", "answers": ["x", "y"], "n": 1, "p": 0.5, "ok": True},
        {"id": "b", "image": "1.png", "question": "Q?", "answers": ["z"], "n": 2, "p": 0.25, "ok": False},
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return tmp_path


def test_what_is_written_is_read_again(folder: Path) -> None:
    dataset = Dataset(Files(str(folder / "in.jsonl")), license="MIT", citation="Us 2026", notes="Two rows.")
    rows = open_dataset(dataset, name="vqa:two")
    path = export(rows, folder / "out")
    again = dataset_from_file(str(folder / "out" / "rows.jsonl"))
    assert (again.license, again.citation, again.notes) == ("MIT", "Us 2026", "Two rows.")
    read = open_dataset(again, name="vqa:two")
    assert len(list(read)) == 2
    assert read.fingerprint == rows.fingerprint
    assert len(list((folder / "out" / "media").iterdir())) == 1

    found = json.loads(path.read_text())
    assert (found["@type"], found["conformsTo"]) == ("sc:Dataset", "http://mlcommons.org/croissant/1.0")
    assert (found["name"], found["version"]) == ("vqa-two", rows.fingerprint)
    assert found["distribution"][0]["sha256"] == file_digest(folder / "out" / "rows.jsonl")
    fields = {field["name"]: field for field in found["recordSet"][0]["field"]}
    assert {name: field["dataType"] for name, field in fields.items()} == {
        "id": "sc:Text",
        "image": "sc:ImageObject",
        "question": "sc:Text",
        "answers": "sc:Text",
        "n": "sc:Integer",
        "p": "sc:Float",
        "ok": "sc:Boolean",
    }
    assert [name for name, field in fields.items() if field.get("repeated")] == ["answers"]
    assert not any(str(folder) in line for line in path.read_text().splitlines())


@pytest.mark.parametrize("task", ["vqa", "sentiment", "speech"])
def test_embedded_worlds_are_written_out(task: str, tmp_path: Path) -> None:
    dataset = next(iter(plugins.load("tasks", task)().datasets.values()))
    rows = open_dataset(dataset, name=task, limit=5)
    found = json.loads(export(rows, tmp_path).read_text())
    assert found["license"] == "Apache-2.0"
    read = open_dataset(dataset_from_file(str(tmp_path / "rows.jsonl")), name=task)
    assert sum(1 for _ in read) == 5
    assert read.fingerprint == rows.fingerprint


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "cannot read .*croissant.json"), ('{"name": "x"}', "is no Croissant record"), ("[]", "is no")],
)
def test_a_record_that_is_none_is_told(folder: Path, text: str, message: str) -> None:
    (folder / "croissant.json").write_text(text)
    with pytest.raises(DataError, match=message):
        dataset_from_file(str(folder / "in.jsonl"))


def test_a_record_may_say_things_in_several_ways(folder: Path) -> None:
    record = {
        "dct:conformsTo": "http://mlcommons.org/croissant/1.1",
        "license": [{"name": "MIT"}, "https://x.org/l"],
        "citation": "A\n B",
    }
    (folder / "croissant.json").write_text(json.dumps(record))
    dataset = dataset_from_file(str(folder / "in.jsonl"))
    assert (dataset.license, dataset.citation, dataset.notes) == ("MIT, https://x.org/l", "A B", "")


def test_a_folder_that_cannot_be_written_is_told(folder: Path) -> None:
    rows = open_dataset(dataset_from_file(str(folder / "in.jsonl")), name="t:x")
    with pytest.raises(StoreError, match=r"cannot write .*1\.png"):
        export(rows, folder / "1.png")
