import math

import pyarrow as pa
import pytest

from mmbench.schema import Response
from mmbench.store.arrow import arrow_array, repeated
from mmbench.store.records import SAMPLES

RESPONSES = [
    [Response("für Ärzte", (-0.5, -math.inf), (1, 2), 3, 0.25, "length", first_token=0.125)],
    [],
    [Response(), Response(error="timeout", finish_reason="error", margin=math.nan)],
]


KINDS = dict.fromkeys(field.type for field in SAMPLES if not pa.types.is_dictionary(field.type))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.string(), ["", "日本", None, "a\0b"]),
        (pa.int32(), [1, None, -3, *range(9)]),
        (pa.float64(), [None, 0.5, -math.inf]),
        (pa.list_(pa.string()), [(), ("x", "y"), ["z"]]),
        (pa.map_(pa.string(), pa.list_(pa.float64())), [{}, {"b": [1.0], "a": []}, {"a": [0.5, 2.0]}]),
        *((kind, []) for kind in KINDS),
    ],
    ids=str,
)
def test_arrays_equal_those_of_arrow_itself(kind, values):
    made = arrow_array(values, kind)
    made.validate(full=True)
    assert made.type == kind
    maps = [list(value.items()) if isinstance(value, dict) else value for value in values]
    assert made.equals(pa.array(maps, kind))


def test_responses_are_structs():
    kind = SAMPLES.field("responses").type
    made = arrow_array(RESPONSES, kind)
    made.validate(full=True)
    rows = [[{name: getattr(item, name) for name in Response.__slots__} for item in row] for row in RESPONSES]
    assert repr(made.to_pylist()) == repr(pa.array(rows, kind).to_pylist())  # repr: NaN is not equal to itself


def test_a_repeated_name_is_a_dictionary():
    kind = SAMPLES.field("task").type
    assert repeated("qa", 3, kind).equals(pa.array(["qa"] * 3, kind))


def test_numbers_too_large_for_their_column_are_refused():
    with pytest.raises(OverflowError):
        arrow_array([2**40], pa.int32())
