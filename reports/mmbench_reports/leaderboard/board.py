"""All that a leaderboard shows, gathered from verified runs."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mmbench.engine.samples import TaskSamples, read_samples
from mmbench.engine.verify import Verification
from mmbench.store.records import Manifest, Result, TaskRecord
from mmbench.store.run import Run
from mmbench_reports.leaderboard.ranks import Rank, Vector, ranks_of, replicated, win_rates
from mmbench_reports.numbers import value_text
from mmbench_reports.verdict import listed


@dataclass(frozen=True)
class Submission:
    """A verified run."""

    run: Run
    verification: Verification

    @cached_property
    def manifest(self) -> Manifest:
        """The run's manifest."""
        return self.run.manifest

    @cached_property
    def samples(self) -> dict[str, TaskSamples]:
        """The scored samples of each task, by "task:dataset"."""
        return read_samples(self.run)

    @property
    def order(self) -> tuple[str, str]:
        """Sorts submissions by time."""
        return self.manifest.finished, self.run.path.name


@dataclass(frozen=True)
class Contest:
    """A column: a task asked in one way of one set of rows, judged by one metric. Others do not compare."""

    task: str
    dataset: str
    fingerprint: str
    version: str
    shots: int
    metric: str
    signature: str
    rows: int
    higher_is_better: bool

    @property
    def key(self) -> str:
        """A short name that stays the same from build to build."""
        told = f"{self.task}|{self.dataset}|{self.fingerprint}|{self.version}|{self.shots}|{self.signature}"
        return hashlib.sha256(told.encode()).hexdigest()[:10]


@dataclass
class Score:
    """A model's value in a contest; ``rank`` is None for baselines and where samples have no answer."""

    result: Result
    submission: Submission
    rank: Rank | None = None

    @property
    def value(self) -> str:
        """The value as text."""
        return value_text(self.result.value, self.result.range)

    @property
    def sort(self) -> float:
        """What a table sorts by: larger is better."""
        value = self.result.value
        return float("-inf") if value is None else value if self.result.higher_is_better else -value


@dataclass
class Entry:
    """A model: a row. Only submissions with the fingerprint of the latest count; older ones are its history.

    Attributes:
        wins: share of comparisons with other models won, over all contests; None for baselines.
        seconds: mean latency of a sample; None where no time was measured.
    """

    name: str
    slug: str
    submissions: list[Submission]
    scores: dict[Contest, Score] = field(default_factory=dict)
    wins: float | None = None
    rank: Rank | None = None
    seconds: float | None = None

    @property
    def latest(self) -> Submission:
        """The newest submission."""
        return self.submissions[-1]

    @property
    def is_baseline(self) -> bool:
        """Whether this is a yardstick and no model; those are not ranked."""
        return not self.latest.manifest.model.fingerprint

    @property
    def current(self) -> list[Submission]:
        """The submissions of the latest fingerprint, oldest first."""
        return [one for one in self.submissions if one.manifest.model.fingerprint == self.fingerprint]

    @property
    def fingerprint(self) -> str:
        """The latest submission's."""
        return self.latest.manifest.model.fingerprint


@dataclass(frozen=True)
class Board:
    """The contents of the site."""

    title: str
    contests: list[Contest]
    entries: list[Entry]
    refused: list[Verification]

    @property
    def updated(self) -> str:
        """When the newest submission ended; "" if there is none."""
        return max((entry.latest.manifest.finished for entry in self.entries), default="")

    @property
    def headline(self) -> str:
        """Who is ahead, and whether that is sure."""
        ranked = [entry for entry in self.entries if entry.rank]
        if not ranked:
            return self.title
        leaders = [entry.name for entry in ranked if entry.rank and entry.rank.rank == 1]
        close = [entry.name for entry in ranked if entry.rank and entry.rank.low == 1 < entry.rank.rank]
        if len(leaders) > 1:
            return f"{listed(leaders, 3)} share the first place."
        return f"{leaders[0]} is ahead; {listed(close, 2)} may be as good." if close else f"{leaders[0]} is ahead."

    @property
    def models(self) -> list[Entry]:
        """The entries that are ranked."""
        return [entry for entry in self.entries if not entry.is_baseline]


def board_of(submissions: Iterable[Submission], refused: Sequence[Verification], title: str) -> Board:
    """Arrange verified submissions; the best model stands first, baselines last."""
    by_name: dict[str, list[Submission]] = {}
    for one in sorted(submissions, key=lambda one: one.order):
        by_name.setdefault(one.manifest.model.name, []).append(one)
    slugs = _slugs(by_name)
    entries = [Entry(name, slugs[name], found) for name, found in by_name.items()]
    for entry in entries:
        for one in entry.current:
            entry.scores |= scores_of(one)
        entry.seconds = _seconds(entry)
    contests = sorted(
        {contest for entry in entries for contest in entry.scores},
        key=lambda one: (one.task, one.dataset, -one.rows, one.key),
    )
    _rank(entries, contests)
    entries.sort(key=lambda entry: (entry.is_baseline, entry.rank.rank if entry.rank else 0, entry.name))
    return Board(title, contests, entries, list(refused))


def scores_of(one: Submission) -> dict[Contest, Score]:
    """Return a submission's main values by contest."""
    found: dict[Contest, Score] = {}
    for record in one.manifest.tasks:
        place = (record.name, record.dataset.name)
        mine = [entry for entry in one.run.entries if (entry.task, entry.dataset) == place and not entry.slice]
        if record.status == "done" and mine:
            found[_contest(record, mine[0])] = Score(mine[0], one)
    return found


def _contest(record: TaskRecord, main: Result) -> Contest:
    data = record.dataset
    return Contest(
        record.name,
        data.name,
        data.fingerprint,
        record.version,
        record.shots,
        main.metric,
        main.signature,
        data.rows,
        main.higher_is_better,
    )


def _slugs(names: Iterable[str]) -> dict[str, str]:
    """Return file names; names that differ only in what a file name cannot hold get a number."""
    taken: dict[str, str] = {}
    for name in sorted(names):
        stem = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-.")[:60] or "model"
        slug, number = stem, 1
        while slug in taken.values():
            number += 1
            slug = f"{stem}-{number}"
        taken[name] = slug
    return taken


def _seconds(entry: Entry) -> float | None:
    """Return the mean latency of a sample, each contest counted alike."""
    means = []
    for contest, score in entry.scores.items():
        latency = score.submission.samples[f"{contest.task}:{contest.dataset}"].latency
        if len(latency) and latency.mean() > 0:
            means.append(float(latency.mean()))
    return sum(means) / len(means) if means else None


def _rank(entries: Sequence[Entry], contests: Sequence[Contest]) -> None:
    """Rank models in each contest, and over all contests that at least two of them entered."""
    models = [entry for entry in entries if not entry.is_baseline]
    values, replicates = [], []
    for contest in contests:
        fair = [entry for entry in models if _is_fair(entry, contest)]
        sampled = _replicates(fair, contest)
        found = ranks_of([entry.scores[contest].sort for entry in fair], sampled)
        for entry, rank in zip(fair, found, strict=True):
            entry.scores[contest].rank = rank
        if len(fair) > 1:
            width = len(sampled[0])
            rows = {entry.name: row for entry, row in zip(fair, sampled, strict=True)}
            points = {entry.name: entry.scores[contest].sort for entry in fair}
            values.append(np.array([points.get(entry.name, -np.inf) for entry in models]))
            replicates.append(np.array([rows.get(entry.name, np.full(width, -np.inf)) for entry in models]))
    if not values:
        return
    wins, sampled_wins = win_rates(values), win_rates(replicates)
    for entry, share, rank in zip(models, wins, ranks_of(wins.tolist(), list(sampled_wins)), strict=True):
        entry.wins, entry.rank = float(share), rank


def _is_fair(entry: Entry, contest: Contest) -> bool:
    """Whether a model takes part in a contest: it has a value, over all samples."""
    score = entry.scores.get(contest)
    return score is not None and score.result.value is not None and not score.result.errors


def _replicates(fair: Sequence[Entry], contest: Contest) -> list[Vector]:
    """Return each model's bootstrap values, larger is better; one seed for all, so that they are paired."""
    found = [entry.scores[contest].submission for entry in fair]
    seed = min((one.manifest.seed for one in found), default=0)
    sign = 1.0 if contest.higher_is_better else -1.0
    values = []
    for one in found:
        samples = one.samples[f"{contest.task}:{contest.dataset}"]
        metric = next(metric for metric in samples.metrics if metric.name == contest.metric)
        values.append(sign * replicated(metric, samples.statistics[metric.name], samples.keys, seed))
    return values
