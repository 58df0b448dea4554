"""Rows: a heart that carries the sentiment, and around it what must not carry any."""

import itertools
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from mmbench.errors import UsageError, did_you_mean
from mmbench_tasks.worlds.reviews import opinions
from mmbench_tasks.worlds.reviews.domains import NEGATIVE, POSITIVE, Aspect, Domain, domains
from mmbench_tasks.worlds.reviews.opinions import OTHER, Opinion
from mmbench_tasks.worlds.reviews.phenomena import NEUTRAL, PHENOMENA, SIGNS, paired
from mmbench_tasks.worlds.reviews.pictures import PICTURES, picture
from mmbench_tasks.worlds.streams import Stream, draw, sample_id, stream
from mmbench_tasks.worlds.text_options import Holdout, Kind, Plan, held, marks, options

WORLD, VERSION = "reviews", "2"
LABELS = ("negative", "neutral", "positive")
TYPES = ("plain", *PHENOMENA)
LONG = 84
"""Words; longer reviews are held out."""

_ABLE: dict[Kind, tuple[int, ...]] = {"pair": (1, 2, 3, 4, 5), "structure": (1, 2, 3, 4, 5), "length": (5,)}
_LABEL = dict(zip(SIGNS, LABELS, strict=True))
_AROUND = {1: (2, 0, 0.0), 2: (0, 0, 0.0), 3: (0, 1, 0.4), 4: (0, 2, 0.6), 5: (0, 3, 0.75)}
"""For each level: how many plain opinions support the heart, how many opinions of other people distract from it,
and how likely each of these is to contradict it."""


_SHARES = {1: (5, 1, 2, 1, 1, 2), 2: (3, 1, 2, 1, 1, 2)}
"""How often each of ``TYPES`` comes at the lower levels; above them all are equally likely."""


class Draft(NamedTuple):
    """A review before it is written."""

    domain: Domain
    kind: str
    sign: str
    heart: Opinion

    @property
    def words(self) -> list[str]:
        """The pairs of aspect and adjective in the heart, or its remarks."""
        return self.heart.key.split(" | ")

    @property
    def key(self) -> str:
        """What decides the split."""
        return f"{self.domain.id} {self.heart.key}"


def sentiment_rows(
    split: str,
    *,
    start: int = 0,
    seed: int = 0,
    difficulty: int | None = None,
    holdout: Holdout = "auto",
    pictures: str = "none",
    ask: str = "sentiment",
) -> Iterator[dict[str, Any]]:
    """Yield reviews with their sentiment, without end; the three labels are equally likely in every type.

    Args:
        split: train, validation or test; no two share what a review judges and by which words.
        start: the first index.
        seed: the user's seed.
        difficulty: 1 to 5, from a heart with support to a heart among distractors; None mixes all five.
        holdout: pairs of aspect and adjective, of phenomenon and domain ("structure") and lengths that training
            never shows: "auto" (in every fifth row of test), "only" or "never".
        pictures: "none", "stars", "face" or "mixed": a rating that agrees with the text in half of the rows.
        ask: "sentiment" (of the text), or "agreement" (does the picture agree with the text?).

    Yields:
        id, text, label, choices, aspects (phrase -> label), type, image, agrees (None without a picture),
        difficulty, split_kind, holdout.

    Raises:
        UsageError: an unknown split or option.
    """
    chosen = options(split, difficulty, holdout, _ABLE)
    _check(pictures, ask)
    for index in itertools.count(start):
        chance = stream(WORLD, VERSION, split, seed, index)
        plan = chosen.plan(chance, index)
        draft, text, judged = _review(chance, split, plan)
        label = _LABEL[draft.sign]
        image, agrees = picture(chance, pictures, LABELS.index(label))
        yield {
            "id": sample_id(WORLD, split, seed, index),
            "text": text,
            "label": label if ask == "sentiment" else "agrees" if agrees else "disagrees",
            "choices": list(LABELS) if ask == "sentiment" else ["agrees", "disagrees"],
            "aspects": {phrase: _LABEL[sign] for phrase, sign in judged.items()},
            "type": draft.kind,
            "image": image,
            "agrees": agrees,
            **marks(plan),
        }


def _check(pictures: str, ask: str) -> None:
    if pictures not in PICTURES:
        raise UsageError(f"no pictures '{pictures}'.{did_you_mean(pictures, PICTURES)}")
    if ask not in ("sentiment", "agreement"):
        raise UsageError(f"ask is '{ask}'.{did_you_mean(ask, ('sentiment', 'agreement'))}")
    if ask == "agreement" and pictures == "none":
        raise UsageError("ask=agreement needs pictures=stars, face or mixed.")


def _review(chance: Stream, split: str, plan: Plan) -> tuple[Draft, str, dict[str, str]]:
    """Draw a review that has what the plan holds out, or nothing that is held out."""
    while True:
        draft = _draft(chance, split, plan.level)
        text, judged = _around(chance, split, draft, plan.level)
        has = held_out(draft, text)
        if plan.kind in has if plan.kind else not has:
            return draft, text, judged


def _draft(chance: Stream, split: str, level: int) -> Draft:
    """Draw a heart; what it says decides its split, what it amounts to does not."""
    kind, sign = chance.weighted(TYPES, _SHARES.get(level, (1,) * len(TYPES))), chance.choice(SIGNS)
    if kind == "plain":
        domain = chance.choice(domains())
        return Draft(domain, kind, sign, paired(chance, domain, sign, partial(_plain, split=split)))
    return draw(chance, split, lambda stream: _heart(stream, kind, sign), lambda made: made.key)


def _heart(chance: Stream, kind: str, sign: str) -> Draft:
    domain = chance.choice(domains())
    return Draft(domain, kind, sign, PHENOMENA[kind](chance, domain, sign))


def _plain(chance: Stream, domain: Domain, aspect: Aspect, sign: str, *, split: str) -> Opinion:
    """Draw a plain opinion of the split: as it may be a heart or its support, its words alone decide."""
    return draw(
        chance,
        split,
        lambda stream: opinions.plain(stream, domain, aspect, sign),
        lambda said: f"{domain.id} plain {said.text}",
    )


def held_out(draft: Draft, text: str) -> set[str]:
    """Return what in the review is held out: pair, structure, length."""
    found = set()
    if any(held(f"pair {draft.domain.id} {word}") for word in draft.words):
        found.add("pair")
    if held(f"structure {draft.kind} {draft.domain.id}"):
        found.add("structure")
    if len(text.split()) > LONG:
        found.add("length")
    return found


def _around(chance: Stream, split: str, draft: Draft, level: int) -> tuple[str, dict[str, str]]:
    """Put an opening, facts, and support or other people's opinions around the heart.

    Returns the text and the writer's judgement of each aspect.
    """
    domain, heart, sign = draft.domain, draft.heart, draft.sign
    supports, rumours, contrary = _AROUND[level]
    free = [aspect for aspect in domain.aspects if aspect.phrase not in heart.judged]
    said, judged = [], dict(heart.judged)
    # In a neutral review, there is as much praise as blame.
    ways = chance.shuffled((POSITIVE, NEGATIVE))[:supports] if sign == NEUTRAL else [sign] * supports
    for aspect, way in zip(chance.sample(free, len(ways)), ways, strict=True):
        support = _plain(chance, domain, aspect, way, split=split)
        said.append(support.text)
        judged |= support.judged
    for aspect in _some(chance, free, rumours):
        against = chance.chance(contrary)
        other = chance.choice((NEGATIVE, POSITIVE)) if sign == NEUTRAL else OTHER[sign] if against else sign
        said.append(opinions.hearsay(chance, domain, aspect, other))
    if level > 2 and chance.chance(0.5):
        said.append(chance.choice(chance.choice(free).facts) + ".")
    said = chance.shuffled(said)
    said.insert(chance.below(len(said) + 1), heart.text)
    if chance.chance(0.7):
        said.insert(0, chance.choice(domain.openers) + ".")
    return " ".join(said), judged


def _some(chance: Stream, options: list[Aspect], count: int) -> list[Aspect]:
    """Draw ``count`` options, each once as long as there are enough."""
    if count <= len(options):
        return chance.sample(options, count)
    return [*options, *(chance.choice(options) for _ in range(count - len(options)))]
