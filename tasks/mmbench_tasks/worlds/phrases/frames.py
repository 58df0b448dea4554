"""Phenomena: for each, a way to draw the heart of a sentence in which it matters."""

from collections.abc import Callable
from functools import cache

from mmbench_tasks.worlds.phrases import clauses, lexicon, relatives
from mmbench_tasks.worlds.phrases.clauses import Core
from mmbench_tasks.worlds.phrases.hearts import Heart, ongoing, verbs_for
from mmbench_tasks.worlds.phrases.lexicon import Mass, Noun, Verb
from mmbench_tasks.worlds.phrases.meaning import (
    Clause,
    Comparison,
    Copula,
    Fixed,
    Joined,
    Location,
    Pair,
    Phrase,
    Question,
    Superlative,
)
from mmbench_tasks.worlds.streams import Stream


def _separable(verb: Verb) -> bool:
    return bool(verb.prefix)


def _dative(verb: Verb) -> bool:
    return verb.frame in ("d", "dat")


def _transitive(verb: Verb) -> bool:
    return verb.frame == "t" and "state" not in verb.flags


def _simple(verb: Verb) -> bool:
    return verb.frame in ("t", "for", "d", "dat", "i", "to") and "rise" not in verb.flags


def _negatable(verb: Verb) -> bool:
    return verb.frame in ("t", "dat", "to") and verb.id not in ("find", "lose", "see", "thank", "congratulate")


def _motion(verb: Verb) -> bool:
    return verb.id in ("arrive", "leave", "come_back", "fall_asleep", "walk", "get_up", "go")


def _about(verb: Verb) -> bool:
    return verb.id in ("buy", "sell", "repair", "throw_away", "borrow", "read", "translate", "lend", "find")


def _free(verb: Verb) -> bool:
    """What one does when the weather is bad."""
    return (verb.frame in ("to", "city") and "plan" in verb.flags) or (verb.frame == "i" and "plan" in verb.flags)


def _event(chance: Stream, test: Callable[[Verb], bool]) -> tuple[Core, Clause]:
    core = clauses.core(chance, verbs_for(test))
    return core, clauses.clause(chance, core, clauses.tense_of(chance, core.verb))


def separable_verb(chance: Stream) -> Heart:
    """He calls his mother: er ruft seine Mutter an."""
    core, clause = _event(chance, _separable)
    return Heart(clause, core.key)


def case(chance: Stream) -> Heart:
    """Dative objects, and where against where to."""
    draw = chance.below(10)
    if draw < 5:
        core, clause = _event(chance, _dative)
        return Heart(clause, core.key)
    if draw < 7:
        noun = lexicon.nouns()[chance.choice(_BELONGINGS)]
        owner = clauses.someone(chance, Phrase("I"))
        said = Clause(lexicon.verbs()["belong"], Phrase(noun, "this"), "present", owner)
        return Heart(said, f"belong {noun.id} {clauses.head_id(owner)}")
    thing, side, ground = place(chance)
    by = clauses.subject(chance) if chance.chance(0.5) else None
    where = Location(thing, side, ground, by, past=by is not None and chance.chance(0.7))
    return Heart(where, f"{clauses.head_id(thing)} {side} {clauses.head_id(ground)}")


_BELONGINGS = (
    "car", "bicycle", "house", "apartment", "umbrella", "suitcase", "dog", "cat", "horse", "guitar", "key", "bag",
    "jacket", "coat", "book", "computer", "camera", "ring", "wallet", "pen", "cup", "backpack",
)  # fmt: skip
_GROUNDS = {
    "on": ("table", "chair", "bed", "sofa", "shelf", "box", "cupboard"),
    "under": ("table", "chair", "bed", "sofa"),
    "behind": ("sofa", "cupboard", "door", "lamp", "computer"),
    "beside": ("bed", "lamp", "computer", "printer", "sofa", "table", "mirror", "radio"),
    "front": ("door", "mirror", "cupboard", "sofa", "fridge"),
    "in": ("cupboard", "bag", "suitcase", "backpack", "box", "fridge"),
}


@cache
def _movable() -> tuple[Noun, ...]:
    found = (noun for noun in lexicon.nouns().values() if noun.traits & {"lies", "stands"})
    return tuple(noun for noun in found if not noun.traits & {"furniture", "load"} or noun.id == "box")


def place(chance: Stream) -> tuple[Phrase, str, Phrase]:
    """Draw a thing, a side and what it is on that side of."""
    side = chance.choice(tuple(_GROUNDS))
    ground = lexicon.nouns()[chance.choice(_GROUNDS[side])]
    options = [
        noun for noun in _movable() if noun.id != ground.id and not (side == "in" and noun.id == "umbrella")
    ]
    return Phrase(chance.choice(options), "the"), side, Phrase(ground, "the")


def agreement(chance: Stream) -> Heart:
    """Adjectives and participles that agree with their noun."""
    if chance.chance(0.3):
        core, clause = _event(chance, _motion)
        return Heart(clause, core.key)
    if chance.chance(0.4):
        core, clause = _event(chance, _transitive)
        return Heart(_adorned(chance, clause), core.key)
    return _quality(chance)


def _adorned(chance: Stream, clause: Clause) -> Clause:
    assert clause.object is not None
    thing = clauses.describe(chance, clause.object)
    return clause._replace(object=thing)


PERSONAL = ("tired", "happy", "ill", "patient", "hardworking", "polite", "careful")


def _quality(chance: Stream) -> Heart:
    if chance.chance(0.35):
        who = clauses.subject(chance)
        quality = lexicon.adjectives()[chance.choice(PERSONAL)]
    else:
        who = _the(chance)
        assert isinstance(who.head, Noun)
        quality = chance.choice(clauses.qualities_of(who.head))
    degree = "very" if quality.zh[1].startswith("很") and chance.chance(0.3) else ""
    return Heart(Copula(who, quality, degree), f"{clauses.head_id(who)} {quality.id}")


@cache
def _describable() -> tuple[Noun, ...]:
    found = (noun for noun in lexicon.nouns().values() if "person" not in noun.traits)
    return tuple(noun for noun in found if clauses.qualities_of(noun))


def _the(chance: Stream) -> Phrase:
    noun = chance.choice(_describable())
    if chance.chance(0.5):
        return Phrase(noun, "the", plural=True)
    return Phrase(noun, chance.choice(("this", "the")))


def gender(chance: Stream) -> Heart:
    """Pronouns that take the gender of their noun, and words for women and men."""
    if chance.chance(0.3):
        thing, side, ground = place(chance)
        where = Location(Phrase("it", antecedent=thing), side, ground)
        return Heart(Pair(thing, where), f"where {clauses.head_id(thing)} {side} {clauses.head_id(ground)}")
    return _about_it(chance)


def _about_it(chance: Stream) -> Heart:
    core = clauses.core(chance, verbs_for(_about), plural=False)
    thing = core.object
    if thing is None or not isinstance(thing.head, Noun) or "person" in thing.head.traits:
        return _about_it(chance)
    options = [a for a in clauses.qualities_of(thing.head) if a.graded and a.kind != "colour"]
    if not options:
        return _about_it(chance)
    clause = clauses.clause(chance, core, clauses.tense_of(chance, core.verb, ("past",)))
    if clause.object is not None and clause.object.plural:
        clause = clause._replace(object=thing._replace(article="a", plural=False))
    said = Copula(Phrase("it", antecedent=thing), chance.choice(options), "very")
    return Heart(Pair(clause, said), core.key)


def measure_word(chance: Stream) -> Heart:
    """Counted things and measured substances."""
    if chance.chance(0.35):
        ground = lexicon.nouns()[chance.choice(("table", "shelf", "bed"))]
        thing = chance.choice(_movable())
        many = Phrase(thing, "count", plural=True, amount=chance.between(2, 9))
        said = Location(many, "on", Phrase(ground, "the"), exists=True)
        return Heart(said, f"there {thing.id} {ground.id}")
    core = clauses.core(chance, verbs_for(_countable))
    assert core.object is not None
    counted = _counted(chance, core.object, core.verb.id in ("eat", "drink"))
    if counted is None:
        return measure_word(chance)
    core = core._replace(object=counted)
    return Heart(clauses.clause(chance, core, clauses.tense_of(chance, core.verb, ("past", "future"))), core.key)


def _counted(chance: Stream, thing: Phrase, consumed: bool) -> Phrase | None:
    """Give a thing a number, a small one if it is eaten or drunk; None if it is a person."""
    head = thing.head
    if isinstance(head, Mass):
        return thing if thing.holder else clauses.substance(chance, head, counted=True, most=3 if consumed else 12)
    if not isinstance(head, Noun) or "person" in head.traits:
        return None
    many = 3 if consumed else 20 if head.traits & {"food", "writing", "animal", "buyable", "sketch"} else 4
    return Phrase(head, "count", plural=True, amount=chance.between(2, many))


def _countable(verb: Verb) -> bool:
    return verb.id in ("buy", "order", "eat", "drink", "see", "draw", "bring", "write", "borrow", "photograph")


def word_order(chance: Stream) -> Heart:
    """The verb second, first or last; time, place and manner; two clauses."""
    draw = chance.below(6)
    if draw == 0:
        core, clause = _event(chance, _simple)
        return Heart(Question(clause), core.key)
    if draw == 1:
        core, clause = _event(chance, _free)
        clause = clause._replace(tense="future", time=None, often=None, front=False)
        return Heart(Joined("if", _condition(chance), clause), core.key)
    if draw == 2:
        return _while(chance)
    if draw == 3:
        return _because(chance)
    if draw == 4:
        core, clause = _event(chance, _simple)
        return Heart(reported(chance, clause), core.key)
    core, clause = _event(chance, _simple)
    clause = clauses.with_time(chance, clause)
    return Heart(clause._replace(front=clause.time is not None), core.key)


@cache
def _conditions() -> tuple[Fixed, ...]:
    return tuple(Fixed(*cells) for cells in lexicon.table("conditions"))


def _condition(chance: Stream) -> Fixed:
    return chance.choice(_conditions())


def _while(chance: Stream) -> Heart:
    core, other = clauses.core(chance, verbs_for(ongoing)), clauses.core(chance, verbs_for(ongoing))
    if "he" in (core.subject.head, other.subject.head) or "she" in (core.subject.head, other.subject.head):
        return _while(chance)
    if clauses.head_id(core.subject) == clauses.head_id(other.subject) or core.verb.id == other.verb.id:
        return _while(chance)
    first, second = (clauses.clause(chance, one, "now") for one in (core, other))
    return Heart(Joined("while", first, second), core.key)


def _because(chance: Stream) -> Heart:
    if chance.chance(0.4):
        who = clauses.subject(chance, sexed=True)
        core = clauses.core(chance, verbs_for(_outing))._replace(subject=who)
        clause = Clause(core.verb, who, "past", place=core.place, negated="not")
        if not (who.sex or who.head in ("I", "we")):
            return _because(chance)
        pronoun = who if who.head in ("I", "we") else Phrase("he" if who.sex == "m" else "she")
        why = lexicon.adjectives()[chance.choice(("tired", "ill"))]
        return Heart(Joined("because", clause, Copula(pronoun, why, past=True)), core.key)
    core = clauses.core(chance, verbs_for(_disposed), plural=False)
    thing = core.object
    assert thing is not None
    assert isinstance(thing.head, Noun)
    clause = clauses.clause(chance, core, clauses.tense_of(chance, core.verb, ("past",)))
    options = [
        a
        for a in clauses.qualities_of(thing.head)
        if a.id in ("old", "small", "big", "heavy", "expensive", "broken")
    ]
    if not options:
        return _because(chance)
    why = chance.choice(options)
    degree = "too" if why.id != "broken" else ""
    said = Copula(Phrase("it", antecedent=thing), why, degree, past=True)
    return Heart(Joined("because", clause, said), core.key)


def _outing(verb: Verb) -> bool:
    return verb.frame == "to"


def _disposed(verb: Verb) -> bool:
    return verb.id in ("sell", "throw_away")


def reported(chance: Stream, clause: Clause | Copula | Comparison) -> Joined:
    """Put a clause under says, knows or hopes."""
    hoped = isinstance(clause, Clause) and clause.tense == "future" and not clause.negated and not clause.modal
    joint = "hopes" if hoped else chance.choice(("says", "knows"))
    speaker = Phrase(chance.choice(lexicon.names()))
    if clauses.head_id(speaker) == clauses.head_id(clause.subject):
        return reported(chance, clause)
    return Joined(joint, speaker, clause._replace(front=False) if isinstance(clause, Clause) else clause)


def negation(chance: Stream) -> Heart:
    """kein and nicht, ne ... pas de, 不 and 没."""
    core, clause = _event(chance, _negatable)
    clause = clauses.negate(chance, clause)
    return Heart(clause, core.key) if clause.negated else negation(chance)


def _superlative(chance: Stream) -> Heart:
    category = chance.choice(("landmark", "scenery", "venue"))
    noun = chance.choice(comparable(category))
    quality = chance.choice([a for a in clauses.qualities_of(noun) if a.graded])
    where = chance.choice(_regions()[2:] if category == "scenery" else _regions())
    return Heart(Superlative(noun, quality, where), f"{noun.id} {quality.id} {where.id}")


CATEGORIES = (
    "furniture", "device", "vehicle", "clothing", "text", "food", "landmark", "home", "animal", "room", "scenery",
    "venue",
)  # fmt: skip


@cache
def comparable(category: str) -> tuple[Noun, ...]:
    """Return the things of a category that have qualities."""
    return tuple(noun for noun in _describable() if category in noun.traits)


@cache
def _regions() -> tuple[Fixed, ...]:
    return tuple(Fixed(*cells) for cells in lexicon.table("regions"))


_COMPARED = ("tall", "aged", "strong", "patient", "careful", "hardworking", "polite")


def _compared_people(chance: Stream) -> Heart:
    quality = lexicon.adjectives()[chance.choice(_COMPARED)]
    who = clauses.subject(chance, sexed=True)
    other = clauses.someone(chance, who)
    key = f"{clauses.head_id(who)} {quality.id} {clauses.head_id(other)}"
    return Heart(Comparison(who, other, quality, chance.chance(0.4)), key)


def comparison(chance: Stream) -> Heart:
    """bigger than, as big as, the biggest."""
    draw = chance.below(10)
    if draw < 3:
        return _compared_people(chance)
    if draw < 5:
        return _superlative(chance)
    noun, other = chance.sample(comparable(chance.choice(CATEGORIES)), 2)
    options = [a for a in clauses.qualities_of(noun) if a.graded and a in clauses.qualities_of(other)]
    if not options:
        return comparison(chance)
    quality = chance.choice(options)
    said = Comparison(Phrase(noun, "this"), Phrase(other, "the"), quality, chance.chance(0.4))
    return Heart(said, f"{noun.id} {quality.id} {other.id}")


def follow_up(chance: Stream, who: Phrase) -> Clause:
    """Return what else somebody does, with a pronoun for the subject."""
    core = clauses.core(chance, verbs_for(_simple))._replace(subject=Phrase("he" if who.sex == "m" else "she"))
    if core.object is not None and core.object.article == "own":
        return follow_up(chance, who)
    tense = clauses.tense_of(chance, core.verb, ("past", "future"))
    return clauses.with_time(chance, clauses.clause(chance, core, tense))


FRAMES: dict[str, Callable[[Stream], Heart]] = {
    "agreement": agreement,
    "case": case,
    "comparison": comparison,
    "gender": gender,
    "measure_word": measure_word,
    "negation": negation,
    "relative_clause": relatives.relative_clause,
    "separable_verb": separable_verb,
    "word_order": word_order,
}
