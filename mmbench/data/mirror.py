"""A folder laid out like the Hub, for machines without a network: ``MMBENCH_DATA_DIR`` names it there."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from mmbench.data.hub import HubFiles, hub_files
from mmbench.dataset import Dataset, Hub
from mmbench.errors import DataError, StoreError, UsageError

_CARD = "README.md"


def pull(dataset: Dataset, name: str, options: Mapping[str, Any], to: Path) -> Path:
    """Copy what a dataset needs into a mirror: the files under test, those of its few-shot examples, and a card.

    What the mirror already holds of the set stays. Return the set's folder in the mirror.

    Raises:
        UsageError: the dataset does not come from the Hub.
        DataError: it cannot be had.
        StoreError: the mirror cannot be written.
    """
    if not isinstance(dataset.source, Hub):
        raise UsageError(f"dataset '{name}' does not come from the Hub, so there is nothing to pull.")
    wanted = hub_files(dataset.source, name, options)
    shots = dataset.shots
    parts = [wanted]
    if isinstance(shots, Hub) and shots.path == dataset.source.path:
        parts += _examples(shots, name, options)
    folder = to / dataset.source.path
    try:
        for part in parts:
            _copy(part, folder)
            _write_card(part, folder / _CARD)
    except OSError as error:
        raise StoreError(f"cannot write the mirror {to}: {error.strerror}. Choose another place.") from error
    return folder


def _examples(shots: Hub, name: str, options: Mapping[str, Any]) -> list[HubFiles]:
    """Return the files of few-shot examples; none where the source itself is a mirror without them."""
    plain = {key: value for key, value in options.items() if key != "split"}
    try:
        return [hub_files(shots, name, plain)]
    except DataError:
        return []


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
    source = _named(original.get("configs"), part.config)
    configs = {config["config_name"]: config for config in head.get("configs", [])}
    config = configs.setdefault(part.config, source | {"config_name": part.config, "data_files": []})
    splits = {entry["split"]: entry for entry in config["data_files"] if isinstance(entry, dict)} if head else {}
    splits[part.split] = {"split": part.split, "path": sorted(part.places)}
    config["data_files"] = list(splits.values())
    merged = {"license": original.get("license", "unknown")} | head | {"configs": list(configs.values())}
    features = _named(original.get("dataset_info"), part.config).get("features")
    if features:
        known = {entry["config_name"]: entry for entry in head.get("dataset_info", [])}
        known[part.config] = {"config_name": part.config, "features": features}
        merged["dataset_info"] = list(known.values())
    text = yaml.safe_dump(merged, sort_keys=False, allow_unicode=True)
    path.write_text(f"---\n{text}---\n{body}", encoding="utf-8")


def _named(entries: Any, config: str) -> dict[str, Any]:
    """Return the entry of a config; a card with one config only may give it without a list."""
    entries = entries if isinstance(entries, list) else [entries or {}]
    return next((dict(entry) for entry in entries if entry.get("config_name", "default") == config), {})


def read_card(path: Path) -> tuple[dict[str, Any], str]:
    """Return the YAML head of a card and the text below it.

    Raises:
        DataError: the head is no YAML mapping.
    """
    text = path.read_text(encoding="utf-8")
    if not text.startswith("---"):
        return {}, text
    _, head, body = text.split("---", 2)
    try:
        parsed = yaml.safe_load(head) or {}
    except yaml.YAMLError as error:
        raise DataError(f"cannot read the head of {path}: {error}") from error
    return parsed, body.removeprefix("\n")
