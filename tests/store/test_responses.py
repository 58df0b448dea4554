import sqlite3
import subprocess
import sys
import textwrap

import pytest

from mmbench.errors import StoreError
from mmbench.schema import Response
from mmbench.store import responses
from mmbench.store.responses import NoStore, SQLiteStore

ANSWER = Response("two", (-0.1, -2.5), (3,), 17, 0.25, "stop")


def _key(number: int) -> bytes:
    return number.to_bytes(32, "little")


def test_answers_come_back_equal_from_another_process(tmp_path):
    store = SQLiteStore(tmp_path / "a" / "r.sqlite")
    store.put([(_key(1), ANSWER), (_key(2), Response())])
    store.close()
    again = SQLiteStore(tmp_path / "a" / "r.sqlite")
    assert again.get([_key(1), _key(2), _key(3)]) == {_key(1): ANSWER, _key(2): Response()}


def test_many_keys(tmp_path):
    store = SQLiteStore(tmp_path / "r.sqlite")
    store.put([(_key(i), Response(str(i))) for i in range(3000)])
    found = store.get(_key(i) for i in range(2000, 4000))
    assert len(found) == 1000
    assert found[_key(2500)].text == "2500"


def test_errors_are_not_kept(tmp_path):
    store = SQLiteStore(tmp_path / "r.sqlite")
    store.put([(_key(1), Response(error="timed out"))])
    assert store.get([_key(1)]) == {}


def test_a_value_whose_checksum_fails_is_a_miss(tmp_path):
    store = SQLiteStore(tmp_path / "r.sqlite")
    store.put([(_key(1), ANSWER)])
    store.close()
    with sqlite3.connect(tmp_path / "r.sqlite") as db:
        value = bytearray(db.execute("SELECT value FROM responses").fetchone()[0])
        value[-3] ^= 1
        db.execute("UPDATE responses SET value = ?", (bytes(value),))
    assert SQLiteStore(tmp_path / "r.sqlite").get([_key(1)]) == {}


def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "r.sqlite"
    path.write_bytes(b"something else" * 100)
    with pytest.raises(StoreError, match=r"not a database.*--cache"):
        SQLiteStore(path)
    assert path.read_bytes() == b"something else" * 100


def test_a_store_of_a_later_format_is_refused(tmp_path):
    path = tmp_path / "r.sqlite"
    SQLiteStore(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version=99")
    with pytest.raises(StoreError, match="format 99"):
        SQLiteStore(path)


def test_a_full_disk_is_explained_and_keeps_what_is_there(tmp_path):
    store = SQLiteStore(tmp_path / "r.sqlite")
    store.put([(_key(1), ANSWER)])
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreError, match=r"full.*everything answered so far is kept"):
        store.put([(_key(i), Response("x" * 5000)) for i in range(2, 20)])
    assert store.get([_key(1)]) == {_key(1): ANSWER}
    assert store.get([_key(2)]) == {}


def test_a_locked_file_is_explained(tmp_path, monkeypatch):
    monkeypatch.setattr(responses, "WAIT", 0.01)
    path = tmp_path / "r.sqlite"
    store, other = SQLiteStore(path), sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"locked: another program.*--cache"):
        store.put([(_key(1), ANSWER)])
    other.execute("ROLLBACK")
    store.put([(_key(1), ANSWER)])
    assert store.get([_key(1)]) == {_key(1): ANSWER}
    other.close()


def test_a_killed_process_loses_nothing_it_committed(tmp_path):
    script = textwrap.dedent(
        """
        import os, signal, sys
        from pathlib import Path
        from mmbench.schema import Response
        from mmbench.store.responses import SQLiteStore
        store = SQLiteStore(Path(sys.argv[1]))
        for i in range(50):
            store.put([(i.to_bytes(32, "little"), Response(str(i)))])
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    path = tmp_path / "r.sqlite"
    assert subprocess.run([sys.executable, "-c", script, str(path)], check=False).returncode == -9
    assert len(SQLiteStore(path).get(_key(i) for i in range(50))) == 50


def test_two_writers_share_a_file(tmp_path):
    first, second = SQLiteStore(tmp_path / "r.sqlite"), SQLiteStore(tmp_path / "r.sqlite")
    first.put([(_key(1), ANSWER)])
    second.put([(_key(2), ANSWER)])
    assert len(first.get([_key(1), _key(2)])) == 2


def test_no_store_keeps_nothing():
    store = NoStore()
    store.put([(_key(1), ANSWER)])
    assert store.get([_key(1)]) == {}
