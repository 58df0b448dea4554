"""What colour, shape, texture or size is it, what letter is on it, and do two of them match?"""

from collections.abc import Iterable
from dataclasses import dataclass

from mmbench_tasks.worlds.scenes.kinds.base import (
    Asking,
    Mode,
    Names,
    Needs,
    Proposal,
    Structure,
    View,
    YesNo,
    as_pair,
)
from mmbench_tasks.worlds.scenes.model import ATTRIBUTES, LETTERS, VALUES, Attribute, Filter
from mmbench_tasks.worlds.scenes.words.forms import FORMS, PATTERN_LIST
from mmbench_tasks.worlds.scenes.words.nouns import phrase
from mmbench_tasks.worlds.scenes.words.surface import say
from mmbench_tasks.worlds.streams import Stream


def reference(chance: Stream, *without: Attribute) -> Names:
    """Draw attributes that tell things apart: colour or shape, often with another one."""
    names = [name for name in ATTRIBUTES if name not in without]
    strong = [name for name in names if name in ("colour", "shape")] or names
    chosen = {chance.choice(strong), chance.choice(names)}
    return tuple(name for name in ATTRIBUTES if name in chosen)


@dataclass(frozen=True)
class Attribution:
    """What is the value of one attribute of the one thing that fits a description?"""

    asked: Attribute
    answer_type: str = "other"
    needs: Needs = "things"
    modes: tuple[Mode, ...] = ("pair",)
    uses: str = ""

    @property
    def type(self) -> str:
        """The attribute's name."""
        return self.asked

    @property
    def answers(self) -> tuple[str, ...]:
        """The attribute's values."""
        return VALUES[self.asked]

    def structure(self, mode: Mode, chance: Stream) -> Structure:  # noqa: ARG002
        """Describe the thing by other attributes."""
        return Structure(names=(reference(chance, self.asked),))

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:
        """Propose a thing with that value."""
        wanted: Filter = {self.asked: answer}
        return Proposal(things=((as_pair(wanted, chance) if structure.mode == "pair" else None) or wanted,))

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:
        """Describe a thing with that value that no other thing can be mistaken for."""
        (names,) = structure.names
        values = view.values((self.asked,))
        return (
            Asking((view.described(i, names),), about=(i,)) for i in view.unique(names) if values[i] == (answer,)
        )

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:  # noqa: ARG002
        """Ask for the value; where words for it are not obvious, offer them."""
        slots = {"a": phrase(asking.named[0], chance), "patterns": chance.choice(PATTERN_LIST)}
        return say(FORMS[self.asked], slots, chance)


@dataclass(frozen=True)
class Label:
    """Which letter is on the sticker of the one thing that fits a description?"""

    type: str = "label"
    answer_type: str = "other"
    answers: tuple[str, ...] = tuple(LETTERS.lower())
    needs: Needs = "things"
    modes: tuple[Mode, ...] = ()
    uses: str = ""

    def structure(self, mode: Mode, chance: Stream) -> Structure:  # noqa: ARG002
        """Describe the thing."""
        return Structure(names=(reference(chance),))

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:  # noqa: ARG002
        """Propose the letter."""
        return Proposal(label=answer.upper())

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:
        """Describe the thing that bears the letter."""
        (names,) = structure.names
        letter = answer.upper()
        things = view.scene.things
        return (
            Asking((view.described(i, names),), about=(i,))
            for i in view.unique(names)
            if things[i].label == letter
        )

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:  # noqa: ARG002
        """Ask for the letter."""
        return say(FORMS["label"], {"a": phrase(asking.named[0], chance)}, chance)


@dataclass(frozen=True)
class Sameness(YesNo):
    """Do two things have the same colour, shape or texture, or different ones?"""

    type: str = "same"

    def structure(self, mode: Mode, chance: Stream) -> Structure:  # noqa: ARG002
        """Compare one attribute of two things that are described by others."""
        asked: Attribute = chance.choice(("colour", "shape", "texture"))
        form = chance.choice(("same", "differ"))
        return Structure(f"{form} {asked}", ((asked,), reference(chance, asked), reference(chance, asked)))

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:
        """Propose two things that are alike, or nothing."""
        (asked,), _, _ = structure.names
        alike = structure.form.startswith("same") == (answer == "yes")
        value = chance.choice(VALUES[asked])
        return Proposal(things=({asked: value}, {asked: value}) if alike else ())

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:
        """Describe two things."""
        asked, first, second = structure.names
        alike = structure.form.startswith("same") == (answer == "yes")
        values = view.values(asked)
        return (
            Asking((view.described(i, first), view.described(j, second)), about=(i, j))
            for i in view.unique(first)
            for j in view.unique(second)
            if i != j and (values[i] == values[j]) == alike
        )

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:
        """Ask about both."""
        form, asked = structure.form.split()
        a, b = (phrase(named, chance) for named in asking.named)
        noun = chance.choice(("pattern", "texture")) if asked == "texture" else asked
        return say(FORMS[form], {"a": a, "b": b, "what": noun}, chance)


@dataclass(frozen=True)
class Bigness(YesNo):
    """Is one thing bigger, or smaller, than the other? One of them is."""

    type: str = "bigger"

    def structure(self, mode: Mode, chance: Stream) -> Structure:  # noqa: ARG002
        """Describe two things, their sizes apart."""
        return Structure(
            chance.choice(("bigger", "smaller")), (reference(chance, "size"), reference(chance, "size"))
        )

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:  # noqa: ARG002
        """Propose one of each size."""
        return Proposal(things=({"size": "large"}, {"size": "small"}))

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:
        """Describe a large thing and a small one."""
        first, second = structure.names
        sizes = view.values(("size",))
        wanted = (("large",), ("small",))
        if (structure.form == "bigger") != (answer == "yes"):
            wanted = wanted[::-1]
        return (
            Asking((view.described(i, first), view.described(j, second)), about=(i, j))
            for i in view.unique(first)
            if sizes[i] == wanted[0]
            for j in view.unique(second)
            if sizes[j] == wanted[1]
        )

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:
        """Ask about both."""
        a, b = (phrase(named, chance) for named in asking.named)
        return say(FORMS[structure.form], {"a": a, "b": b}, chance)
