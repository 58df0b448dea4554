"""The examples in docstrings of mmbench_reports are true."""

import doctest
import importlib
import pkgutil

import pytest

import mmbench_reports

MODULES = sorted(
    found.name for found in pkgutil.walk_packages(mmbench_reports.__path__, "mmbench_reports.") if not found.ispkg
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
