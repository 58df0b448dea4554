"""Publishing to the Hugging Face Hub: a static Space, or a folder of files in a repository."""

import re
import tempfile
from pathlib import Path

from mmbench.errors import StoreError, UsageError
from mmbench_reports.publishing.files import mirror, site_files

_TARGET = re.compile(r"(?:(?P<kind>spaces|datasets|models)/)?(?P<name>[\w.-]+/[\w.-]+)")
_CARD = """---
title: {title}
sdk: static
app_file: index.html
pinned: false
---
"""


def publish(site: Path, target: str) -> str:
    """Upload a site; files of an older one that are gone are deleted.

    Args:
        site: the site's folder.
        target: ``ORG/NAME`` or ``spaces/ORG/NAME`` for a static Space, which is made if it is not there,
            ``datasets/ORG/NAME`` or ``models/ORG/NAME`` for a repository. The token is that of ``hf auth login``.

    Raises:
        UsageError: the site is none, or the target has another form.
        StoreError: the Hub cannot be reached, or refuses.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    found = _TARGET.fullmatch(target)
    if found is None:
        raise UsageError(f"hf:{target} should have the form hf:ORG/NAME, or hf:datasets/ORG/NAME.")
    site_files(site)
    kind = (found["kind"] or "spaces").removesuffix("s")
    api = HfApi()
    with tempfile.TemporaryDirectory(prefix="mmbench-") as scratch:
        folder = Path(scratch) / "site"
        mirror(site, folder)
        if kind == "space":
            (folder / "README.md").write_text(_CARD.format(title=found["name"].partition("/")[2]), "utf-8")
        try:
            api.create_repo(
                found["name"], repo_type=kind, exist_ok=True, space_sdk="static" if kind == "space" else None
            )
            done = api.upload_folder(
                repo_id=found["name"],
                repo_type=kind,
                folder_path=folder,
                commit_message="Leaderboard",
                delete_patterns=["models/*.html", "badges/*.svg"],
            )
        except (HfHubHTTPError, OSError, ValueError) as error:
            raise StoreError(f"cannot publish to {found['name']}: {str(error).splitlines()[0]}") from error
    return str(getattr(done, "commit_url", "") or found["name"])
