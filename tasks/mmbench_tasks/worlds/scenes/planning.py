"""Making a scene for its questions: goals first, then a scene in which all of them can be asked.

A goal is never changed or dropped by itself. A draft that does not serve all goals is mended: one thing at a time
is drawn anew, and kept if it serves no fewer. Every step treats all colours, shapes and letters alike. Only goals
that contradict each other are drawn anew, all of them; that happens to about 2 in 100 scenes held out by pair
(where one colour belongs to one shape), and to almost no plain one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from mmbench_tasks.worlds.scenes.kinds import Asking, Kind, Mode, Structure, View
from mmbench_tasks.worlds.scenes.kinds.base import Needs, as_pair, fits, held_out
from mmbench_tasks.worlds.scenes.layout import place, visible
from mmbench_tasks.worlds.scenes.levels import LEVELS, Level
from mmbench_tasks.worlds.scenes.model import (
    ATTRIBUTES,
    LETTERS,
    VALUES,
    Filter,
    Look,
    Scene,
    Thing,
)
from mmbench_tasks.worlds.scenes.wall import ITEMS, furnish, slots
from mmbench_tasks.worlds.streams import Split, Stream, split_of

_MENDS = 30
"""How often a draft is mended before a new one, with one thing more, is begun."""
_UNASKED = 12
"""How often each of sign, clock and chart hangs on the wall unasked, in percent."""
_TRIES = 96
_LAYOUTS = 8
_SWAPS = 12
"""How often the things of a layout change places before another layout is tried."""
_LABELLED = 97
"""The share of its outline that a thing with a sticker must show, in percent."""
_HIDING = 75
"""The least share that a thing shows in a scene that is asked for a hidden one, whatever its level."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A question to come: everything about it but its words."""

    kind: Kind
    structure: Structure
    answer: str
    mode: Mode = ""

    def askings(self, view: View) -> Iterator[Asking]:
        """Yield every truthful way to ask for it."""
        for asking in self.kind.askings(self.structure, self.answer, view):
            if fits(asking, self.mode, view.scene):
                yield asking

    def askable(self, view: View) -> bool:
        """Tell whether there is any way to ask for it."""
        return next(self.askings(view), None) is not None


def plan(
    kinds: Sequence[tuple[Kind, Mode]], level: int, split: Split, chance: Stream, *, most: int | None = None
) -> tuple[Scene, list[Goal]]:
    """Return a scene and the questions to ask of it, one of each kind.

    Args:
        kinds: the kinds of questions, each with how it is held out.
        level: 1 to 5.
        split: the split that the scene's content must belong to.
        chance: the source of choices.
        most: how many things at most, unless the questions need more; None for as many as the level has.
    """
    rules = replace(LEVELS[level], things=_at_most(LEVELS[level].things, most))
    while True:
        goals = [set_goal(kind, mode, chance) for kind, mode in kinds]
        extras = [name for name in ITEMS if chance.below(100) < _UNASKED]
        scene = Planner(goals, rules, level, split, extras, chance, sparing=most is not None).scene()
        if scene is not None:
            return scene, goals


def plan_to_tell(
    level: int, split: Split, chance: Stream, *, pair: bool = False, most: int | None = None
) -> Scene:
    """Return a scene for a caption: fewer things, and at most one of sign, clock and chart.

    Args:
        level: 1 to 5.
        split: the split that the scene's content must belong to.
        chance: the source of choices.
        pair: whether about half of the things, and at least one, are of a held-out colour and shape.
        most: how many things at most; None for as many as the level has.
    """
    rules = replace(LEVELS[level], things=_at_most(LEVELS[level].told, most))
    while True:
        extras = [chance.choice((*ITEMS, "", ""))]
        scene = Planner([], rules, level, split, extras, chance, pair=pair).scene()
        if scene is not None and pair == any(thing.held_out for thing in scene.things):
            return scene


def _at_most(things: tuple[int, int], most: int | None) -> tuple[int, int]:
    """Bound the fewest and the most things of a level."""
    return things if most is None else (min(things[0], most), min(things[1], most))


def set_goal(kind: Kind, mode: Mode, chance: Stream) -> Goal:
    """Draw a structure, then an answer."""
    answers: tuple[str, ...] = kind.held if mode == "word" and hasattr(kind, "held") else kind.answers
    structure = replace(kind.structure(mode, chance), mode=mode)
    return Goal(kind, structure, chance.choice(answers), mode)


class Planner:
    """Makes one scene for its goals; see :func:`plan` and :func:`plan_to_tell`."""

    def __init__(
        self,
        goals: Sequence[Goal],
        rules: Level,
        level: int,
        split: Split,
        extras: Sequence[str],
        chance: Stream,
        *,
        pair: bool = False,
        sparing: bool = False,
    ) -> None:
        """``sparing``: no more things than the rules say where one can serve several goals."""
        self.goals = goals
        self.rules = rules
        self.sparing = sparing
        self.level = level
        self.split = split
        self.extras = extras
        self.chance = chance
        self.proposals = [goal.kind.propose(goal.structure, goal.answer, chance) for goal in goals]
        self.pair = pair or any(goal.mode == "pair" for goal in goals)
        self.stages = {stage: [goal for goal in goals if goal.kind.needs == stage] for stage in get_args(Needs)}

    def scene(self) -> Scene | None:
        """Return a scene of the right split in which every goal can be asked; None if none was found."""
        for tries in range(_TRIES):
            drafted = self._draft(tries // 3 % 4)
            placed = self._arranged(drafted) if drafted else None
            if placed:
                return placed
        return None

    def _missing(self, scene: Scene) -> int:
        """Return how many goals are out of reach that depend only on which things there are."""
        view = View(scene)
        return sum(not goal.askable(view) for goal in self.stages["things"])

    def _served(self, scene: Scene, stage: Needs) -> bool:
        """Tell whether all goals of a stage can be asked."""
        view = View(scene)
        return all(goal.askable(view) for goal in self.stages[stage])

    def _draft(self, more: int) -> Scene | None:
        """Return a scene with nothing placed yet that serves the goals that do not depend on places."""
        wanted = self._wanted(more)
        wall = furnish(self.goals, self.proposals, self.extras, self.rules, self.chance)
        look = self._look(slots(wall, self.rules, self.chance))
        scene = replace(wall, level=self.level, look=look, things=self._labelled([self._fill(w) for w in wanted]))
        missing = self._missing(scene)
        for _ in range(_MENDS):
            if not missing and split_of(scene.key) == self.split:
                return scene
            things = list(scene.things)
            changed = self.chance.below(len(things))
            things[changed] = self._fill(wanted[changed])
            mended = replace(scene, things=self._labelled(things))
            lacks = self._missing(mended)
            if lacks <= missing:
                scene, missing = mended, lacks
        return None

    def _wanted(self, more: int) -> list[Filter]:
        """Merge what the goals propose, so that few things serve many goals, and fill up to the level's number."""
        wanted: list[Filter] = []
        for proposal in self.proposals:
            earlier = len(wanted)
            for new in proposal.things:
                alone = not (earlier and self.sparing and len(wanted) >= self.rules.things[1])
                partner = self.chance.below(earlier + alone)
                merged = _merged(wanted[partner], new) if partner < earlier else None
                if merged is None:
                    wanted.append(new)
                else:
                    wanted[partner] = merged
        count = self.chance.between(*self.rules.things) + more
        return wanted + [{}] * (count - len(wanted))

    def _fill(self, wanted: Filter) -> Thing:
        """Draw the attributes that are not given; in scenes held out by pair, every other thing is such a pair."""
        if self.pair and self.chance.chance(0.5):
            wanted = as_pair(wanted, self.chance) or wanted
        while True:
            thing = self._free(wanted)
            if not thing.held_out or held_out(wanted):
                return thing

    def _free(self, wanted: Filter) -> Thing:
        size, colour, texture, shape = (
            wanted.get(name) or self.chance.choice(VALUES[name]) for name in ATTRIBUTES
        )
        return Thing(size, colour, texture, shape)

    def _labelled(self, things: list[Thing]) -> tuple[Thing, ...]:
        """Put stickers on some large things if a letter is asked for."""
        asked = next((proposal.label for proposal in self.proposals if proposal.label), "")
        if not asked:
            return tuple(things)
        able = [i for i, thing in enumerate(things) if thing.size == "large" and thing.shape != "ring"]
        chosen = self.chance.sample(able, min(len(able), self.chance.between(2, 3)))
        others = self.chance.sample([letter for letter in LETTERS if letter != asked], 3)
        letters = dict(zip(chosen, [asked, *others], strict=False))
        return tuple(replace(thing, label=letters.get(i, "")) for i, thing in enumerate(things))

    def _look(self, hung: tuple[str, ...]) -> Look:
        chance, rules = self.chance, self.rules

        def tint() -> int:
            return chance.between(-rules.tint, rules.tint)

        return Look(
            wall=chance.below(32),
            floor=chance.below(32),
            light=chance.choice((-1, 1)),
            noise=chance.between(*rules.noise),
            dim=chance.between(*rules.dim),
            tint=(tint(), tint(), tint()),
            grain=chance.below(1 << 16),
            slots=hung,
        )

    def _arranged(self, draft: Scene) -> Scene | None:
        """Place the things of a draft, smaller and smaller; None if the goals cannot be served."""
        hide = any(proposal.hidden for proposal in self.proposals)
        least = min(self.rules.visible, _HIDING) if hide else self.rules.visible
        for attempt in range(_LAYOUTS):
            radius = self.rules.radius * (24 - attempt) // 24
            things = place(self.chance.shuffled(draft.things), radius, self.rules, self.chance, hide=hide)
            if things is None:
                continue
            for _ in range(_SWAPS):
                scene = replace(draft, things=tuple(things))
                if self._served(scene, "places"):
                    scene = replace(scene, visible=visible(things))
                    if _seen(scene, least) and self._served(scene, "outlines"):
                        return scene
                things = self._swapped(things)
        return None

    def _swapped(self, things: list[Thing]) -> list[Thing]:
        """Let two things of one size change places."""
        size = self.chance.choice(things).size
        i, j = self.chance.sample([k for k, thing in enumerate(things) if thing.size == size] * 2, 2)
        swapped = list(things)
        swapped[i], swapped[j] = (
            replace(b, x=a.x, y=a.y, radius=a.radius) for a, b in ((things[i], things[j]), (things[j], things[i]))
        )
        return swapped


def _seen(scene: Scene, least: int) -> bool:
    """Tell whether every thing shows enough of its outline."""
    pairs = zip(scene.things, scene.visible, strict=True)
    return all(share >= (max(least, _LABELLED) if thing.label else least) for thing, share in pairs)


def _merged(a: Filter, b: Filter) -> Filter | None:
    """Return what one thing needs to be both, or None if no thing can be."""
    if any(a.get(name, value) != value for name, value in b.items()):
        return None
    both: Filter = {**a, **b}
    return None if held_out(both) else both
