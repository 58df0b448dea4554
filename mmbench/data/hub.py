"""Rows of a dataset repository: from a local mirror if there is one, else from the Hub through ``datasets``."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from mmbench.data.columns import fill
from mmbench.data.media import as_media
from mmbench.dataset import Hub
from mmbench.errors import DataError
from mmbench.schema import Audio, Image, Media

STREAM_LIMIT = 1000
"""With a limit up to this, rows are streamed from the Hub and not downloaded whole."""

_BATCH = 32


class HubReader:
    """Reads one split. Pictures and sounds stay encoded, so no decoder is needed."""

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
        mirror = mirror_folder(hub)
        self.folder = mirror
        revision = "" if mirror or not hub.revision else f"@{hub.revision}"
        path = "/".join(mirror.parts[-2:]) if mirror else hub.path
        self.source = f"{'mirror' if mirror else 'hub'}:{path}{revision} {hub.config or 'default'}/{hub.split}"
        streaming = not mirror and limit is not None and limit <= STREAM_LIMIT
        self._data = _load(hub, mirror, streaming, name)
        self._kinds = {
            column: kind for column, feature in (self._data.features or {}).items() if (kind := _kind(feature))
        }
        self.length: int | None = None if streaming else len(self._data)

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


def _load(hub: Hub, mirror: Path | None, streaming: bool, name: str) -> Any:
    import datasets

    with _told(name), _quiet():
        return datasets.load_dataset(
            str(mirror or hub.path),
            hub.config,
            split=hub.split,
            revision=None if mirror else hub.revision,
            streaming=streaming,
        )


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
    datasets.logging.set_verbosity_error()
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
    except (DatasetsError, ArrowException, OSError, ValueError) as error:
        raise DataError(f"dataset '{name}': {_advice(error)}") from error


def _advice(error: Exception) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, ConnectionError):
        return f"{text}. Go online, or set MMBENCH_DATA_DIR to a mirror that holds it."
    if "gated" in text.lower():
        return f"{text} Accept its terms on the Hub and log in with `hf auth login`."
    if text.startswith("Unknown split"):
        return f"{text} Choose one with --set split=NAME."
    if isinstance(error, FileNotFoundError):
        return f"{text} Check the name, log in with `hf auth login`, or set MMBENCH_DATA_DIR to a mirror."
    cause = error.__cause__
    return f"{text} ({cause})" if cause else text
