"""A small dataset Hub on 127.0.0.1: enough of its HTTP interface for ``datasets`` and ``huggingface_hub``.

It serves folders ``root/<org>/<name>``, keeps every revision that was published, and can be told to fail.
"""

import hashlib
import json
import re
import shutil
import socket
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest


@dataclass
class Fault:
    """What goes wrong with requests whose ``"METHOD path"`` matches, the first ``times`` times.

    kind: an HTTP status as a string ("500", "429"), "cut" (the connection breaks half way), "short" (half of the
    file, and the server says that is all), "corrupt" (one byte changed), "gated", "refuse" (no answer at all).
    """

    match: str
    kind: str
    times: int = 1_000_000


@dataclass
class HubServer:
    """Use as a context manager; ``url`` is what HF_ENDPOINT must be."""

    root: Path
    store: Path
    faults: list[Fault] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    revisions: dict[str, dict[str, Path]] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    url: str = ""

    def __enter__(self) -> "HubServer":
        needs_loopback()
        for card in sorted(self.root.glob("*/*/README.md")):
            self.publish("/".join(card.parent.parts[-2:]))
        for card in sorted(self.root.glob("*/*@refs:convert:parquet")):
            self.publish("/".join(card.parts[-2:]))
        handler = type("Handler", (_Handler,), {"hub": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def publish(self, repository: str, *, forget: bool = False) -> str:
        """Make a revision of the folder's present content; ``forget`` drops those before it."""
        folder = self.root / repository
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        seed = "".join(f"{path.relative_to(folder)}:{_sha256(path)}\n" for path in files)
        commit = hashlib.sha1(f"{repository}\n{seed}".encode()).hexdigest()
        copy = self.store / repository / commit
        if not copy.exists():
            shutil.copytree(folder, copy)
        for name in {repository, repository.partition("@")[0]}:
            kept = {} if forget else self.revisions.get(name, {})
            self.revisions[name] = kept | {commit: copy}
        self.heads[repository] = commit
        return commit

    def fault(self, request: str) -> str:
        """Take the fault that is due for a request, "" if none."""
        for fault in self.faults:
            if fault.times > 0 and re.search(fault.match, request):
                fault.times -= 1
                return fault.kind
        return ""

    def seen(self, pattern: str) -> int:
        """Count the requests that matched."""
        return sum(bool(re.search(pattern, line)) for line in self.log)


def needs_loopback() -> None:
    """Skip the test where not even 127.0.0.1 can be reached, as in a bare network namespace."""
    with socket.socket() as server, socket.socket() as client:
        try:
            server.bind(("127.0.0.1", 0))
            server.listen()
            client.connect(server.getsockname())
        except OSError as error:
            pytest.skip(f"no loopback interface: {error}")


def point_at(server: HubServer, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Make this process take the server for the Hub, with caches of its own in ``folder``; nobody waits."""
    point_at_url(server.url, folder, patch)


def point_at_url(url: str, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Do the same with a server of which only the address is known."""
    import datasets
    from huggingface_hub import HfFileSystem, constants

    patch.delenv("MMBENCH_DATA_DIR", raising=False)
    patch.setattr(datasets.config, "HF_ENDPOINT", url)
    patch.setattr(datasets.config, "HF_DATASETS_CACHE", folder / "prepared")
    patch.setattr(constants, "ENDPOINT", url)
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    patch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    patch.setattr(constants, "HF_HUB_CACHE", str(folder / "downloads"))
    patch.setattr(constants, "HF_HOME", str(folder / "home"))
    patch.setattr(time, "sleep", lambda seconds: None)
    set_offline(patch, False)
    HfFileSystem.clear_instance_cache()


def set_offline(patch: pytest.MonkeyPatch, offline: bool) -> None:
    """Be what HF_HUB_OFFLINE makes of the libraries."""
    patch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", offline)
    patch.setattr("datasets.config.HF_HUB_OFFLINE", offline)


def _sha256(path: Path) -> str:
    return _digest(path, path.stat().st_mtime_ns, path.stat().st_size)


@cache
def _digest(path: Path, changed: int, size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _part(path: Path, start: int, end: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(end - start)


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _answer(self, body: bytes) -> None:
        address = urlsplit(self.path)
        path = address.path.replace("refs%2F", "refs:").replace("convert%2F", "convert:")
        path = unquote(path.replace("refs/convert/", "refs:convert:"))
        request = f"{self.command} {path}"
        self.hub.log.append(f"{request} {self.headers.get('Range', '')}".rstrip())
        fault = self.hub.fault(request)
        if fault == "refuse":
            self.close_connection = True
            self.connection.close()
            return
        if fault.isdigit():
            self._fail(int(fault), "")
        elif fault == "gated":
            self._fail(403, "GatedRepo")
        elif found := re.fullmatch(r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self._file(*found.groups(), fault)
        elif found := re.fullmatch(r"/api/datasets/([^/]+/[^/]+)(?:/revision/([^/]+))?", path):
            self._info(found[1], found[2] or "main")
        elif found := re.fullmatch(r"/api/datasets/([^/]+/[^/]+)/tree/([^/]+)(?:/(.+))?", path):
            deep = parse_qs(address.query).get("recursive", [""])[0].lower() in ("1", "true")
            self._tree(found[1], found[2], found[3] or "", deep)
        elif found := re.fullmatch(r"/api/datasets/([^/]+/[^/]+)/paths-info/([^/]+)", path):
            self._paths(found[1], found[2], body)
        else:
            self._fail(404, "")

    def _folder(self, repository: str, revision: str) -> tuple[str, Path] | None:
        revisions = self.hub.revisions.get(repository)
        if revisions is None:
            self._fail(401, "RepoNotFound")
            return None
        if revision.startswith("refs:"):
            repository, revision = f"{repository}@{revision}", "main"
            revisions = self.hub.revisions.get(repository, {})
        commit = self.hub.heads.get(repository, "") if revision == "main" else revision
        if commit not in revisions:
            self._fail(404, "RevisionNotFound")
            return None
        return commit, revisions[commit]

    def _file(self, repository: str, revision: str, name: str, fault: str) -> None:
        if not (found := self._folder(repository, revision)):
            return
        commit, folder = found
        path = folder / name
        if not path.is_file():
            self._fail(404, "EntryNotFound", commit)
            return
        digest, size = _sha256(path), path.stat().st_size
        whole = size // 2 if fault == "short" else size
        start, end, status = 0, whole, 200
        if asked := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            start = int(asked[1])
            end = min(whole, int(asked[2]) + 1) if asked[2] else whole
            status = 206
        self.send_response(status)
        for key, value in {
            "ETag": f'"{digest}"',
            "X-Linked-Etag": f'"{digest}"',
            "X-Linked-Size": str(size),
            "X-Repo-Commit": commit,
            "Accept-Ranges": "bytes",
            "Content-Length": str(end - start),
            "Content-Type": "application/octet-stream",
        }.items():
            self.send_header(key, value)
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{whole}")
        self.end_headers()
        if self.command == "HEAD":
            return
        if fault == "cut":
            self.wfile.write(_part(path, start, start + (end - start) // 2))
            self.wfile.flush()
            self.close_connection = True
            self.connection.close()
            return
        data = _part(path, start, end)
        if fault == "corrupt" and start <= size - 9 < end:
            at = size - 9 - start
            data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        self.wfile.write(data)

    def _info(self, repository: str, revision: str) -> None:
        if found := self._folder(repository, revision):
            commit, folder = found
            names = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file()]
            self._json(
                {
                    "_id": "0" * 24,
                    "id": repository,
                    "sha": commit,
                    "private": False,
                    "gated": False,
                    "disabled": False,
                    "downloads": 0,
                    "likes": 0,
                    "tags": [],
                    "lastModified": "2026-01-01T00:00:00.000Z",
                    "createdAt": "2026-01-01T00:00:00.000Z",
                    "siblings": [{"rfilename": name} for name in names],
                },
                commit,
            )

    def _tree(self, repository: str, revision: str, under: str, deep: bool) -> None:
        if found := self._folder(repository, revision):
            commit, folder = found
            top = folder / under
            if not top.is_dir():
                self._fail(404, "EntryNotFound", commit)
                return
            paths = sorted(top.rglob("*") if deep else top.iterdir())
            self._json([_entry(path, folder) for path in paths], commit)

    def _paths(self, repository: str, revision: str, body: bytes) -> None:
        if found := self._folder(repository, revision):
            commit, folder = found
            if self.headers.get("Content-Type", "").startswith("application/json"):
                names = json.loads(body)["paths"]
            else:
                names = parse_qs(body.decode())["paths"]
            names = [names] if isinstance(names, str) else names
            self._json([_entry(folder / name, folder) for name in names if (folder / name).exists()], commit)

    def _json(self, value: Any, commit: str) -> None:
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Repo-Commit", commit)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _fail(self, status: int, code: str, commit: str = "") -> None:
        data = json.dumps({"error": code or f"status {status}"}).encode()
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
            self.send_header("X-Error-Message", code)
        if commit:
            self.send_header("X-Repo-Commit", commit)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def _entry(path: Path, folder: Path) -> dict[str, Any]:
    name = str(path.relative_to(folder))
    if path.is_dir():
        return {"type": "directory", "oid": "0" * 40, "size": 0, "path": name}
    size, digest = path.stat().st_size, _sha256(path)
    lfs = {"oid": digest, "size": size, "pointerSize": 130}
    return {"type": "file", "oid": digest[:40], "size": size, "path": name, "lfs": lfs}
