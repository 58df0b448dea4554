"""Where things are, seen from one another, and what can be found by going from one to the next."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from mmbench_tasks.worlds.scenes.kinds.attributes import reference
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
    held_out,
)
from mmbench_tasks.worlds.scenes.model import VALUES, Attribute, Filter, Thing
from mmbench_tasks.worlds.scenes.words.forms import EDGES, FORMS, RELATIONS
from mmbench_tasks.worlds.scenes.words.nouns import phrase
from mmbench_tasks.worlds.scenes.words.surface import say
from mmbench_tasks.worlds.streams import Stream

_ACROSS, _ALONG = 18, 12
"""Two things closer than this, in pixels, are not told apart across or along."""
HIDDEN, WHOLE = 86, 99
"""Hidden: at most so much of the outline is seen; whole: at least so much; in percent."""


def related(a: Thing, relation: str, b: Thing) -> bool | None:
    """Tell whether ``a`` is left of, right of, in front of or behind ``b``; None where it is too close to call."""
    if relation in ("left", "right"):
        gap, enough = b.x - a.x, _ACROSS
    else:
        gap, enough = a.y - b.y, _ALONG
    if abs(gap) < enough:
        return None
    return gap > 0 if relation in ("left", "front") else gap < 0


def only(things: Sequence[Thing], candidates: Sequence[int], relation: str, anchor: int) -> int | None:
    """Return the one candidate that stands so to the anchor; None if there is none, two, or an unclear one."""
    found = None
    for i in candidates:
        if i == anchor:
            continue
        holds = related(things[i], relation, things[anchor])
        if holds is None or (holds and found is not None):
            return None
        if holds:
            found = i
    return found


@dataclass(frozen=True)
class Spatial(YesNo):
    """Is one thing left of, right of, in front of or behind another?"""

    type: str = "spatial"
    needs: Needs = "places"

    def structure(self, mode: Mode, chance: Stream) -> Structure:  # noqa: ARG002
        """Describe two things and choose the relation."""
        return Structure(chance.choice(tuple(RELATIONS)), (reference(chance), reference(chance)))

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:
        """Describe two things that clearly stand so, or clearly do not."""
        first, second = structure.names
        things = view.scene.things
        return (
            Asking((view.described(i, first), view.described(j, second)), about=(i, j))
            for i in view.unique(first)
            for j in view.unique(second)
            if i != j and related(things[i], structure.form, things[j]) is (answer == "yes")
        )

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:
        """Ask about both."""
        a, b = (phrase(named, chance) for named in asking.named)
        return say(FORMS["spatial"], {"a": a, "b": b, "so": chance.choice(RELATIONS[structure.form])}, chance)


@dataclass(frozen=True)
class Occlusion(YesNo):
    """Does something nearer hide a part of it?"""

    type: str = "occlusion"
    needs: Needs = "outlines"

    def structure(self, mode: Mode, chance: Stream) -> Structure:  # noqa: ARG002
        """Describe the thing."""
        return Structure(chance.choice(("hidden", "whole")), (reference(chance),))

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:  # noqa: ARG002
        """Propose to hide one, or nothing."""
        return Proposal(hidden=(structure.form == "hidden") == (answer == "yes"))

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:
        """Describe a thing that is clearly hidden in part, or clearly not."""
        (names,) = structure.names
        covered = (structure.form == "hidden") == (answer == "yes")
        seen = view.scene.visible
        return (
            Asking((view.described(i, names),), about=(i,))
            for i in view.unique(names)
            if (seen[i] <= HIDDEN if covered else seen[i] >= WHOLE)
        )

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:
        """Ask whether it is hidden, or whether it is whole."""
        return say(FORMS[structure.form], {"a": phrase(asking.named[0], chance)}, chance)


@dataclass(frozen=True)
class MultiHop:
    """What colour or shape is the thing that is found from another thing, from two others, or at the edge?"""

    asked: Attribute
    answer_type: str = "other"
    needs: Needs = "places"
    modes: tuple[Mode, ...] = ("pair", "chain")
    uses: str = ""

    @property
    def type(self) -> str:
        """The name with the attribute."""
        return f"multi_hop_{self.asked}"

    @property
    def answers(self) -> tuple[str, ...]:
        """The attribute's values."""
        return VALUES[self.asked]

    def structure(self, mode: Mode, chance: Stream) -> Structure:
        """Choose the path and what is named along it; chains are held out."""
        relations = tuple(RELATIONS)
        target = chance.choice(((self._other,), (self._other,), ("texture",)))
        if mode == "chain":
            form = f"chain {chance.choice(relations)} {chance.choice(relations)}"
            return Structure(form, (target, (chance.choice(("shape", "colour")),), ("colour", "shape")))
        if chance.chance(0.3):
            return Structure(f"edge {chance.choice(relations)}", (target,))
        return Structure(f"relation {chance.choice(relations)}", (target, reference(chance)))

    @property
    def _other(self) -> Attribute:
        return "shape" if self.asked == "colour" else "colour"

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:
        """Propose a thing with that value, and one to confuse it with."""
        (name,) = structure.names[0]
        wanted: Filter = {self.asked: answer, name: chance.choice(VALUES[name])}
        if structure.mode == "pair":
            wanted = as_pair({self.asked: answer}, chance) or wanted
        elif held_out(wanted):
            return self.propose(structure, answer, chance)
        return Proposal(things=(wanted, {name: wanted[name]} if name in wanted else {}))

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:
        """Describe every clear path to a thing with that value."""
        path, *relations = structure.form.split()
        walk = {"edge": _edges, "relation": _relations, "chain": _chains}[path]
        values = view.values((self.asked,))
        return [
            asking for asking in walk(structure.names, relations, view) if values[asking.about[0]] == (answer,)
        ]

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:
        """Ask for the value at the end of the path."""
        path, *relations = structure.form.split()
        target = phrase(asking.named[0], chance, article="")
        if path == "edge":
            slots = {"target": chance.choice(EDGES[relations[0]]).replace("<target>", target)}
        else:
            steps = [chance.choice(RELATIONS[relation]) for relation in relations]
            places = [phrase(named, chance) for named in asking.named[1:]]
            slots = {
                "target": f"the {target} that is "
                + " that is ".join(map(" ".join, zip(steps, places, strict=True)))
            }
        return say(FORMS[f"multi_hop {self.asked}"], slots, chance)


def _groups(view: View, names: Names) -> dict[tuple[str, ...], list[int]]:
    groups: dict[tuple[str, ...], list[int]] = {}
    for i, value in enumerate(view.values(names)):
        groups.setdefault(value, []).append(i)
    return groups


def _relations(names: tuple[Names, ...], relations: list[str], view: View) -> Iterator[Asking]:
    """Go from an anchor to the one thing of a group of two or more that stands so to it."""
    target, anchor = names
    things = view.scene.things
    groups = _groups(view, target)
    for j in view.unique(anchor):
        for members in groups.values():
            i = only(things, members, relations[0], j) if len(members) > 1 else None
            if i is not None:
                yield Asking((view.described(i, target), view.described(j, anchor)), about=(i, j))


def _chains(names: tuple[Names, ...], relations: list[str], view: View) -> Iterator[Asking]:
    """Go from an anchor to the one thing that stands so to it, and from there on to the next."""
    target, middle, anchor = names
    things = view.scene.things
    ends, steps = _groups(view, target), _groups(view, middle)
    for k, step, end in product(view.unique(anchor), steps.values(), ends.values()):
        j = only(things, step, relations[1], k)
        if j is not None and len(end) > 1:
            i = only(things, end, relations[0], j)
            if i is not None and i != k:
                named = (view.described(i, target), view.described(j, middle), view.described(k, anchor))
                yield Asking(named, about=(i, j, k))


def _edges(names: tuple[Names, ...], relations: list[str], view: View) -> Iterator[Asking]:
    """Go to the outermost of a group of two or more."""
    (target,) = names
    things = view.scene.things
    for members in _groups(view, target).values():
        if len(members) < 2:
            continue
        for i in members:
            if all(related(things[i], relations[0], things[j]) for j in members if j != i):
                yield Asking((view.described(i, target),), about=(i,))
