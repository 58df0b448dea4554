"""Rows of a dataset repository: from a local mirror if there is one, else from the Hub through ``datasets``."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from mmbench.data.columns import fill
from mmbench.data.files import at_most, rows_in
from mmbench.data.media import as_media
from mmbench.dataset import Hub
from mmbench.errors import DataError
from mmbench.schema import Audio, Image, Media

STREAM_LIMIT = 1000
"""With a limit up to this, rows are streamed from the Hub and not downloaded whole."""

_BATCH = 32


class HubReader:
    """Reads one split. Pictures and sounds stay encoded, so no decoder is needed.

    A mirror's files are read where they are, without a copy in the cache of ``datasets``.
    """

    def __init__(self, source: Hub, name: str, options: Mapping[str, Any], limit: int | None) -> None:
        """Open the split; downloads what must be downloaded.

        Raises:
            DataError: it cannot be had; says what to do.
        """
        self._name = name
        hub = replace(
            source,
            config=fill(source.config, options, name) if source.config else None,
            split=options.get("split") or fill(source.split, options, name),
        )
        self.folder = mirror_folder(hub)
        with _told(name), _quiet():
            builder = _builder(hub, self.folder, name)
            if self.folder or (limit is not None and limit <= STREAM_LIMIT):
                self._data = builder.as_streaming_dataset(split=hub.split)
                self._length = _rows_in(builder.config.data_files[hub.split]) if self.folder else None
            else:
                builder.download_and_prepare()
                self._data = builder.as_dataset(split=hub.split)
                self._length = len(self._data)
        features = self._data.features or {}
        self._kinds = {column: kind for column, feature in features.items() if (kind := _kind(feature))}
        self.source = f"{_where(hub, self.folder)} {hub.config or 'default'}/{hub.split}"

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
        with _told(self._name):
            for batch in self._data.with_format("arrow").iter(batch_size=_BATCH):
                for row in batch.to_pylist():
                    for column, kind in self._kinds.items():
                        row[column] = as_media(kind, row[column], self.folder)
                    yield row


def mirror_folder(hub: Hub) -> Path | None:
    """Return the folder of a dataset, or of a copy of it, in the mirror that ``MMBENCH_DATA_DIR`` names.

    Raises:
        DataError: ``MMBENCH_DATA_DIR`` names no folder.
    """
    root = os.environ.get("MMBENCH_DATA_DIR")
    if not root:
        return None
    if not Path(root).is_dir():
        raise DataError(f"MMBENCH_DATA_DIR is '{root}', which is no folder. Set it to your mirror, or unset it.")
    return next((folder for path in (hub.path, *hub.copies) if (folder := Path(root) / path).is_dir()), None)


def _where(hub: Hub, mirror: Path | None) -> str:
    if mirror:
        return f"mirror:{'/'.join(mirror.parts[-2:])}"
    return f"hub:{hub.path}@{hub.revision}" if hub.revision else f"hub:{hub.path}"


def _builder(hub: Hub, mirror: Path | None, name: str) -> Any:
    import datasets

    if not mirror and Path(hub.path).is_dir():
        raise DataError(
            f"dataset '{name}': a folder '{hub.path}' here would hide the Hub's. "
            "Set MMBENCH_DATA_DIR=. to use it, or run from another folder."
        )
    return datasets.load_dataset_builder(
        str(mirror or hub.path), hub.config, revision=None if mirror else hub.revision
    )


def _rows_in(paths: Sequence[str]) -> int | None:
    counts = [rows_in(Path(path)) for path in paths]
    return None if None in counts else sum(counts)  # type: ignore[arg-type]


def _kind(feature: Any) -> type[Media] | None:
    inner = getattr(feature, "feature", feature)
    if isinstance(inner, list):
        inner = inner[0]
    return {"Image": Image, "Audio": Audio}.get(type(inner).__name__)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence progress bars and logs of ``datasets``; the terminal is ours."""
    import datasets

    bars = datasets.are_progress_bars_disabled()
    level = datasets.logging.get_verbosity()
    datasets.disable_progress_bars()
    datasets.logging.set_verbosity(datasets.logging.CRITICAL)
    try:
        yield
    finally:
        datasets.logging.set_verbosity(level)
        if not bars:
            datasets.enable_progress_bars()


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Turn what ``datasets`` raises into one line that says what to do."""
    from datasets.exceptions import DatasetsError
    from pyarrow import ArrowException

    try:
        yield
    except DataError:
        raise
    except (DatasetsError, ArrowException, OSError, ValueError, RuntimeError) as error:
        raise DataError(f"dataset '{name}': {_advice(error)}") from error


def _advice(error: Exception) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, ConnectionError):
        return f"{text}. Go online, or set MMBENCH_DATA_DIR to a mirror that holds it."
    if "gated" in text.lower():
        return f"{text} Accept its terms on the Hub and log in with `hf auth login`."
    if text.startswith("Dataset scripts"):
        return f"{text}. Set MMBENCH_DATA_DIR to a mirror that holds it as Parquet."
    if text.startswith(("Unknown split", "Bad split")):
        return f"{text}. Choose one with --set split=NAME."
    if isinstance(error, FileNotFoundError):
        return f"{text} Check the name, log in with `hf auth login`, or set MMBENCH_DATA_DIR to a mirror."
    cause = error.__cause__
    return f"{text} ({cause})" if cause else text
