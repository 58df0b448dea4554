"""What experiment trackers are told of a run: parameters, metrics, tags and the run folder's files."""

import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

from mmbench.errors import UsageError
from mmbench.store.run import Run
from mmbench.store.run_folder import MANIFEST, RESULTS, SAMPLE_ROWS
from mmbench_reports.exchange.mains import finished

FILES = (MANIFEST, RESULTS, SAMPLE_ROWS, "report.html")
_UNKNOWN = re.compile(r"[^A-Za-z0-9_\-. /]")


def metrics_of(run: Run) -> dict[str, float]:
    """Return ``task/dataset/metric`` -> value, with ``…_low``, ``…_high`` and ``…_n``, and what the work took."""
    told: dict[str, float] = {}
    for record, found in finished(run):
        place = f"{record.name}/{record.dataset.name}"
        for entry in found:
            key = key_of(f"{place}/{entry.metric}")
            told[key] = float(entry.value or 0.0)
            if entry.interval:
                told |= {f"{key}_low": entry.interval.low, f"{key}_high": entry.interval.high}
            told[f"{key}_n"] = float(entry.n)
        work = record.efficiency
        rates = {"samples_per_second": work.samples_per_second, "cache_hit_rate": work.cache_hit_rate}
        told |= {key_of(f"{place}/{name}"): rate for name, rate in rates.items() if rate is not None}
        told[key_of(f"{place}/seconds")] = work.seconds
        told[key_of(f"{place}/errors")] = float(record.errors)
    return told


def parameters_of(run: Run) -> dict[str, str]:
    """Return what the run was asked: model, seed, tasks and their options."""
    manifest = run.manifest
    told = {
        "model": manifest.model.spec,
        "seed": str(manifest.seed),
        "batch_size": str(manifest.batch_size or "auto"),
    }
    told |= {f"model.{name}": str(value) for name, value in manifest.model.options.items()}
    for record in manifest.tasks:
        place = f"{record.name}/{record.dataset.name}"
        told[f"{place}/limit"] = str(record.limit)
        told[f"{place}/shots"] = str(record.shots)
        told[f"{place}/version"] = record.version
    return {key_of(name): value for name, value in told.items()}


def tags_of(run: Run) -> dict[str, str]:
    """Return where the numbers come from: fingerprints, versions, status."""
    manifest = run.manifest
    told = {"mmbench.run": run.path.name, "mmbench.status": manifest.status}
    if manifest.model.fingerprint:
        told["mmbench.model_fingerprint"] = manifest.model.fingerprint
    for record in manifest.tasks:
        told[f"mmbench.dataset.{record.name}.{record.dataset.name}"] = record.dataset.fingerprint
    return {key_of(name): value for name, value in told.items()} | {
        f"mmbench.version.{name}": version for name, version in manifest.versions.items()
    }


def name_of(run: Run) -> str:
    """Return what a tracker calls the run."""
    return f"{run.manifest.model.name} {run.path.name}"


def tracker(errors: str, called: str) -> ModuleType:
    """Import the package whose module ``errors`` is, and that module; ``called`` is what people call it.

    Raises:
        UsageError: it is not installed; the extra of its name brings it.
    """
    package = errors.partition(".")[0]
    try:
        import_module(errors)
        return import_module(package)
    except ModuleNotFoundError as error:
        raise UsageError(f"logging to {called} needs it: pip install 'mmbench[{package}]'.") from error


def files_of(run: Run) -> list[Path]:
    """Return the files of the run folder that a tracker keeps."""
    return [path for name in FILES if (path := run.path / name).is_file()]


def key_of(name: str) -> str:
    """Make a name that trackers take: letters, digits and ``_-. /`` only.

    >>> key_of("vqa:scenes/f1@5")
    'vqa_scenes/f1_5'
    """
    return _UNKNOWN.sub("_", name)
