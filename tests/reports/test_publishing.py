"""Publishing a site: to a folder, a branch of a bare repository, a server that speaks as the Hub does."""

import base64
import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from huggingface_hub import HfApi

from mmbench.errors import StoreError, UsageError
from mmbench_reports.publishing import files, git, hub


@pytest.fixture
def site(tmp_path):
    made = tmp_path / "site"
    for name in ("index.html", "models/a.html", "badges/a.svg", "leaderboard.csv"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(f"content of {name}")
    return made


def _names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_folder_becomes_the_site(site, tmp_path):
    out = tmp_path / "public"
    assert files.publish(site, str(out)) == str(out)
    assert _names(out) == _names(site)
    (site / "models" / "a.html").unlink()
    (site / "models" / "b.html").write_text("b")
    files.publish(site, str(out))
    assert _names(out) == _names(site), "what left the site leaves the folder"


def test_a_folder_with_other_things_is_left_alone(site, tmp_path):
    other = tmp_path / "home"
    other.mkdir()
    (other / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match="holds something else than a site"):
        files.publish(site, str(other))
    assert _names(other) == ["letter.txt"]
    with pytest.raises(UsageError, match="lie in one another"):
        files.publish(site, str(site / "inner"))
    with pytest.raises(UsageError, match="is no site"):
        files.publish(other, str(tmp_path / "x"))


@pytest.fixture
def remote(tmp_path):
    path = tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch", "main", str(path)], check=True)
    return path


def _git(remote, *arguments):
    done = subprocess.run(["git", "-C", str(remote), *arguments], check=True, capture_output=True, text=True)
    return done.stdout.split("\n")[:-1]


def test_a_branch_holds_the_site_and_its_history(site, remote):
    assert git.publish(site, str(remote)) == f"{remote}#gh-pages"
    assert _git(remote, "ls-tree", "-r", "--name-only", "gh-pages") == [
        ".nojekyll", "badges/a.svg", "index.html", "leaderboard.csv", "models/a.html",
    ]  # fmt: skip
    assert "up to date" in git.publish(site, str(remote)), "nothing changed, nothing committed"
    (site / "models" / "a.html").unlink()
    git.publish(site, str(remote))
    assert "models/a.html" not in _git(remote, "ls-tree", "-r", "--name-only", "gh-pages")
    assert len(_git(remote, "log", "--format=%s", "gh-pages")) == 2


def test_other_branches_are_not_touched_and_the_domain_is_kept(site, remote, tmp_path):
    git.publish(site, f"{remote}#pages")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "-b", "pages", str(remote), str(clone)], check=True)
    (clone / "CNAME").write_text("example.org")
    for command in (["add", "CNAME"], ["commit", "-qm", "domain"], ["push", "-q", "origin", "pages"]):
        subprocess.run(
            ["git", "-C", str(clone), "-c", "user.name=x", "-c", "user.email=x@localhost", *command], check=True
        )
    (site / "index.html").write_text("new")
    git.publish(site, f"{remote}#pages")
    assert "CNAME" in _git(remote, "ls-tree", "-r", "--name-only", "pages")
    assert _git(remote, "branch", "--format=%(refname:short)") == ["pages"]


def test_a_remote_that_is_not_there_is_told_in_gits_words(site, tmp_path):
    with pytest.raises(StoreError, match=r"git ls-remote: .*does not"):
        git.publish(site, str(tmp_path / "nowhere.git"))
    with pytest.raises(UsageError, match="should have the form git:REMOTE"):
        git.publish(site, "--upload-pack=evil#x")


class Hub(BaseHTTPRequestHandler):
    """As much of the Hub as an upload of small files needs."""

    old = ("models/gone.html", "README.md", ".gitattributes")

    def _answer(self, content, status=200):
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        siblings = [{"rfilename": name} for name in self.old]
        if "/tree/" in self.path:
            return self._answer([{"type": "file", "path": name, "size": 1, "oid": "0" * 40} for name in self.old])
        return self._answer({"id": "org/board", "sha": "0" * 40, "siblings": siblings, "private": False})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.path, body))
        if self.server.refuses:
            return self._answer({"error": "You don't have the rights"}, 403)
        if self.path == "/api/repos/create":
            return self._answer({"url": f"{self.server.url}/spaces/org/board"})
        if "/preupload/" in self.path:
            wanted = json.loads(body)["files"]
            return self._answer(
                {
                    "files": [
                        {"path": one["path"], "uploadMode": "regular", "shouldIgnore": False} for one in wanted
                    ]
                }
            )
        return self._answer({"commitUrl": f"{self.server.url}/spaces/org/board/commit/abc", "commitOid": "abc"})

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(monkeypatch):
    made = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    made.asked, made.refuses = [], False
    made.url = f"http://127.0.0.1:{made.server_port}"
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()

    class Api(HfApi):
        def __init__(self):
            super().__init__(endpoint=made.url, token="hf_" + "x" * 20)

    monkeypatch.setattr("huggingface_hub.HfApi", Api)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)  # it is on this machine
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def _committed(server):
    (body,) = [body for path, body in server.asked if "/commit/" in path]
    operations = [json.loads(line) for line in body.decode().splitlines()]
    written = {
        one["value"]["path"]: base64.b64decode(one["value"]["content"]).decode()
        for one in operations
        if one["key"] == "file"
    }
    deleted = [one["value"]["path"] for one in operations if one["key"] == "deletedFile"]
    return written, deleted


def test_a_space_is_made_and_filled_and_what_is_gone_deleted(site, server):
    assert hub.publish(site, "org/board").endswith("/commit/abc")
    made = json.loads(next(body for path, body in server.asked if path == "/api/repos/create"))
    assert (made["name"], made["type"], made["sdk"]) == ("board", "space", "static")
    written, deleted = _committed(server)
    assert sorted(written) == ["README.md", *_names(site)]
    assert "sdk: static" in written["README.md"]
    assert written["models/a.html"] == "content of models/a.html"
    assert deleted == ["models/gone.html"]


def test_a_dataset_repository_keeps_its_card(site, server):
    hub.publish(site, "datasets/org/board")
    written, _ = _committed(server)
    assert "README.md" not in written


def test_a_hub_that_refuses_is_told_and_other_targets_are_misuse(site, server):
    server.refuses = True
    with pytest.raises(StoreError, match="cannot publish to org/board"):
        hub.publish(site, "org/board")
    for target in ("board", "org/board/x", "buckets/org/board", "a b/c"):
        with pytest.raises(UsageError, match="should have the form hf:ORG/NAME"):
            hub.publish(site, target)
