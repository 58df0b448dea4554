"""Relative clauses: about somebody, about a thing, about where people live."""

from functools import cache

from mmbench_tasks.worlds.phrases import clauses, lexicon
from mmbench_tasks.worlds.phrases.hearts import Heart, ongoing, verbs_for
from mmbench_tasks.worlds.phrases.lexicon import Noun, Verb
from mmbench_tasks.worlds.phrases.meaning import Clause, Copula, Phrase, Relative
from mmbench_tasks.worlds.streams import Stream

_QUALITIES = ("tired", "happy", "ill", "tall", "patient", "hardworking", "polite")


def relative_clause(chance: Stream) -> Heart:
    """who, which, whose, where; der, den, dem, deren; qui, que, dont, où; before the noun in Chinese."""
    draw = chance.below(10)
    if draw < 4:
        who = Phrase(lexicon.nouns()[chance.choice(("man", "woman", "boy", "girl"))], "the")
        return _about_person(chance, who, _doing(chance, who))
    if draw < 6:
        who = Phrase(lexicon.nouns()[chance.choice(("man", "woman"))], "the")
        return _about_person(chance, who, _whose(chance, who))
    if draw < 7:
        home = chance.choice(nouns_where())
        clause = Clause(lexicon.verbs()["dwell"], clauses.subject(chance, pronouns=False), "present")
        head = Phrase(home, "the", relative=Relative(clause, "where"))
        key = f"where {home.id} {clauses.head_id(clause.subject)}"
        return Heart(Copula(head, chance.choice(clauses.qualities_of(home))), key)
    return _about_thing(chance)


@cache
def nouns_where() -> tuple[Noun, ...]:
    """Return the nouns in which people live."""
    return tuple(noun for noun in lexicon.nouns().values() if noun.traits & {"home", "building"})


def _about_thing(chance: Stream) -> Heart:
    core = clauses.core(chance, verbs_for(_relative), plural=False)
    thing = core.object
    ending = core.verb.zh_done.endswith("{o}")
    if (
        thing is None
        or not isinstance(thing.head, Noun)
        or core.verb.fr_tail
        or not ending
        or thing.article == "own"
    ):
        return _about_thing(chance)
    clause = clauses.clause(chance, core, clauses.tense_of(chance, core.verb, ("past", "now")))
    head = Phrase(
        thing.head, "the", female=thing.female, relative=Relative(clause._replace(object=None), "object")
    )
    if "person" in thing.head.traits:
        quality = lexicon.adjectives()[chance.choice(_QUALITIES)]
        return Heart(Copula(head, quality), core.key)
    options = clauses.qualities_of(thing.head)
    return Heart(Copula(head, chance.choice(options)), core.key) if options else _about_thing(chance)


def _relative(verb: Verb) -> bool:
    return verb.frame in ("t", "dat") and not verb.flags & {"state", "rise"}


def _active(verb: Verb) -> bool:
    if verb.frame not in ("t", "dat", "i", "to") or verb.flags & {"state", "rise"}:
        return False
    return verb.id not in ("turn_on", "turn_off", "open", "close", "put_on", "take_off")


def describing(chance: Stream, who: Phrase) -> Relative | None:
    """Return a relative clause about somebody."""
    return _doing(chance, who) if chance.chance(0.6) else _whose(chance, who)


def _doing(chance: Stream, who: Phrase) -> Relative:
    core = clauses.core(chance, verbs_for(_active))._replace(subject=who)
    thing = core.object
    if thing is not None and thing.article == "own":
        core = core._replace(object=thing._replace(article="the", owner=""))
        if isinstance(thing.head, Noun) and thing.head.traits & {"family", "spouse"}:
            return _doing(chance, who)
    clause = clauses.clause(chance, core, clauses.tense_of(chance, core.verb, ("past", "now")))
    if core.verb.frame == "i" and clause.tense == "past":  # "who slept" says too little
        clause = clauses.with_place(chance, clause) if chance.chance(0.4) else clause
        clause = clause if clause.place else clauses.with_time(chance, clause)
    return Relative(clause, "subject")


def _whose(chance: Stream, who: Phrase) -> Relative:
    assert isinstance(who.head, Noun)
    kin = ("father", "mother") if "young" in who.head.traits else ("father", "mother", "son", "daughter")
    owned = lexicon.nouns()[chance.choice(kin)]
    clause = Clause(
        lexicon.verbs()["live"], Phrase(owned, "the"), "present", place=chance.choice(lexicon.cities())
    )
    if chance.chance(0.5):
        core = clauses.core(chance, verbs_for(ongoing))
        if core.object is None or core.object.article != "own":
            clause = Clause(core.verb, Phrase(owned, "the"), "now", core.object)
    return Relative(clause, "whose")


def _about_person(chance: Stream, who: Phrase, relative: Relative) -> Heart:
    """Somebody is known, or is somehow; and the clause says who it is."""
    clause, gap = relative
    head = who._replace(relative=relative)
    place = clause.place.id if clause.place else ""
    parts = (
        clauses.head_id(who),
        gap,
        clause.verb.id,
        clauses.head_id(clause.subject),
        clauses.head_id(clause.object),
        place,
    )
    if chance.chance(0.4):
        knower = clauses.subject(chance)
        if clauses.head_id(knower) != clauses.head_id(who):
            return Heart(Clause(lexicon.verbs()["know"], knower, "present", head), " ".join(parts))
    quality = lexicon.adjectives()[chance.choice(_QUALITIES)]
    return Heart(Copula(head, quality), " ".join(parts))
