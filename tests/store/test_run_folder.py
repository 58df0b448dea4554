import json

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mmbench.errors import StoreError
from mmbench.schema import Image, Response, Sample, Text, assistant, user
from mmbench.store import run_folder
from mmbench.store.records import Manifest, ModelRecord
from mmbench.store.run import Run, load_run
from mmbench.store.run_folder import Answered, RunFolder, prompt_text, write_atomic


def _answered(number: int, picture: bytes = b"") -> Answered:
    parts = (Image(picture),) if picture else ()
    sample = Sample(
        id=str(number),
        messages=(user(*parts, "Q?"),),
        target=["a", "b"],
        answer="a",
        choices=("a", "b"),
        slices={"type": "x"},
        info={"facts": ["red cube"]},
    )
    return Answered(sample, [Response("a", (-0.5,), (1,))], "a", {"exact": [1.0, 1.0]})


def _finished(tmp_path, rows):
    folder = RunFolder(tmp_path, "org/model: x", "0123456789")
    folder.add_samples("vqa", "toy", rows)
    folder.finish_samples()
    return folder


def test_samples_round_trip(tmp_path):
    folder = _finished(tmp_path, [_answered(1), _answered(2)])
    (folder.path / "manifest.json").write_text("{}")
    frame = Run(folder.path).samples
    assert frame.id.tolist() == ["1", "2"]
    assert json.loads(frame.target[0]) == ["a", "b"]
    assert json.loads(frame["info"][0]) == {"facts": ["red cube"]}
    assert dict(frame.slices[0]) == {"type": "x"}
    assert frame.responses[0][0]["logprobs"].tolist() == [-0.5]
    assert folder.path.name.endswith("-org-model-x-01234567")


def test_nothing_has_its_final_name_before_it_is_whole(tmp_path):
    folder = RunFolder(tmp_path, "m", "0" * 8)
    folder.add_samples("vqa", "toy", [_answered(1)])
    assert not (folder.path / "samples.parquet").exists()
    folder.finish_samples()
    assert (folder.path / "samples.parquet").exists()
    assert [path.name for path in folder.path.iterdir()] == ["samples.parquet"]


def test_media_are_kept_once_and_within_the_budget(tmp_path, monkeypatch):
    monkeypatch.setattr(run_folder, "MEDIA_BUDGET", 250)
    folder = _finished(tmp_path, [_answered(i, bytes([i // 2]) * 100) for i in range(10)])
    kept = list((folder.path / "media").iterdir())
    assert len(kept) == 2
    (folder.path / "manifest.json").write_text("{}")
    assert Run(folder.path).media(kept[0].name) == kept[0].read_bytes()
    assert Run(folder.path).media("0" * 64) is None


def test_two_runs_in_one_second_get_two_folders(tmp_path):
    paths = {RunFolder(tmp_path, "m", "abcdefgh").path for _ in range(3)}
    assert len(paths) == 3


def test_prompts_as_people_read_them():
    assert prompt_text((user(Image(b""), "Q?"),)) == "<image>\nQ?"
    assert (
        prompt_text((user("Q1"), assistant("A1"), user(Text("Q2")))) == "[user]\nQ1\n[assistant]\nA1\n[user]\nQ2"
    )


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    path = tmp_path / "results.json"
    write_atomic(path, b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run_folder.os, "fsync", full)
    with pytest.raises(StoreError, match=r"No space left on device.*response store"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir()] == ["results.json"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("manifest.json", None, "not a run folder"),
        ("results.json", "{}", "does not follow its schema"),
        ("results.json", None, "Did the run finish"),
        ("samples.parquet", "junk", "cannot read"),
    ],
)
def test_broken_folders_are_explained(tmp_path, name, content, message):
    if name != "manifest.json":
        (tmp_path / "manifest.json").write_text("{}")
    if content is not None:
        (tmp_path / name).write_text(content)

    def read():
        run = load_run(tmp_path)
        return run.entries if name == "results.json" else list(run.sample_batches())

    with pytest.raises(StoreError, match=message):
        read()


def test_records_of_another_version_and_other_columns_are_refused(tmp_path):
    (tmp_path / "manifest.json").write_bytes(msgspec.json.encode(_manifest(99)))
    pq.write_table(pa.table({"task": ["a"], "id": ["b"]}), tmp_path / "samples.parquet")
    run = load_run(tmp_path)
    with pytest.raises(StoreError, match="has schema version 99; this mmbench reads"):
        _ = run.manifest
    for columns, name in ((["id", "target"], "target"), (["task"], "task"), (None, "task")):
        with pytest.raises(StoreError, match=f"has no column '{name}'"):
            list(run.sample_batches(columns))
    assert [batch.num_rows for batch in run.sample_batches(["id"])] == [1]


def _manifest(version):
    return Manifest(version, "done", "", "", ModelRecord("", "", "", {}), [], 0, None, {}, {})
