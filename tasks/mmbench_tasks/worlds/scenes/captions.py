"""Captions: five ways to describe one scene. The first is complete; the others leave things out, as people do."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from mmbench_tasks.worlds.scenes.kinds.relations import related
from mmbench_tasks.worlds.scenes.model import Attribute, Filter, Scene, Thing
from mmbench_tasks.worlds.scenes.words.captions import (
    ASIDE,
    BACK,
    FRONT,
    LEFT,
    LISTS,
    MIDDLE,
    NUMBERS,
    PAIRS,
    REST,
    RIGHT,
    SUMMARIES,
    WALL,
)
from mmbench_tasks.worlds.scenes.words.nouns import phrase
from mmbench_tasks.worlds.scenes.words.surface import say
from mmbench_tasks.worlds.streams import Stream

COUNT = 5
_NEAR, _WIDE = 20, 40


def captions(scene: Scene, chance: Stream) -> list[str]:
    """Return five different captions; the first tells every fact of :func:`~.facts.scene_facts`."""
    written: list[str] = []
    while len(written) < COUNT:
        text = _Teller(scene, chance, complete=not written).tell()
        if text not in written:
            written.append(text)
    return written


class _Teller:
    """Tells one scene once."""

    def __init__(self, scene: Scene, chance: Stream, *, complete: bool) -> None:
        self.scene = scene
        self.chance = chance
        self.complete = complete
        self.detail = 1.0 if complete else chance.choice((0.0, 0.3, 0.6, 1.0))

    def tell(self) -> str:
        """Return a caption."""
        plans: list[Callable[[], str | None]] = [self._listed, self._by_side, self._by_depth, self._pair_first]
        if not self.complete:
            plans.append(self._summary)
        told = None
        while told is None:
            told = self.chance.choice(plans)()
        return self._with_wall(told)

    def _listed(self) -> str:
        things = list(self.scene.things)
        if self.chance.chance(0.5):
            things.sort(key=lambda thing: thing.x)
        return say(LISTS[len(things) > 1], {"all": self._series(things)}, self.chance)

    def _by_side(self) -> str | None:
        """Tell what is on the left, in the middle and on the right."""
        things = sorted(self.scene.things, key=lambda thing: thing.x)
        thirds = [[thing for thing in things if thing.x * 3 // 224 == third] for third in range(3)]
        parts = [
            say(forms[len(group) > 1], {"some": self._series(group)}, self.chance)
            for forms, group in zip((LEFT, MIDDLE, RIGHT), thirds, strict=True)
            if group
        ]
        return _joined(parts) if len(parts) > 1 else None

    def _by_depth(self) -> str | None:
        """Tell what is near and what is behind it."""
        things = list(self.scene.things)
        gaps = [b.y - a.y for a, b in pairwise(things)]
        if not gaps or max(gaps) < _NEAR:
            return None
        cut = gaps.index(max(gaps)) + 1
        front = say(FRONT[len(things) - cut > 1], {"some": self._series(things[cut:])}, self.chance)
        back = say(BACK[cut > 1], {"some": self._series(things[:cut])}, self.chance)
        return _joined([front, back])

    def _pair_first(self) -> str | None:
        """Tell how two things stand to each other, then name the rest."""
        things = self.chance.shuffled(self.scene.things)
        if len(things) < 2 or (self._crowded(things[:2]) if self.complete else _alike(*things[:2])):
            return None
        a, b, *rest = things
        for relation in self.chance.shuffled(("left", "right", "front", "behind")):
            if related(a, relation, b):
                slots = {"a": self._name([a]), "b": self._name([b]), "rest": self._series(rest) if rest else ""}
                first = say(PAIRS[relation], slots, self.chance)
                more = rest and (self.complete or self.chance.chance(0.7))
                return _joined([first, say(REST[len(rest) > 1], slots, self.chance)]) if more else first
        return None

    def _crowded(self, things: Sequence[Thing]) -> bool:
        """Tell whether one of these is not the only one of its colour and shape: numbers must be kept straight."""
        return any(sum(_alike(thing, other) for other in self.scene.things) > 1 for thing in things)

    def _summary(self) -> str | None:
        things = self.scene.things
        if len(things) < 2:
            return None  # before the draw, which two things have always taken: their rows stay as they are
        chosen = self.chance.sample(things, 2)
        if len(things) < 3 or _alike(*chosen):
            return None
        slots = {"n": NUMBERS[len(things)], "a": self._name([chosen[0]]), "b": self._name([chosen[1]])}
        return say(SUMMARIES, slots, self.chance)

    def _with_wall(self, told: str) -> str:
        scene, parts = self.scene, [told]
        if scene.sign and self._mentions():
            case = self.chance.choice((str.upper, str.capitalize, str.lower))
            parts.append(say(WALL["sign"], {"word": case(scene.sign.text)}, self.chance))
        if scene.clock and self._mentions():
            parts.append(say(WALL["clock"], {"time": scene.clock.time}, self.chance))
        if scene.chart and self._mentions():
            parts.append(say(WALL["chart"], {"style": scene.chart.style}, self.chance))
        if len(parts) == 1 and not self.complete and self.chance.chance(0.25):
            parts.append(say(ASIDE, {}, self.chance))
        return " ".join(f"{part}." for part in parts)

    def _mentions(self) -> bool:
        return self.complete or self.chance.chance(0.6)

    def _series(self, things: Sequence[Thing]) -> str:
        """Name things one after the other; those that are alike in all that is told go together."""
        groups: list[list[Thing]] = []
        for thing in things:
            group = next((group for group in groups if _same(group[0], thing)), None)
            if group:
                group.append(thing)
            else:
                groups.append([thing])
        names = [self._name(group) for group in groups]
        return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]

    def _name(self, group: Sequence[Thing]) -> str:
        thing = group[0]
        told: Filter = {name: getattr(thing, name) for name in self._told(thing)}
        if len(group) > 1:
            return f"{NUMBERS[len(group)]} {phrase(told, self.chance, plural=True, article='')}"
        return phrase(told, self.chance, article="a")

    def _told(self, thing: Thing) -> list[Attribute]:
        told: list[Attribute] = ["shape"]
        if self.complete or self._crowded([thing]) or self.chance.chance(0.9):
            told.append("colour")
        if self.chance.chance(self.detail):
            told.append("size")
        if thing.texture != "plain" and self.chance.chance(self.detail):
            told.append("texture")
        return told


def _same(a: Thing, b: Thing) -> bool:
    return _alike(a, b) and (a.size, a.texture) == (b.size, b.texture)


def _alike(a: Thing, b: Thing) -> bool:
    return (a.colour, a.shape) == (b.colour, b.shape)


def _joined(parts: Sequence[str]) -> str:
    """Join clauses: the first keeps its capital, the others follow after a comma."""
    first, *others = parts
    lowered = [other[0].lower() + other[1:] for other in others]
    if len(lowered) > 1:
        return f"{first}, {', '.join(lowered[:-1])}, and {lowered[-1]}"
    return ", and ".join([first, *lowered])
