"""Datasets as plain files with a Croissant record: rows in jsonl, media beside them, a description in JSON-LD.

Croissant 1.0 is MLCommons' format for describing datasets (https://docs.mlcommons.org/croissant). What
:func:`export` writes, :func:`mmbench.data.dataset_from_file` reads again, with the same fingerprint.
"""

import json
from pathlib import Path
from typing import Any

from mmbench.data.download import file_digest
from mmbench.data.metadata import CROISSANT
from mmbench.data.rows import Rows
from mmbench.errors import StoreError
from mmbench.schema import Media

ROWS = "rows.jsonl"
_CONFORMS = "http://mlcommons.org/croissant/1.0"
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "includes": "cr:includes",
    "recordSet": "cr:recordSet",
    "repeated": "cr:repeated",
    "sc": "https://schema.org/",
    "source": "cr:source",
}
_TYPES = {bool: "sc:Boolean", int: "sc:Integer", float: "sc:Float"}
_ENDINGS = ((b"\x89PNG", ".png"), (b"\xff\xd8", ".jpg"), (b"RIFF", ".wav"), (b"fLaC", ".flac"), (b"OggS", ".ogg"))


def export(rows: Rows, to: Path) -> Path:
    """Write rows, their media and a Croissant record into a folder; return the record's path.

    Raises:
        StoreError: the folder cannot be written.
        DataError: a row cannot be read, or a picture of it.
    """
    first: dict[str, Any] = {}
    try:
        (to / "media").mkdir(parents=True, exist_ok=True)
        with (to / ROWS).open("w", encoding="utf-8") as file:
            for row in rows:
                first = first or row
                file.write(json.dumps(_plain(row, to), ensure_ascii=False) + "\n")
        path = to / CROISSANT
        text = json.dumps(record(rows, first, file_digest(to / ROWS)), indent=2, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot write {to}: {error.strerror}. Choose another place.") from error
    return path


def record(rows: Rows, first: dict[str, Any], digest: str) -> dict[str, Any]:
    """Return the Croissant record of exported rows.

    Args:
        rows: iterated to the end.
        first: the first of them, which tells names and types of fields.
        digest: SHA-256 of the jsonl file.
    """
    dataset = rows.dataset
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": _CONFORMS,
        "name": rows.name.replace(":", "-"),
        "description": dataset.notes or f"Rows of {rows.name}.",
        "license": dataset.license,
        "citeAs": dataset.citation,
        "isBasedOn": rows.source,
        "version": rows.fingerprint,
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": ROWS,
                "name": ROWS,
                "contentUrl": ROWS,
                "encodingFormat": "application/jsonlines",
                "sha256": digest,
            },
            {
                "@type": "cr:FileSet",
                "@id": "media",
                "name": "media",
                "encodingFormat": "application/octet-stream",
                "includes": "media/*",
            },
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "rows",
                "name": "rows",
                "field": [_field(name, value) for name, value in first.items()],
            }
        ],
    }


def _plain(value: Any, to: Path) -> Any:
    """Write media out; return what stands for a value in the jsonl file."""
    if isinstance(value, Media):
        body = value.read()
        ending = next((ending for start, ending in _ENDINGS if body.startswith(start)), ".bin")
        path = to / "media" / f"{value.digest}{ending}"
        if not path.exists():
            path.write_bytes(body)
        return f"media/{path.name}"
    if isinstance(value, dict):
        return {key: _plain(item, to) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, to) for item in value]
    return value


def _field(name: str, value: Any) -> dict[str, Any]:
    repeated = isinstance(value, list | tuple)
    item = (value[0] if value else "") if repeated else value
    kind = f"sc:{type(item).__name__}Object" if isinstance(item, Media) else _TYPES.get(type(item), "sc:Text")
    return {
        "@type": "cr:Field",
        "@id": f"rows/{name}",
        "name": name,
        "dataType": kind,
        **({"repeated": True} if repeated else {}),
        "source": {"fileObject": {"@id": ROWS}, "extract": {"column": name}},
    }
