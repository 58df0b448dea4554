import doctest
import math

import pytest

from mmbench_tasks.worlds import trig
from mmbench_tasks.worlds.trig import cosine, sine


def test_examples_run():
    assert doctest.testmod(trig).failed == 0


@pytest.mark.parametrize("turn", [i / 97 for i in range(-120, 120, 7)])
def test_equals_the_c_library_to_fourteen_digits(turn):
    assert sine(turn) == pytest.approx(math.sin(2 * math.pi * turn), abs=1e-14)
    assert cosine(turn) == pytest.approx(math.cos(2 * math.pi * turn), abs=1e-14)
