"""What a meaning is made of: its concepts, its structure, its pairs of adjective and noun."""

from typing import Any, NamedTuple

from mmbench_tasks.worlds.phrases.lexicon import Adjective, City, Mass, Name, Noun, Place, Time, Verb
from mmbench_tasks.worlds.phrases.meaning import Clause, Fixed, Joined, Phrase, Question

_WORDS = frozenset({Noun, Name, Mass, Adjective, Verb, Place, City, Time, Fixed})
_LEAVES = _WORDS | {str, int, bool, type(None)}


def concepts(meaning: Any) -> list[str]:
    """Return what the sentence speaks of, independent of language: ids of words, tenses, negations, numbers."""
    found: list[str] = []
    _collect(meaning, found)
    return found


def _collect(part: Any, found: list[str]) -> None:
    kind = type(part)
    if kind in _WORDS:
        found.append(part.id)
        return
    if kind is Phrase:
        if isinstance(part.head, str):
            found.append(part.head)
        if part.article == "count":
            found.append(str(part.amount))
    elif kind is Clause:
        found += [mark for mark in (part.tense, part.negated, part.modal) if mark]
    for inner in part:
        if isinstance(inner, tuple) and inner:
            _collect(inner, found)


class Parts(NamedTuple):
    """The parts of a meaning that matter for what is held out."""

    phrases: list[Phrase]
    clauses: list[Clause]
    features: set[str]


def parts(meaning: Any) -> Parts:
    """Return the noun phrases and clauses of a meaning, and the names of its structures."""
    found = Parts([], [], set())
    _visit(meaning, found)
    return found


def _visit(part: Any, found: Parts) -> None:
    kind = type(part)
    if kind is Phrase:
        found.phrases.append(part)
        if part.relative is not None:
            found.features.add("relative")
            _visit(part.relative.clause, found)
        return
    if kind is Clause:
        found.clauses.append(part)
        for inner in (part.subject, part.object, part.other):
            if inner is not None:
                _visit(inner, found)
        return
    if kind is Joined:
        found.features.add("reported" if type(part.first) is Phrase else "joined")
    elif kind is Question:
        found.features.add("question")
    for inner in part:
        if type(inner) not in _LEAVES:
            _visit(inner, found)


def repeated_name(meaning: Any) -> bool:
    """Whether somebody is named twice, where people would use a pronoun."""
    names = [phrase.head for phrase in parts(meaning).phrases if type(phrase.head) is Name]
    return len(names) != len(set(names))


def pairs(found: Parts) -> list[tuple[str, str]]:
    """Return the pairs of attributive adjective and noun."""
    return [
        (adjective.id, phrase.head.id)
        for phrase in found.phrases
        for adjective in phrase.adjectives
        if not isinstance(phrase.head, str)
    ]


def features(found: Parts) -> set[str]:
    """Return the names of the structures in the sentence."""
    names = set(found.features)
    for clause in found.clauses:
        names |= {name for name in ("time", "place", "modal", "negated") if getattr(clause, name)}
    sizes = {len(phrase.adjectives) for phrase in found.phrases}
    if sizes - {0}:
        names.add("adjective")
    if 2 in sizes:
        names.add("two adjectives")
    return names


def flipped(meaning: Any) -> Any:
    """Return the meaning with the other sex for people whose sex English does not tell; None if there are none."""
    changed = False

    def walk(part: Any) -> Any:
        nonlocal changed
        kind = type(part)
        if kind in _LEAVES or not part:
            return part
        if kind is not Phrase:
            inner = [walk(one) for one in part]
            return tuple(inner) if kind is tuple else kind(*inner)
        if part.relative:
            part = part._replace(relative=walk(part.relative))
        if type(part.head) is Noun and len(part.head.de) > 1:
            changed = True
            return part._replace(female=not part.female)
        return part

    other = walk(meaning)
    return other if changed else None
