"""What was downloaded once, so that it opens again without a network.

The files themselves are in the Hub's own cache. Which of them a split consists of is noted beside it, because
without a network nothing else can tell.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from mmbench.data.download import RemoteFiles
from mmbench.dataset import Hub


class Noted(msgspec.Struct, frozen=True):
    """A split that was downloaded whole.

    Attributes:
        revision: the commit.
        files: paths in the repository, in the order of rows.
        kinds: "image" or "audio" for columns that hold such.
    """

    revision: str
    files: list[str]
    kinds: dict[str, str]


def note(hub: Hub, noted: Noted) -> None:
    """Note a split under the revision that was asked for and the one that was read."""
    body = msgspec.json.encode(noted)
    for revision in {hub.revision or "main", noted.revision}:
        path = _place(hub, revision)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        temporary.write_bytes(body)
        temporary.replace(path)


def recall(hub: Hub) -> tuple[Noted, list[Path]] | None:
    """Return what was noted about a split, and its files; None if it was never downloaded, or not whole."""
    path = _place(hub, hub.revision or "main")
    if not path.is_file():
        return None
    noted = msgspec.json.decode(path.read_bytes(), type=Noted)
    places = cached(RemoteFiles(hub.path, noted.revision, tuple(noted.files)))
    return (noted, places) if places else None


def cached(files: RemoteFiles) -> list[Path] | None:
    """Return where files are in the Hub's cache; None if one of them is not."""
    from huggingface_hub import try_to_load_from_cache

    found: Sequence[object] = [
        try_to_load_from_cache(files.repository, path, repo_type="dataset", revision=files.revision)
        for path in files.paths
    ]
    places = [Path(path) for path in found if isinstance(path, str)]
    return places if len(places) == len(files.paths) else None


def _place(hub: Hub, revision: str) -> Path:
    from huggingface_hub import constants

    name = f"{hub.config or 'default'}--{hub.split}--{revision}.json".replace("/", "_")
    return Path(constants.HF_HOME) / "mmbench" / hub.path / name
