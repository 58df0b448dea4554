"""Files of a dataset repository: fetched once, and checked against the digests that the Hub states."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmbench.errors import DataError

_CHUNK = 1 << 20


@dataclass(frozen=True)
class RemoteFiles:
    """Files of one revision of a repository on the Hub."""

    repository: str
    revision: str
    paths: tuple[str, ...]


def remote_files(urls: Sequence[str]) -> RemoteFiles:
    """Read ``hf://datasets/<repository>@<revision>/<path>`` addresses, which share repository and revision."""
    split = [url.removeprefix("hf://datasets/").partition("@") for url in urls]
    revisions = [rest.partition("/") for _, _, rest in split]
    return RemoteFiles(split[0][0], revisions[0][0], tuple(path for _, _, path in revisions))


def fetch(files: RemoteFiles, name: str) -> dict[str, Path]:
    """Download files into the Hub's cache, where they may be already, and return their places.

    A file whose SHA-256 is not the one that the Hub states is fetched once more.

    Raises:
        DataError: it is wrong again.
    """
    stated = stated_digests(files)
    found = {path: _download(files, path) for path in files.paths}
    for path, place in found.items():
        digest = stated.get(path)
        if digest and file_digest(place) != digest:
            found[path] = _download(files, path, again=True)
            if file_digest(found[path]) != digest:
                found[path].resolve().unlink()
                raise DataError(
                    f"dataset '{name}': {path} arrived damaged twice: its SHA-256 is not the one that the Hub "
                    "states. Try again later, or use a mirror."
                )
    return found


def fetch_card(files: RemoteFiles) -> Path | None:
    """Download the repository's card; None if it has none."""
    from huggingface_hub.errors import EntryNotFoundError

    try:
        return _download(files, "README.md")
    except EntryNotFoundError:
        return None


def _download(files: RemoteFiles, path: str, again: bool = False) -> Path:
    from huggingface_hub import hf_hub_download

    place = hf_hub_download(
        files.repository, path, repo_type="dataset", revision=files.revision, force_download=again
    )
    return Path(place)


def stated_digests(files: RemoteFiles) -> dict[str, str]:
    """Return the SHA-256 of those files that the Hub keeps as large files."""
    from huggingface_hub import HfApi

    entries: Sequence[Any] = HfApi().get_paths_info(
        files.repository, list(files.paths), revision=files.revision, repo_type="dataset"
    )
    return {entry.path: entry.lfs.sha256 for entry in entries if getattr(entry, "lfs", None)}


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
