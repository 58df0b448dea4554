"""The grammar: little stories whose later words hang on earlier ones, more and more so from level to level.

A story keeps a state: who is there, who owns what since when, which day it is. A choice depends on the state, and
what follows from the state is no choice at all: it costs no bits, but only a reader who remembers knows that.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from mmbench_tasks.worlds.lm import words
from mmbench_tasks.worlds.lm.chooser import Chooser


class Vocabulary(NamedTuple):
    """What a grammar chooses from.

    Attributes:
        openings: pairs of hero and town; they decide the split.
        nouns: noun -> adjectives with their weights.
        lengths: numbers of sentences between the first and the last.
        unusual: a text that begins with an order of sentences that is held out (see :data:`UNUSUAL`).
    """

    openings: tuple[tuple[str, str], ...]
    nouns: dict[str, tuple[tuple[str, ...], tuple[int, ...]]]
    lengths: tuple[int, ...]
    unusual: bool


class Thing(NamedTuple):
    """A thing and how, where and when the hero got it; the day is "" if the text does not say."""

    noun: str
    verb: str
    place: str
    day: str


@dataclass
class State:
    """What a reader can know at this point."""

    hero: str
    level: int
    vocabulary: Vocabulary
    owned: list[Thing] = field(default_factory=list)
    got: int = 0
    used: set[str] = field(default_factory=set)
    friends: list[tuple[str, str]] = field(default_factory=list)
    day: int = -1

    @property
    def woman(self) -> bool:
        """Whether the hero is a woman."""
        return self.hero in words.WOMEN


def story(choose: Chooser, vocabulary: Vocabulary, level: int) -> None:
    """Tell a story of a level, 1 to 5."""
    hero, town = choose.pick(vocabulary.openings)
    choose.say(f"{hero} lives in {town}.")
    state = State(hero, level, vocabulary)
    before: list[str] = []
    for _ in range(choose.pick(vocabulary.lengths)):
        kinds = _next(before, state)
        kind = choose.pick(kinds, [_WEIGHTS[kind] for kind in kinds])
        choose.say(" ")
        _KINDS[kind](choose, state)
        before.append(kind)
    _close(choose, state)


def _next(before: list[str], state: State) -> list[str]:
    """Return the kinds of sentences that may come next."""
    kinds = [kind for kind in _KINDS if _possible(kind, state)]
    if not state.vocabulary.unusual:
        return [kind for kind in kinds if not before or (before[-1], kind) not in UNUSUAL]
    if not before:
        return [kind for kind in kinds if any(first == kind for first, _ in UNUSUAL)]
    if len(before) == 1:
        return [kind for kind in kinds if (before[0], kind) in UNUSUAL]
    return kinds


def _possible(kind: str, state: State) -> bool:
    """Whether a sentence of this kind makes sense now, and is allowed at this level."""
    if state.level < _SINCE[kind]:
        return False
    if kind == "get":
        return len(state.used) < len(state.vocabulary.nouns) - 1
    if kind in ("put", "recall", "give"):
        return bool(state.owned) and (kind != "give" or bool(state.friends))
    return kind != "meet" or len(state.friends) < 3


def _subject(choose: Chooser, state: State, first: bool = True) -> None:
    """Say she or he, or from level 2 on sometimes the hero's name, which one has to remember."""
    if state.level == 1 or choose.pick((True, False), (2, 1)):
        pronoun = "she" if state.woman else "he"
        choose.say(pronoun.capitalize() if first else pronoun)
    else:
        choose.say(state.hero)


def _day(choose: Chooser, state: State) -> bool:
    """Perhaps begin a new day: the first is any, and then they follow one another."""
    if state.level < 2 or choose.pick((True, False), (2, 1)):
        return False
    state.day = choose.pick(range(7)) if state.day < 0 else (state.day + 1) % 7
    choose.say(f"On {words.DAYS[state.day]}, ")
    return True


def _thing(choose: Chooser, state: State) -> str:
    """Choose a thing that was not there yet, with an adjective that suits it."""
    noun = choose.pick([noun for noun in state.vocabulary.nouns if noun not in state.used])
    adjective = choose.pick(*state.vocabulary.nouns[noun])
    state.used.add(noun)
    article = "an" if adjective[0] in "aeiou" else "a"
    choose.say(f"{article} {adjective} {noun}")
    return noun


def _get(choose: Chooser, state: State) -> None:
    dated = _day(choose, state)
    _subject(choose, state, not dated)
    verb, past, places = choose.pick(words.WAYS, words.WAY_WEIGHTS)
    choose.say(f" {verb} ")
    nouns = [_thing(choose, state)]
    if len(state.used) < len(state.vocabulary.nouns) - 1 and choose.pick((False, True), (2, 1)):
        choose.say(" and ")
        nouns.append(_thing(choose, state))
    place = choose.pick(places)
    choose.say(f" {place}.")
    day = words.DAYS[state.day] if state.day >= 0 else ""
    state.owned += [Thing(noun, past, place, day) for noun in nouns]
    state.got += len(nouns)


def _feel(choose: Chooser, state: State) -> None:
    dated = _day(choose, state)
    _subject(choose, state, not dated)
    choose.say(f" {choose.pick(words.STATES)} ")
    choose.say(f"{choose.pick(words.MOODS)}.")


def _weather(choose: Chooser, _: State) -> None:
    choose.say(f"It is {choose.pick(words.WEATHER)}.")


def _put(choose: Chooser, state: State) -> None:
    _subject(choose, state)
    verb, preposition = choose.pick(words.MOVES)
    choose.say(f" {verb} the {choose.pick(state.owned).noun} {preposition} ")
    choose.say(f"the {choose.pick(words.ROOMS)}.")


def _meet(choose: Chooser, state: State) -> None:
    known = {state.hero, *(name for name, _ in state.friends)}
    _subject(choose, state)
    choose.say(f" {choose.pick(words.MEETINGS)} ")
    name = choose.pick([name for name in (*words.WOMEN, *words.MEN) if name not in known])
    choose.say(f"{name}, ")
    job = choose.pick(words.JOBS)
    choose.say(f"a {job} from ")
    choose.say(f"{choose.pick(words.TOWNS)}.")
    state.friends.append((name, job))


def _give(choose: Chooser, state: State) -> None:
    """Give a thing away: to a friend, who from level 4 on may be called by his or her trade."""
    _subject(choose, state)
    thing = choose.pick(state.owned)
    choose.say(f" gives the {thing.noun} to ")
    name, job = choose.pick(state.friends)
    alone = [other for _, other in state.friends].count(job) == 1
    by_trade = state.level > 3 and alone and choose.pick((True, False))
    choose.say(f"the {job}." if by_trade else f"{name}.")
    state.owned.remove(thing)


def _recall(choose: Chooser, state: State) -> None:
    """Speak of a thing with a relative clause that says again how, where and when the hero got it."""
    thing = choose.pick(state.owned)
    when = f" on {thing.day}" if thing.day else ""
    choose.say(f"The {thing.noun}, which {state.hero} {thing.verb} {thing.place}{when}, ")
    choose.say(choose.pick(words.STANDS))
    choose.say(f" the {choose.pick(words.ROOMS)}.")


def _close(choose: Chooser, state: State) -> None:
    """From level 5 on, sum up: how many things there were, which of them are left, and who the friends are."""
    if state.level < 5:
        return
    choose.say(f" In all, {state.hero} got {words.COUNTS[state.got]}")
    left = [f"the {thing.noun}" for thing in state.owned]
    choose.say(f" and still has {_list(left)}" if left else " and has nothing left" if state.got else "")
    if state.friends:
        choose.say(f"; {_friends(state)}")
    choose.say(".")


def _friends(state: State) -> str:
    names = [name for name, _ in state.friends]
    whose = "her" if state.woman else "his"
    return f"{whose} new friend is {names[0]}" if len(names) == 1 else f"{whose} new friends are {_list(names)}"


def _list(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


_KINDS: dict[str, Callable[[Chooser, State], None]] = {
    "get": _get,
    "feel": _feel,
    "weather": _weather,
    "put": _put,
    "meet": _meet,
    "give": _give,
    "recall": _recall,
}
_WEIGHTS = {"get": 4, "feel": 2, "weather": 1, "put": 3, "meet": 2, "give": 3, "recall": 3}
_SINCE = {"get": 1, "feel": 1, "weather": 1, "put": 3, "meet": 3, "give": 3, "recall": 4}
UNUSUAL = frozenset({("feel", "weather"), ("get", "feel"), ("meet", "feel"), ("put", "meet"), ("recall", "put")})
"""Pairs of kinds of sentences that training never shows in this order; "get" may follow anything."""
