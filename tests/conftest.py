"""Fixtures for all tests: no network, no writes outside tmp_path, real data only where it is present."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# Two test workers share two cores: more threads a worker would only wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The local mirror of public datasets; tests that need it skip without it."""
    folder = os.environ.get("MMBENCH_DATA_DIR", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("MMBENCH_DATA_DIR names no folder of real data")
    return Path(folder)


settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")
