"""Results on the terminal say in which unit a value is."""

import pytest
from rich.console import Console

from mmbench.cli.tables import results_table
from mmbench.store.records import Result

SHARE = Result("vqa", "scenes", "accuracy", "", 0.5, None, 2, 0, 0, "accuracy", True, (0.0, 1.0))
POINTS = Result("vqa", "scenes", "exact-match", "", 50.0, None, 2, 0, 0, "exact-match", True, (0.0, 100.0))
BITS = Result("lm", "text", "bits", "", 1.25, None, 2, 0, 0, "bits", False, (0.0, None))


def _shown(results, **options):
    console = Console(width=100)
    with console.capture() as capture:
        console.print(results_table(results, "a [/model]", **options))
    return capture.get()


@pytest.mark.parametrize(
    ("results", "told"),
    [([SHARE, POINTS], True), ([SHARE], False), ([POINTS, BITS], False), ([SHARE, BITS], False)],
)
def test_points_beside_percent_are_explained(results, told):
    assert ("own scale" in _shown(results)) == told


def test_each_group_is_named_once_and_titles_are_no_markup():
    text = _shown([SHARE, POINTS, BITS])
    assert "a [/model]" in text
    assert (text.count("vqa:scenes"), text.count("lm:text")) == (1, 1)
    assert ("50.0 %" in text, "1.250" in text) == (True, True)
