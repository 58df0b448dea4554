"""What a meaning is made of: its concepts, its structure, its pairs of adjective and noun."""

from typing import Any

from mmbench_tasks.worlds.phrases import lexicon
from mmbench_tasks.worlds.phrases.lexicon import Adjective, City, Mass, Name, Noun, Place, Time, Verb
from mmbench_tasks.worlds.phrases.meaning import Clause, Fixed, Joined, Phrase, Question, Relative

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


def _parts(part: Any, kind: type) -> list[Any]:
    if type(part) in _LEAVES:
        return []
    found = [part] if isinstance(part, kind) else []
    for inner in part:
        found += _parts(inner, kind)
    return found


def repeated_name(meaning: Any) -> bool:
    """Whether somebody is named twice, where people would use a pronoun."""
    ids = [word for word in concepts(meaning) if word in _NAMES]
    return len(ids) != len(set(ids))


_NAMES = frozenset(name.id for name in lexicon.names())


def pairs(meaning: Any) -> list[tuple[str, str]]:
    """Return the pairs of attributive adjective and noun."""
    return [
        (adjective.id, phrase.head.id)
        for phrase in _parts(meaning, Phrase)
        for adjective in phrase.adjectives
        if not isinstance(phrase.head, str)
    ]


def features(meaning: Any) -> frozenset[str]:
    """Return the names of the structures in the sentence."""
    found = set()
    for joined in _parts(meaning, Joined):
        found.add("reported" if isinstance(joined.first, Phrase) else "joined")
    if _parts(meaning, Relative):
        found.add("relative")
    if isinstance(meaning, Question):
        found.add("question")
    for clause in _parts(meaning, Clause):
        found |= {name for name in ("time", "place", "modal", "negated") if getattr(clause, name)}
    sizes = {len(phrase.adjectives) for phrase in _parts(meaning, Phrase)}
    if sizes - {0}:
        found.add("adjective")
    if 2 in sizes:
        found.add("two adjectives")
    return frozenset(found)


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
