"""A run's samples beside those of its dataset: what is told, and how little is held."""

import random
from collections.abc import Iterable, Iterator
from typing import Any

from mmbench.engine.verify_dataset import _FIELDS, _compare, _Differences


def rows(numbers: Iterable[int], **changes: Any) -> Iterator[dict[str, Any]]:
    return ({"id": str(number)} | dict.fromkeys(_FIELDS, "same") | changes for number in numbers)


def test_equal_samples_are_read_side_by_side():
    read = {"dataset": 0, "run": 0}

    def counted(name: str) -> Iterator[dict[str, Any]]:
        for row in rows(range(100)):
            read[name] += 1
            assert abs(read["dataset"] - read["run"]) <= 1
            yield row

    found = _compare(counted("dataset"), counted("run"))
    assert found == _Differences()


def test_another_order_is_not_another_set():
    shuffled = random.Random(0).sample(range(50), 50)
    found = _compare(rows(range(50)), rows(shuffled))
    assert found.out_of_step
    assert not found.unmatched
    assert found.of_samples == []


def test_samples_of_one_side_are_named_once():
    found = _compare(rows(range(10)), rows([0, 1, 3, 4, 99, 5, 6, 7, 8, 9]))
    assert found.unmatched
    assert found.of_samples == [("2", "it is not in the run"), ("99", "it is not in the dataset")]


def test_fields_are_compared_whatever_the_order():
    found = _compare(rows([1, 2], answer="a"), rows([2, 1], prompt="other", answer="a"))
    assert sorted(found.of_samples) == [
        ("1", "not the prompt of the dataset"),
        ("2", "not the prompt of the dataset"),
    ]
