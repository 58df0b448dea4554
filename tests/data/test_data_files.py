"""Local files: kinds, streaming, and what is told when they are broken."""

import hashlib
import json
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mmbench.data import dataset_from_file, open_dataset
from mmbench.data.rows import Rows
from mmbench.dataset import Dataset, Files
from mmbench.errors import DataError
from mmbench.schema import Audio, Image

ROWS = [{"id": "a", "text": "Grüße, „Welt“"}, {"id": "b", "text": 'line one\nline "two", still b'}]


def rows_of(path: Path, **columns: str) -> Rows:
    return open_dataset(Dataset(Files(str(path)), columns=columns), name="t:x")


def write_jsonl(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return path


def write_csv(path: Path, delimiter: str) -> Path:
    import csv

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["id", "text"], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(ROWS)
    return path


@pytest.fixture(params=["jsonl", "ndjson", "csv", "tsv", "parquet"])
def same_rows(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"rows.{request.param}"
    if request.param == "parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), path)
    elif request.param in ("csv", "tsv"):
        write_csv(path, "," if request.param == "csv" else "\t")
    else:
        write_jsonl(path, ROWS)  # type: ignore[arg-type]
    return path


def test_every_kind_gives_the_same_rows_and_fingerprint(same_rows: Path) -> None:
    rows = rows_of(same_rows)
    assert list(rows) == ROWS
    lines = [json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":")) for row in ROWS]
    assert rows.fingerprint == hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
    assert rows.source == f"file:rows{same_rows.suffix}"
    assert rows.length in (2, None)


def test_length_is_known_for_jsonl_and_parquet(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"x": 1}\n\n{"x": 2}', encoding="utf-8")
    assert rows_of(path).length == 2
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "a.parquet")
    assert rows_of(tmp_path / "a.parquet").length == 2


def test_blank_lines_and_byte_order_marks_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"x": 1}\r\n\r\n{"x": 2}')
    assert [row["x"] for row in rows_of(path)] == [1, 2]


def test_rows_without_an_id_get_their_number(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"x": 1}, {"x": 2, "id": "own"}])
    assert [row["id"] for row in rows_of(path)] == ["0", "own"]


def test_media_paths_start_at_the_file(tmp_path: Path, png: bytes) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "1.png").write_bytes(png)
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    path = write_jsonl(
        tmp_path / "a.jsonl", [{"picture": "pictures/1.png", "audio": "a.wav", "images": ["pictures/1.png"]}]
    )
    (row,) = rows_of(path, image="picture")
    assert isinstance(row["image"], Image)
    assert row["image"].read() == png
    assert isinstance(row["audio"], Audio)
    assert [image.read() for image in row["images"]] == [png]
    assert "picture" not in row


def test_media_in_parquet_as_bytes_or_as_structs(tmp_path: Path, png: bytes) -> None:
    pq.write_table(pa.Table.from_pylist([{"image": png}]), tmp_path / "a.parquet")
    pq.write_table(pa.Table.from_pylist([{"image": {"bytes": png, "path": "1.png"}}]), tmp_path / "b.parquet")
    rows = [rows_of(tmp_path / "a.parquet"), rows_of(tmp_path / "b.parquet")]
    assert [row["image"].read() for both in rows for row in both] == [png, png]
    assert rows[0].fingerprint == rows[1].fingerprint


def test_an_unreadable_picture_does_not_stop_the_others(tmp_path: Path, png: bytes) -> None:
    (tmp_path / "1.png").write_bytes(png)
    path = write_jsonl(tmp_path / "a.jsonl", [{"image": "gone.png"}, {"image": "1.png"}])
    rows = rows_of(path)
    assert [row["image"].name for row in rows] == ["gone.png", "1.png"]
    assert rows.fingerprint


def test_fingerprint_is_known_after_one_pass_and_follows_every_byte(tmp_path: Path, png: bytes) -> None:
    (tmp_path / "1.png").write_bytes(png)
    path = write_jsonl(tmp_path / "a.jsonl", [{"b": 1, "a": "x", "image": "1.png"}, {"a": "y"}])
    rows = rows_of(path)
    assert rows.fingerprint is None
    next(iter(rows))
    assert rows.fingerprint is None
    first = list(rows)
    known = rows.fingerprint
    assert known is not None
    assert len(known) == 64
    assert list(rows) == first
    assert rows.fingerprint == known

    moved = tmp_path / "elsewhere"
    moved.mkdir()
    (moved / "1.png").write_bytes(png)
    other = rows_of(write_jsonl(moved / "b.jsonl", [{"image": "1.png", "a": "x", "b": 1}, {"a": "y"}]))
    list(other)
    assert other.fingerprint == known

    (moved / "1.png").write_bytes(png + b"\0")
    changed = rows_of(moved / "b.jsonl")
    list(changed)
    assert changed.fingerprint != known


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"x": 1}\n{"x": \n', "line 2 is no JSON object"),
        ("a.jsonl", "[1, 2]\n", "line 1 is no JSON object"),
        ("a.csv", "a,b\n1,2\n3\n", "line 3 does not have 2 fields"),
        ("a.csv", "a,b\n1,2,3\n", "line 2 does not have 2 fields"),
        ("a.csv", 'a,b\n1,"2\n', "cannot read"),
        ("a.csv", "a,b,a\n1,2,3\n", "has two columns 'a'. Rename or drop one."),
        ("a.parquet", "nothing like it", "cannot read"),
        ("a.jsonl", "", "dataset 't:x' is empty"),
        ("a.jsonl", '{"image": 3}\n', "row 0: column 'image': expected an image (a path or bytes), found int"),
        ("a.jsonl", '{"image": "https://x.org/1.png"}\n', "is a URL. Download the file"),
    ],
)
def test_broken_files_are_told_in_one_line(tmp_path: Path, name: str, content: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        list(rows_of(path))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_used_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no file"):
        dataset_from_file(str(tmp_path / "gone.jsonl"))
    (tmp_path / "a.xlsx").touch()
    with pytest.raises(DataError, match=r"the ending must be one of \.jsonl, "):
        dataset_from_file(str(tmp_path / "a.xlsx"))


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n\xff\xfe,2\n")
    with pytest.raises(DataError, match=r"cannot read .*: it is not UTF-8 \("):
        list(rows_of(path))


def test_a_long_field_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text\n" + "word " * 100_000 + "\n", encoding="utf-8")
    (row,) = rows_of(path)
    assert len(row["text"]) == 500_000


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, kind: str) -> None:
    def peak(count: int) -> int:
        path = tmp_path / f"{count}.{kind}"
        many = [{"id": str(number), "text": "some words " * 20} for number in range(count)]
        if kind == "parquet":
            pq.write_table(pa.Table.from_pylist(many), path, row_group_size=256)
        elif kind == "jsonl":
            write_jsonl(path, many)  # type: ignore[arg-type]
        else:
            path.write_text(
                "id,text\n" + "\n".join(f"{row['id']},{row['text']}" for row in many), encoding="utf-8"
            )
        del many
        rows = rows_of(path)
        tracemalloc.start()
        assert sum(1 for _ in rows) == count
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(500)
    assert peak(10_000) < 1.5 * peak(1_000) + 100_000
