"""Rows: meanings become sentence pairs, split by their words, at five levels, with compositional hold-outs."""

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

from mmbench.errors import UsageError, did_you_mean
from mmbench_tasks.worlds.phrases import chinese, english, enrich, frames, french, frozen, german
from mmbench_tasks.worlds.phrases.content import concepts, features, flipped, pairs, repeated_name
from mmbench_tasks.worlds.phrases.frozen import Frozen
from mmbench_tasks.worlds.phrases.hearts import Heart
from mmbench_tasks.worlds.phrases.meaning import Meaning, Question
from mmbench_tasks.worlds.phrases.numbers import capital
from mmbench_tasks.worlds.phrases.style import PLAIN, Style
from mmbench_tasks.worlds.streams import Stream, check_split, draw, sample_id, split_of, stream

WORLD, VERSION = "phrases", "1"
LEVELS = (1, 2, 3, 4, 5)
TYPES = (*frames.FRAMES, "idiom", "number")
HOLDOUTS = ("pairs", "structures", "lengths")
LONG = 12
"""English words; longer sentences are held out under ``holdout="lengths"``."""

_SAY = {"en": english.sentence, "de": german.sentence, "fr": french.sentence, "zh": chinese.sentence}
_SWITCHES = (1, 2, 4)
_HELD_STRUCTURES = (
    frozenset({"reported", "relative"}),
    frozenset({"reported", "negated"}),
    frozenset({"question", "place"}),
    frozenset({"modal", "time"}),
    frozenset({"joined", "adjective"}),
    frozenset({"relative", "two adjectives"}),
)


class Draft(NamedTuple):
    """A sentence before it is written: its phenomenon and its meaning, and a sentence that may follow."""

    kind: str
    meaning: Meaning | Frozen
    after: Meaning | None = None


def translation_rows(
    split: str,
    *,
    src: str = "en",
    tgt: str = "de",
    start: int = 0,
    seed: int = 0,
    difficulty: int | None = None,
    holdout: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield sentences to translate, without end; row ``index`` means the same in every pair of languages.

    Args:
        split: train, validation or test; no two share a combination of content words.
        src, tgt: en and one of de, fr, zh, in either order.
        start: the first index.
        seed: the user's seed.
        difficulty: 1 to 5; None mixes all five.
        holdout: "pairs" (of adjective and noun), "structures" or "lengths": train and validation have none of
            the held-out ones, every test row has one.

    Yields:
        id, source, references (the first is the plainest), type (the phenomenon), level, facts (what the sentence
        speaks of), image (None).

    Raises:
        UsageError: an unknown split, pair of languages, level or hold-out.
    """
    check(src, tgt, difficulty, holdout)
    check_split(split)
    for index in itertools.count(start):
        chance = stream(WORLD, VERSION, split, seed, index)
        level = difficulty or chance.choice(LEVELS)
        draft = _draft(chance, split, level, holdout)
        style = Style(chance.choice((0, *_SWITCHES)))
        written = write(draft, tgt, ambiguous=src == "en" and tgt in ("de", "fr"))
        yield {
            "id": sample_id(f"{WORLD}-{src}-{tgt}", split, seed, index),
            "source": write_one(draft, src, style),
            "references": written,
            "type": draft.kind,
            "level": level,
            "facts": _facts(draft.meaning),
            "image": None,
        }


def _facts(said: Meaning | Frozen) -> list[str]:
    """Return what the sentence speaks of."""
    if isinstance(said, Frozen):
        return [said.entry.id, *(part for part in said.number[:1] if part), *concepts(said)]
    return concepts(said)


def check(src: str, tgt: str, difficulty: int | None, holdout: str | None) -> None:
    """Check the options that all rows of this world share."""
    if src == tgt or "en" not in (src, tgt) or not {src, tgt} <= set(_SAY):
        raise UsageError(f"no phrases from '{src}' to '{tgt}': one side is en, the other de, fr or zh.")
    if difficulty is not None and difficulty not in LEVELS:
        raise UsageError(f"difficulty is {difficulty}, but levels go from 1 to 5.")
    if holdout is not None and holdout not in HOLDOUTS:
        raise UsageError(f"no hold-out '{holdout}'.{did_you_mean(holdout, HOLDOUTS)}")


def _draft(chance: Stream, split: str, level: int, holdout: str | None) -> Draft:
    """Draw a sentence of the split; under a hold-out, draw until it is on the right side."""
    while True:
        draft = _any_draft(chance, split, level)
        if holdout is None or held_out(draft, holdout) == (split == "test"):
            return draft


def _any_draft(chance: Stream, split: str, level: int) -> Draft:
    kind = chance.choice(TYPES)
    if kind in ("idiom", "number"):
        return _frozen_draft(chance, split, level, kind)
    while True:
        heart = draw(chance, split, frames.FRAMES[kind], _key)
        grown = enrich.grow(chance, heart.meaning, level - 1)[0]
        if not repeated_name(grown):
            return Draft(kind, grown)


def _key(made: Heart | Frozen) -> str:
    return made.key


def _frozen_draft(chance: Stream, split: str, level: int, kind: str) -> Draft:
    said = draw(chance, split, frozen.idiom if kind == "idiom" else frozen.figure, _key)
    if level > 1 and chance.chance(0.2 * level):
        said = said._replace(opener=chance.choice(frozen.openers()))
    if level < 3 or not said.who.sex:
        return Draft(kind, said)
    draft = Draft(kind, said, enrich.grow(chance, frames.follow_up(chance, said.who), level - 3)[0])
    return draft if not repeated_name(draft) else Draft(kind, said)


def held_out(draft: Draft, holdout: str) -> bool:
    """Whether the sentence has something that is held out."""
    if holdout == "lengths":
        return len(write_one(draft, "en", PLAIN).split()) > LONG
    if holdout == "structures":
        there = features(draft.meaning)
        return any(held <= there for held in _HELD_STRUCTURES)
    return any(split_of(f"held pair {adjective} {noun}") == "test" for adjective, noun in pairs(draft.meaning))


def write(draft: Draft, language: str, ambiguous: bool = False) -> list[str]:
    """Return the translations of a sentence; ``ambiguous``: with both sexes where the source does not tell."""
    if isinstance(draft.meaning, Frozen):
        after = f"{_gap(language)}{_sentence(draft.after, language, PLAIN)}" if draft.after else ""
        return [text + after for text in frozen.say(draft.meaning, language)]
    found = _ways(draft.meaning, language)
    if ambiguous and (other := flipped(draft.meaning)) is not None:
        found += _ways(other, language)
    return list(dict.fromkeys(found))


def _ways(meaning: Meaning, language: str) -> list[str]:
    """Return a sentence in the plain style and with each switch that makes a difference."""
    style = Style()
    found = [_sentence(meaning, language, style)]
    return found + [_sentence(meaning, language, Style(bit)) for bit in _SWITCHES if style.asked & bit]


def write_one(draft: Draft, language: str, style: Style) -> str:
    """Return one way to write a sentence."""
    if not isinstance(draft.meaning, Frozen):
        return _sentence(draft.meaning, language, style)
    texts = frozen.say(draft.meaning, language)
    after = f"{_gap(language)}{_sentence(draft.after, language, style)}" if draft.after else ""
    return texts[style.bits % len(texts)] + after


def _gap(language: str) -> str:
    return "" if language == "zh" else " "


def _sentence(meaning: Meaning | None, language: str, style: Style) -> str:
    assert meaning is not None
    text = _SAY[language](meaning, style)
    asked = isinstance(meaning, Question)
    if language == "zh":
        return text + ("？" if asked else "。")
    if language == "de":
        text = text.replace(",,", ",").replace(",.", ".").rstrip(",")
    mark = "." if not asked else " ?" if language == "fr" else "?"
    return capital(text) + mark
