"""Modifiers: a sentence grows by as many as its level allows, each where it makes sense."""

from collections.abc import Callable

from mmbench_tasks.worlds.phrases import clauses, frames, relatives
from mmbench_tasks.worlds.phrases.lexicon import Adjective, Noun
from mmbench_tasks.worlds.phrases.meaning import (
    Clause,
    Comparison,
    Copula,
    Fixed,
    Joined,
    Location,
    Meaning,
    Pair,
    Phrase,
    Question,
    Relative,
)
from mmbench_tasks.worlds.streams import Stream


def grow(chance: Stream, said: Meaning, budget: int) -> tuple[Meaning, int]:
    """Return the sentence with up to ``budget`` modifiers more, and how many it got."""
    got = 0
    for step in chance.shuffled(range(2 * _STEPS)):
        if got == budget:
            break
        grower = _GROW.get(type(said))
        grown = grower(chance, said, step % _STEPS) if grower else said
        if grown != said:
            said, got = grown, got + 1
    return said, got


_STEPS = 7


def _clause(chance: Stream, said: Clause, step: int) -> Meaning:
    if step == 0:
        return clauses.with_time(chance, said)
    if step == 1:
        return clauses.with_place(chance, said)
    if step == 2:
        return clauses.plan(chance, said)
    if step == 3:
        return clauses.negate(chance, said)
    if step == 4:
        return frames.reported(chance, said) if chance.chance(0.4) else said
    if step == 5:
        return said._replace(subject=_with_relative(chance, said.subject))
    return _with_object(chance, said)


def _with_object(chance: Stream, said: Clause) -> Clause:
    thing = said.object
    if thing is None or said.negated or not isinstance(thing.head, Noun) or "person" in thing.head.traits:
        return said
    return said._replace(object=clauses.describe(chance, thing))


def _with_relative(chance: Stream, np: Phrase) -> Phrase:
    """Add a relative clause to "the man"."""
    if not isinstance(np.head, Noun) or np.article != "the" or np.relative or "person" not in np.head.traits:
        return np
    relative = relatives.describing(chance, np)
    return np._replace(relative=relative) if relative else np


def _copula(chance: Stream, said: Copula, step: int) -> Meaning:
    np = said.subject
    if step == 0:
        return frames.reported(chance, said) if chance.chance(0.4) else said
    if np.relative:
        clause = np.relative.clause
        grown = _simple(chance, clause, step) if np.relative.gap != "where" else clause
        return said._replace(subject=np._replace(relative=Relative(grown, np.relative.gap)))
    if step < 4:
        return said._replace(subject=_with_relative(chance, np))
    return said._replace(subject=_described(chance, np, said.adjective)) if np.article in ("the", "this") else said


def _described(chance: Stream, np: Phrase, clash: Adjective) -> Phrase:
    """Add an adjective that does not speak of the same as ``clash``."""
    grown = clauses.describe(chance, np)
    same = any(a.id == clash.id or a.kind == clash.kind for a in grown.adjectives)
    return np if same else grown


def _comparison(chance: Stream, said: Comparison, step: int) -> Meaning:
    if step == 0:
        return frames.reported(chance, said) if chance.chance(0.4) else said
    if not (isinstance(said.subject.head, Noun) and isinstance(said.other.head, Noun)):
        return said
    if "person" in said.other.head.traits:
        return said
    grown = (
        said._replace(subject=_described(chance, said.subject, said.adjective))
        if step % 2
        else said._replace(other=_described(chance, said.other, said.adjective))
    )
    same = set(grown.subject.adjectives) & set(grown.other.adjectives)  # "this old story is ... than the old one"
    return said if same else grown


def _location(chance: Stream, said: Location, step: int) -> Meaning:
    if step % 2 and said.thing.head != "it":
        return said._replace(thing=_looks(chance, said.thing))
    return said._replace(ground=_looks(chance, said.ground))


def _looks(chance: Stream, np: Phrase) -> Phrase:
    """Add an adjective that helps to tell which one is meant: not every bed is worth calling heavy."""
    grown = clauses.describe(chance, np)
    return grown if all(a.kind in ("size", "age", "colour", "look") for a in grown.adjectives) else np


def _question(chance: Stream, said: Question, step: int) -> Meaning:
    return said._replace(clause=_simple(chance, said.clause, step))


def _simple(chance: Stream, said: Clause, step: int) -> Clause:
    """Grow a clause and leave it a clause that is not negated."""
    if step < 2:
        return clauses.with_time(chance, said)
    return clauses.with_place(chance, said) if step < 4 else _with_object(chance, said)


_DATED = frozenset({"rain", "sunshine", "snow", "visitors", "holiday"})
_SOON = frozenset({"tomorrow", "tomorrow_am", "tonight"})


def _joined(chance: Stream, said: Joined, step: int) -> Meaning:
    if said.joint == "if":
        return _conditional(chance, said, step)
    if isinstance(said.first, Clause) and chance.chance(0.6):
        return said._replace(first=_simple(chance, said.first, step))
    if isinstance(said.second, Clause):
        return said._replace(second=_simple(chance, said.second, step))
    return said


def _conditional(chance: Stream, said: Joined, step: int) -> Joined:
    """Grow what happens if; a condition with a time gives it to all, and others are about the near future."""
    assert isinstance(said.first, Fixed)
    assert isinstance(said.second, Clause)
    grown = _simple(chance, said.second, step)
    if grown.time is not None and (said.first.id in _DATED or grown.time.id not in _SOON):
        return said
    return said._replace(second=grown)


def _pair(chance: Stream, said: Pair, step: int) -> Meaning:
    second = said.second
    if isinstance(second, Location):
        return said._replace(second=second._replace(ground=_looks(chance, second.ground)))
    assert isinstance(said.first, Clause)
    grown = _simple(chance, said.first, step)
    thing = grown.object
    if thing and any(a.kind == second.adjective.kind for a in thing.adjectives):
        return said
    return said._replace(first=grown)


_GROW: dict[type, Callable[..., Meaning]] = {
    Clause: _clause,
    Copula: _copula,
    Comparison: _comparison,
    Location: _location,
    Question: _question,
    Joined: _joined,
    Pair: _pair,
}
