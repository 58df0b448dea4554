"""Python values as Arrow arrays, built from their buffers.

``pyarrow.array`` would do the same, but it imports pandas, which takes longer than everything else that a run
starts with.
"""

from collections.abc import Collection, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

import numpy as np
import pyarrow as pa


def arrow_array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Return values as an array; only strings and numbers may be None.

    Args:
        values: strings, numbers, sequences for a list, mappings for a map, and for a struct objects whose
            attributes are its fields.
        kind: a type made of these.
    """
    if pa.types.is_string(kind):
        return _strings(values)
    if pa.types.is_map(kind):
        keys = arrow_array(list(chain.from_iterable(values)), kind.key_type)
        items = arrow_array([item for value in values for item in value.values()], kind.item_type)
        return _nested(
            kind, values, pa.StructArray.from_arrays([keys, items], fields=[kind.key_field, kind.item_field])
        )
    if pa.types.is_list(kind):
        return _nested(kind, values, arrow_array(list(chain.from_iterable(values)), kind.value_type))
    if pa.types.is_struct(kind):
        fields = [arrow_array(list(map(attrgetter(field.name), values)), field.type) for field in kind]
        return pa.Array.from_buffers(kind, len(values), [None], children=fields)
    return _numbers(values, kind)


def repeated(text: str, count: int, kind: pa.DictionaryType) -> pa.Array:
    """Return a string ``count`` times, as a dictionary of one entry."""
    return pa.DictionaryArray.from_arrays(_numbers([0] * count, kind.index_type), _strings([text]))


def _strings(values: Sequence[str | None]) -> pa.Array:
    encoded = [b"" if value is None else value.encode() for value in values]
    buffers = [_mask(values), _offsets(encoded), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(values), buffers)


def _nested(kind: pa.DataType, values: Sequence[Collection[Any]], child: pa.Array) -> pa.Array:
    return pa.Array.from_buffers(kind, len(values), [None, _offsets(values)], children=[child])


def _numbers(values: Sequence[float | None], kind: pa.DataType) -> pa.Array:
    mask = _mask(values)
    numbers = values if mask is None else [0 if value is None else value for value in values]
    buffers = [mask, pa.py_buffer(np.array(numbers, kind.to_pandas_dtype()))]
    return pa.Array.from_buffers(kind, len(values), buffers)


def _offsets(values: Sequence[Collection[Any]]) -> pa.Buffer:
    """Say where each value begins and the last one ends."""
    ends = np.zeros(len(values) + 1, np.int32)
    np.fromiter(map(len, values), np.int32, len(values)).cumsum(out=ends[1:])
    return pa.py_buffer(ends)


def _mask(values: Sequence[Any]) -> pa.Buffer | None:
    """Mark which values are there, a bit each; None if all are."""
    present = [value is not None for value in values]
    return None if all(present) else pa.py_buffer(np.packbits(present, bitorder="little"))
