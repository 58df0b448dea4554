"""The Hub over HTTP, through the ordinary code of ``datasets`` and its client, with all that fails."""

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hub_server import Fault, HubServer

from mmbench.data import open_dataset
from mmbench.data.rows import Rows
from mmbench.dataset import Dataset, Hub
from mmbench.errors import DataError

TINY = Dataset(Hub("org/tiny", "default"), columns={"answers": "answers.text"})
FILE = r"GET .*/data/test-0\.parquet"


def read(limit: int | None = None, dataset: Dataset = TINY) -> Rows:
    rows = open_dataset(dataset, name="t:tiny", limit=limit)
    assert sum(1 for _ in rows) == (limit or 1200)
    return rows


def from_mirror(hub: HubServer, monkeypatch: pytest.MonkeyPatch, limit: int | None = None) -> Rows:
    with monkeypatch.context() as patch:
        patch.setenv("MMBENCH_DATA_DIR", str(hub.root))
        return read(limit)


def test_the_hub_and_a_mirror_of_it_give_the_same_rows(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = read()
    commit = hub.heads["org/tiny"]
    assert rows.fingerprint == from_mirror(hub, monkeypatch).fingerprint
    assert (rows.length, rows.revision) == (1200, commit)
    assert (rows.source, rows.streamed) == (f"hub:org/tiny@{commit} default/test", False)


def test_few_rows_are_streamed_and_no_file_is_kept(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = read(limit=40)
    assert rows.fingerprint == from_mirror(hub, monkeypatch, 40).fingerprint
    assert (rows.length, rows.streamed) == (None, True)
    assert not from_mirror(hub, monkeypatch, 40).streamed
    assert not hub.seen(r"GET .*/data/test-1\.parquet")
    assert not list(Path(hub.store.parent / "downloads").rglob("*.parquet"))


def test_what_was_read_once_is_read_again_without_a_network(hub: HubServer, offline: Callable[[], None]) -> None:
    before = read()
    assert hub.seen(FILE) == 1
    assert read().fingerprint == before.fingerprint
    assert hub.seen(FILE) == 1
    offline()
    hub.log.clear()
    assert read().fingerprint == before.fingerprint
    assert read(limit=5).fingerprint != before.fingerprint
    assert not hub.log


def test_a_hub_that_cannot_be_reached_costs_no_waiting(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = hub.root / "org" / "lines"
    lines.mkdir()
    (lines / "README.md").write_text("---\nconfigs:\n- config_name: default\n  data_files: test.jsonl\n---\n")
    (lines / "test.jsonl").write_text('{"text": "a line"}\n' * 1200)
    hub.publish("org/lines")
    entry = Dataset(Hub("org/lines", split="train"))
    before = [read().fingerprint, read(None, entry).fingerprint]
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail("waited"))
        hub.log.clear()
        assert [read().fingerprint, read(None, entry).fingerprint] == before
        with pytest.raises(
            DataError, match=r"^dataset 't:new': Couldn't reach 'org/new' on the Hub\. Go online, or set"
        ):
            open_dataset(Dataset(Hub("org/new")), name="t:new")
    assert not hub.log
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", hub.url)
    assert read(None, Dataset(Hub("org/tiny", "lines"))).length == 1200


def test_a_split_that_was_never_read_needs_the_network(hub: HubServer, offline: Callable[[], None]) -> None:
    read()
    offline()
    with pytest.raises(DataError, match=r"Couldn't reach 'org/tiny' on the Hub\. Go online, or set"):
        open_dataset(Dataset(Hub("org/tiny", "default", "train")), name="t:tiny")


def test_only_the_files_of_the_split_are_downloaded(hub: HubServer) -> None:
    read()
    assert not hub.seen("train-0.parquet")


def test_a_copy_in_the_cache_serves_few_rows_too(hub: HubServer) -> None:
    read()
    hub.log.clear()
    assert not read(limit=5).streamed
    assert not hub.seen(r"\.parquet")


def test_lines_are_read_through_datasets(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, offline: Callable[[], None]
) -> None:
    folder = hub.root / "org" / "lines"
    folder.mkdir()
    (folder / "README.md").write_text("---\nconfigs:\n- config_name: default\n  data_files: test.jsonl\n---\n")
    (folder / "test.jsonl").write_text("".join(f'{{"text": "line {number}"}}\n' for number in range(1200)))
    hub.publish("org/lines")
    lines = Dataset(Hub("org/lines", split="train"))
    streamed, whole = read(40, lines), read(None, lines)
    assert (streamed.streamed, whole.streamed) == (True, False)
    offline()
    assert read(None, lines).fingerprint == whole.fingerprint
    with monkeypatch.context() as patch:
        patch.setenv("MMBENCH_DATA_DIR", str(hub.root))
        assert read(None, lines).fingerprint == whole.fingerprint
        assert read(40, lines).fingerprint == streamed.fingerprint


def test_a_revision_is_kept_to(hub: HubServer, png: bytes) -> None:
    first = hub.heads["org/tiny"]
    before = read()
    shutil.copy(hub.root / "org/tiny/data/train-0.parquet", hub.root / "org/tiny/data/test-2.parquet")
    second = hub.publish("org/tiny")
    pinned = Dataset(Hub("org/tiny", "default", revision=first), columns=TINY.columns)
    rows = read(dataset=pinned)
    assert (rows.fingerprint, rows.revision) == (before.fingerprint, first)
    moved_on = open_dataset(TINY, name="t:tiny")
    assert (sum(1 for _ in moved_on), moved_on.revision) == (1203, second)


def test_a_revision_that_is_gone_is_told(hub: HubServer) -> None:
    gone = Dataset(Hub("org/tiny", "default", revision="0" * 40))
    with pytest.raises(DataError, match=f"Revision '{'0' * 40}' doesn't exist for dataset 'org/tiny' on the Hub"):
        read(dataset=gone)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("README", "500", 1),
        Fault("GET /api/", "500", 2),
        Fault("GET /api/", "429", 2),
        Fault(FILE, "500", 2),
        Fault(FILE, "429", 2),
        Fault(FILE, "cut", 3),
        Fault(FILE, "short", 2),
        Fault(FILE, "corrupt", 1),
        Fault("README", "refuse", 1),
        Fault(FILE, "refuse", 1),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.times}",
)
def test_what_passes_is_tried_again(hub: HubServer, monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    hub.faults = [fault]
    rows = read()
    assert fault.times == 0
    assert rows.fingerprint == from_mirror(hub, monkeypatch).fingerprint


def test_a_download_that_broke_off_goes_on_where_it_was(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1024)
    hub.faults = [Fault(FILE, "cut", 1)]
    rows = read()
    assert hub.seen(rf"{FILE} bytes=[1-9]\d+-$") == 1
    assert rows.fingerprint == from_mirror(hub, monkeypatch).fingerprint


def test_the_next_run_fetches_only_what_is_missing(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.faults = [Fault(r"GET .*/data/test-1\.parquet", "cut")]
    with pytest.raises(DataError, match="peer closed connection"):
        read()
    hub.faults, hub.log[:] = [], []
    assert read().fingerprint == from_mirror(hub, monkeypatch).fingerprint
    assert (hub.seen(FILE), hub.seen(r"GET .*/data/test-1\.parquet")) == (0, 1)


@pytest.mark.parametrize(
    "fault",
    [Fault(FILE, "500", 1), Fault(FILE, "cut", 1), Fault(FILE, "429", 1), Fault(FILE, "refuse", 1)],
    ids=lambda fault: fault.kind,
)
def test_streaming_goes_on_after_what_passes(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    hub.faults = [fault]
    assert read(limit=40).fingerprint == from_mirror(hub, monkeypatch, 40).fingerprint
    assert fault.times == 0


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault("/api/", "500"), r"the Hub answers with error 500\. Try again later, or set MMBENCH_DATA_DIR"),
        (Fault(FILE, "503"), r"the Hub answers with error 503\. Try again later"),
        (Fault(FILE, "429"), r"the Hub had too many requests from here \(429\)\. Wait some minutes, log in"),
        (Fault(FILE, "cut"), r"peer closed connection.*Go online, or set MMBENCH_DATA_DIR"),
        (Fault(FILE, "short"), r"a file arrived cut short three times\. Try again later"),
        (Fault(FILE, "corrupt"), r"data/test-0\.parquet arrived damaged twice: its SHA-256 is not the one"),
        (Fault("org/tiny", "gated"), r"'org/tiny' is a gated dataset.* Accept its terms on the Hub and log in"),
        (Fault("/resolve/", "gated"), r"Accept its terms on the Hub and log in with `hf auth login`\.$"),
        (Fault("org/tiny", "refuse"), r"Go online, or set MMBENCH_DATA_DIR to a mirror that holds it\.$"),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_what_stays_is_told_in_one_line_and_nothing_broken_is_used_later(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, fault: Fault, message: str
) -> None:
    hub.faults = [fault]
    with pytest.raises(DataError, match=f"^dataset 't:tiny': .*{message}") as caught:
        read()
    assert "\n" not in str(caught.value)
    hub.faults = []
    assert read().fingerprint == from_mirror(hub, monkeypatch).fingerprint


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("500", r"the Hub answers with error 500\. Try again later, or set MMBENCH_DATA_DIR"),
        ("429", r"the Hub had too many requests from here \(429\)"),
        ("gated", r"Accept its terms on the Hub and log in"),
        ("cut", "Go online, or set MMBENCH_DATA_DIR"),
        ("short", ""),
        ("refuse", "Go online, or set MMBENCH_DATA_DIR"),
    ],
)
def test_what_stays_while_streaming_is_told_in_one_line(hub: HubServer, kind: str, message: str) -> None:
    hub.faults = [Fault(FILE, kind)]
    with pytest.raises(DataError, match=f"^dataset 't:tiny': .*{message}") as caught:
        read(limit=40)
    assert "\n" not in str(caught.value)


def test_a_set_that_is_not_there_is_told(hub: HubServer) -> None:
    with pytest.raises(DataError, match=r"'org/gone' doesn't exist on the Hub .* Check the name, log in with"):
        open_dataset(Dataset(Hub("org/gone")), name="t:gone")


def test_a_config_or_split_that_is_not_there_is_told(hub: HubServer) -> None:
    with pytest.raises(DataError, match=r"BuilderConfig 'zzz' not found\. Available: \['default', 'lines'\]"):
        open_dataset(Dataset(Hub("org/tiny", "zzz")), name="t:tiny")
    with pytest.raises(DataError, match=r"Bad split: dev\. Available splits: \['test', 'train'\]\. Choose one"):
        open_dataset(Dataset(Hub("org/tiny", "default", "dev")), name="t:tiny")


def test_a_renamed_column_is_told(hub: HubServer) -> None:
    for name in ("test-0", "test-1"):
        path = hub.root / "org/tiny/data" / f"{name}.parquet"
        table = pq.read_table(path)
        renamed = table.replace_schema_metadata(None).rename_columns(["image", "question", "answer_list"])
        pq.write_table(renamed, path)
    hub.publish("org/tiny")
    for limit in (None, 10):
        with pytest.raises(DataError, match=r"has no column 'answers'\. .*answer_list") as caught:
            read(limit)
        assert "\n" not in str(caught.value)


def test_another_config_of_plain_text(hub: HubServer) -> None:
    rows = read(dataset=Dataset(Hub("org/tiny", "lines")))
    assert set(next(iter(rows))) == {"id", "question", "answers"}


@pytest.fixture
def script(hub: HubServer) -> HubServer:
    """A repository that is a loading script, with the Hub's conversion of it to Parquet."""
    folder = hub.root / "org" / "old"
    folder.mkdir()
    (folder / "README.md").write_text("# Old")
    (folder / "old.py").write_text("raise SystemExit('never run')")
    hub.publish("org/old")
    converted = hub.root / "org" / "old@refs:convert:parquet"
    for split, rows in (("test", 1200), ("partial-train", 3)):
        (converted / "en" / split).mkdir(parents=True)
        table = pa.table({"text": [f"{split} {number}" for number in range(rows)]})
        pq.write_table(table, converted / "en" / split / "0000.parquet")
    hub.publish("org/old@refs:convert:parquet")
    return hub


def test_a_script_is_read_from_its_conversion(script: HubServer, offline: Callable[[], None]) -> None:
    old = Dataset(Hub("org/old", "en"))
    rows = read(None, old)
    commit = script.heads["org/old@refs:convert:parquet"]
    assert rows.source == f"hub:org/old@parquet:{commit} en/test"
    assert next(iter(rows))["text"] == "test 0"
    assert read(7, old).fingerprint != rows.fingerprint
    pinned = Dataset(Hub("org/old", "en", revision=f"parquet:{commit}"))
    assert read(None, pinned).fingerprint == rows.fingerprint
    offline()
    assert read(None, old).fingerprint == rows.fingerprint


@pytest.mark.parametrize(
    ("config", "split", "message"),
    [
        ("en", "train", r"Bad split: train\. Available splits: \['test'\]"),
        ("de", "test", "has no conversion of config 'de' to Parquet"),
    ],
)
def test_what_was_not_converted_whole_is_told(script: HubServer, config: str, split: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        open_dataset(Dataset(Hub("org/old", config, split)), name="t:old")
    assert "\n" not in str(caught.value)


def test_a_script_without_a_conversion_is_told(hub: HubServer) -> None:
    folder = hub.root / "org" / "raw"
    folder.mkdir()
    (folder / "raw.py").write_text("")
    hub.publish("org/raw")
    with pytest.raises(
        DataError, match=r"'org/raw' is a loading script, which is no longer run, and the Hub has no"
    ):
        open_dataset(Dataset(Hub("org/raw")), name="t:raw")
