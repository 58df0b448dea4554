import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from toys import Addition, Calculator

import mmbench
from mmbench.errors import StoreError
from mmbench.gating import Policy, gate
from mmbench.schema import Response
from mmbench.store.baseline import BaselineFile, baseline_files, load_run_or_baseline, save_baseline


class Worse(Calculator):
    def answer(self, request):
        a = int(request.messages[-1].text.split("+")[0])
        return Response(text="no") if a % 4 == 0 else super().answer(request)


@pytest.fixture(autouse=True)
def _installed(monkeypatch):
    monkeypatch.setattr("mmbench.engine.rescore.load_task", lambda name: Addition())


@pytest.fixture
def runs(tmp_path):
    options = {"top": "1000", "clustered": "true"}
    return [
        mmbench.evaluate(model, Addition(), out=tmp_path / "runs", limit=400, options=options)
        for model in (Calculator("a"), Worse("b"))
    ]


@pytest.fixture
def kept(runs, tmp_path):
    return save_baseline(runs[0], tmp_path / "base.mmbench.parquet")


def test_comparisons_and_gates_are_those_of_the_run(runs, kept):
    old, new = runs
    assert mmbench.compare(kept, new, slices=True) == mmbench.compare(old, new, slices=True)
    policy = Policy.model_validate({"rule": [{"metric": "exact", "max_drop": 3}], "max_error_rate": 0})
    assert gate(policy, new, kept) == gate(policy, new, old)
    assert gate(policy, new, kept).verdict.value == "fail"
    assert kept.entries == old.entries
    assert kept.manifest == old.manifest


def test_it_is_small_and_holds_no_texts(kept):
    assert kept.path.stat().st_size < 40 * 400
    content = kept.path.read_bytes()
    table = pq.read_table(kept.path)
    assert "prompt" not in table.column_names
    assert b"1000=" not in content
    with pytest.raises(StoreError, match="keeps no prompt"):
        list(kept.sample_batches(["id", "prompt"]))


def test_the_same_run_gives_the_same_file_and_signature(runs, kept, tmp_path):
    again = save_baseline(runs[0], tmp_path / "again.mmbench.parquet")
    assert again.path.read_bytes() == kept.path.read_bytes()
    other = save_baseline(runs[1], tmp_path / "other.mmbench.parquet")
    assert other.signature != kept.signature
    assert baseline_files(tmp_path) == [again.path, kept.path, other.path]


@pytest.mark.parametrize("what", ["rows", "results"])
def test_changed_content_is_refused(kept, tmp_path, what):
    table = pq.read_table(kept.path)
    facts = dict(table.schema.metadata)
    if what == "rows":
        table = table.slice(1)
    else:
        facts[b"mmbench.results"] = facts[b"mmbench.results"].replace(b'"value": 0.9', b'"value": 0.99')
        assert facts != table.schema.metadata
    pq.write_table(table.replace_schema_metadata(facts), tmp_path / "forged.parquet")
    with pytest.raises(StoreError, match="not what was signed"):
        BaselineFile(tmp_path / "forged.parquet")


def test_other_files_are_refused(tmp_path, runs):
    junk, plain = tmp_path / "junk.parquet", tmp_path / "plain.parquet"
    junk.write_bytes(b"PAR1 nothing PAR1")
    pq.write_table(pa.table({"x": [1]}), plain)
    with pytest.raises(StoreError, match="cannot read baseline"):
        load_run_or_baseline(junk)
    with pytest.raises(StoreError, match="no baseline file"):
        load_run_or_baseline(plain)
    with pytest.raises(StoreError, match="not a run folder"):
        load_run_or_baseline(tmp_path / "absent")
    assert load_run_or_baseline(runs[0].path).manifest == runs[0].manifest


def test_its_folder_is_made_or_refused(tmp_path, runs):
    assert save_baseline(runs[0], tmp_path / "a" / "b.mmbench.parquet").path.is_file()
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot write"):
        save_baseline(runs[0], tmp_path / "file" / "b.mmbench.parquet")
