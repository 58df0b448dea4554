import os
from pathlib import Path

import pytest


@pytest.fixture
def hub_mirror() -> Path:
    """The folder of real data that MMBENCH_DATA_DIR names."""
    folder = os.environ.get("MMBENCH_DATA_DIR")
    if not folder:
        pytest.skip("MMBENCH_DATA_DIR is not set")
    return Path(folder)
