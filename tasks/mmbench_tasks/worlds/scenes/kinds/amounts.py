"""Is there any, and how many?"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from mmbench_tasks.worlds.scenes.kinds.base import YES_NO, Asking, Structure, held_out
from mmbench_tasks.worlds.scenes.model import VALUES, Attribute, Filter, Scene
from mmbench_tasks.worlds.scenes.nouns import phrase
from mmbench_tasks.worlds.scenes.surface import realise
from mmbench_tasks.worlds.streams import Stream

_PAIRS: tuple[tuple[Attribute, ...], ...] = (
    ("colour", "shape"),
    ("texture", "shape"),
    ("size", "shape"),
    ("colour", "texture"),
    ("size", "colour"),
)


@dataclass(frozen=True)
class Existence:
    """Is there a thing with these two values? Where not, both values are in the scene, but apart."""

    type: str = "existence"
    answer_type: str = "yes/no"
    answers: tuple[str, ...] = YES_NO
    placed: bool = False

    def structure(self, chance: Stream) -> Structure:  # noqa: D102
        return (chance.choice(_PAIRS),)

    def plant(self, structure: Structure, answer: str, chance: Stream) -> list[Filter]:  # noqa: D102
        return []

    def askings(self, structure: Structure, answer: str, scene: Scene) -> Sequence[Asking]:  # noqa: D102
        (names,) = structure
        present = {thing.values(names) for thing in scene.things}
        if answer == "no":
            absent = product(*({value[i] for value in present} for i in range(len(names))))
            present = set(absent) - present
        wanted = (dict(zip(names, value, strict=True)) for value in sorted(present))
        return [Asking((named,)) for named in wanted if not held_out(named)]

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:  # noqa: D102
        a = phrase(asking.named[0], chance, article="a")
        return realise(
            "[Is there|Can you see|Do you see] <a> [in the picture|in this scene|here]?", {"a": a}, chance
        )


@dataclass(frozen=True)
class Counting:
    """How many things have this value, or these two?"""

    type: str = "counting"
    answer_type: str = "number"
    answers: tuple[str, ...] = ("0", "1", "2", "3", "4")
    placed: bool = False

    def structure(self, chance: Stream) -> Structure:  # noqa: D102
        singles: tuple[tuple[Attribute, ...], ...] = (("colour",), ("shape",), ("texture",))
        return (chance.choice(singles + _PAIRS),)

    def plant(self, structure: Structure, answer: str, chance: Stream) -> list[Filter]:  # noqa: D102
        (names,) = structure
        while True:
            wanted: Filter = {name: chance.choice(VALUES[name]) for name in names}
            if not held_out(wanted):
                return [wanted] * int(answer)

    def askings(self, structure: Structure, answer: str, scene: Scene) -> Sequence[Asking]:  # noqa: D102
        (names,) = structure
        seen = [thing.values(names) for thing in scene.things]
        if answer != "0" or len(names) == 1:
            candidates = list(product(*(VALUES[name] for name in names)))
        else:
            candidates = sorted(product(*({value[i] for value in seen} for i in range(len(names)))))
        wanted = (dict(zip(names, v, strict=True)) for v in candidates if seen.count(v) == int(answer))
        return [Asking((named,)) for named in wanted if not held_out(named)]

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:  # noqa: D102
        a = phrase(asking.named[0], chance, plural=True, article="")
        return realise("How many <a> [are there|can you see|are] [in the picture|here]?", {"a": a}, chance)
