import os
import sys

import pytest


@pytest.fixture
def command():
    """The real command line, as a list to start a process with, and its environment."""
    return [sys.executable, "-m", "mmbench"], os.environ | {"NO_COLOR": "1", "COLUMNS": "200"}
