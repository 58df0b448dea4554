"""``mmbench run``: the main job."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from mmbench.engine.replicas import RaySettings
    from mmbench.store.run import Run


def run(
    model: Annotated[
        list[str],
        typer.Option("--model", "-m", help="reference, a folder, org/name, python:mod:fn, random ... Repeatable."),
    ],
    tasks: Annotated[
        list[str], typer.Option("--tasks", "-t", help="vqa,caption or vqa:vqav2 or vqa:* or core. Repeatable.")
    ],
    limit: Annotated[int | None, typer.Option(help="Use the first N rows of each dataset.")] = None,
    shots: Annotated[int, typer.Option(help="Few-shot examples before each question.")] = 0,
    batch_size: Annotated[str, typer.Option(help="Requests a batch: auto or a number.")] = "auto",
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:1 ...")] = None,
    dtype: Annotated[str | None, typer.Option(help="auto, float32, bfloat16, float16.")] = None,
    seed: Annotated[int, typer.Option(help="Of sampling, few-shot choice and bootstrap.")] = 0,
    out: Annotated[Path, typer.Option(help="Where run folders are made.")] = Path("runs"),
    cache: Annotated[str | None, typer.Option(help="Response store, or 'off'; else OUT/responses.sqlite.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Task option key=value or task.key=value. Repeatable.")
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", help="A further metric: name or name:option=value,..."),
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(help="Of written answers, in place of the tasks' own; 0 is greedy.")
    ] = None,
    top_p: Annotated[
        float | None, typer.Option(help="Nucleus of sampled answers, in place of the tasks' own.")
    ] = None,
    repeats: Annotated[
        int, typer.Option(help="Answers to each sample, drawn with different seeds; needs a temperature above 0.")
    ] = 1,
    interval: Annotated[
        str,
        typer.Option(
            help="auto, wilson, bootstrap, bca or analytic; METHOD:stratify=SLICE keeps slice sizes fixed."
        ),
    ] = "auto",
    model_set: Annotated[list[str] | None, typer.Option(help="Model option key=value. Repeatable.")] = None,
    max_requests: Annotated[int | None, typer.Option(help="openai: most requests to send, repeats too.")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="openai: most tokens in and out to use.")] = None,
    max_cost: Annotated[float | None, typer.Option(help="openai: most dollars to spend; needs prices.")] = None,
    prices: Annotated[
        Path | None, typer.Option(help="openai: YAML table, model: {in: $, out: $} for a million tokens.")
    ] = None,
    engine: Annotated[str, typer.Option(help="local, or ray: copies of the model in worker processes.")] = "local",
    address: Annotated[str | None, typer.Option(help="ray: a cluster, else this machine.")] = None,
    replicas: Annotated[int | None, typer.Option(help="ray: copies of the model; else one a GPU.")] = None,
    gpus_per_replica: Annotated[float | None, typer.Option(help="ray: GPUs of each, such as 2 or 0.5.")] = None,
    cpus_per_replica: Annotated[float, typer.Option(help="ray: processor cores, and threads, of each.")] = 1.0,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Run Python code that comes with the checkpoint.")
    ] = False,
    prompt_variants: Annotated[
        int, typer.Option(help="Also ask in the first N other wordings of each prompt; report the spread.")
    ] = 0,
    blind: Annotated[bool, typer.Option("--blind", help="Take pictures and sounds out of every prompt.")] = False,
    probe: Annotated[
        bool | None,
        typer.Option(
            help="Ask 32 requests again one at a time, tell how many change; else in low precision only."
        ),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print results as JSON on standard output.")] = False,
    report: Annotated[bool, typer.Option(help="Write report.html into the run folder.")] = True,
    log: Annotated[
        list[str] | None, typer.Option("--log", help="Log to mlflow:URI or wandb:PROJECT too. Repeatable.")
    ] = None,
) -> None:
    """Run models over tasks: answers are kept as they come, scored, and reported."""
    from rich.console import Console

    from mmbench.cli.progress import ProgressView
    from mmbench.cli.report import check_targets, log_run
    from mmbench.engine.evaluate import evaluate

    check_targets(log or [])
    loader_options: dict[str, Any] = {"device": device, "dtype": dtype, "prices": str(prices) if prices else None}
    loader_options |= {"max_requests": max_requests, "max_tokens": max_tokens, "max_cost": max_cost}
    loader_options = {key: value for key, value in loader_options.items() if value is not None}
    loader_options |= {"trust_remote_code": True} if trust_remote_code else {}
    loader_options |= {key: literal(value) for key, value in pairs("--model-set", model_set).items()}
    where = _engine(engine, address, replicas, gpus_per_replica, cpus_per_replica)
    console = Console(stderr=True)
    runs = []
    for spec in model:
        with ProgressView(console) as view:
            finished = evaluate(
                spec,
                tasks,
                limit=limit,
                shots=shots,
                batch_size=_batch_size(batch_size),
                seed=seed,
                out=out,
                cache=cache,
                metrics=metric or (),
                options=pairs("--set", set_),
                model_options=loader_options,
                temperature=temperature,
                top_p=top_p,
                repeats=repeats,
                interval=interval,
                prompt_variants=prompt_variants,
                engine=where,
                blind=blind,
                probe=probe,
                on_event=view,
            )
        _tell(finished, json_, report)
        log_run(finished, log or [])
        runs.append(finished)
    raise typer.Exit(_exit_code(runs))


def _tell(finished: "Run", as_json: bool, report: bool) -> None:
    from mmbench.cli.console import say, standard_output
    from mmbench.cli.efficiency import efficiency_lines
    from mmbench.cli.spread import spread_tables
    from mmbench.cli.tables import results_table

    if as_json:
        typer.echo((finished.path / "results.json").read_text(), nl=False)
    elif finished.entries:
        console = standard_output()
        console.print(results_table(finished.entries, finished.manifest.model.name))
        for table in spread_tables(finished):
            console.print(table)
        for task in finished.manifest.tasks:
            for line in efficiency_lines(task) if task.status == "done" else ():
                say(console, line)
    if report and finished.entries:
        _write_report(finished, as_json)


def _write_report(finished: "Run", as_json: bool) -> None:
    """Write report.html; a renderer that fails costs the page, never the run."""
    from mmbench import plugins
    from mmbench.errors import MMBenchError

    page = finished.path / "report.html"
    try:
        plugins.load("renderers", "html")([finished], page)
    except MMBenchError as error:
        typer.echo(f"note: no report was written: {error}", err=True)
    else:
        typer.echo(f"report: {page}", err=as_json)


def _exit_code(runs: "list[Run]") -> int:
    statuses = {finished.manifest.status for finished in runs}
    if statuses == {"done"}:
        return 0
    return 2 if statuses == {"failed"} else 3


def _engine(
    name: str, address: str | None, replicas: int | None, gpus: float | None, cpus: float
) -> "str | RaySettings":
    """Read where the model runs; options of Ray need Ray."""
    from mmbench.engine.replicas import RaySettings
    from mmbench.errors import UsageError

    settings = RaySettings(address, replicas, gpus, cpus)
    if name == "ray":
        return settings
    if settings != RaySettings():
        raise UsageError("--address, --replicas, --gpus-per-replica and --cpus-per-replica need --engine ray.")
    return name


def _batch_size(text: str) -> int | None:
    from mmbench.errors import UsageError

    if text == "auto":
        return None
    if not text.lstrip("-").isdigit():
        raise UsageError(f"--batch-size must be 'auto' or a number, not '{text}'.")
    return int(text)


def literal(text: str) -> Any:
    """Read a number or a boolean; anything else is text."""
    import json

    try:
        return json.loads(text.lower() if text in ("True", "False") else text)
    except ValueError:
        return text


def pairs(flag: str, items: list[str] | None) -> dict[str, str]:
    """Read ``key=value`` options."""
    from mmbench.errors import UsageError

    found = {}
    for item in items or []:
        key, equals, value = item.partition("=")
        if not equals or not key:
            raise UsageError(f"{flag} {item}: write it as key=value.")
        found[key.strip()] = value
    return found
