"""Options that the text worlds share: levels, and compositions that training never shows."""

from collections.abc import Mapping
from functools import cache
from typing import Literal, NamedTuple, get_args

from mmbench.errors import UsageError, did_you_mean
from mmbench_tasks.worlds.streams import Stream, check_split, split_of

LEVELS = (1, 2, 3, 4, 5)
EVERY = 5
"""With ``holdout="auto"``, every so many rows of the test split are held out."""

Holdout = Literal["auto", "only", "never"]
Kind = Literal["pair", "structure", "length", ""]


class Plan(NamedTuple):
    """What a row has to be: its level, and what in it is held out ("" for a plain row)."""

    level: int
    kind: Kind


class Options(NamedTuple):
    """What was asked of a world.

    Attributes:
        split: train, validation or test.
        difficulty: 1 to 5; None for all of them in equal parts.
        holdout: "never": plain rows only; "only": held-out rows only (not for train); "auto": in test, every fifth
            row is held out. A plain row has nothing that is held out; train and validation have only plain rows.
        able: what may be held out, and the levels at which a row can have it.
    """

    split: str
    difficulty: int | None
    holdout: str
    able: Mapping[Kind, tuple[int, ...]]

    @property
    def kinds(self) -> list[Kind]:
        """What may be held out at the level that was asked for."""
        return [kind for kind, levels in self.able.items() if self.difficulty is None or self.difficulty in levels]

    def plan(self, chance: Stream, index: int) -> Plan:
        """Say what row ``index`` has to be."""
        count = index if self.holdout == "only" else index // EVERY
        held = self.holdout == "only" or (
            self.holdout == "auto" and self.split == "test" and index % EVERY == EVERY - 1
        )
        if not held or not self.kinds:
            return Plan(self.difficulty or chance.choice(LEVELS), "")
        kind = self.kinds[count % len(self.kinds)]
        return Plan(self.difficulty or chance.choice(self.able[kind]), kind)


def options(split: str, difficulty: int | None, holdout: str, able: Mapping[Kind, tuple[int, ...]]) -> Options:
    """Check the options of a text world.

    Raises:
        UsageError: no such split, level or hold-out, or none at this level.
    """
    check_split(split)
    if difficulty is not None and difficulty not in LEVELS:
        raise UsageError(f"difficulty is {difficulty}, but levels go from 1 to 5.")
    if holdout not in get_args(Holdout):
        raise UsageError(f"no holdout '{holdout}'.{did_you_mean(holdout, get_args(Holdout))}")
    found = Options(split, difficulty, holdout, able)
    if holdout == "only" and split == "train":
        raise UsageError("held-out rows are for validation and test, never for train. Give holdout=never.")
    if holdout == "only" and not found.kinds:
        raise UsageError(f"nothing can be held out at difficulty {difficulty}. Give a higher one.")
    return found


@cache
def held(what: str) -> bool:
    """Whether a composition is held out: one in nine is, always the same.

    So a sample of three compositions still has good chances to be plain.
    """
    return split_of(f"held {what}") == split_of(f"held again {what}") == "test"


def marks(plan: Plan) -> dict[str, str | int]:
    """Return the columns that tell rows apart: difficulty, split_kind ("plain" or "holdout"), holdout."""
    return {
        "difficulty": plan.level,
        "split_kind": "holdout" if plan.kind else "plain",
        "holdout": plan.kind,
    }
