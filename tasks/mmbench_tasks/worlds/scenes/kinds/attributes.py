"""What colour, shape, texture or size is it?"""

from collections.abc import Sequence
from dataclasses import dataclass

from mmbench_tasks.worlds.scenes.kinds.base import Asking, Structure, described, unique
from mmbench_tasks.worlds.scenes.model import VALUES, Attribute, Filter, Scene
from mmbench_tasks.worlds.scenes.nouns import phrase
from mmbench_tasks.worlds.scenes.surface import realise
from mmbench_tasks.worlds.streams import Stream

_FORMS: dict[Attribute, str] = {
    "colour": "[What|Which] colour [is|has] <a>?",
    "shape": "[What|Which] shape [is|has] <a>?",
    "texture": "Is <a> plain, striped, spotted or checked?",
    "size": "Is <a> [small or large|large or small]?",
}


@dataclass(frozen=True)
class Attribution:
    """What is the value of one attribute of the one thing that fits a description?"""

    asked: Attribute
    answer_type: str = "other"
    placed: bool = False

    @property
    def type(self) -> str:  # noqa: D102
        return self.asked

    @property
    def answers(self) -> tuple[str, ...]:  # noqa: D102
        return VALUES[self.asked]

    def structure(self, chance: Stream) -> Structure:  # noqa: D102
        others: list[Attribute] = [name for name in ("size", "colour", "texture", "shape") if name != self.asked]
        strong = chance.choice([name for name in others if name in ("colour", "shape")])
        names = {strong, chance.choice(others)}
        return (tuple(name for name in others if name in names),)

    def plant(self, structure: Structure, answer: str, chance: Stream) -> list[Filter]:  # noqa: D102
        return [{self.asked: answer}]

    def askings(self, structure: Structure, answer: str, scene: Scene) -> Sequence[Asking]:  # noqa: D102
        (names,) = structure
        found = [i for i in unique(scene, names) if getattr(scene.things[i], self.asked) == answer]
        return [Asking((described(scene, i, names),), about=(i,)) for i in found]

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:  # noqa: D102
        return realise(_FORMS[self.asked], {"a": phrase(asking.named[0], chance)}, chance)
