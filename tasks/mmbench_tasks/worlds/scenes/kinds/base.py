"""What a kind of question is, and why its words say nothing about its answer.

A scene is made *for* its questions. First each question gets a kind, a structure (which attributes it will name)
and an answer, drawn evenly from the kind's answers. Then scenes are drawn until each of these can be asked
truthfully of the scene; only then are the words drawn, evenly among those that make the answer true. Colours,
shapes and the other values are exchangeable in all of this (what holds for red holds for blue), so words and
answer are independent given the structure, and the structure was drawn before the answer.
No question is ever dropped because its answer was hard to reach: that would tilt the answers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Literal, Protocol

from mmbench_tasks.worlds.scenes.model import HELD_OUT, Attribute, Chart, Clock, Filter, Scene, Thing
from mmbench_tasks.worlds.streams import Stream

Names = tuple[Attribute, ...]
Mode = Literal["", "pair", "chain", "word"]
"""What a held-out question has that training never shows: a (colour, shape) pair, a chain of two relations, or a
word on a sign. "" is a plain question."""

Needs = Literal["things", "places", "outlines"]

_PAIRS = sorted(HELD_OUT)
YES_NO = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Structure:
    """What is fixed before the answer: the form, which attributes are named, how the question is held out."""

    form: str = ""
    names: tuple[Names, ...] = ()
    mode: Mode = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """One truthful way to ask: the descriptions and words in it, and the things it is about."""

    named: tuple[Filter, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    about: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would make a question askable; attributes that are not given are free.

    Attributes:
        things: descriptions, one for each thing.
        label: a letter for the sticker of one thing.
        sign: the word on a sign; "?" for any.
        clock: what the clock shows.
        charts: the styles that a chart may have.
        hidden: whether one thing should stand partly behind another.
    """

    things: tuple[Filter, ...] = ()
    label: str = ""
    sign: str = ""
    clock: Clock | None = None
    charts: tuple[str, ...] = ()
    hidden: bool = False


class View:
    """A scene with its descriptions looked up once, for many questions."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._values: dict[Names, list[tuple[str, ...]]] = {}

    def values(self, names: Names) -> list[tuple[str, ...]]:
        """Return the named values of every thing."""
        if names not in self._values:
            self._values[names] = _values(self.scene.things, names)
        return self._values[names]

    def unique(self, names: Names) -> list[int]:
        """Return the things that share their named values with no other thing."""
        values = self.values(names)
        return [i for i, value in enumerate(values) if values.count(value) == 1]

    def described(self, index: int, names: Names) -> Filter:
        """Return the named values of one thing."""
        return dict(zip(names, self.values(names)[index], strict=True))

    @property
    def chart(self) -> Chart | None:
        """The scene's chart."""
        return self.scene.chart


def _values(things: Sequence[Thing], names: Names) -> list[tuple[str, ...]]:
    if len(names) == 1:
        return [(value,) for value in map(attrgetter(names[0]), things)]
    return list(map(attrgetter(*names), things)) if names else [()] * len(things)


class Kind(Protocol):
    """A kind of question.

    Attributes:
        type: the name of the kind, unique.
        answer_type: "yes/no", "number" or "other", as in VQA v2.
        answers: all answers, equally likely.
        needs: what the answer depends on: which things there are, where they stand, or what is seen of them.
        modes: in which ways such a question can be held out.
        uses: the sign, the clock or the chart, if it is about one of these; a scene is asked once about each.
    """

    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def answer_type(self) -> str: ...  # noqa: D102
    @property
    def answers(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def needs(self) -> Needs: ...  # noqa: D102
    @property
    def modes(self) -> tuple[Mode, ...]: ...  # noqa: D102
    @property
    def uses(self) -> str: ...  # noqa: D102

    def structure(self, mode: Mode, chance: Stream) -> Structure:
        """Draw the form and which attributes the question names; must not depend on the answer."""
        ...

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:
        """Draw what makes it likely that the question can be asked with this answer."""
        ...

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:
        """Return every way to ask with this structure so that this answer is true; there may be none."""
        ...

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:
        """Put an asking into words."""
        ...


@dataclass(frozen=True)
class YesNo:
    """What kinds with the answers yes and no share."""

    needs: Needs = "things"
    modes: tuple[Mode, ...] = ("pair",)
    uses: str = ""
    answer_type: str = "yes/no"
    answers: tuple[str, ...] = YES_NO

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:  # noqa: ARG002
        """Propose nothing: any scene will do."""
        return Proposal()


def as_pair(wanted: Filter, chance: Stream) -> Filter | None:
    """Return the description completed to a held-out pair of colour and shape; None if it fits none."""
    pairs = [(c, s) for c, s in _PAIRS if wanted.get("colour", c) == c and wanted.get("shape", s) == s]
    if not pairs:
        return None
    colour, shape = chance.choice(pairs)
    return {**wanted, "colour": colour, "shape": shape}


def held_out(wanted: Filter) -> bool:
    """Whether colour and shape are both named and are a pair that plain scenes lack."""
    return (wanted.get("colour", ""), wanted.get("shape", "")) in HELD_OUT


def fits(asking: Asking, mode: Mode, scene: Scene) -> bool:
    """Tell whether an asking may be used: plain ones name no held-out pair, others must touch one."""
    touched = any(held_out(named) for named in asking.named)
    if mode == "pair":
        return touched or any(scene.things[i].held_out for i in asking.about)
    return not touched
