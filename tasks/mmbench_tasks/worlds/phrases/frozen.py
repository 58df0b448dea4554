"""Idioms and figures: sentences written out in every language, with a gap for somebody and for a number."""

from functools import cache
from typing import NamedTuple

from mmbench_tasks.worlds.phrases import chinese, clauses, english, french, german, lexicon, numbers
from mmbench_tasks.worlds.phrases.meaning import Fixed, Phrase
from mmbench_tasks.worlds.streams import Stream

LANGUAGES = ("en", "de", "fr", "zh")
_MONTHS = (
    ("January", "Januar", "janvier"),
    ("February", "Februar", "février"),
    ("March", "März", "mars"),
    ("April", "April", "avril"),
    ("May", "Mai", "mai"),
    ("June", "Juni", "juin"),
    ("July", "Juli", "juillet"),
    ("August", "August", "août"),
    ("September", "September", "septembre"),
    ("October", "Oktober", "octobre"),
    ("November", "November", "novembre"),
    ("December", "Dezember", "décembre"),
)


class Entry(NamedTuple):
    """One line of a table: alternatives in each language, and what fills its gaps."""

    id: str
    number: tuple[str, ...]
    things: frozenset[str]
    texts: dict[str, tuple[str, ...]]


class Frozen(NamedTuple):
    """A sentence with its gaps filled: ``number`` is how each language writes the number."""

    entry: Entry
    who: Phrase
    thing: Phrase | None = None
    number: tuple[str, str, str, str] = ("", "", "", "")
    opener: Fixed | None = None

    @property
    def key(self) -> str:
        """The words that decide the split."""
        return f"{self.entry.id} {clauses.head_id(self.who)} {clauses.head_id(self.thing)} {self.number[0]}"


@cache
def idioms() -> tuple[Entry, ...]:
    """Return all idioms."""
    return tuple(Entry(name, (), frozenset(), _texts(cells)) for name, *cells in lexicon.table("idioms"))


@cache
def figures() -> tuple[Entry, ...]:
    """Return all sentences about numbers."""
    return tuple(
        Entry(name, tuple(number.split()), frozenset(things.split()) - {"-"}, _texts(cells))
        for name, number, things, *cells in lexicon.table("figures")
    )


@cache
def openers() -> tuple[Fixed, ...]:
    """Return what may stand before a whole sentence."""
    return tuple(Fixed(*cells) for cells in lexicon.table("openers"))


def _texts(cells: list[str]) -> dict[str, tuple[str, ...]]:
    return {language: tuple(cell.split(" / ")) for language, cell in zip(LANGUAGES, cells, strict=True)}


def _somebody(chance: Stream) -> Phrase:
    if chance.chance(0.75):
        return Phrase(chance.choice(lexicon.names()))
    return clauses.family(chance, chance.choice(("1s", "1p")))


def idiom(chance: Stream) -> Frozen:
    """Draw an idiom and whom it is about."""
    return Frozen(chance.choice(idioms()), _somebody(chance))


def figure(chance: Stream) -> Frozen:
    """Draw a sentence about a number."""
    entry = chance.choice(figures())
    thing = None
    if entry.things:
        thing = Phrase(chance.choice(_things(entry.things)), "this")
    who = Phrase(chance.choice(lexicon.names()) if "{S}" in entry.texts["en"][0] else "I")
    return Frozen(entry, who, thing, _number(chance, *entry.number))


@cache
def _things(traits: frozenset[str]) -> tuple[lexicon.Noun, ...]:
    return tuple(noun for noun in lexicon.nouns().values() if (noun.traits | {noun.id}) & traits)


def _number(chance: Stream, kind: str, span: str = "", step: str = "1") -> tuple[str, str, str, str]:
    """Draw a number and write it in the four languages."""
    low, high = (int(end) for end in span.split("-")) if span else (5, 95)
    if kind == "clock":
        hour, minute = chance.between(low, high), 5 * chance.between(1, 11)
        clock = f"{hour}:{minute:02}"
        return clock, f"{clock} Uhr", f"{hour} h {minute:02}", f"{hour}点{minute:02}分"
    if kind == "day":
        month, day = chance.below(12), chance.between(1, 28)
        en, de, fr = _MONTHS[month]
        return f"{day} {en}", f"{day}. {de}", f"{'1er' if day == 1 else day} {fr}", f"{month + 1}月{day}日"
    if kind == "percent":
        number = chance.between(low, high)
        return str(number), str(number), str(number), numbers.chinese(number)
    if kind == "word":
        number = chance.between(low, high)
        words = numbers.english(number), numbers.german(number), numbers.french(number)
        return (*words, numbers.chinese_count(number))
    if kind == "million":
        tenths = chance.between(10 * low + 1, 10 * high)
        text = f"{tenths // 10}.{tenths % 10 or 5}"
        return (*_figures(text)[:3], str(round(float(text) * 100)))
    if kind == "figure":
        number = low + int(step) * chance.below((high - low) // int(step) + 1)
        return _figures(str(number) if number < 2000 or int(step) == 1 else f"{number:,}")
    cents = kind == "price"
    return _figures(f"{chance.between(low, high)}.{chance.between(1, 9)}" + ("0" if cents else ""))


def _figures(text: str) -> tuple[str, str, str, str]:
    en, de, fr, zh = (numbers.figures(text, language) for language in LANGUAGES)
    return en, de, fr, zh


def say(said: Frozen, language: str) -> list[str]:
    """Return all ways to write the sentence in a language."""
    index = LANGUAGES.index(language)
    gaps = _gaps(said, language)
    found = [text.format(n=said.number[index], **gaps) for text in said.entry.texts[language]]
    if said.opener is None:
        return [numbers.capital(text) for text in found]
    # After a colon only German begins with a capital.
    gap = "" if language == "zh" else " "
    return [said.opener[1 + index] + gap + (numbers.capital(text) if language == "de" else text) for text in found]


def _gaps(said: Frozen, language: str) -> dict[str, str]:
    who, thing = said.who, said.thing
    his = who.sex or "m"
    if language == "en":
        return {
            "S": english.phrase(who),
            "O": english.phrase(who),
            "his": {"m": "his", "f": "her"}[his],
            "N": english.phrase(thing) if thing else "",
        }
    if language == "de":
        return {
            "S": german.phrase(who, german.NOM),
            "O": german.phrase(who, german.ACC),
            "his": {"m": "sein", "f": "ihr"}[his],
            "N": german.phrase(thing, german.NOM) if thing else "",
        }
    if language == "fr":
        feminine = french.agreement(thing)[0] if thing else False
        name = french.phrase(who)
        return {
            "S": name,
            "O": name,
            "of": french.elided("de", name),
            "e": "e" * feminine,
            "f": "e" * french.agreement(who)[0],
            "N": french.phrase(thing) if thing else "",
        }
    name = chinese.phrase(who)
    return {"S": name, "O": name, "his": {"m": "他", "f": "她"}[his], "N": chinese.phrase(thing) if thing else ""}
