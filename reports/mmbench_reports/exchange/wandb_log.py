"""Logs runs to Weights & Biases; ``WANDB_MODE=offline`` keeps them in a local folder."""

from typing import Any

from mmbench.errors import StoreError, UsageError
from mmbench.store.run import Run
from mmbench_reports.exchange.tracking import files_of, metrics_of, name_of, parameters_of, tags_of, tracker


def log(run: Run, target: str) -> str:
    """Log a run.

    Args:
        run: a run folder.
        target: ``PROJECT`` or ``ENTITY/PROJECT``; "" for the project "mmbench".

    Returns:
        Where it is now, for people.

    Raises:
        UsageError: wandb is not installed, or wants a login.
        StoreError: wandb refuses the run.
    """
    wandb: Any = tracker("wandb.errors", "Weights & Biases")
    entity, _, project = target.rpartition("/")
    manifest = run.manifest
    try:
        made: Any = wandb.init(
            project=project or "mmbench",
            entity=entity or None,
            name=name_of(run),
            config={**parameters_of(run), **tags_of(run)},
            job_type="evaluation",
            reinit="create_new",
            settings=wandb.Settings(silent=True, console="off"),
        )
        made.summary.update(metrics_of(run))
        artifact = wandb.Artifact(run.path.name, type="mmbench-run")
        for path in files_of(run):
            artifact.add_file(str(path))
        made.log_artifact(artifact)
        made.finish(exit_code=1 if manifest.status == "failed" else 0)
    except wandb.errors.UsageError as error:
        raise UsageError(f"wandb: {error} Log in with `wandb login`, or set WANDB_MODE=offline.") from error
    except wandb.errors.Error as error:
        raise StoreError(f"cannot log to wandb: {error}") from error
    return f"wandb run {made.id} in project '{project or 'mmbench'}'"
