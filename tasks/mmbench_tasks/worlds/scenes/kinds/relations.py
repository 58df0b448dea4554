"""Where things are, seen from one another."""

from collections.abc import Sequence
from dataclasses import dataclass

from mmbench_tasks.worlds.scenes.kinds.base import YES_NO, Asking, Structure, described, unique
from mmbench_tasks.worlds.scenes.model import Filter, Scene, Thing
from mmbench_tasks.worlds.scenes.nouns import phrase
from mmbench_tasks.worlds.scenes.surface import realise
from mmbench_tasks.worlds.streams import Stream

RELATIONS = ("left", "right", "front", "behind")
_ACROSS, _ALONG = 18, 12


def related(a: Thing, relation: str, b: Thing) -> bool | None:
    """Tell whether ``a`` is left of, right of, in front of or behind ``b``; None where it is too close to call."""
    if relation in ("left", "right"):
        gap, enough = b.x - a.x, _ACROSS
    else:
        gap, enough = a.y - b.y, _ALONG
    if abs(gap) < enough:
        return None
    return gap > 0 if relation in ("left", "front") else gap < 0


@dataclass(frozen=True)
class Spatial:
    """Is one thing left of, right of, in front of or behind another?"""

    type: str = "spatial"
    answer_type: str = "yes/no"
    answers: tuple[str, ...] = YES_NO
    placed: bool = True

    def structure(self, chance: Stream) -> Structure:  # noqa: D102
        return (chance.choice((("shape",), ("colour", "shape"), ("texture", "shape"))), ("colour", "shape"))

    def plant(self, structure: Structure, answer: str, chance: Stream) -> list[Filter]:  # noqa: D102
        return []

    def askings(self, structure: Structure, answer: str, scene: Scene) -> Sequence[Asking]:  # noqa: D102
        first, second = structure
        found = []
        for i in unique(scene, first):
            for j in unique(scene, second):
                for relation in RELATIONS:
                    holds = related(scene.things[i], relation, scene.things[j]) if i != j else None
                    if holds is not None and holds == (answer == "yes"):
                        named = (described(scene, i, first), described(scene, j, second))
                        found.append(Asking(named, {"relation": relation}, (i, j)))
        return found

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:  # noqa: D102
        slots = {"a": phrase(asking.named[0], chance), "b": phrase(asking.named[1], chance)}
        slots["r"] = PHRASES[asking.words["relation"]]
        return realise("Is <a> <r> <b>?", slots, chance)


PHRASES = {"left": "to the left of", "right": "to the right of", "front": "in front of", "behind": "behind"}
