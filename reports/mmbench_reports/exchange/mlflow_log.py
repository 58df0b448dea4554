"""Logs runs to MLflow: a run each in the experiment "mmbench"."""

from typing import Any

from mmbench.errors import StoreError
from mmbench.store.run import Run
from mmbench_reports.exchange.tracking import files_of, metrics_of, name_of, parameters_of, tags_of, tracker

EXPERIMENT = "mmbench"
_LONGEST = 6000
"""Characters of a parameter's value that MLflow keeps."""


def log(run: Run, target: str) -> str:
    """Log a run.

    Args:
        run: a run folder.
        target: the tracking URI (``sqlite:///mlflow.db``, ``http://…``); "" for what MLflow is set to.

    Returns:
        Where it is now, for people.

    Raises:
        UsageError: MLflow is not installed.
        StoreError: MLflow cannot be reached, or refuses the run.
    """
    mlflow: Any = tracker("mlflow.exceptions", "MLflow")
    manifest = run.manifest
    try:
        client: Any = mlflow.MlflowClient(tracking_uri=target or None)
        known = client.get_experiment_by_name(EXPERIMENT)
        experiment = known.experiment_id if known else client.create_experiment(EXPERIMENT)
        made = client.create_run(experiment, run_name=name_of(run), tags=tags_of(run))
        identity = made.info.run_id
        for name, value in parameters_of(run).items():
            client.log_param(identity, name, value[:_LONGEST])
        for name, number in metrics_of(run).items():
            client.log_metric(identity, name, number)
        for path in files_of(run):
            client.log_artifact(identity, str(path))
        client.set_terminated(identity, "FAILED" if manifest.status == "failed" else "FINISHED")
    except (mlflow.exceptions.MlflowException, OSError) as error:
        where = target or "MLflow's own tracking URI"
        raise StoreError(f"cannot log to {where}: {str(error).strip().splitlines()[0]}") from error
    return f"mlflow run {identity} in experiment '{EXPERIMENT}'"
