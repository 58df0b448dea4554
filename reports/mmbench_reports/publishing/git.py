"""Publishing to a branch of a git repository, as GitHub Pages and its like serve it."""

import os
import subprocess
import tempfile
from pathlib import Path

from mmbench.errors import StoreError, UsageError
from mmbench_reports.publishing.files import mirror, site_files

BRANCH = "gh-pages"
_KEPT = (".git", "CNAME")
_IDENTITY = {"GIT_AUTHOR_NAME": "mmbench", "GIT_AUTHOR_EMAIL": "mmbench@localhost"}


def publish(site: Path, target: str) -> str:
    """Commit a site to a branch and push it; nothing is pushed if nothing changed.

    Args:
        site: the site's folder.
        target: ``REMOTE`` or ``REMOTE#BRANCH``, where the remote is a path or URL that git understands. The branch
            is made if it is not there; its ``CNAME`` is kept.

    Returns:
        Remote and branch, for people.

    Raises:
        UsageError: the site is none, or git is not installed.
        StoreError: git refuses; the message is its own.
    """
    remote, _, branch = target.rpartition("#") if "#" in target else (target, "", BRANCH)
    site_files(site)
    if not remote or not branch or remote.startswith("-") or branch.startswith("-"):
        raise UsageError(f"git:{target} should have the form git:REMOTE or git:REMOTE#BRANCH.")
    with tempfile.TemporaryDirectory(prefix="mmbench-") as scratch:
        clone = Path(scratch) / "site"
        _checkout(remote, branch, clone)
        mirror(site, clone, keep=_KEPT)
        (clone / ".nojekyll").touch()
        _git(clone, "add", "--all")
        if not _git(clone, "status", "--porcelain"):
            return f"{remote}#{branch}, which is up to date"
        _git(clone, "commit", "--quiet", "--message", "Leaderboard")
        _git(clone, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
    return f"{remote}#{branch}"


def _checkout(remote: str, branch: str, clone: Path) -> None:
    """Fetch the branch, or begin one without history."""
    clone.mkdir()
    _git(clone, "init", "--quiet", "--initial-branch", branch)
    _git(clone, "remote", "add", "origin", remote)
    if _git(clone, "ls-remote", "--heads", "origin", f"refs/heads/{branch}"):
        _git(clone, "fetch", "--quiet", "--depth", "1", "origin", f"refs/heads/{branch}")
        _git(clone, "reset", "--quiet", "--hard", "FETCH_HEAD")


def _git(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    for name, value in _IDENTITY.items():
        environment.setdefault(name, value)
        environment.setdefault(name.replace("AUTHOR", "COMMITTER"), value)
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise UsageError("publishing to a branch needs git, which is not installed.") from error
    if done.returncode:
        reason = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise StoreError(f"git {arguments[0]}: {reason}")
    return done.stdout
