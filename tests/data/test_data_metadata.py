"""What cards, Croissant records and the records of ``datasets`` say, and what becomes of it."""

import json
from pathlib import Path

import pytest
from hub_server import HubServer

from mmbench.data import dataset_from_file
from mmbench.data.curate import check
from mmbench.data.metadata import Metadata, read_metadata
from mmbench.data.user import read_user_dataset
from mmbench.dataset import Dataset, Hub
from mmbench.errors import DataError
from mmbench.schema import Sample, user

CARD = """---
license: cc-by-4.0
dataset_info:
- config_name: other
  splits:
  - {name: test, num_examples: 7}
- config_name: main
  splits:
  - {name: train, num_examples: 1200}
  - {name: test, num_examples: 300}
---
# Set

```
@inproceedings{goyal, title={Making the {V} in {VQA} Matter},
  author={Goyal, Yash and Khot, Tejas}, booktitle = {CVPR}, year={2017}}
```
"""
INFO = {
    "description": "Pairs\n of things.",
    "citation": '@article{x, author="Ann Lee", title="Pairs", year=2020}',
    "license": "MIT",
    "splits": {"test": {"name": "test", "num_examples": 5}},
}


def test_the_head_of_a_card(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(CARD)
    found = read_metadata(tmp_path, "main")
    assert (found.license, found.sources) == ("cc-by-4.0", ("README.md",))
    assert found.citation == "Goyal, Yash et al. 2017, Making the V in VQA Matter"
    assert found.sizes == {"train": 1200, "test": 300}
    assert found.told("test") == f"licence cc-by-4.0; 300 rows in test; {found.citation}"
    assert read_metadata(tmp_path, "other").sizes == {"test": 7}
    assert read_metadata(tmp_path, "gone").sizes == {}


@pytest.mark.parametrize(
    ("name", "record"),
    [("dataset_info.json", INFO), ("dataset_infos.json", {"main": INFO}), ("dataset_infos.json", INFO)],
)
def test_the_record_of_datasets(tmp_path: Path, name: str, record: object) -> None:
    (tmp_path / name).write_text(json.dumps(record))
    assert read_metadata(tmp_path, "main") == Metadata(
        "MIT", "Ann Lee 2020, Pairs", "Pairs of things.", {"test": 5}, (name,)
    )


def test_the_first_that_states_a_fact_counts(tmp_path: Path) -> None:
    assert read_metadata(tmp_path) == Metadata()
    record = {
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": "CC0",
        "description": "From Croissant.",
    }
    (tmp_path / "croissant.json").write_text(json.dumps(record))
    (tmp_path / "dataset_info.json").write_text(json.dumps(INFO))
    (tmp_path / "README.md").write_text("---\nlicense: [mit, apache-2.0]\n---\n")
    found = read_metadata(tmp_path)
    assert (found.license, found.citation, found.notes) == ("CC0", "Ann Lee 2020, Pairs", "From Croissant.")
    assert found.sources == ("croissant.json", "dataset_info.json", "README.md")
    (tmp_path / "croissant.json").unlink()
    (tmp_path / "dataset_info.json").unlink()
    assert read_metadata(tmp_path).license == "mit, apache-2.0"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("dataset_info.json", "{", "cannot read .*dataset_info.json"),
        ("dataset_info.json", "[]", "is no record of a dataset"),
        ("README.md", "---\na: [\n---\n", "cannot read the head of .*README.md"),
        ("README.md", "---\n- a\n---\n", "holds no keys and values"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=message):
        read_metadata(tmp_path)


def test_a_card_without_a_head_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Rows\n")
    assert read_metadata(tmp_path) == Metadata()


def test_a_user_s_dataset_takes_what_it_does_not_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "hub" / "org" / "name"
    folder.mkdir(parents=True)
    (folder / "README.md").write_text(CARD)
    (folder / "rows.jsonl").write_text('{"text": "a"}\n')
    assert dataset_from_file(str(folder / "rows.jsonl")).license == "cc-by-4.0"
    path = folder / "mine.yaml"
    path.write_text("task: lm\ndata: rows.jsonl\n")
    assert read_user_dataset(path).dataset.license == "cc-by-4.0"
    path.write_text("task: lm\ndata: rows.jsonl\nlicense: MIT\ncitation: Us\n")
    said = read_user_dataset(path).dataset
    assert (said.license, said.citation) == ("MIT", "Us")
    monkeypatch.setenv("MMBENCH_DATA_DIR", str(tmp_path / "hub"))
    path.write_text("task: lm\ndata: {hub: org/name, config: main, split: train}\n")
    found = read_user_dataset(path).dataset
    assert (found.license, found.size) == ("cc-by-4.0", 1200)


def test_the_card_of_the_hub_is_shown(hub: HubServer) -> None:
    class Task:
        def sample(self, row: dict[str, str]) -> Sample:
            return Sample(row["id"], (user(row["question"]),), "", "a")

    found = check(Task(), Dataset(Hub("org/tiny", "lines")), "t:tiny", {})  # type: ignore[arg-type]
    assert (found.described.license, found.described.sources) == ("mit", ("README.md",))
