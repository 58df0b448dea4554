"""The words: tables in ``data/*.txt``, read once, one line a concept and one column a language."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class GermanNoun(NamedTuple):
    """Gender m, f or n; ``weak``: ends in the plural form in every case but the nominative singular."""

    gender: str
    singular: str
    plural: str
    weak: bool


class FrenchNoun(NamedTuple):
    """Gender m or f."""

    gender: str
    singular: str
    plural: str


class Noun(NamedTuple):
    """A countable noun; ``de`` and ``fr`` hold two forms, male and female, where people have two."""

    id: str
    traits: frozenset[str]
    en: tuple[str, str]
    de: tuple[GermanNoun, ...]
    fr: tuple[FrenchNoun, ...]
    zh: tuple[str, str]


class Name(NamedTuple):
    """A given name, spelt alike in English, German and French; sex "m" or "f"."""

    id: str
    sex: str
    zh: str


class Mass(NamedTuple):
    """Something uncounted; gender "p" is a bare plural (apples by the kilo)."""

    id: str
    traits: frozenset[str]
    en: str
    de: tuple[str, str]
    fr: tuple[str, str]
    zh: str
    containers: tuple[str, ...]


class Adjective(NamedTuple):
    """Positive, comparative and superlative where it is graded; French: ``before`` its noun or after it."""

    id: str
    nouns: frozenset[str]
    kind: str
    graded: bool
    attributive: bool
    predicative: bool
    en: tuple[str, ...]
    de: tuple[str, ...]
    de_predicative: str
    fr: tuple[str, str, str, str]
    fr_vowel: str
    before: bool
    zh: tuple[str, ...]


class Verb(NamedTuple):
    """A verb with its principal parts; see ``data/verbs.txt``."""

    id: str
    frame: str
    objects: frozenset[str]
    flags: frozenset[str]
    en: tuple[str, str, str, str, str]
    en_tail: str
    de: tuple[str, str, str, str, str]
    prefix: str
    de_tail: str
    fr: tuple[str, ...]
    fr_tail: str
    zh: str
    zh_done: str
    zh_ba: str


class Place(NamedTuple):
    """Where something happens (index 0) or where somebody goes (index 1); "-" where that is not said."""

    id: str
    uses: frozenset[str]
    en: tuple[str, ...]
    de: tuple[str, ...]
    fr: tuple[str, ...]
    zh: tuple[str, ...]


class Time(NamedTuple):
    """When: ``tense`` is past, future, habit or freq (an adverb of frequency); ``far``: weeks away or more."""

    id: str
    tense: str
    en: str
    de: str
    fr: str
    zh: str
    far: bool = False


class City(NamedTuple):
    """A town's name in four languages."""

    id: str
    en: str
    de: str
    fr: str
    zh: str


def lines(name: str) -> Iterator[str]:
    """Yield the lines of ``data/NAME.txt``, comments apart."""
    for line in files(__package__).joinpath(f"data/{name}.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def table(name: str) -> Iterator[list[str]]:
    """Yield the cells of each line of ``data/NAME.txt``; a | without blanks marks a separable prefix."""
    for line in lines(name):
        yield [cell.strip() for cell in line.split(" | ")]


def words(cell: str) -> tuple[str, ...]:
    """Split at blanks; a tilde stands for a blank inside a word."""
    return tuple(word.replace("~", " ") for word in cell.split())


_GENDERS = {"der": "m", "die": "f", "das": "n"}


def _german(cell: str) -> GermanNoun:
    article, rest = cell.split(" ", 1)
    weak = rest.endswith(" w")
    singular, plural = rest.removesuffix(" w").split("/")
    return GermanNoun(_GENDERS[article], singular, plural, weak)


def _french(cell: str) -> FrenchNoun:
    gender, rest = cell.split(" ", 1)
    singular, plural = rest.split("/")
    return FrenchNoun(gender, singular, plural)


@cache
def nouns() -> dict[str, Noun]:
    """Return all countable nouns by id."""
    found = {}
    for name, en, de, fr, zh, traits in table("nouns"):
        singular, plural = en.split("/")
        measure, noun = zh.split()
        found[name] = Noun(
            name,
            frozenset(traits.split()),
            (singular, plural),
            tuple(_german(cell) for cell in de.split(" · ")),
            tuple(_french(cell) for cell in fr.split(" · ")),
            (measure, noun),
        )
    return found


class Sense(NamedTuple):
    """One meaning of a ``word`` that a language has for two things; ``icon`` is its picture."""

    language: str
    word: str
    icon: str
    noun: Noun


@cache
def senses() -> tuple[tuple[Sense, Sense], ...]:
    """Return the words with two translations; nouns lack the languages that are not needed."""
    found: dict[tuple[str, str], list[Sense]] = {}
    for language, word, icon, en, de, fr, zh in table("ambiguous"):
        singular, plural = en.split("/")
        measure, _, chinese = zh.partition(" ")
        noun = Noun(
            icon,
            frozenset({"sense"}),
            (singular, plural),
            () if de == "-" else (_german(de),),
            () if fr == "-" else (_french(fr),),
            (measure, chinese),
        )
        found.setdefault((language, word), []).append(Sense(language, word, icon, noun))
    return tuple((first, second) for first, second in found.values())


@cache
def containers() -> dict[str, Noun]:
    """Return what substances come in (cup, slice, kilo) by id; the Chinese noun is empty."""
    found = {}
    for name, en, de, fr, zh in table("containers"):
        singular, plural = en.split("/")
        found[name] = Noun(name, frozenset(), (singular, plural), (_german(de),), (_french(fr),), (zh, ""))
    return found


@cache
def masses() -> tuple[Mass, ...]:
    """Return all substances."""
    return tuple(
        Mass(name, frozenset(traits.split()), en, _pair(de), _pair(fr), zh, tuple(holders.split()))
        for name, traits, en, de, fr, zh, holders in table("mass")
    )


def _pair(cell: str) -> tuple[str, str]:
    gender, rest = cell.split(" ", 1)
    return (_GENDERS.get(gender, "p" if gender == "-" else gender), rest)


@cache
def names() -> tuple[Name, ...]:
    """Return all given names."""
    return tuple(Name(*cells) for cells in table("names"))


@cache
def adjectives() -> dict[str, Adjective]:
    """Return all adjectives by id."""
    found = {}
    for name, traits, kind, en, de, fr, zh in table("adjectives"):
        kinds = kind.split()
        stem, *grades = words(de)
        stem, _, predicative = stem.rstrip("]").partition("[")
        forms = words(fr)
        masculine, _, vowel = forms[0].rstrip("]").partition("[")
        found[name] = Adjective(
            name,
            frozenset(traits.split()),
            kinds[0],
            "graded" in kinds,
            "pred" not in kinds,
            "attr" not in kinds,
            words(en),
            (stem, *grades),
            predicative or stem,
            (masculine, forms[1], forms[2], forms[3]),
            vowel or masculine,
            forms[-1] == "<",
            words(zh),
        )
    return found


@cache
def verbs() -> dict[str, Verb]:
    """Return all verbs by id."""
    found = {}
    for name, frame, objects, flags, en, de, fr, zh in table("verbs"):
        (en_forms, en_tail), (de_forms, de_tail), (fr_forms, fr_tail) = (_tail(cell) for cell in (en, de, fr))
        prefix, _, infinitive = de_forms[0].rpartition("|")
        plain, _, ba = (part.strip() for part in zh.partition(";"))
        unfinished, _, done = plain.partition(" ")
        found[name] = Verb(
            name,
            frame,
            frozenset(objects.split()),
            frozenset(flags.split()),
            (en_forms[0], en_forms[1], en_forms[2], en_forms[3], en_forms[4]),
            en_tail,
            (infinitive, de_forms[1], de_forms[2], de_forms[3], de_forms[4]),
            prefix,
            de_tail,
            fr_forms,
            fr_tail,
            unfinished,
            done or unfinished,
            ba,
        )
    return found


def _tail(cell: str) -> tuple[tuple[str, ...], str]:
    forms, _, tail = cell.partition(" + ")
    return words(forms), tail.strip().replace("~", " ")


@cache
def places() -> tuple[Place, ...]:
    """Return all places."""
    return tuple(
        Place(name, frozenset(uses.split()), *(tuple(part.strip() for part in cell.split(",")) for cell in cells))
        for name, uses, *cells in table("places")
    )


@cache
def times() -> dict[str, tuple[Time, ...]]:
    """Return times by tense."""
    found: dict[str, list[Time]] = {}
    for name, kind, en, de, fr, zh in table("times"):
        tense, _, far = kind.partition(" ")
        found.setdefault(tense, []).append(Time(name, tense, en, de, fr, zh, far == "far"))
    return {tense: tuple(entries) for tense, entries in found.items()}


@cache
def cities() -> tuple[City, ...]:
    """Return all towns."""
    return tuple(City(*cells) for cells in table("cities"))
