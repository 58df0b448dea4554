import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def cli(tmp_path) -> Cli:
    """Run the real command line in a fresh folder; extra import paths through ``path=``."""

    def call(*arguments: str, path: Path | None = None, cwd: Path = tmp_path, **env: str):
        extra = {"PYTHONPATH": str(path)} if path else {}
        return subprocess.run(
            [sys.executable, "-m", "mmbench", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=cwd,
            env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1"} | extra | env,
            timeout=120,
            check=False,
        )

    return call
