"""A folder laid out like the Hub, for machines without a network: ``MMBENCH_DATA_DIR`` names it there."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from mmbench.data.hub import HubFiles, hub_files
from mmbench.data.metadata import CARD, entry_of, read_card
from mmbench.data.places import mirror_folder
from mmbench.dataset import Dataset, Hub
from mmbench.errors import DataError, StoreError, UsageError


def pull(dataset: Dataset, name: str, options: Mapping[str, Any], to: Path) -> Path:
    """Copy what a dataset needs into a mirror: files under test, second table, few-shot examples, and cards.

    What the mirror already holds of the set stays. Return the set's folder in the mirror.

    Raises:
        UsageError: the dataset does not come from the Hub.
        DataError: it cannot be had.
        StoreError: the mirror cannot be written.
    """
    if not isinstance(dataset.source, Hub):
        raise UsageError(f"dataset '{name}' does not come from the Hub, so there is nothing to pull.")
    try:
        for path, part in _parts(dataset, dataset.source, name, options):
            folder = to / path
            _copy(part, folder)
            _write_card(part, folder / CARD)
    except OSError as error:
        raise StoreError(f"cannot write the mirror {to}: {error.strerror}. Choose another place.") from error
    return to / dataset.source.path


def _parts(dataset: Dataset, source: Hub, name: str, options: Mapping[str, Any]) -> Iterator[tuple[str, HubFiles]]:
    """Yield repository and files of the rows under test, of the table that completes them, and of the examples."""
    yield source.path, hub_files(source, name, options)
    if dataset.join and isinstance(dataset.join.source, Hub):
        yield dataset.join.source.path, hub_files(dataset.join.source, name, options)
    if isinstance(dataset.shots, Hub):
        try:
            plain = {key: value for key, value in options.items() if key != "split"}
            examples = hub_files(dataset.shots, name, plain)
        except DataError:
            if mirror_folder(dataset.shots) is None:
                raise
            return  # a mirror of a mirror: the first one has no examples either
        yield dataset.shots.path, examples


def _copy(part: HubFiles, folder: Path) -> None:
    for path, place in part.places.items():
        target = folder / path
        if target.exists() and target.samefile(place):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(target.name + ".part")
        shutil.copyfile(place, temporary)
        temporary.replace(target)


def _write_card(part: HubFiles, path: Path) -> None:
    """Write or extend the card, whose head tells ``datasets`` which files belong to which config and split."""
    original, body = read_card(part.card) if part.card else ({}, "")
    head = read_card(path)[0] if path.exists() else {}
    source = entry_of(original.get("configs"), part.config)
    configs = {config["config_name"]: config for config in head.get("configs", [])}
    config = configs.setdefault(part.config, source | {"config_name": part.config, "data_files": []})
    splits = {entry["split"]: entry for entry in config["data_files"] if isinstance(entry, dict)} if head else {}
    splits[part.split] = {"split": part.split, "path": sorted(part.places)}
    config["data_files"] = list(splits.values())
    merged = {"license": original.get("license", "unknown")} | head | {"configs": list(configs.values())}
    features = entry_of(original.get("dataset_info"), part.config).get("features")
    if features:
        known = {entry["config_name"]: entry for entry in head.get("dataset_info", [])}
        known[part.config] = {"config_name": part.config, "features": features}
        merged["dataset_info"] = list(known.values())
    text = yaml.safe_dump(merged, sort_keys=False, allow_unicode=True)
    path.write_text(f"---\n{text}---\n{body}", encoding="utf-8")
