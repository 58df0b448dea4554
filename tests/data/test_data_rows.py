"""Columns, placeholders, limits, generators, few-shot rows."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from mmbench.data import open_dataset, open_shots, samples
from mmbench.dataset import Dataset, Embedded, Files, Hub, Join
from mmbench.errors import DataError, UsageError
from mmbench.schema import Sample


def numbers(split: str, *, start: int = 0, seed: int = 0, step: int = 1) -> Iterator[dict[str, Any]]:
    for index in itertools.count(start):
        yield {"id": f"{split}-{seed}-{index}", "n": index * step}


HERE = "data_generators_for_tests"


@pytest.fixture(autouse=True)
def generators(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    import types

    module = types.ModuleType(HERE)
    module.numbers = numbers  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, HERE, module)


def embedded(**changes: Any) -> Dataset:
    return Dataset(Embedded(f"{HERE}:numbers", version="1", rows=5, **changes))


def file(tmp_path: Path, rows: list[dict[str, Any]], **changes: Any) -> Dataset:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return Dataset(Files(str(path)), **changes)


def test_columns_rename_reach_into_structures_and_map_over_lists(tmp_path: Path) -> None:
    row = {
        "answers": {"text": ["a", "b"], "start": [1, 2]},
        "votes": [{"word": "x"}, {"word": "y"}],
        "a.b": "dotted",
        "rest": 1,
    }
    dataset = file(
        tmp_path, [row], columns={"answers": "answers.text", "words": "votes.word", "plain": "a.b", "also": "rest"}
    )
    (got,) = open_dataset(dataset, name="t:x")
    assert got == {"id": "0", "answers": ["a", "b"], "words": ["x", "y"], "plain": "dotted", "also": 1}


def test_placeholders_in_columns_come_from_options(tmp_path: Path) -> None:
    dataset = file(tmp_path, [{"en": "dog", "de": "Hund"}], columns={"source": "{src}", "references": "{tgt}"})
    (row,) = open_dataset(dataset, name="t:x", options={"src": "de", "tgt": "en", "other": 3})
    assert (row["source"], row["references"]) == ("Hund", "dog")


def test_a_placeholder_without_a_value_is_told(tmp_path: Path) -> None:
    dataset = file(tmp_path, [{"en": "dog"}], columns={"source": "{src}"})
    with pytest.raises(UsageError, match=r"dataset 't:x' needs a value for option 'src'"):
        open_dataset(dataset, name="t:x", options={"src": ""})


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("quesion", r"has no column 'quesion'\. Did you mean 'question'\? It has: question, answers\."),
        ("zzz", r"has no column 'zzz'\. Known: answers, question\."),
        ("answers.txt", r"has no column 'answers\.txt'"),
        ("question.text", r"has no column 'question\.text'"),
    ],
)
def test_a_missing_column_is_told_with_those_that_are_there(tmp_path: Path, column: str, message: str) -> None:
    dataset = file(tmp_path, [{"question": "?", "answers": {"text": []}}], columns={"field": column})
    with pytest.raises(DataError, match=message):
        list(open_dataset(dataset, name="t:x"))


def test_convert_sees_fields_and_its_errors_name_the_row(tmp_path: Path) -> None:
    def double(row: dict[str, Any]) -> dict[str, Any]:
        return {"id": row["id"], "n": row["n"] * 2 + row["extra"]}

    good = file(tmp_path, [{"m": 1, "extra": 1}], columns={"n": "m"}, convert=lambda row: {"n": row["n"] + 1})
    assert list(open_dataset(good, name="t:x")) == [{"n": 2, "id": "0"}]
    bad = file(tmp_path, [{"id": "a", "n": 1, "extra": 1}, {"id": "b", "n": 1}], convert=double)
    with pytest.raises(DataError, match="dataset 't:x', row 1: no column 'extra'"):
        list(open_dataset(bad, name="t:x"))
    bad = file(tmp_path, [{"id": "a", "n": None, "extra": 1}], convert=double)
    with pytest.raises(DataError, match="dataset 't:x', row 0: unsupported operand"):
        list(open_dataset(bad, name="t:x"))


def test_gather_turns_rows_into_fewer_and_the_limit_counts_those(tmp_path: Path) -> None:
    def pairs(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for first in rows:
            yield {"both": [first["n"], next(rows)["n"]]}

    dataset = file(tmp_path, [{"n": n} for n in range(6)], gather=pairs, columns={"texts": "both"})
    rows = open_dataset(dataset, name="t:x", limit=2)
    assert list(rows) == [{"texts": [0, 1], "id": "0"}, {"texts": [2, 3], "id": "1"}]
    assert rows.length is None


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(limit: int) -> None:
    with pytest.raises(UsageError, match=f"at least 1, not {limit}"):
        open_dataset(embedded(), name="t:x", limit=limit)


def test_limit_and_length(tmp_path: Path) -> None:
    dataset = file(tmp_path, [{"n": n} for n in range(3)])
    for limit, length in ((None, 3), (2, 2), (9, 3)):
        rows = open_dataset(dataset, name="t:x", limit=limit)
        assert (rows.length, len(list(rows))) == (length, length)


def test_generators_give_as_many_rows_as_declared_or_asked_for() -> None:
    rows = open_dataset(embedded(parameters={"step": 2}), name="t:x")
    assert [row["n"] for row in rows] == [0, 2, 4, 6, 8]
    assert rows.length == 5
    rows = open_dataset(embedded(), name="t:x", limit=7)
    assert len(list(rows)) == 7 == rows.length


def test_generators_take_options_by_name_with_their_types() -> None:
    rows = open_dataset(embedded(), name="t:x", options={"step": "3", "seed": 4, "prompt": "?", "split": "train"})
    assert [row["n"] for row in rows][:2] == [0, 3]
    assert next(iter(rows))["id"] == "train-4-0"
    assert rows.source == f"embedded:{HERE}:numbers@1 train seed=4 step=3"
    with pytest.raises(UsageError, match="option step=many: Expected `int`"):
        open_dataset(embedded(), name="t:x", options={"step": "many"})


@pytest.mark.parametrize("generator", ["no.such.module:rows", f"{HERE}:gone"])
def test_a_generator_that_is_not_there_is_told(generator: str) -> None:
    with pytest.raises(DataError, match="dataset 't:x': cannot import its generator"):
        open_dataset(Dataset(Embedded(generator, version="1")), name="t:x")


def test_shots_of_a_generator_come_from_its_train_stream() -> None:
    rows = open_shots(embedded(), name="t:x", limit=2, options={"seed": 1})
    assert [row["id"] for row in rows] == ["train-1-0", "train-1-1"]
    assert rows.name == "t:x (few-shot examples)"


def test_shots_never_come_from_the_split_under_test(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="few-shot examples come from split 'train', so it cannot be tested"):
        open_shots(embedded(), name="t:x", options={"split": "train"})
    with pytest.raises(UsageError, match=r"has no split for few-shot examples\. Use --shots 0"):
        open_shots(file(tmp_path, [{"n": 1}]), name="t:x")
    with pytest.raises(UsageError, match="has no split for few-shot examples"):
        open_shots(Dataset(Hub("a/b")), name="t:x")


def test_shots_that_are_the_rows_under_test_are_refused(tmp_path: Path) -> None:
    tested = file(tmp_path, [{"n": 1}])
    assert isinstance(tested.source, Files)
    for where in (tested.source, Files(f"{tmp_path}/../{tmp_path.name}/{Path(tested.source.path).name}")):
        with pytest.raises(UsageError, match=r"few-shot examples come from '.*', so it cannot be tested too"):
            open_shots(replace(tested, shots=where), name="t:x")
    for hub in (Hub("a/b", split="test"), Hub("a/b", "default", "test", revision="0" * 40)):
        with pytest.raises(UsageError, match="few-shot examples come from split 'test', so it cannot be tested"):
            open_shots(Dataset(Hub("a/b"), shots=hub), name="t:x")


def test_shots_can_come_from_a_file(tmp_path: Path) -> None:
    dataset = file(tmp_path, [{"m": 1}], columns={"n": "m"})
    both = Dataset(Hub("a/b"), columns={"n": "m"}, shots=dataset.source)
    assert [row["n"] for row in open_shots(both, name="t:x")] == [1]


@dataclass(frozen=True)
class Toy:
    name: str = "toy"
    version: str = "1"
    datasets: Any = None
    metrics: Any = ()

    def sample(self, row: Any) -> Sample:
        if not isinstance(row["n"], int):
            raise DataError(f"field 'n' must be a number, not {row['n']!r}")
        return Sample(row["id"], (), row["n"], "")

    def requests(self, sample: Any, capabilities: Any) -> Any: ...

    def parse(self, responses: Any, sample: Any) -> Any: ...


def test_a_row_that_the_task_cannot_use_is_told_by_number(tmp_path: Path) -> None:
    rows = open_dataset(file(tmp_path, [{"n": 1}, {"n": "one"}]), name="t:x")
    with pytest.raises(DataError, match="dataset 't:x', row 1: field 'n' must be a number, not 'one'"):
        list(samples(Toy(), rows))


def joined(tmp_path: Path, rows: list[dict[str, Any]], **changes: Any) -> Dataset:
    pictures = tmp_path / "pictures.jsonl"
    pictures.write_text('{"name": "p1", "file": "1.png"}\n{"name": "p2", "file": "2.png"}\n')
    join = Join(Files(str(pictures)), key="imageId", other="name", columns={"image": "file"})
    return file(tmp_path, rows, **({"join": join} | changes))


def test_a_second_table_completes_rows(tmp_path: Path) -> None:
    dataset = joined(tmp_path, [{"q": 1, "imageId": "p2"}, {"q": 2, "imageId": "p1"}, {"q": 3, "imageId": "p2"}])
    rows = open_dataset(dataset, name="t:x", limit=2)
    assert [(row["q"], row["image"].name) for row in rows] == [(1, "2.png"), (2, "1.png")]
    assert sorted(rows.digests()) == ["pictures.jsonl", "rows.jsonl"]
    assert rows.length == 2


def test_a_row_without_a_partner_is_told(tmp_path: Path) -> None:
    dataset = joined(tmp_path, [{"imageId": "p1"}, {"imageId": "p9"}])
    with pytest.raises(DataError, match=r"row 1: imageId='p9' is not in the second table \(file:pict"):
        list(open_dataset(dataset, name="t:x"))
    with pytest.raises(DataError, match="row 0: imageId=None is not in"):
        list(open_dataset(joined(tmp_path, [{"id": "p1"}]), name="t:x"))


def test_a_second_table_without_the_column_is_told(tmp_path: Path) -> None:
    path = tmp_path / "pictures.jsonl"
    path.write_text('{"name": "p1", "file": "1.png"}\n')
    join = Join(Files(str(path)), key="imageId", other="name", columns={"image": "picture"})
    with pytest.raises(DataError, match=r"the second table \(file:pictures\.jsonl\) has no column 'picture'"):
        list(open_dataset(joined(tmp_path, [{"imageId": "p1"}], join=join), name="t:x"))
