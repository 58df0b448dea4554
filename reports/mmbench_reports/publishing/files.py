"""The files of a site, and a folder made equal to it."""

import shutil
from pathlib import Path

from mmbench.errors import StoreError, UsageError
from mmbench.store.run_folder import cannot_write

INDEX = "index.html"


def site_files(site: Path) -> list[Path]:
    """Return the files of a site, relative to it, sorted.

    Raises:
        UsageError: it is no site.
    """
    if not (site / INDEX).is_file():
        raise UsageError(f"{site} is no site: it has no {INDEX}. Make one with `mmbench leaderboard build`.")
    return sorted(path.relative_to(site) for path in site.rglob("*") if path.is_file())


def mirror(site: Path, target: Path, *, keep: tuple[str, ...] = ()) -> None:
    """Make ``target`` hold the files of a site and no others, but for the top-level names in ``keep``.

    Raises:
        UsageError: the site is none, or one folder lies in the other.
        StoreError: the folder cannot be written.
    """
    files = site_files(site)
    here, there = site.resolve(), target.resolve()
    if here == there or here in there.parents or there in here.parents:
        raise UsageError(f"{site} and {target} lie in one another. Publish to another folder.")
    try:
        target.mkdir(parents=True, exist_ok=True)
        for old in sorted(target.rglob("*"), reverse=True):
            name = old.relative_to(target)
            if name.parts[0] in keep:
                continue
            if old.is_file() or old.is_symlink():
                if name not in files:
                    old.unlink()
            elif not any(old.iterdir()):
                old.rmdir()
        for name in files:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(site / name, target / name)
    except OSError as error:
        raise cannot_write(target, error) from error


def publish(site: Path, target: str) -> str:
    """Publish to a folder: a new one, an empty one, or one that holds a site.

    Raises:
        UsageError: the site is none, or the folder holds something else.
        StoreError: the folder cannot be written.
    """
    folder = Path(target)
    try:
        is_foreign = folder.is_dir() and any(folder.iterdir()) and not (folder / INDEX).is_file()
    except OSError as error:
        raise StoreError(f"cannot read {folder}: {error.strerror}.") from error
    if is_foreign or folder.is_file():
        raise UsageError(f"{folder} holds something else than a site. Choose a new folder.")
    mirror(site, folder)
    return str(folder)
