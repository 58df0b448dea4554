"""JUnit XML: a suite a run, a case a task, so that a CI system shows what ran, what did not, and the scores."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from mmbench.store.records import Result, TaskRecord
from mmbench.store.run import Run
from mmbench.store.run_folder import write_atomic
from mmbench_reports.columns import Column, columns_of, place_of
from mmbench_reports.numbers import interval_text, value_text
from mmbench_reports.plain import plain


def render(runs: Sequence[Run], out: Path) -> None:
    """Write JUnit XML. A task that failed is an error, one with unanswered samples a failure.

    Args:
        runs: run folders; a suite each.
        out: the file, which is replaced as a whole.

    Raises:
        StoreError: a run folder cannot be read, or the file cannot be written.
    """
    suites = ElementTree.Element("testsuites", name="mmbench")
    for column in columns_of(runs):
        _suite(suites, column)
    for key in ("tests", "failures", "errors", "skipped"):
        suites.set(key, str(sum(int(suite.get(key, "0")) for suite in suites)))
    suites.set("time", f"{sum(float(suite.get('time', '0')) for suite in suites):.3f}")
    ElementTree.indent(suites)
    document: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    write_atomic(out, document + b"\n")


def _suite(suites: ElementTree.Element, column: Column) -> None:
    tasks = column.manifest.tasks
    suite = ElementTree.SubElement(
        suites,
        "testsuite",
        name=plain(column.label),
        tests=str(len(tasks)),
        failures=str(sum(task.status == "done" and task.errors > 0 for task in tasks)),
        errors=str(sum(task.status in ("failed", "pending") for task in tasks)),
        skipped=str(sum(task.status == "skipped" for task in tasks)),
        time=f"{sum(task.efficiency.seconds for task in tasks):.3f}",
    )
    if column.manifest.started:
        suite.set("timestamp", column.manifest.started.removesuffix("Z"))
    told = {"model": column.manifest.model.spec, "fingerprint": column.manifest.model.fingerprint}
    _properties(suite, {**told, "run": column.run.path.name, "seed": str(column.manifest.seed)})
    for task in tasks:
        _case(suite, column, task)


def _case(suite: ElementTree.Element, column: Column, task: TaskRecord) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=plain(f"{column.label}.{task.name}"),
        name=plain(f"{task.name}:{task.dataset.name}"),
        time=f"{task.efficiency.seconds:.3f}",
    )
    mine = [entry for entry in column.entries if (entry.task, entry.dataset) == place_of(task) and not entry.slice]
    if mine:
        _properties(case, {entry.metric: repr(entry.value) for entry in mine if entry.value is not None})
    if task.status == "skipped":
        ElementTree.SubElement(case, "skipped", message=plain(task.reason))
    elif task.status != "done":
        ElementTree.SubElement(case, "error", type=task.status, message=plain(task.reason))
    elif task.errors:
        message = f"{task.errors:,} of {task.efficiency.samples:,} samples have no answer: {task.first_error}"
        ElementTree.SubElement(case, "failure", type="unanswered", message=plain(message))
    if mine:
        ElementTree.SubElement(case, "system-out").text = plain("\n".join(_line(entry) for entry in mine))


def _line(entry: Result) -> str:
    interval = interval_text(entry.interval, entry.range)
    value = value_text(entry.value, entry.range) + (f" ({interval})" if interval else "")
    return f"{entry.metric}: {value}, n {entry.n}"


def _properties(parent: ElementTree.Element, values: dict[str, str]) -> None:
    properties = ElementTree.SubElement(parent, "properties")
    for name, value in values.items():
        ElementTree.SubElement(properties, "property", name=plain(name), value=plain(value))
