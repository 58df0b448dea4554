"""A user's plain file: columns by their usual names, lists in text, all labels as choices."""

import json
from pathlib import Path

import pytest

from mmbench import plugins
from mmbench.data import dataset_from_file, open_dataset, samples
from mmbench.data.local import fitting
from mmbench.data.user import read_user_dataset
from mmbench.dataset import Column
from mmbench.errors import DataError

KNOWN = {
    "question": Column(("query",)),
    "answers": Column(("answer", "label"), many=True),
    "choices": Column(("options",), required=False, many=True),
}


def rows(path: Path, known: dict[str, Column] = KNOWN) -> list[dict[str, object]]:
    found = list(open_dataset(dataset_from_file(str(path), known), name="t:x"))
    return [{key: value for key, value in row.items() if key != "id"} for row in found]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_have_their_own_or_a_usual_name(tmp_path: Path) -> None:
    assert rows(write(tmp_path / "a.csv", "query,label\nWhy?,no\n")) == [{"question": "Why?", "answers": "no"}]
    assert rows(write(tmp_path / "b.csv", "question,answers\nWhy?,no\n")) == [
        {"question": "Why?", "answers": "no"}
    ]
    own_first = rows(
        write(tmp_path / "c.jsonl", json.dumps({"question": "Why?", "query": "Q", "answer": "a", "label": 1}))
    )
    assert own_first == [{"question": "Why?", "query": "Q", "answers": "a", "label": 1}]


def test_a_list_in_a_text_file_is_json(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", 'query\tanswer\toptions\nQ\t["a", "b"]\t["a", "b", "c"]\n[Q]\ta\t["a"]\n')
    assert rows(path) == [
        {"question": "Q", "answers": ["a", "b"], "choices": ["a", "b", "c"]},
        {"question": "[Q]", "answers": "a", "choices": ["a"]},
    ]
    stays = rows(write(tmp_path / "a.jsonl", json.dumps({"question": "Q", "answers": "[1]"})))
    assert stays == [{"question": "Q", "answers": "[1]"}]


def test_a_list_that_is_none_is_told_with_its_row(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "question,answer\nQ,a\nQ,[a\n")
    with pytest.raises(DataError, match=r"row 1: column 'answers': '\[a' begins like a list but is no JSON"):
        rows(path)


def test_all_labels_of_a_file_are_the_choices(tmp_path: Path) -> None:
    known = {"label": Column(("sentiment",)), "choices": Column(many=True, values_of="label")}
    path = write(tmp_path / "a.csv", "text,sentiment\na,good\nb,bad\nc,good\n")
    assert [row["choices"] for row in rows(path, known)] == [["bad", "good"]] * 3
    task = plugins.load("tasks", "sentiment")()
    found = samples(task, open_dataset(dataset_from_file(str(path), task.known_columns), name="sentiment:a"))
    assert [sample.target for sample in found] == ["good", "bad", "good"]


def test_how_well_a_file_fits(tmp_path: Path) -> None:
    assert fitting(KNOWN, ["query", "answer"]) == 2
    assert fitting(KNOWN, ["question", "label", "options"]) == 2
    assert fitting(KNOWN, ["question"]) == 0
    assert fitting({}, ["question"]) == 0


@pytest.mark.parametrize(
    "name", ["vqa", "caption", "translation", "summarization", "sentiment", "qa", "lm", "speech"]
)
def test_the_usual_names_of_a_task_are_those_of_fields_that_it_reads(name: str) -> None:
    task = plugins.load("tasks", name)
    documented = task.__doc__
    assert all(f"``{field}``" in documented for field in task.known_columns)
    every = [name for column in task.known_columns.values() for name in column.names]
    assert len(every) == len(set(every))


def test_yaml_finds_usual_columns_that_it_does_not_name(tmp_path: Path) -> None:
    write(tmp_path / "rows.csv", 'asked,answer,query\nQ,["a"],other\n')
    path = write(tmp_path / "mine.yaml", "task: qa\ndata: rows.csv\ncolumns: {question: asked}\n")
    (row,) = open_dataset(read_user_dataset(path).dataset, name="qa:mine")
    assert (row["question"], row["answers"], row["query"]) == ("Q", ["a"], "other")
    path = write(tmp_path / "mine.yaml", "task: qa\ndata: rows.csv\nfields: {answers: [b], context: C}\n")
    (row,) = open_dataset(read_user_dataset(path).dataset, name="qa:mine")
    assert (row["question"], row["answers"], row["context"]) == ("other", ["b"], "C")
