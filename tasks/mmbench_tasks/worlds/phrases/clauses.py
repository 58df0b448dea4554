"""Random clauses: who does what to whom, with modifiers up to a budget."""

from functools import cache
from typing import NamedTuple

from mmbench_tasks.worlds.phrases import lexicon
from mmbench_tasks.worlds.phrases.lexicon import Adjective, Mass, Noun, Place, Time, Verb
from mmbench_tasks.worlds.phrases.meaning import Clause, Phrase
from mmbench_tasks.worlds.phrases.numbers import chinese_count, english, french, german
from mmbench_tasks.worlds.streams import Stream

_OUTDOORS = frozenset({"garden", "park", "street", "courtyard"})
_PLACED = {  # verbs whose events have a place, and the places that suit them ("": any)
    "read": frozenset({"garden", "park", "kitchen", "library", "living", "school", "office"}),
    "write": frozenset({"garden", "library", "office", "kitchen"}),
    "draw": frozenset({"garden", "park", "courtyard", "school"}),
    "eat": frozenset({"garden", "kitchen", "park", "office", "living"}),
    "drink": frozenset({"garden", "kitchen", "office", "living"}),
    "find": frozenset({"garden", "park", "street", "library", "kitchen", "school"}),
    "see": _OUTDOORS,
    "photograph": _OUTDOORS,
    "work": frozenset({"garden", "kitchen", "library", "office", "school"}),
    "sleep": frozenset({"garden", "living"}),
    "dance": frozenset({"garden", "living", "street", "courtyard"}),
    "sing": frozenset({"garden", "kitchen", "street", "school"}),
    "football": frozenset({"park", "street", "courtyard", "garden"}),
    "chess": frozenset({"park", "library", "living", "garden"}),
    "walk": frozenset({"park"}),
    "repair": frozenset({"courtyard", "street"}),
}


class Core(NamedTuple):
    """What decides the split: the verb and the words that fill its places."""

    verb: Verb
    subject: Phrase
    object: Phrase | None
    other: Phrase | None
    place: Place | lexicon.City | None

    @property
    def key(self) -> str:
        """The core's words, in the order of their places."""
        place = self.place.id if self.place else ""
        return f"{self.verb.id} {head_id(self.subject)} {head_id(self.object)} {head_id(self.other)} {place}"


def head_id(np: Phrase | None) -> str:
    """Return the id of a phrase's head."""
    if np is None:
        return ""
    return np.head if isinstance(np.head, str) else np.head.id


@cache
def nouns_with(traits: frozenset[str]) -> tuple[Noun | Mass, ...]:
    """Return the nouns, and the substances, that have one of these traits."""
    found: list[Noun | Mass] = [noun for noun in lexicon.nouns().values() if noun.traits & traits]
    found += [mass for mass in lexicon.masses() if mass.traits & traits]
    return tuple(found)


@cache
def adjectives_for(noun: Noun) -> tuple[Adjective, ...]:
    """Return the attributive adjectives that suit a noun."""
    return tuple(a for a in lexicon.adjectives().values() if a.attributive and a.nouns & (noun.traits | {noun.id}))


@cache
def qualities_of(noun: Noun) -> tuple[Adjective, ...]:
    """Return the predicative adjectives that suit a noun."""
    return tuple(a for a in lexicon.adjectives().values() if a.predicative and a.nouns & (noun.traits | {noun.id}))


def subject(chance: Stream, sexed: bool = False, pronouns: bool = True) -> Phrase:
    """Draw somebody; ``sexed``: English tells whether it is he or she."""
    draw = chance.below(20)
    if draw < 10:
        return Phrase(chance.choice(lexicon.names()))
    if draw < 13:
        return family(chance, chance.choice(("1s", "1p", "1s")))
    if draw < 15:
        return Phrase(lexicon.nouns()[chance.choice(("man", "woman", "boy", "girl"))], "the")
    if draw < 17 and pronouns:
        return Phrase(chance.choice(("he", "she") if sexed else ("I", "we", "he", "she")))
    if sexed:
        return Phrase(chance.choice(lexicon.names()))
    return Phrase(chance.choice(nouns_with(frozenset({"job"}))), "the", female=chance.chance(0.5))


def family(chance: Stream, owner: str) -> Phrase:
    """Draw a relative: my mother, her husband."""
    spouse = {"m": "wife", "f": "husband", "1s": chance.choice(("wife", "husband"))}.get(owner)
    options = ["father", "mother", "son", "daughter", *([spouse] if spouse else [])]
    return Phrase(lexicon.nouns()[chance.choice(options)], "own", owner=owner)


def owner_of(np: Phrase) -> str:
    """Return whose "own" things are the subject's; "" where English would not tell."""
    return np.person if np.person[0] == "1" else np.sex


def someone(chance: Stream, other: Phrase) -> Phrase:
    """Draw a person who is not the subject ``other``."""
    owner = owner_of(other)
    draw = chance.below(10)
    if draw < 4 and owner and not (isinstance(other.head, Noun) and other.article == "own"):
        if draw < 3:
            return family(chance, owner)
        return Phrase(
            chance.choice(nouns_with(frozenset({"owned"}))), "own", owner=owner, female=chance.chance(0.5)
        )
    if draw < 7:
        found = Phrase(chance.choice(lexicon.names()))
    else:
        job = chance.choice(nouns_with(frozenset({"job"})))
        found = Phrase(job, "the", female=chance.chance(0.5))
    return someone(chance, other) if head_id(found) == head_id(other) else found


def something(chance: Stream, verb: Verb, by: Phrase, plural: bool = True) -> Phrase:
    """Draw a thing that suits the verb, its article included."""
    head = chance.choice(nouns_with(verb.objects))
    most = 3 if verb.id in ("eat", "drink") else 9
    if isinstance(head, Mass):
        return substance(chance, head, most=most)
    if head.id in ("dress", "skirt") and by.sex != "f":
        return something(chance, verb, by, plural)
    flags = [flag for flag in ("def", "indef", "own", "count") if flag in verb.flags]
    if "own" in flags and (not owner_of(by) or (isinstance(by.head, Noun) and by.article == "own")):
        flags = [flag for flag in flags if flag != "own"] or ["def"]
    if not plural and "count" in flags:
        flags.remove("count")
    article = chance.choice(flags or ["def", "indef"])
    if article == "own":
        return Phrase(head, "own", owner=owner_of(by))
    if article == "count":
        return (
            Phrase(head, "count", plural=True, amount=chance.between(2, most))
            if chance.chance(0.5)
            else Phrase(head, "a")
        )
    return Phrase(head, "the" if article == "def" else "a")


def substance(chance: Stream, mass: Mass, counted: bool = False, most: int = 12) -> Phrase:
    """Draw some of a substance: tea, a cup of tea, three cups of tea."""
    if not counted and "mass" in mass.traits and chance.chance(0.4):
        return Phrase(mass, "bare")
    holder = lexicon.containers()[chance.choice(mass.containers)]
    if chance.chance(0.4):
        return Phrase(mass, "a", holder=holder)
    return Phrase(mass, "count", plural=True, amount=chance.between(2, most), holder=holder)


def core(chance: Stream, verbs: tuple[Verb, ...], sexed: bool = False, plural: bool = True) -> Core:
    """Draw a verb and what fills its places."""
    verb = chance.choice(verbs)
    who = subject(chance, sexed)
    thing = other = None
    place: Place | lexicon.City | None = None
    if verb.frame in ("t", "for", "dat", "d"):
        thing = _object(chance, verb, who, plural)
    if verb.frame == "d":
        other = someone(chance, who)
    elif verb.frame == "city":
        place = chance.choice(lexicon.cities())
    elif verb.frame == "to":
        place = chance.choice([place for place in lexicon.places() if "to" in place.uses])
    return Core(verb, who, thing, other, place)


def _object(chance: Stream, verb: Verb, who: Phrase, plural: bool) -> Phrase:
    if verb.objects & {"family", "person"} and (len(verb.objects) <= 2 or chance.chance(0.3)):
        return someone(chance, who)
    return something(chance, verb, who, plural)


def tense_of(chance: Stream, verb: Verb, options: tuple[str, ...] = ("past", "present", "now", "future")) -> str:
    """Draw a tense that the verb allows among ``options``."""
    flags = verb.flags
    if "state" in flags:
        return "present"
    allowed = ["past", "past"]
    if "past" not in flags:
        allowed += ["now"] * ("now" in flags) + ["present"] * ("habit" in flags)
    if "plan" in flags or "fut" in flags:
        allowed.append("future")
    found = [tense for tense in allowed if tense in options]
    return chance.choice(found or ["past"])


def clause(chance: Stream, made: Core, tense: str) -> Clause:
    """Make the core a clause in this tense; a habit gets its frequency, and who gets up gets an hour."""
    said = Clause(made.verb, made.subject, tense, made.object, made.other, place=made.place)
    if "rise" in made.verb.flags:
        days = lexicon.times()["habit" if tense == "present" else tense]
        day = chance.choice([day for day in days if day.id in _RISING])
        return said._replace(time=_at(day, chance.between(5, 9)))
    if tense != "present" or "state" in made.verb.flags:
        return said
    if chance.chance(0.5):
        return said._replace(often=chance.choice(lexicon.times()["freq"]))
    return said._replace(time=chance.choice(lexicon.times()["habit"]))


_RISING = frozenset(
    [
        "yesterday",
        "this_morning",
        "last_saturday",
        "tomorrow",
        "next_sunday",
        "every_day",
        "every_morning",
        "every_sunday",
    ]
)
_DAYS = frozenset(
    {"yesterday", "tomorrow", "every_day", "every_sunday", "every_friday", "next_sunday", "last_saturday"}
)


def _at(day: Time, hour: int) -> Time:
    """Return an hour on a day."""
    return Time(
        f"{day.id} {hour}",
        day.tense,
        f"{day.en} at {english(hour)} o'clock",
        f"{day.de} um {german(hour, 'ein')} Uhr",
        f"{day.fr} à {french(hour, feminine=True)} heure{'s' * (hour > 1)}",
        f"{day.zh}{chinese_count(hour)}点",
    )


def describe(chance: Stream, np: Phrase) -> Phrase:
    """Add an adjective that suits the noun and those that are there, if there is one."""
    if not isinstance(np.head, Noun):
        return np
    there = np.adjectives
    if len(there) >= 2 or (there and not there[0].before):  # French: one before the noun, one after it
        return np
    kinds = {"colour"} if there else None
    options = [a for a in adjectives_for(np.head) if a not in there and (kinds is None or a.kind in kinds)]
    return np._replace(adjectives=(*there, chance.choice(options))) if options else np


_RARE = frozenset(
    [
        "buy",
        "sell",
        "repair",
        "lose",
        "find",
        "visit",
        "call_on",
        "borrow",
        "lend",
        "translate",
        "write",
        "move",
        "drive",
        "photograph",
        "see",
        "draw",
        "read",
        "invite",
        "send",
        "leave",
        "come_back",
        "arrive",
        "show",
        "forget",
        "build",
        "bring",
    ]
)
_PUNCTUAL = frozenset(
    [
        "arrive",
        "leave",
        "come_back",
        "call",
        "tidy",
        "get_up",
        "go",
        "invite",
        "call_on",
        "eat",
        "turn_on",
        "turn_off",
        "open",
        "close",
    ]
)


_BRIEF = frozenset(
    [
        "turn_on",
        "turn_off",
        "open",
        "close",
        "put_on",
        "take_off",
        "fall_asleep",
        "sleep",
        "eat",
        "drink",
        "order",
        "wash",
        "feed",
        "listen",
        "watch_tv",
        "look_for",
        "wait_for",
    ]
)
"""What nobody remembers after a week."""
_NEAR = frozenset({"yesterday", "last_night", "this_morning", "tomorrow", "tomorrow_am", "tonight"})


def _traits(np: Phrase) -> frozenset[str]:
    return np.head.traits if isinstance(np.head, Noun | Mass) else frozenset()


@cache
def _times(tense: str, rare: bool, brief: bool) -> tuple[Time, ...]:
    found = tuple(t for t in lexicon.times()[tense] if rare or not t.far)
    return tuple(t for t in found if t.id in _NEAR) if brief and tense != "habit" else found


def with_time(chance: Stream, said: Clause) -> Clause:
    """Add a time that suits the tense."""
    tense = {"past": "past", "future": "future", "present": "habit"}.get(said.tense)
    if (
        said.time
        or not tense
        or said.modal == "want"
        or (tense == "habit" and (said.often or said.negated))
        or "state" in said.verb.flags
    ):
        return said
    if said.modal:
        tense = "future"
    perishable = said.object is not None and bool(_traits(said.object) & {"food", "drink", "treat"})
    time = chance.choice(_times(tense, said.verb.id in _RARE and not perishable, said.verb.id in _BRIEF))
    if time.id in _DAYS and said.verb.id in _PUNCTUAL and chance.chance(0.4):
        time = _at(time, chance.between(1, 12))
    return said._replace(time=time)


def with_place(chance: Stream, said: Clause) -> Clause:
    """Add where it happens, if the verb has a place and nothing stands against it."""
    where = _PLACED.get(said.verb.id)
    if said.place or said.negated or not where or said.modal:
        return said
    return said._replace(place=chance.choice([place for place in lexicon.places() if place.id in where]))


def negate(chance: Stream, said: Clause) -> Clause:
    """Negate the clause, if that makes sense."""
    thing = said.object
    if (
        said.negated
        or said.modal == "must"
        or (said.place and said.verb.frame == "i")
        or said.verb.frame == "city"
    ):
        return said
    if thing is not None and (thing.article in ("count", "bare") or thing.holder or thing.adjectives):
        return said
    if (said.verb.de_tail and said.verb.frame == "i") or said.tense == "now" or said.often:
        return said
    if said.tense == "present" and "state" not in said.verb.flags:
        return said._replace(negated="never", time=None)
    said = said._replace(negated="not")
    # Without a time, 不会 would say that somebody is not able to.
    return with_time(chance, said) if said.tense == "future" else said


def plan(chance: Stream, said: Clause) -> Clause:
    """Put the clause under "wants to" or "has to"."""
    if said.modal or "plan" not in said.verb.flags or said.negated or said.often or said.tense in ("past", "now"):
        return said
    return said._replace(modal=chance.choice(("must", "want")), tense="present", time=None)
