"""Which samples of a task a report shows: every kind of outcome and every slice, disagreements and faults first.

What is picked is there to be read, not to be counted: it is no random draw.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from mmbench_reports.rows import Outcome, Samples
from mmbench_reports.scores import Scorer, Verdict

Kind = Verdict | str
_ORDER: tuple[Kind, ...] = ("disagree", "error", "wrong", "partly", "scored", "right")


def pick(samples: Sequence[Samples], scorers: Sequence[Scorer], count: int) -> list[str]:
    """Return the ids of at most ``count`` samples of one task, worst first.

    Args:
        samples: of each run; the first that has any tells which samples there are.
        scorers: of each run.
        count: how many.
    """
    lead = next((index for index, one in enumerate(samples) if one.known), None)
    if lead is None:
        return []
    candidates = samples[lead].candidates()
    ids = [outcome.id for outcome in candidates]
    others = [one.outcomes(ids) for index, one in enumerate(samples) if index != lead]
    their_scorers = [scorer for index, scorer in enumerate(scorers) if index != lead]
    groups: dict[Kind, dict[tuple[str, ...], list[str]]] = {}
    for outcome in candidates:
        own = scorers[lead].verdict(outcome.statistics, outcome.error)
        kind = "disagree" if _is_disputed(outcome.id, own, others, their_scorers) else own
        groups.setdefault(kind, {}).setdefault(tuple(outcome.slices.values()), []).append(outcome.id)
    ordered = [list(_in_turn(groups[kind].values())) for kind in _ORDER if kind in groups]
    chosen = set(islice(_in_turn(ordered), count))
    return [found for kind in ordered for found in kind if found in chosen]


def _is_disputed(
    identity: str, own: Verdict, others: Sequence[Mapping[str, Outcome]], scorers: Sequence[Scorer]
) -> bool:
    """Tell whether another run fared differently on this sample."""
    return any(
        identity in outcomes and scorer.verdict(outcomes[identity].statistics, outcomes[identity].error) != own
        for outcomes, scorer in zip(others, scorers, strict=True)
    )


def _in_turn(lists: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the first of each list, then the second of each, and so on."""
    waiting = [iter(items) for items in lists]
    while waiting:
        going = []
        for items in waiting:
            if (item := next(items, None)) is not None:
                yield item
                going.append(items)
        waiting = going
