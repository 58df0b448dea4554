"""``mmbench view``: whole runs in a browser, however many samples they have, also while they go on."""

import secrets
import socket
import webbrowser
from collections.abc import Callable, Sequence

from mmbench.errors import UsageError
from mmbench.store.run import Run

HOST = "127.0.0.1"


def serve(
    runs: Sequence[Run], *, port: int = 0, browser: bool = False, told: Callable[[str], None] = lambda _: None
) -> None:
    """Serve runs on this machine until the process is interrupted.

    Args:
        runs: run folders, finished or going on.
        port: 0 for a free one.
        browser: open the address in the user's browser.
        told: is given the address, once it answers.

    Raises:
        UsageError: the port is taken, or the server's packages are not installed.
        StoreError: a run folder cannot be read.
    """
    try:
        import uvicorn

        from mmbench_reports.view.app import application
    except ModuleNotFoundError as error:
        raise UsageError(f"view needs the package {error.name}. Run: pip install 'mmbench[view]'.") from error
    from mmbench_reports.view.library import Library

    listening = _listen(port)
    token = secrets.token_urlsafe(24)
    address = f"http://{HOST}:{listening.getsockname()[1]}/?token={token}"
    library = Library(runs)
    library.warm_up()
    server = uvicorn.Server(uvicorn.Config(application(library, token), log_level="warning", lifespan="off"))
    told(address)
    if browser:
        webbrowser.open(address)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        library.close()


def _listen(port: int) -> socket.socket:
    """Bind before the address is told, so that a browser's first request waits instead of failing."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise UsageError(f"port {port} cannot be used: {error.strerror}. Choose another with --port.") from error
    listening.listen(64)
    return listening
