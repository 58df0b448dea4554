"""What two runs of one task do not have in common, and what shows it."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from mmbench.engine.options import option_kinds
from mmbench.engine.rescore import Rescored
from mmbench.store.records import TaskRecord
from mmbench.store.run import Run
from mmbench.task import Task

DECODING = frozenset({"max_tokens", "stop", "temperature", "top_p", "mode", "circular"})
"""Options of tasks that change how a model answers, and not what it is shown."""
NUMERIC = frozenset({"dtype", "device", "attn_implementation", "attention", "quantization", "threads", "compile"})
"""Options of models that change the arithmetic, and not the weights."""


class Cause(StrEnum):
    """Why two runs differ."""

    items = "items"
    dataset = "dataset"
    prompt = "prompt"
    decoding = "decoding"
    extraction = "extraction"
    metric = "metric"
    model = "model"
    numerics = "numerics"


@dataclass(frozen=True)
class Side:
    """One task of one run: its record, its samples by id, and the task as it was configured."""

    run: Run
    record: TaskRecord
    rows: dict[str, Rescored]
    task: Task


@dataclass(frozen=True)
class Pair:
    """The same task in two runs."""

    a: Side
    b: Side

    @cached_property
    def common(self) -> list[str]:
        """Ids that both runs answered."""
        return [key for key in self.a.rows if self._answered(self.a, key) and self._answered(self.b, key)]

    @cached_property
    def prompts_changed(self) -> set[str]:
        """Common ids whose prompt, media included, is not the same."""
        return {key for key in self.common if self._asked(self.a, key) != self._asked(self.b, key)}

    @cached_property
    def media_changed(self) -> int:
        """How many common samples have other media."""
        return sum(self.a.rows[key].row["media"] != self.b.rows[key].row["media"] for key in self.common)

    @cached_property
    def references_changed(self) -> int:
        """How many common samples have another target, answer, set of choices or facts."""
        names = ("target", "answer", "choices", "info")
        return sum(
            any(self.a.rows[key].row[name] != self.b.rows[key].row[name] for name in names) for key in self.common
        )

    @cached_property
    def options(self) -> dict[str, tuple[Any, Any]]:
        """Options of the task and of its data that differ."""
        left, right = self.a.record.options, self.b.record.options
        names = sorted(left.keys() | right.keys())
        return {name: (left.get(name), right.get(name)) for name in names if left.get(name) != right.get(name)}

    @cached_property
    def answers_changed(self) -> int:
        """How many common samples with the same prompt have other answers."""
        same = [key for key in self.common if key not in self.prompts_changed]
        return sum(self._said(self.a, key) != self._said(self.b, key) for key in same)

    @cached_property
    def readings_changed(self) -> int:
        """How many of A's stored predictions are read otherwise by B: from equal answers, or by its options."""
        return sum(self._read_otherwise(key) for key in self.common)

    def _read_otherwise(self, key: str) -> bool:
        a, b = self.a.rows[key], self.b.rows[key]
        if self._said(self.a, key) == self._said(self.b, key):
            return bool(a.row["prediction"] != b.row["prediction"])
        return self.b.task.parse(a.turns[0], a.sample).text != self.a.task.parse(a.turns[0], a.sample).text

    @staticmethod
    def _answered(side: Side, key: str) -> bool:
        return key in side.rows and side.rows[key].row["error"] is None

    @staticmethod
    def _asked(side: Side, key: str) -> tuple[str, list[str]]:
        row = side.rows[key].row
        return row["prompt"], row["media"]

    @staticmethod
    def _said(side: Side, key: str) -> list[tuple[str, tuple[float, ...]]]:
        return [(said.text, tuple(said.logprobs)) for turn in side.rows[key].turns for said in turn]


def find_causes(pair: Pair) -> dict[Cause, str]:
    """Return the causes of a difference, each with what shows it."""
    tests = {
        Cause.items: _items,
        Cause.dataset: _dataset,
        Cause.prompt: _prompt,
        Cause.decoding: _decoding,
        Cause.extraction: _extraction,
        Cause.metric: _metric,
        Cause.model: _model,
    }
    found = {cause: shown for cause, test in tests.items() if (shown := test(pair))}
    answered_alike = not found.keys() & {Cause.decoding, Cause.model}
    if answered_alike and (shown := _numerics(pair)):
        found[Cause.numerics] = shown
    return found


def _items(pair: Pair) -> str:
    only_a = pair.a.rows.keys() - pair.b.rows.keys()
    only_b = pair.b.rows.keys() - pair.a.rows.keys()
    silent = len(pair.a.rows.keys() & pair.b.rows.keys()) - len(pair.common)
    told = [f"{len(only_a)} samples only in A"] if only_a else []
    told += [f"{len(only_b)} only in B"] if only_b else []
    told += [f"{silent} without an answer in one of them"] if silent else []
    return ", ".join(told)


def _template(pair: Pair) -> list[str]:
    """Return what the record says of changed prompts: options, few-shot examples, the task's version."""
    own = option_kinds(pair.a.task)
    told = [
        f"{name}: {old!r} -> {new!r}"
        for name, (old, new) in pair.options.items()
        if name in own and name not in DECODING and name != "split"
    ]
    left, right = pair.a.record, pair.b.record
    if left.shots != right.shots:
        told.append(f"few-shot examples: {left.shots} -> {right.shots}")
    seeds = pair.a.run.manifest.seed, pair.b.run.manifest.seed
    if left.shots and seeds[0] != seeds[1]:
        told.append(f"seed of few-shot examples: {seeds[0]} -> {seeds[1]}")
    if left.version != right.version:
        told.append(f"task version: {left.version} -> {right.version}")
    return told


def _dataset(pair: Pair) -> str:
    own = option_kinds(pair.a.task)
    chosen = [f"{name}: {old!r} -> {new!r}" for name, (old, new) in pair.options.items() if name not in own]
    told = []
    if pair.references_changed:
        told.append(f"{pair.references_changed} common samples have other references")
    if pair.media_changed:
        told.append(f"{pair.media_changed} have other media")
    rows_differ = pair.a.record.dataset.fingerprint != pair.b.record.dataset.fingerprint
    if pair.prompts_changed and not pair.media_changed and rows_differ and not _template(pair):
        told.append(f"{len(pair.prompts_changed)} have another question")
    return ", ".join([*told, *chosen]) if told else ""


def _prompt(pair: Pair) -> str:
    if not pair.prompts_changed or (pair.media_changed and not _template(pair)):
        return ""
    template = _template(pair)
    rows_differ = pair.a.record.dataset.fingerprint != pair.b.record.dataset.fingerprint
    if rows_differ and not template:
        return ""  # the question changed, not its wording
    return "; ".join([f"{len(pair.prompts_changed)} prompts differ", *template])


def _decoding(pair: Pair) -> str:
    told = [f"{name}: {old!r} -> {new!r}" for name, (old, new) in pair.options.items() if name in DECODING]
    told += [
        f"{name}: {old} -> {new}"
        for name in ("temperature", "top_p")
        if (old := pair.a.record.sampling.get(name)) != (new := pair.b.record.sampling.get(name))
    ]
    turns = pair.a.record.repeats, pair.b.record.repeats
    told += [f"repeats: {turns[0]} -> {turns[1]}"] if turns[0] != turns[1] else []
    seeds = pair.a.run.manifest.seed, pair.b.run.manifest.seed
    if seeds[0] != seeds[1] and any(_draws(side) for side in (pair.a, pair.b)):
        told.append(f"seed of sampling: {seeds[0]} -> {seeds[1]}")
    return "; ".join(told)


def _draws(side: Side) -> bool:
    """Tell whether answers depend on the seed: sampled ones, and those of baselines, which have no fingerprint."""
    own = side.record.options.get("temperature") or 0.0
    hot = float(side.record.sampling.get("temperature", own)) > 0
    return hot or not side.run.manifest.model.fingerprint


def _extraction(pair: Pair) -> str:
    told = [f"{pair.readings_changed} answers are read otherwise"] if pair.readings_changed else []
    told += [f"{old} -> {new}" for old, new in _signatures(pair) if _reader(old) != _reader(new)]
    if told and pair.a.record.version != pair.b.record.version:
        told.append(f"task version: {pair.a.record.version} -> {pair.b.record.version}")
    return "; ".join(told)


def _metric(pair: Pair) -> str:
    changed = [(old, new) for old, new in _signatures(pair) if _rest(old) != _rest(new)]
    return "; ".join(f"{old} -> {new}" for old, new in changed)


def _signatures(pair: Pair) -> list[tuple[str, str]]:
    """Return the signatures that differ, of metrics that both runs have, in their order."""
    left = {signature.partition("|")[0]: signature for signature in pair.a.record.metrics}
    right = {signature.partition("|")[0]: signature for signature in pair.b.record.metrics}
    return [(left[name], right[name]) for name in left if name in right and left[name] != right[name]]


def _reader(signature: str) -> list[str]:
    return [part for part in signature.split("|") if part.startswith("extractor:")]


def _rest(signature: str) -> list[str]:
    """Return a signature without its extractor, and without the labels that it found in the data."""
    return [part for part in signature.split("|") if not part.startswith(("extractor:", "labels:"))]


def _model(pair: Pair) -> str:
    a, b = pair.a.run.manifest.model, pair.b.run.manifest.model
    if (a.fingerprint, a.name) == (b.fingerprint, b.name) or (a.spec == b.spec and _numeric_options(pair)):
        return ""
    return f"{a.name} ({a.fingerprint[:12]}) -> {b.name} ({b.fingerprint[:12]})"


def _numeric_options(pair: Pair) -> list[str]:
    """Return the model's options that differ, if they change the arithmetic only."""
    left, right = pair.a.run.manifest.model.options, pair.b.run.manifest.model.options
    names = sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
    return [f"{name}: {left.get(name)} -> {right.get(name)}" for name in names] if set(names) <= NUMERIC else []


def _numerics(pair: Pair) -> str:
    if not pair.answers_changed:
        return ""
    a, b = pair.a.run.manifest, pair.b.run.manifest
    told = _numeric_options(pair)
    if a.batch_size != b.batch_size:
        told.append(f"batch size: {a.batch_size or 'auto'} -> {b.batch_size or 'auto'}")
    for name in sorted(a.versions.keys() | b.versions.keys()):
        if a.versions.get(name) != b.versions.get(name):
            told.append(f"{name}: {a.versions.get(name)} -> {b.versions.get(name)}")
    if a.hardware != b.hardware:
        told.append("other hardware")
    return "; ".join([f"{pair.answers_changed} answers to the same requests differ", *told])
