"""Is there any, how many, more of these or of those, and all but which?"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations, product

from mmbench_tasks.worlds.scenes.kinds.base import (
    Asking,
    Mode,
    Names,
    Needs,
    Proposal,
    Structure,
    View,
    YesNo,
    held_out,
)
from mmbench_tasks.worlds.scenes.model import VALUES, Filter
from mmbench_tasks.worlds.scenes.words.forms import FORMS
from mmbench_tasks.worlds.scenes.words.nouns import phrase
from mmbench_tasks.worlds.scenes.words.surface import say
from mmbench_tasks.worlds.streams import Stream

_PAIR: Names = ("colour", "shape")
_PAIRS: tuple[Names, ...] = (
    _PAIR,
    ("texture", "shape"),
    ("size", "shape"),
    ("colour", "texture"),
    ("size", "colour"),
)
_SINGLES: tuple[Names, ...] = (("colour",), ("shape",), ("texture",))


def _askings(names: Names, values: Iterable[tuple[str, ...]]) -> Iterable[Asking]:
    return (Asking((dict(zip(names, value, strict=True)),)) for value in values)


def _absent(view: View, names: Names) -> list[tuple[str, ...]]:
    """Return combinations of values that occur in the scene, but never in one thing."""
    present = view.values(names)
    seen = (sorted({value[i] for value in present}) for i in range(len(names)))
    return [combination for combination in product(*seen) if combination not in present]


@dataclass(frozen=True)
class Existence(YesNo):
    """Is there a thing with these two values? Where not, both values are in the scene, but apart."""

    type: str = "existence"

    def structure(self, mode: Mode, chance: Stream) -> Structure:
        """Name two attributes."""
        return Structure(names=(_PAIR if mode == "pair" else chance.choice(_PAIRS),))

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:
        """Name what is there, or what is not though its values are."""
        (names,) = structure.names
        return _askings(names, sorted(set(view.values(names))) if answer == "yes" else _absent(view, names))

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:  # noqa: ARG002
        """Ask for one or for any."""
        (named,) = asking.named
        slots = {
            "a": phrase(named, chance, article="a"),
            "some": phrase(named, chance, plural=True, article=""),
        }
        return say(FORMS["existence"], slots, chance)


@dataclass(frozen=True)
class Counting:
    """How many things have this value, or these two?"""

    type: str = "counting"
    answer_type: str = "number"
    answers: tuple[str, ...] = ("0", "1", "2", "3", "4")
    needs: Needs = "things"
    modes: tuple[Mode, ...] = ("pair",)
    uses: str = ""

    def structure(self, mode: Mode, chance: Stream) -> Structure:
        """Name one attribute or two."""
        return Structure(names=(_PAIR if mode == "pair" else chance.choice(_SINGLES + _PAIRS),))

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:
        """Propose as many alike."""
        (names,) = structure.names
        while True:
            wanted: Filter = {name: chance.choice(VALUES[name]) for name in names}
            if held_out(wanted) == (structure.mode == "pair"):
                return Proposal(things=(wanted,) * int(answer))

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:
        """Name what is there that often; for none, values that occur, but apart."""
        (names,) = structure.names
        if answer != "0":
            counted = Counter(view.values(names))
            return _askings(names, sorted(value for value, count in counted.items() if count == int(answer)))
        if len(names) == 1:
            present = view.values(names)
            return _askings(names, [(value,) for value in VALUES[names[0]] if (value,) not in present])
        return _askings(names, _absent(view, names))

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:  # noqa: ARG002
        """Ask for the number."""
        some = phrase(asking.named[0], chance, plural=True, article="")
        return say(FORMS["counting"], {"some": some}, chance)


@dataclass(frozen=True)
class Amounts(YesNo):
    """Are there more of these than of those, fewer, or as many?"""

    type: str = "comparison"
    modes: tuple[Mode, ...] = ()

    def structure(self, mode: Mode, chance: Stream) -> Structure:  # noqa: ARG002
        """Compare two values of one attribute."""
        return Structure(chance.choice(("more", "fewer", "equal")), (chance.choice(_SINGLES),))

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:
        """Propose two and one, or two and two."""
        (names,) = structure.names
        a, b = chance.sample(VALUES[names[0]], 2)
        even = (structure.form == "equal") == (answer == "yes")
        return Proposal(things=({names[0]: a}, {names[0]: a}, {names[0]: b}) + (({names[0]: b},) if even else ()))

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:
        """Name two values that are there."""
        (names,) = structure.names
        counted = Counter(view.values(names))
        holds = {"more": int.__gt__, "fewer": int.__lt__, "equal": int.__eq__}[structure.form]
        found = []
        for a, b in permutations(sorted(counted), 2):
            if holds(counted[a], counted[b]) == (answer == "yes"):
                found.append(Asking(({names[0]: a[0]}, {names[0]: b[0]})))
        return found

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:
        """Ask about both in the plural."""
        noun = chance.below(3)
        a, b = (phrase(named, chance, plural=True, article="", generic=noun) for named in asking.named)
        return say(FORMS[f"comparison {structure.form}"], {"a": a, "b": b}, chance)


@dataclass(frozen=True)
class Negation(YesNo):
    """Of two or more: is there one that is not so, are they all so, is none of them so?"""

    type: str = "negation"

    def structure(self, mode: Mode, chance: Stream) -> Structure:
        """Name a group and a property."""
        pairs: tuple[tuple[Names, Names], ...] = ((("shape",), ("colour",)), (("shape",), ("texture",)))
        other: tuple[tuple[Names, Names], ...] = ((("colour",), ("texture",)), (("colour",), ("size",)))
        form = chance.choice(("other", "all", "none"))
        return Structure(form, pairs[0] if mode == "pair" else chance.choice(pairs + other))

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:
        """Propose two of a group that share the property or do not."""
        (group,), (property_,) = structure.names
        while True:
            value = chance.choice(VALUES[group])
            a, b = chance.sample(VALUES[property_], 2)
            named: Filter = {group: value, property_: a}
            other: Filter = {group: value, property_: b}
            if held_out(named) == (structure.mode == "pair") and not held_out(other):
                break
        if structure.form == "none" and answer == "yes":
            return Proposal(things=(other, other, {property_: a}))
        return Proposal(things=(named, named if (answer == "yes") == (structure.form == "all") else other))

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:
        """Name a group of two or more, and a property that something in the scene has."""
        (group,), (property_,) = structure.names
        members: dict[str, set[str]] = {}
        kinds = [value for (value,) in view.values((group,))]
        for kind, (value,) in zip(kinds, view.values((property_,)), strict=True):
            members.setdefault(kind, set()).add(value)
        present = sorted(set().union(*members.values()))
        return (
            Asking(({group: kind}, {group: kind, property_: value}))
            for kind, values in sorted(members.items())
            if kinds.count(kind) > 1
            for value in (present if structure.form == "none" else sorted(values))
            if _denied(structure.form, value, values) == (answer == "yes")
        )

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:
        """Ask for an exception, for all, or deny."""
        _, (property_,) = structure.names
        named, value = asking.named[0], asking.named[1][property_]
        slots = {
            "a": phrase(named, chance, article="a"),
            "some": phrase(named, chance, plural=True, article=""),
            "so": value,
        }
        return say(FORMS[f"negation {structure.form}"], slots, chance)


def _denied(form: str, value: str, values: set[str]) -> bool:
    """Tell whether the answer is yes: another value is there, all have this one, or none has it."""
    if form == "none":
        return value not in values
    return (values == {value}) == (form == "all")
