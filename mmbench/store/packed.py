"""Run folders as single files, to be sent somewhere: a zip that others write safely and we read warily.

Nothing in an archive is trusted: only the files of a run folder are taken, by their names, as regular files, up to
a size; links, absolute paths and ``..`` never reach the disk.
"""

import re
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any

from mmbench.errors import StoreError, UsageError
from mmbench.store.run import Run
from mmbench.store.run_folder import MANIFEST, MEDIA, RESULTS, SAMPLE_ROWS, cannot_write

ENDING = ".mmbench"
ENDINGS = (ENDING, ".zip", ".tar", ".tar.gz", ".tgz")
"""What packed runs are called; the first is ours, a zip."""
MOST = 4 * 2**30
"""Bytes that a packed run may hold when it is unpacked."""
_MEMBERS = (MANIFEST, RESULTS, SAMPLE_ROWS)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[\w.-]{1,128}", re.ASCII)
_CHUNK = 2**20
_EPOCH = (1980, 1, 1, 0, 0, 0)


def is_packed(path: Path) -> bool:
    """Tell from its name whether a file is a packed run."""
    return path.name.endswith(ENDINGS)


def pack(run: Run, out: Path, *, media: bool = False) -> Path:
    """Write a run folder as one file; equal folders give equal files.

    Args:
        run: a finished run.
        out: the file, or an existing folder for one named after the run.
        media: keep pictures and sounds too; verification needs only their digests.

    Raises:
        StoreError: the run is not finished, or the file cannot be written.
    """
    missing = [name for name in _MEMBERS if not (run.path / name).is_file()]
    if missing:
        raise StoreError(f"{run.path} is not finished: it has no {', '.join(missing)}. Run it to its end first.")
    path = out / f"{run.path.name}{ENDING}" if out.is_dir() else out
    names = [*_MEMBERS]
    if media and (run.path / MEDIA).is_dir():
        names += [f"{MEDIA}/{file.name}" for file in sorted((run.path / MEDIA).iterdir())]
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with zipfile.ZipFile(temporary, "w") as archive:
            for name in names:
                kind = zipfile.ZIP_DEFLATED if name.endswith(".json") else zipfile.ZIP_STORED
                info = zipfile.ZipInfo(f"{run.path.name}/{name}", _EPOCH)
                info.compress_type, info.external_attr = kind, 0o644 << 16
                archive.writestr(info, (run.path / name).read_bytes())
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise cannot_write(path, error) from error
    return path


def unpack(path: Path, into: Path) -> Run:
    """Unpack a run into a new folder below ``into``.

    Raises:
        UsageError: the file's ending is none of :data:`ENDINGS`.
        StoreError: it is damaged, too large, or holds no run folder or something beside one.
    """
    if not is_packed(path):
        raise UsageError(f"{path} is no packed run: its name ends in none of {', '.join(ENDINGS)}.")
    try:
        with _opened(path) as members:
            return _unpacked(path, members, into)
    except (OSError, zipfile.BadZipFile, tarfile.TarError, EOFError, ValueError, RuntimeError) as error:
        raise StoreError(f"cannot unpack {path.name}: {str(error).splitlines()[0]}.") from error


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """Open an archive as its regular files, with their names.

    Raises:
        ValueError: it holds a link or another special file.
    """
    if path.name.endswith((ENDING, ".zip")):
        with zipfile.ZipFile(path) as archive:
            yield _zipped(archive)
    else:
        with tarfile.open(path) as tar:
            yield _tarred(tar)


def _zipped(archive: zipfile.ZipFile) -> Iterator[tuple[str, IO[bytes]]]:
    for info in archive.infolist():
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ValueError(f"'{info.filename}' is a link or a special file")
        if not info.is_dir():
            with archive.open(info) as file:
                yield info.filename, file


def _tarred(tar: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for member in tar:
        if not (member.isfile() or member.isdir()):
            raise ValueError(f"'{member.name}' is a link or a special file")
        file: Any = tar.extractfile(member) if member.isfile() else None
        if file is not None:
            yield member.name, file


def _unpacked(path: Path, members: Iterator[tuple[str, IO[bytes]]], into: Path) -> Run:
    left, top, seen = MOST, "", set[str]()
    target = into / _stem(path)
    target.mkdir(parents=True)
    for name, file in members:
        parts = PurePosixPath(name).parts
        folder, kept = _place(name, parts)
        top = top or folder
        if folder != top or kept in seen:
            raise ValueError(f"'{name}' stands beside the run folder or twice in it")
        seen.add(kept)
        left = _copy(file, target / kept, left)
    missing = [name for name in _MEMBERS if name not in seen]
    if missing:
        raise ValueError(f"it has no {', '.join(missing)}")
    final = into / top if top and not (into / top).exists() else target
    return Run(target.rename(final))


def _stem(path: Path) -> str:
    ending = max((known for known in ENDINGS if path.name.endswith(known)), key=len)
    return path.name.removesuffix(ending) or "run"


def _place(name: str, parts: tuple[str, ...]) -> tuple[str, str]:
    """Return the folder that a member lies in ("" for none) and its place in the run folder.

    Raises:
        ValueError: no run folder has such a file.
    """
    for depth in (0, 1):
        folder, rest = "".join(parts[:depth]), parts[depth:]
        is_named = not depth or (len(parts) > depth and _NAME.fullmatch(folder) and folder.strip("."))
        is_media = len(rest) == 2 and rest[0] == MEDIA and _DIGEST.fullmatch(rest[1])
        if is_named and (is_media or (len(rest) == 1 and (rest[0] in _MEMBERS or rest[0] == "report.html"))):
            return folder, "/".join(rest)
    raise ValueError(f"'{name}' is no file of a run folder")


def _copy(file: IO[bytes], target: Path, left: int) -> int:
    """Copy a file and return the bytes that are left.

    Raises:
        ValueError: it is larger than that.
    """
    target.parent.mkdir(exist_ok=True)
    with target.open("xb") as out:
        while chunk := file.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise ValueError(f"it holds more than {MOST / 2**30:g} GiB")
            out.write(chunk)
    return left
