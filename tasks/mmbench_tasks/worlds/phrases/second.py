"""Second clauses: what else happens, or how or where something else is."""

from functools import cache

from mmbench_tasks.worlds.phrases import clauses, frames, lexicon
from mmbench_tasks.worlds.phrases.content import concepts
from mmbench_tasks.worlds.phrases.hearts import ongoing, verbs_for
from mmbench_tasks.worlds.phrases.lexicon import Noun, Verb
from mmbench_tasks.worlds.phrases.meaning import (
    Both,
    Clause,
    Comparison,
    Copula,
    Joined,
    Location,
    Meaning,
    Phrase,
    Superlative,
)
from mmbench_tasks.worlds.streams import Stream


def coordinated(chance: Stream, said: Meaning) -> Meaning:
    """Return the sentence with a second main clause; as it is where none suits."""
    known = set(concepts(said))
    inner = said.second if isinstance(said, Joined) and not isinstance(said.first, Clause) else said
    if isinstance(inner, Clause):
        return said if inner.verb.frame == "belong" else _event_too(chance, said, inner, known)
    if isinstance(inner, Copula):
        other = _other_quality(chance, inner, known)
        if other is not None:
            return Both(said, chance.choice(("and", "but")), other)
        return said if isinstance(said, Joined) else frames.reported(chance, inner)
    if isinstance(said, Location):
        return _other_place(chance, said)
    if isinstance(said, Superlative):
        return _its_quality(chance, said)
    return frames.reported(chance, said) if isinstance(said, Comparison) else said


def _happens(verb: Verb) -> bool:
    return verb.frame in ("t", "d", "dat", "to", "city") and not verb.flags & {"state", "rise"}


def _habitual(verb: Verb) -> bool:
    return "habit" in verb.flags and "rise" not in verb.flags


def event(chance: Stream, tense: str, verbs: tuple[Verb, ...] = ()) -> Clause:
    """Draw something that somebody does in a tense (with one of ``verbs``); the subject is neither he nor she."""
    verbs = verbs or verbs_for({"now": ongoing, "present": _habitual}.get(tense, _happens))
    while True:
        core = clauses.core(chance, verbs)
        if core.subject.head not in ("he", "she") and clauses.tense_of(chance, core.verb, (tense,)) == tense:
            return clauses.clause(chance, core, tense)


def _event_too(chance: Stream, said: Meaning, like: Clause, known: set[str]) -> Both:
    """Add what somebody else does at the same time."""
    tense = "future" if like.modal else like.tense
    state = "state" in like.verb.flags
    while True:
        other = event(chance, tense, (like.verb,) if state else ())
        repeated = known & {clauses.head_id(part) for part in (other.subject, other.object) if part}
        fresh = state or other.verb.id not in known
        elsewhere = other.place is None or other.place != like.place
        if fresh and elsewhere and not repeated:
            break
    if other.object is not None and isinstance(other.object.head, Noun):
        other = other._replace(object=clauses.describe(chance, other.object))
    return Both(said, "but" if like.negated else "and", other)


def _other_quality(chance: Stream, said: Copula, known: set[str]) -> Copula | None:
    """Say how somebody or something else of the kind is; None if there is nothing like it."""
    subject = said.subject
    if subject.human:
        quality = lexicon.adjectives()[chance.choice([a for a in frames.PERSONAL if a != said.adjective.id])]
        who = clauses.subject(chance, pronouns=False)
        while clauses.head_id(who) in known:
            who = clauses.subject(chance, pronouns=False)
        return Copula(who, quality)
    assert isinstance(subject.head, Noun)
    rivals = [noun for noun in _rivals(subject.head) if noun.id not in known]
    if not rivals:
        return None
    noun = chance.choice(rivals)
    options = [quality for quality in clauses.qualities_of(noun) if quality.id != said.adjective.id]
    if not options:
        return None
    return Copula(Phrase(noun, subject.article, plural=subject.plural), chance.choice(options))


@cache
def _rivals(noun: Noun) -> tuple[Noun, ...]:
    """Return things of the same kind."""
    kinds = [kind for kind in frames.CATEGORIES if kind in noun.traits]
    return tuple({other.id: other for kind in kinds for other in frames.comparable(kind)}.values())


def _other_place(chance: Stream, said: Location) -> Both:
    known = {clauses.head_id(said.thing), clauses.head_id(said.ground)}
    while True:
        thing, side, ground = frames.place(chance)
        if not known & {clauses.head_id(thing), clauses.head_id(ground)}:
            return Both(said, "and", Location(clauses.describe(chance, thing), side, ground))


def _its_quality(chance: Stream, said: Superlative) -> Meaning:
    """Say what else the biggest one is."""
    options = [
        quality
        for quality in clauses.qualities_of(said.noun)
        if quality.kind not in (said.adjective.kind, "size", "age")
    ]
    if not options:
        return said
    it = Phrase("it", antecedent=Phrase(said.noun, "the"))
    return Both(said, "and", Copula(it, chance.choice(options)))
