"""A gate's outcome for machines and for people: JUnit XML, GitHub annotations, Markdown."""

from xml.etree import ElementTree

import msgspec

from mmbench.gating.sequential import Early
from mmbench.gating.verdict import Judged, Outcome, Verdict

_MARK = {Verdict.passed: "✅ pass", Verdict.failed: "❌ fail", Verdict.undecided: "⚠️ undecided"}


def junit(outcome: Outcome, name: str = "mmbench gate") -> bytes:
    """Return JUnit XML: a test case a rule. Undecided is an error, not a failure, and never a pass."""
    failed = [item for item in outcome.judged if item.verdict is Verdict.failed]
    undecided = [item for item in outcome.judged if item.verdict is Verdict.undecided]
    counts = {"tests": len(outcome.judged), "failures": len(failed), "errors": len(undecided), "skipped": 0}
    numbers = {key: str(value) for key, value in counts.items()}
    suites = ElementTree.Element("testsuites", {"name": name, **numbers})
    suite = ElementTree.SubElement(suites, "testsuite", {"name": name, **numbers})
    for item in outcome.judged:
        case = ElementTree.SubElement(
            suite, "testcase", {"classname": _clean(item.task), "name": _clean(item.rule)}
        )
        if item.verdict is not Verdict.passed:
            tag = "failure" if item.verdict is Verdict.failed else "error"
            told = ElementTree.SubElement(case, tag, {"type": item.verdict.value, "message": _clean(item.reason)})
            told.text = _clean(f"{item.reason}. {item.advice}")
    ElementTree.indent(suites)
    document: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def annotations(outcome: Outcome) -> list[str]:
    """Return GitHub workflow commands: an error a failed rule, a warning an undecided one."""
    lines = []
    for item in outcome.judged:
        if item.verdict is not Verdict.passed:
            level = "error" if item.verdict is Verdict.failed else "warning"
            title = _escaped(f"{item.task} {item.rule}").replace(":", "%3A").replace(",", "%2C")
            lines.append(f"::{level} title={title}::{_escaped(f'{item.reason}. {item.advice}'.strip())}")
    return lines


def effort(early: Early | None) -> list[str]:
    """Say how many samples a sequential gate read, a line a task; nothing for other gates."""
    if early is None:
        return []
    lines = [f"{item.task}: {item.answered:,} of {item.total:,} samples read" for item in early.effort]
    return [*lines, f"{early.saved:.0%} of the samples saved"]


def as_json(outcome: Outcome, early: Early | None = None) -> str:
    """Return an outcome, and what a sequential gate read, as JSON."""
    content = msgspec.to_builtins(outcome)
    if early is not None:
        content |= {"run": str(early.run.path), "effort": msgspec.to_builtins(early.effort), "saved": early.saved}
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def markdown(outcome: Outcome, candidate: str, baseline: str = "", early: Early | None = None) -> str:
    """Return a table for a job summary or a pull-request comment."""
    against = f" against `{baseline}`" if baseline else ""
    lines = [
        f"### mmbench gate: {_MARK[outcome.verdict]}",
        "",
        f"`{candidate}`{against}",
        "",
        "| verdict | task | rule | value | bounds | n | |",
        "|---|---|---|---:|---|---:|---|",
    ]
    lines += [_line(item) for item in outcome.judged]
    lines += [f"\nNote: {note}" for note in outcome.notes]
    if early is not None:
        lines += ["", "; ".join(effort(early)) + "."]
    return "\n".join(lines) + "\n"


def _line(item: Judged) -> str:
    value = "" if item.value is None else f"{item.value:.2f}"
    bounds = "" if item.low is None or item.high is None else f"{item.low:.2f} … {item.high:.2f}"
    cells = [_MARK[item.verdict], item.task, item.rule, value, bounds, f"{item.n:,}", item.advice or ""]
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _clean(text: str) -> str:
    """Drop characters that XML 1.0 does not allow."""
    return "".join(character for character in text if character >= " " or character in "\t\n")
