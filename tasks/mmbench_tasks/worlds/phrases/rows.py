"""Rows: meanings become sentence pairs, split by their words, at five levels, with compositional hold-outs."""

import itertools
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from mmbench.errors import UsageError, did_you_mean
from mmbench_tasks.worlds.phrases import chinese, content, english, enrich, frames, french, frozen, german, icons
from mmbench_tasks.worlds.phrases.content import concepts, flipped, repeated_name
from mmbench_tasks.worlds.phrases.frozen import Frozen
from mmbench_tasks.worlds.phrases.hearts import Heart
from mmbench_tasks.worlds.phrases.lexicon import Sense
from mmbench_tasks.worlds.phrases.meaning import Meaning, Question
from mmbench_tasks.worlds.phrases.numbers import capital
from mmbench_tasks.worlds.phrases.pictured import Pictured, draw_pictured, forms
from mmbench_tasks.worlds.phrases.second import coordinated, event
from mmbench_tasks.worlds.phrases.style import PLAIN, Style
from mmbench_tasks.worlds.streams import Stream, draw, sample_id, stream
from mmbench_tasks.worlds.text_options import Holdout, Kind, Plan, held, marks, options

WORLD, VERSION = "phrases", "2"
TYPES = (*frames.FRAMES, "idiom", "number")
PICTURES = ("none", "only", "mixed")
LONG = 24
"""English words; longer sentences are held out."""

_SECOND = {1: 0.0, 2: 0.0, 3: 0.15, 4: 0.5, 5: 1.0}
"""How often a sentence of each level has a second main clause, where one suits."""
_SAY = {"en": english.sentence, "de": german.sentence, "fr": french.sentence, "zh": chinese.sentence}
_SWITCHES = (1, 2, 4)
_ABLE: dict[Kind, tuple[int, ...]] = {"pair": (2, 3, 4, 5), "structure": (3, 4, 5), "length": (5,)}
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
    right: Sense | None = None
    wrong: Sense | None = None


def translation_rows(
    split: str,
    *,
    src: str = "en",
    tgt: str = "de",
    start: int = 0,
    seed: int = 0,
    difficulty: int | None = None,
    holdout: Holdout = "auto",
    pictures: str = "none",
) -> Iterator[dict[str, Any]]:
    """Yield sentences to translate, without end; text rows of one index mean the same in all pairs of languages.

    Args:
        split: train, validation or test; no two share a combination of content words.
        src, tgt: en and one of de, fr, zh, in either order.
        start: the first index.
        seed: the user's seed.
        difficulty: 1 to 5; None mixes all five.
        holdout: pairs of adjective and noun, structures and lengths that training never shows: "auto" (in every
            fifth row of test), "only" or "never".
        pictures: "only": sentences with a word of two translations, and a picture that decides; "none"; "mixed".

    Yields:
        id, source, references (the first is the plainest), type (the phenomenon), facts (what the sentence speaks
        of), image (None without a picture), senses (with a picture: the forms of the right and of the wrong word),
        difficulty, split_kind, holdout.

    Raises:
        UsageError: an unknown split, pair of languages, level or option.
    """
    chosen = options(split, difficulty, holdout, _ABLE)
    _check(src, tgt, pictures)
    for index in itertools.count(start):
        chance = stream(WORLD, VERSION, split, seed, index)
        plan = chosen.plan(chance, index)
        draft = _draft(chance, split, plan, src, tgt, pictures)
        style = Style(chance.choice((0, *_SWITCHES)))
        yield {
            "id": sample_id(f"{WORLD}-{src}-{tgt}", split, seed, index),
            "source": write_one(draft, src, style),
            "references": write(draft, tgt, ambiguous=src == "en" and tgt in ("de", "fr")),
            "type": draft.kind,
            "facts": _facts(draft.meaning),
            "image": icons.draw(chance, draft.right.icon) if draft.right else None,
            "senses": _senses(draft, tgt),
            **marks(plan),
        }


def _senses(draft: Draft, language: str) -> dict[str, list[str]] | None:
    """Return the forms of the right and the wrong translation of the ambiguous word."""
    if draft.right is None or draft.wrong is None:
        return None
    return {"right": forms(draft.right.noun, language), "wrong": forms(draft.wrong.noun, language)}


def _facts(said: Meaning | Frozen) -> list[str]:
    """Return what the sentence speaks of."""
    if isinstance(said, Frozen):
        return [said.entry.id, *(part for part in said.number[:1] if part), *concepts(said)]
    return concepts(said)


def _check(src: str, tgt: str, pictures: str) -> None:
    if src == tgt or "en" not in (src, tgt) or not {src, tgt} <= set(_SAY):
        raise UsageError(f"no phrases from '{src}' to '{tgt}': one side is en, the other de, fr or zh.")
    if pictures not in PICTURES:
        raise UsageError(f"no pictures '{pictures}'.{did_you_mean(pictures, PICTURES)}")


def _draft(chance: Stream, split: str, plan: Plan, src: str, tgt: str, pictures: str) -> Draft:
    """Draw a sentence of the split that has what the plan holds out, or nothing that is held out."""
    kind = chance.choice(TYPES)
    pictured = pictures == "only" or (pictures == "mixed" and chance.below(len(TYPES) + 1) == 0)
    while True:
        if plan.kind:  # not every phenomenon can have what is held out
            kind = chance.choice(TYPES)
        draft = (
            _pictured_draft(chance, split, plan.level, src, tgt)
            if pictured
            else _text_draft(chance, split, plan.level, kind)
        )
        if _fits(draft, plan):
            return draft


def _text_draft(chance: Stream, split: str, level: int, kind: str) -> Draft:
    if kind in ("idiom", "number"):
        return _frozen_draft(chance, split, level, kind)
    while True:
        heart = draw(chance, split, frames.FRAMES[kind], _key)
        grown = _grown(chance, heart.meaning, level)
        if not repeated_name(grown):
            return Draft(kind, grown)


def _grown(chance: Stream, heart: Meaning, level: int) -> Meaning:
    """Return the sentence with the modifiers of its level, and with a second clause."""
    grown = enrich.grow(chance, heart, level - 1)[0]
    return coordinated(chance, grown) if chance.chance(_SECOND[level]) else grown


def _pictured_draft(chance: Stream, split: str, level: int, src: str, tgt: str) -> Draft:
    while True:
        made = draw(chance, split, partial(draw_pictured, src=src, tgt=tgt), _key)
        grown = _grown(chance, made.heart.meaning, level)
        if not repeated_name(grown):
            return Draft("ambiguous", grown, None, made.right, made.wrong)


def _key(made: Heart | Frozen | Pictured) -> str:
    return made.key


def _frozen_draft(chance: Stream, split: str, level: int, kind: str) -> Draft:
    said = draw(chance, split, frozen.idiom if kind == "idiom" else frozen.figure, _key)
    if level > 1 and chance.chance(0.2 * level):
        said = said._replace(opener=chance.choice(frozen.openers()))
    if level < 3 or (level < 4 and not said.who.sex):
        return Draft(kind, said)
    about = (
        frames.follow_up(chance, said.who) if said.who.sex else event(chance, chance.choice(("past", "future")))
    )
    after = enrich.grow(chance, about, level - 3)[0]
    draft = Draft(kind, said, coordinated(chance, after) if level == 5 else after)
    return draft if not repeated_name(draft) else Draft(kind, said)


def held_out(draft: Draft, level: int = 5) -> set[str]:
    """Return what in the sentence is held out: pair, structure, length."""
    there = _parts(draft)
    found = {name for name, test in (("pair", _has_pair), ("structure", _has_structure)) if test(there)}
    return found | {"length"} if _has_length(draft, level) else found


def _fits(draft: Draft, plan: Plan) -> bool:
    """Whether the sentence has what the plan holds out, or nothing that is held out."""
    if plan.kind == "length":
        return _has_length(draft, plan.level)
    there = _parts(draft)
    if plan.kind:
        return _has_pair(there) if plan.kind == "pair" else _has_structure(there)
    return not (_has_pair(there) or _has_structure(there) or _has_length(draft, plan.level))


def _parts(draft: Draft) -> content.Parts:
    return content.parts((draft.meaning, draft.after) if draft.after else (draft.meaning,))


def _has_pair(there: content.Parts) -> bool:
    return any(held(f"pair {adjective} {noun}") for adjective, noun in content.pairs(there))


def _has_structure(there: content.Parts) -> bool:
    found = content.features(there)
    return any(structure <= found for structure in _HELD_STRUCTURES)


def _has_length(draft: Draft, level: int) -> bool:
    """Low levels are never too long."""
    return level > 3 and len(write_one(draft, "en", PLAIN).split()) > LONG


def write(draft: Draft, language: str, ambiguous: bool = False) -> list[str]:
    """Return the translations of a sentence; ``ambiguous``: with both sexes where the source does not tell."""
    if isinstance(draft.meaning, Frozen):
        texts = frozen.say(draft.meaning, language)
        other = flipped(draft.after) if draft.after and ambiguous else None
        afters = [f"{_gap(language)}{_sentence(one, language, PLAIN)}" for one in (draft.after, other) if one]
        return [text + after for after in afters for text in texts] if afters else texts
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
