"""Rows of a dataset repository: from a local mirror if there is one, else from the Hub through ``datasets``."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from mmbench.data.columns import fill
from mmbench.data.download import fetch, fetch_card, file_digest, remote_files, stated_digests
from mmbench.data.files import at_most, rows_in
from mmbench.data.hub_builder import CONVERTED, builder_of, is_converted
from mmbench.data.hub_cache import Noted, cached, note, recall
from mmbench.data.hub_errors import expected, passing, persist, quiet, told
from mmbench.data.hub_reach import offline_if_unreachable
from mmbench.data.lock import Pinned
from mmbench.data.media import as_media
from mmbench.data.metadata import CARD, Metadata, read_metadata
from mmbench.data.places import mirror_folder
from mmbench.dataset import Hub
from mmbench.schema import Audio, Image, Media

STREAM_LIMIT = 1000
"""With a limit up to this, rows are streamed from the Hub and not downloaded whole."""

_BATCH = 32
_REMOTE = "hf://"
_KINDS: dict[str, type[Media]] = {"image": Image, "audio": Audio}


class HubReader:
    """Reads one split. Pictures and sounds stay encoded, so no decoder is needed.

    A mirror's files are read where they are, without a copy in the cache of ``datasets``. From the Hub, few rows
    are streamed; otherwise the split's files are fetched, checked and prepared once.
    """

    revision: str | None = None
    streamed = False

    def __init__(
        self,
        source: Hub,
        name: str,
        options: Mapping[str, Any],
        limit: int | None,
        pinned: Pinned | None = None,
    ) -> None:
        """Open the split, at the pinned revision if there is one; downloads what must be downloaded.

        Raises:
            DataError: it cannot be had; says what to do.
        """
        self._name = name
        hub = _resolved(source, name, options)
        self.config, self.split = hub.config or "default", hub.split
        hub = replace(hub, revision=hub.revision or (pinned.revision if pinned else None))
        self.folder = mirror_folder(hub)
        self._batches: Callable[[], Iterator[Any]]
        self._kinds: dict[str, type[Media]]
        self._length: int | None = None
        self._files: list[str] = []
        with told(name), quiet(), nullcontext() if self.folder else offline_if_unreachable():
            persist(lambda: self._open(hub, limit))
        self.source = f"{self._where(hub)} {hub.config or 'default'}/{hub.split}"

    def _open(self, hub: Hub, limit: int | None) -> None:
        try:
            builder = builder_of(hub, self.folder, self._name)
        except expected() as error:
            noted = (
                recall(hub) if not self.folder and (isinstance(error, ConnectionError) or passing(error)) else None
            )
            if noted is None:
                raise
            self._open_noted(*noted)
            return
        files = self._files = _files_of(builder, hub.split)
        if files and not self.folder:
            mark = CONVERTED if is_converted(builder, hub.path) else ""
            self.revision = mark + remote_files(files).revision
        few = limit is not None and limit <= STREAM_LIMIT
        if files and all(path.endswith(".parquet") for path in files):
            self._open_parquet(builder, hub, few)
        else:
            self._open_other(builder, hub, few)

    def _open_noted(self, noted: Noted, places: list[Path]) -> None:
        self.revision = noted.revision
        self._kinds = {column: _KINDS[kind] for column, kind in noted.kinds.items()}
        self._read_parquet([str(place) for place in places])

    def _open_parquet(self, builder: Any, hub: Hub, few: bool) -> None:
        """Read Parquet files where they are: in the mirror, in the Hub's cache, or, for few rows, on the Hub."""
        files = self._files
        if not self.folder:
            remote = remote_files(files)
            places = cached(remote)
            if places is None and not few:
                places = list(fetch(remote, self._name).values())
            files = [str(place) for place in places] if places else files
        self._kinds = _kinds(builder.info.features or _parquet_features(files[0]))
        self._read_parquet(files)
        if not self.folder and self._length is not None:
            kinds = {column: kind.__name__.lower() for column, kind in self._kinds.items()}
            note(hub, Noted(remote.revision, list(remote.paths), kinds))

    def _read_parquet(self, paths: list[str]) -> None:
        self._batches = lambda: _parquet_batches(paths)
        self.streamed = paths[0].startswith(_REMOTE)
        self._length = None if self.streamed else _rows_in(paths)

    def _open_other(self, builder: Any, hub: Hub, few: bool) -> None:
        """Read other kinds of files through ``datasets``: streamed, or prepared in its cache."""
        if self.folder or (self._files and few):
            data = builder.as_streaming_dataset(split=hub.split)
            self.streamed = not self.folder
            self._length = _rows_in(self._files) if self.folder else None
        else:
            if self._files and not Path(builder.cache_dir).is_dir():
                fetch(remote_files(self._files), self._name)
            builder.download_and_prepare()
            data = builder.as_dataset(split=hub.split)
            self._length = len(data)
        self._batches = lambda: data.with_format("arrow").iter(batch_size=_BATCH)
        self._kinds = _kinds(data.features or {})

    def _where(self, hub: Hub) -> str:
        if self.folder:
            return f"mirror:{'/'.join(self.folder.parts[-2:])}"
        revision = self.revision or hub.revision
        return f"hub:{hub.path}@{revision}" if revision else f"hub:{hub.path}"

    def metadata(self) -> Metadata:
        """Return what the repository says about itself, as far as that can be had without more than its card.

        Raises:
            DataError: the card cannot be read.
        """
        folder = self.folder
        if folder is None and self._files:
            with told(self._name), quiet():
                card = persist(lambda: fetch_card(remote_files(self._files)))
            folder = card.parent if card else None
        return read_metadata(folder, self.config) if folder else Metadata()

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of the split's files by their paths in the repository, as far as they are known.

        Those of a mirror are computed; those of the Hub are what it states for the revision.

        Raises:
            DataError: a file cannot be read.
        """
        with told(self._name):
            if self.folder:
                places = {Path(path).relative_to(self.folder).as_posix(): Path(path) for path in self._files}
                return {path: file_digest(places[path]) for path in sorted(places)}
            return persist(lambda: stated_digests(remote_files(self._files))) if self._files else {}

    def count(self, limit: int | None) -> int | None:
        """Return how many rows :meth:`read` yields, where it can be told beforehand."""
        return at_most(self._length, limit)

    def read(self, limit: int | None) -> Iterator[dict[str, Any]]:
        """Yield the first ``limit`` rows.

        Raises:
            DataError: the rows cannot be read.
        """
        return islice(self._rows(), limit)

    def _rows(self) -> Iterator[dict[str, Any]]:
        with told(self._name):
            for batch in self._batches():
                for row in batch.to_pylist():
                    for column, kind in self._kinds.items():
                        row[column] = as_media(kind, row[column], self.folder)
                    yield row


@dataclass(frozen=True)
class HubFiles:
    """The files of one split, on this machine.

    Attributes:
        config: the config's name; "default" where a repository has none.
        split: the split's name.
        places: where each file is, by its path in the repository.
        card: the repository's card, if it has one.
    """

    config: str
    split: str
    places: dict[str, Path]
    card: Path | None


def hub_files(source: Hub, name: str, options: Mapping[str, Any]) -> HubFiles:
    """Fetch the files of a split, or find them in the mirror.

    Raises:
        DataError: they cannot be had.
    """
    hub = _resolved(source, name, options)
    mirror = mirror_folder(hub)

    def attempt() -> HubFiles:
        builder = builder_of(hub, mirror, name)
        files = _files_of(builder, hub.split)
        if mirror:
            places = {Path(path).relative_to(mirror).as_posix(): Path(path) for path in files}
            return HubFiles(builder.config.name, hub.split, places, mirror / CARD)
        if not files:
            raise ConnectionError("only a prepared copy is in the cache, and the Hub cannot be reached")
        remote = remote_files(files)
        card = fetch_card(remote)
        return HubFiles(builder.config.name, hub.split, fetch(remote, name), card)

    with told(name), quiet(), nullcontext() if mirror else offline_if_unreachable():
        return persist(attempt)


def _resolved(source: Hub, name: str, options: Mapping[str, Any]) -> Hub:
    """Fill the placeholders; the option ``split``, if not empty, is the split."""
    return replace(
        source,
        config=fill(source.config, options, name) if source.config else None,
        split=options.get("split") or fill(source.split, options, name),
    )


def _files_of(builder: Any, split: str) -> list[str]:
    """Return a split's files: paths of a mirror, ``hf://`` addresses of the Hub, none for a copy in the cache.

    Raises:
        ValueError: there is no such split.
    """
    files = builder.config.data_files
    if files is None:
        return []
    if split not in files:
        raise ValueError(f"Bad split: {split}. Available splits: {list(files)}")
    return list(files[split])


def _parquet_batches(paths: Sequence[str]) -> Iterator[Any]:
    import pyarrow.parquet

    for path in paths:
        # buffering ahead saves requests on the Hub; on a disk it only costs memory. It takes in every row group
        # that is asked for, hence one at a time.
        ahead = path.startswith(_REMOTE)
        with _opened(path) as stream, pyarrow.parquet.ParquetFile(stream, pre_buffer=ahead) as file:
            for group in range(file.num_row_groups):
                yield from file.iter_batches(batch_size=_BATCH, row_groups=[group])


def _parquet_features(path: str) -> Any:
    import datasets
    import pyarrow.parquet

    with _opened(path) as stream:
        return datasets.Features.from_arrow_schema(pyarrow.parquet.read_schema(stream))


def _opened(path: str) -> Any:
    """Open a local file, or one on the Hub, of which only the parts that are read travel."""
    if not path.startswith(_REMOTE):
        return Path(path).open("rb")
    from huggingface_hub import HfFileSystem

    return HfFileSystem().open(path, "rb")


def _rows_in(paths: Sequence[str]) -> int | None:
    counts = [rows_in(Path(path)) for path in paths]
    return None if None in counts else sum(counts)  # type: ignore[arg-type]


def _kinds(features: Mapping[str, Any]) -> dict[str, type[Media]]:
    """Return the columns that hold pictures or sounds, or lists of them."""
    found = {column: _KINDS.get(_inner(feature)) for column, feature in features.items()}
    return {column: kind for column, kind in found.items() if kind}


def _inner(feature: Any) -> str:
    inner = getattr(feature, "feature", feature)
    return type(inner[0] if isinstance(inner, list) else inner).__name__.lower()
