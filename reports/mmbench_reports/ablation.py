"""What each choice is worth: runs that differ from the first in one factor each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mmbench.errors import UsageError
from mmbench.store.run import Run
from mmbench_reports.blocks import blocks_of
from mmbench_reports.columns import Column, columns_of
from mmbench_reports.markdown import escape, row
from mmbench_reports.matrix import Matrix, Step, matrix_of
from mmbench_reports.tables import Block
from mmbench_reports.verdict import Verdict, listed


@dataclass(frozen=True)
class Factor:
    """A choice: its name, what the first run chose, and the model that chose each other level."""

    name: str
    base: str
    levels: Mapping[str, str]


@dataclass(frozen=True)
class Finding:
    """A factor's levels by the run that has them, and what they are worth.

    ``told`` says it in words; ``winner`` is the best of the levels that are clearly better than the base, "" if
    none is; ``worse`` are those that are clearly worse.
    """

    factor: Factor
    levels: dict[str, Column]
    told: str
    winner: str
    worse: list[str]


@dataclass(frozen=True)
class Ablation:
    """Findings a factor each, and the differences that they rest on."""

    matrix: Matrix
    findings: list[Finding]

    @property
    def verdict(self) -> Verdict:
        """Which choices win, in words."""
        won = [f"{one.winner} beats {one.factor.base}" for one in self.findings if one.winner]
        held = [one.factor.base for one in self.findings if not one.winner]
        worse = [level for one in self.findings for level in one.worse]
        told = [f"{listed(held)} {_hold(held)}."] if won and held else []
        told += [f"Clearly worse: {listed(worse)}."] if worse else []
        return Verdict(f"{listed(won)}." if won else "No change is clearly better than the base.", tuple(told))


def ablation_of(columns: Sequence[Column], matrix: Matrix, factors: Sequence[Factor]) -> Ablation:
    """Say what each factor's levels are worth.

    Raises:
        UsageError: a level's model is not among the runs.
    """
    by_name = {column.manifest.model.name: column for column in columns}
    findings = []
    for factor in factors:
        if missing := [model for model in factor.levels.values() if model not in by_name]:
            raise UsageError(f"the factor {factor.name} needs a run of {missing[0]}, which is not given.")
        levels = {level: by_name[model] for level, model in factor.levels.items()}
        findings.append(_finding(factor, levels, matrix))
    return Ablation(matrix, findings)


def _finding(factor: Factor, levels: dict[str, Column], matrix: Matrix) -> Finding:
    known = {level: matrix.overall[one.index] for level, one in levels.items() if one.index in matrix.overall}
    better = [level for level, one in known.items() if one.is_clear and one.delta > 0]
    worse = [level for level, one in known.items() if one.is_clear and one.delta < 0]
    rest = [level for level in known if level not in (*better, *worse)]
    winner = max(better, key=lambda level: known[level].delta, default="")
    told = []
    if winner:
        told.append(f"{winner} wins: {_points(matrix.means[levels[winner].index])} over {factor.base}.")
    else:
        told.append(f"{factor.base} {_hold([factor.base])}.")
    if others := [level for level in better if level != winner]:
        told.append(f"{listed(others)} beat{'s' * (len(others) == 1)} it too.")
    if worse:
        told.append(f"Clearly worse: {listed(worse)}.")
    if rest:
        told.append(f"May be chance: {listed(rest)}.")
    if apart := [level for level in levels if level not in known]:
        told.append(f"Not in all tasks: {listed(apart)}.")
    return Finding(factor, levels, " ".join(told), winner, worse)


def _hold(names: Sequence[str]) -> str:
    return "holds its place" if len(names) == 1 else "hold their places"


def _points(step: Step) -> str:
    return f"{step.delta} points ({step.interval})" if step.interval else f"{step.delta} points"


def text_of(runs: Sequence[Run], factors: Sequence[Factor]) -> str:
    """Return the findings as Markdown: a sentence a factor, and a table.

    Raises:
        StoreError: a run folder cannot be read.
        UsageError: a factor names a model that has no run.
    """
    columns = columns_of(runs)
    ablation = ablation_of(columns, matrix_of(columns, blocks_of(columns)), factors)
    lines = [f"- **{escape(one.factor.name)}**: {escape(one.told)}" for one in ablation.findings]
    return "\n".join([*lines, "", *_table(columns, ablation), "", *_legend(ablation.matrix), ""])


def _legend(matrix: Matrix) -> Iterator[str]:
    counts = listed(sorted({block.lines[0].n for block in matrix.blocks}))
    yield f"Differences from the base on the same samples, {counts} of each task, in the metric's own points, with"
    yield "95 % intervals of a paired bootstrap. Bold: chance does not explain it (p < 0.05, Holm)."
    if matrix.means:
        yield f'"All tasks" is the mean over {escape(listed([block.name for block in matrix.tasks], 12))},'
        yield "in points of a hundred; an error rate counts as one minus it."


def _table(columns: Sequence[Column], ablation: Ablation) -> Iterator[str]:
    """Yield the lines of a table: a row a level, the differences from the first run in each task."""
    matrix = ablation.matrix
    heads = [f"{escape(block.name)} {escape(block.lines[0].metric)}{_arrow(block)}" for block in matrix.blocks]
    mean = ["all tasks"] if matrix.means else []
    yield row(["factor", "choice", *mean, *heads])
    yield row(["---", "---", *["---:"] * len([*mean, *heads])])
    base = [block.lines[0].cells[0].value for block in matrix.blocks]
    yield row([f"base: {escape(columns[0].label)}", "", *[""] * len(mean), *base])
    for finding in ablation.findings:
        for number, (level, column) in enumerate(finding.levels.items()):
            told = f"**{escape(level)}**" if level == finding.winner else escape(level)
            first = f"{escape(finding.factor.name)} (base: {escape(finding.factor.base)})" if number == 0 else ""
            means = [_cell(matrix.means.get(column.index))] if mean else []
            yield row([first, told, *means, *(_cell(step) for step in matrix.steps[column.index])])


def _arrow(block: Block) -> str:
    return "" if block.lines[0].higher_is_better else " ↓"


def _cell(step: Step | None) -> str:
    if step is None:
        return "–"
    delta = f"**{step.delta}**" if step.side else step.delta
    return f"{delta} ({step.interval})" if step.interval else delta
