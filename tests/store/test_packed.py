"""Packed runs: what comes out is what went in, and nothing of a hostile archive reaches the disk."""

import io
import stat
import tarfile
import warnings
import zipfile

import pytest

import mmbench
from mmbench.errors import StoreError, UsageError
from mmbench.store import packed
from mmbench.store.packed import pack, unpack


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs")
    return mmbench.evaluate("majority", "sentiment", limit=8, out=out, cache="off")


def _zip(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def _whole(run):
    return [
        (name, (run.path / name).read_bytes()) for name in ("manifest.json", "results.json", "samples.parquet")
    ]


def _files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_packing_and_unpacking_gives_the_same_run(run, tmp_path):
    path = pack(run, tmp_path)
    assert path.name == f"{run.path.name}.mmbench"
    again = unpack(path, tmp_path / "out")
    assert again.path.name == run.path.name
    assert again.entries == run.entries
    assert mmbench.verify(again).ok
    assert pack(again, tmp_path / "twice.mmbench").read_bytes() == path.read_bytes(), "equal runs, equal files"


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.tgz"])
@pytest.mark.parametrize("top", ["", "./", "my-run/"])
def test_archives_that_others_make_are_read(run, tmp_path, name, top):
    path = tmp_path / name
    if name.endswith("zip"):
        _zip(path, [(top + member, data) for member, data in _whole(run)])
    else:
        with tarfile.open(path, "w:gz" if name.endswith("gz") else "w") as archive:
            for member, _ in _whole(run):
                archive.add(run.path / member, top + member)
    again = unpack(path, tmp_path / "out")
    assert again.entries == run.entries
    assert again.path.name == ("my-run" if top == "my-run/" else "a")


@pytest.mark.parametrize(
    "name",
    ["../evil.json", "/etc/evil", "run/../../evil", "media/../../evil", "run/other.txt", "run/media/evil.sh",
     "a/b/manifest.json", "..\\evil", "C:evil", "../manifest.json", "..", "media/" + "g" * 64],
)  # fmt: skip
def test_nothing_but_the_files_of_a_run_folder_is_unpacked(run, tmp_path, name):
    path = _zip(tmp_path / "x.zip", [(name, b"evil"), *_whole(run)])
    with pytest.raises(StoreError, match=r"cannot unpack x\.zip"):
        unpack(path, tmp_path / "out")
    assert not any("evil" in file for file in _files(tmp_path))


def test_links_are_refused(run, tmp_path):
    link = zipfile.ZipInfo("manifest.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(StoreError, match="is a link or a special file"):
        unpack(_zip(tmp_path / "x.zip", [(link, b"/etc/passwd")]), tmp_path / "out")
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
        path = tmp_path / "x.tar"
        with tarfile.open(path, "w") as archive:
            member = tarfile.TarInfo("manifest.json")
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
        with pytest.raises(StoreError, match="is a link or a special file"):
            unpack(path, tmp_path / f"out{kind!r}")


def test_what_grows_too_large_is_refused(run, tmp_path, monkeypatch):
    monkeypatch.setattr(packed, "MOST", 50_000)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", b"0" * 10_000_000)
    path = tmp_path / "bomb.zip"
    path.write_bytes(bomb.getvalue())
    with pytest.raises(StoreError, match="it holds more than"):
        unpack(path, tmp_path / "out")
    assert (tmp_path / "out" / "bomb" / "manifest.json").stat().st_size <= 50_000


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda whole: whole[:2], "it has no samples.parquet"),
        (lambda whole: [*whole, whole[0]], "twice in it"),
        (lambda whole: [("a/" + whole[0][0], b"{}"), *whole[1:]], "beside the run folder"),
    ],
)
def test_what_is_no_whole_run_is_refused(run, tmp_path, change, reason):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile does not like writing a name twice
        path = _zip(tmp_path / "x.zip", change(_whole(run)))
    with pytest.raises(StoreError, match=reason):
        unpack(path, tmp_path / "out")


@pytest.mark.parametrize("data", [b"", b"not an archive", b"PK\x03\x04" + b"\x00" * 40])
@pytest.mark.parametrize("name", ["x.mmbench", "x.tar.gz"])
def test_damaged_files_are_told(tmp_path, data, name):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(StoreError, match="cannot unpack"):
        unpack(tmp_path / name, tmp_path / "out")


def test_other_files_and_unfinished_runs_are_misuse(run, tmp_path):
    (tmp_path / "x.rar").touch()
    with pytest.raises(UsageError, match="is no packed run"):
        unpack(tmp_path / "x.rar", tmp_path)
    half = tmp_path / "half"
    half.mkdir()
    (half / "manifest.json").write_bytes((run.path / "manifest.json").read_bytes())
    with pytest.raises(StoreError, match="is not finished"):
        pack(mmbench.load_run(half), tmp_path)
    with pytest.raises(StoreError, match="cannot write"):
        pack(run, tmp_path / "nowhere" / "x.mmbench")
