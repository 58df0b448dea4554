"""A server that follows a script, and models connected to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer

from mmbench.backends.openai import load
from mmbench.model import Model

Connect = Callable[..., Model]


@pytest.fixture(autouse=True)
def plain_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine, and short waits."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("mmbench.backends.openai.trouble.FIRST_WAIT", 0.004)


@pytest.fixture
def serve() -> Iterator[Callable[..., FaultServer]]:
    """Start a server that follows a script."""
    with ExitStack() as stack:
        yield lambda script, **settings: stack.enter_context(FaultServer(script, **settings))


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connect to a server; the scoring probe is off unless it is asked for."""
    with ExitStack() as stack:

        def start(server: FaultServer, model: str = "m", **options: Any) -> Model:
            connected = load(f"{model}@{server.url}", **({"scoring": "off"} | options))
            stack.callback(connected.close)
            return connected

        yield start


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the folder of a tiny checkpoint by name; nobody may change what is in it."""
    import tiny_models

    root = tmp_path_factory.mktemp("checkpoints")
    return lambda name: root / name if (root / name).exists() else tiny_models.BUILDERS[name](root / name)
