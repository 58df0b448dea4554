"""Making a scene for its questions: goals first, then a scene in which all of them can be asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mmbench_tasks.worlds.scenes.kinds import Asking, Kind
from mmbench_tasks.worlds.scenes.kinds.base import Structure, held_out
from mmbench_tasks.worlds.scenes.layout import place, visible
from mmbench_tasks.worlds.scenes.levels import LEVELS, Level
from mmbench_tasks.worlds.scenes.model import ATTRIBUTES, VALUES, Filter, Look, Scene, Thing
from mmbench_tasks.worlds.streams import Stream

_LAYOUTS = 6
_PATIENCE = 30


@dataclass(frozen=True, slots=True)
class Goal:
    """A question to come: everything about it but its words."""

    kind: Kind
    structure: Structure
    answer: str


def set_goals(kinds: Sequence[Kind], chance: Stream) -> list[Goal]:
    """Draw a structure and an answer for each kind."""
    return [Goal(kind, kind.structure(chance), chance.choice(kind.answers)) for kind in kinds]


def askings(goal: Goal, scene: Scene) -> Sequence[Asking]:
    """Return every truthful way to ask for the goal."""
    return goal.kind.askings(goal.structure, goal.answer, scene)


def plan(goals: Sequence[Goal], level: int, chance: Stream, fits: Callable[[Scene], bool]) -> Scene:
    """Draw scenes until one fits and every goal can be asked of it.

    Goals are never changed or dropped; after every ``_PATIENCE`` failures one more thing is allowed.
    ``fits`` sees the scene before its things are placed.
    """
    rules = LEVELS[level]
    inner = [goal for goal in goals if not goal.kind.placed]
    outer = [goal for goal in goals if goal.kind.placed]
    tries = 0
    while True:
        draft = Scene(level, tuple(_things(goals, rules, tries // _PATIENCE, chance)), _look(rules, chance))
        tries += 1
        if not (all(askings(goal, draft) for goal in inner) and fits(draft)):
            continue
        for attempt in range(_LAYOUTS):
            scene = _placed(draft, rules, attempt, chance)
            if scene is not None and all(askings(goal, scene) for goal in outer):
                return scene


def _things(goals: Sequence[Goal], rules: Level, more: int, chance: Stream) -> list[Thing]:
    wanted: list[Filter] = []
    for goal in goals:
        earlier = len(wanted)
        for new in goal.kind.plant(goal.structure, goal.answer, chance):
            partner = chance.below(earlier + 1)
            merged = _merged(wanted[partner], new) if partner < earlier else None
            if merged is None:
                wanted.append(new)
            else:
                wanted[partner] = merged
    count = chance.between(*rules.things) + more
    wanted += [{}] * (count - len(wanted))
    return [fill(values, chance) for values in wanted]


def _merged(a: Filter, b: Filter) -> Filter | None:
    """Return what one thing needs to be both, or None if no thing can be."""
    if any(a.get(name, value) != value for name, value in b.items()):
        return None
    both: Filter = {**a, **b}
    return None if held_out(both) else both


def _look(rules: Level, chance: Stream) -> Look:
    return Look(
        wall=chance.below(6),
        floor=chance.below(6),
        light=chance.choice((-1, 1)),
        noise=chance.between(*rules.noise),
        dim=chance.between(*rules.dim),
        grain=chance.below(1 << 16),
    )


def _placed(draft: Scene, rules: Level, attempt: int, chance: Stream) -> Scene | None:
    """Place the things of a draft; later attempts make them a little smaller."""
    radius = rules.radius * (20 - attempt) // 20
    things = place(chance.shuffled(draft.things), radius, rules.visible, chance)
    if things is None:
        return None
    seen = visible(things)
    return replace(draft, things=tuple(things), visible=seen) if min(seen) >= rules.visible else None


def fill(wanted: Filter, chance: Stream) -> Thing:
    """Draw the attributes that are not given; colour and shape are never a held-out pair."""
    while True:
        thing = Thing(**{name: wanted.get(name) or chance.choice(VALUES[name]) for name in ATTRIBUTES})
        if not thing.held_out:
            return thing
