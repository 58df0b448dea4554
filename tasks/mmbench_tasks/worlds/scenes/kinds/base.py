"""What a kind of question is, and why its words say nothing about its answer.

A scene is made *for* its questions. First each question gets a kind, a structure (which attributes it will name)
and an answer, drawn evenly from the kind's answers. Then scenes are drawn until each of these can be asked
truthfully of the scene; only then are the words drawn, evenly among those that make the answer true. Colours, shapes and
the other values are exchangeable in all of this (what holds for red holds for blue), so words and answer are
independent given the structure, and the structure was drawn before the answer.
No question is ever dropped because its answer was hard to reach: that would tilt the answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mmbench_tasks.worlds.scenes.model import HELD_OUT, Attribute, Filter, Scene
from mmbench_tasks.worlds.streams import Stream

Structure = tuple[tuple[Attribute, ...], ...]
YES_NO = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Asking:
    """One truthful way to ask: what is named, and which things it is about."""

    named: tuple[Filter, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    about: tuple[int, ...] = ()


class Kind(Protocol):
    """A kind of question.

    Attributes:
        type: the name of the kind, unique.
        answer_type: "yes/no", "number" or "other", as in VQA v2.
        answers: all answers, equally likely.
        placed: whether the answer depends on where things stand, not only on which there are.
    """

    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def answer_type(self) -> str: ...  # noqa: D102
    @property
    def answers(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def placed(self) -> bool: ...  # noqa: D102

    def structure(self, chance: Stream) -> Structure:
        """Draw which attributes the question names; must not depend on the answer."""
        ...

    def plant(self, structure: Structure, answer: str, chance: Stream) -> list[Filter]:
        """Propose things (attributes that are not given are free) that make the answer likely to be askable."""
        ...

    def askings(self, structure: Structure, answer: str, scene: Scene) -> Sequence[Asking]:
        """Return every way to ask with this structure so that this answer is true; none is an answer too."""
        ...

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:
        """Put an asking into words."""
        ...


def held_out(wanted: Filter) -> bool:
    """Whether colour and shape are both named and are a pair that plain scenes lack."""
    return (wanted.get("colour", ""), wanted.get("shape", "")) in HELD_OUT


def described(scene: Scene, index: int, names: tuple[Attribute, ...]) -> Filter:
    """Return the named values of a thing."""
    thing = scene.things[index]
    return dict(zip(names, thing.values(names), strict=True))


def unique(scene: Scene, names: tuple[Attribute, ...]) -> list[int]:
    """Return the things that no other thing shares the named values with."""
    values = [thing.values(names) for thing in scene.things]
    return [i for i, value in enumerate(values) if values.count(value) == 1]
