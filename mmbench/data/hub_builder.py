"""From a repository's name to a builder of ``datasets`` that knows the files of every split."""

from pathlib import Path
from typing import Any

from mmbench.dataset import Hub
from mmbench.errors import DataError

CONVERTED = "parquet:"
"""Begins revisions of the Hub's own conversion to Parquet, which lives on a branch apart."""

_BRANCH = "refs/convert/parquet"


def builder_of(hub: Hub, mirror: Path | None, name: str) -> Any:
    """Return a builder for a mirror's folder or a repository.

    A repository that is a loading script, which ``datasets`` no longer runs, is read from the Hub's own
    conversion of it to Parquet.

    Raises:
        DataError: a folder here has the repository's name.
        OSError, ValueError, RuntimeError: as ``datasets`` and the Hub's client tell it.
    """
    import datasets

    if not mirror and Path(hub.path).is_dir():
        raise DataError(
            f"dataset '{name}': a folder '{hub.path}' here would hide the Hub's. "
            "Set MMBENCH_DATA_DIR=. to use it, or run from another folder."
        )
    if mirror:
        return datasets.load_dataset_builder(str(mirror), hub.config)
    if hub.revision and hub.revision.startswith(CONVERTED):
        return _converted(hub, name, hub.revision.removeprefix(CONVERTED))
    try:
        return datasets.load_dataset_builder(hub.path, hub.config, revision=hub.revision)
    except RuntimeError as error:
        if not str(error).startswith("Dataset scripts"):
            raise
        return _converted(hub, name, None)


def is_converted(builder: Any, path: str) -> bool:
    """Tell whether a builder reads the Hub's conversion of a repository, and not the repository."""
    return bool(builder.repo_id != path)


def _converted(hub: Hub, name: str, commit: str | None) -> Any:
    """Return a builder for the branch ``refs/convert/parquet``: ``<config>/<split>/<number>.parquet``."""
    import datasets
    from huggingface_hub import HfApi
    from huggingface_hub.errors import EntryNotFoundError, RevisionNotFoundError
    from huggingface_hub.hf_api import RepoFolder

    api, config = HfApi(), hub.config or "default"
    try:
        commit = commit or api.repo_info(hub.path, repo_type="dataset", revision=_BRANCH).sha
        tree = list(api.list_repo_tree(hub.path, config, revision=commit, repo_type="dataset"))
    except (EntryNotFoundError, RevisionNotFoundError) as error:
        raise DataError(
            f"dataset '{name}': '{hub.path}' is a loading script, which is no longer run, and the Hub has no "
            f"conversion of config '{config}' to Parquet. Set MMBENCH_DATA_DIR to a mirror that holds it."
        ) from error
    splits = [entry.path.rpartition("/")[2] for entry in tree if isinstance(entry, RepoFolder)]
    files = {
        split: f"hf://datasets/{hub.path}@{commit}/{config}/{split}/*.parquet"
        for split in splits
        if not split.startswith("partial-")
    }
    return datasets.load_dataset_builder("parquet", data_files=files)
