"""Rows for the task ``speech``: a recording and the words for what is heard."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal, get_args

from mmbench.errors import UsageError, did_you_mean
from mmbench.schema import Audio
from mmbench_tasks.worlds.sounds.synth import RATE, Wave, noise, wav
from mmbench_tasks.worlds.sounds.tunes import AMPLITUDE, VOCABULARY, Pace, play, say
from mmbench_tasks.worlds.streams import Stream, check_split, draw, sample_id, stream

VERSION = "1"
Kind = Literal["dial", "tune", "rhythm", "mixed"]
Holdout = Literal["auto", "never", "only"]
Row = dict[str, Any]

EVERY = 5
"""With ``holdout="auto"``, every so many test rows are longer than any plain row."""


@dataclass(frozen=True, slots=True)
class Level:
    """How hard a recording is to hear.

    Attributes:
        length: the fewest and the most words.
        snr: the ratio of signal to noise power in decibels; None for no noise.
        loudness: the standard deviation of the noise that gives this ratio, of 32,767.
        sound: the length of one symbol in milliseconds.
    """

    length: tuple[int, int]
    snr: int | None
    loudness: int
    sound: int


_RMS = AMPLITUDE * 7071 // 10_000
LEVELS: dict[int, Level] = {
    1: Level((4, 5), None, 0, 150),
    2: Level((4, 6), -3, _RMS * 1413 // 1000, 120),
    3: Level((5, 8), -6, _RMS * 1995 // 1000, 95),
    4: Level((5, 10), -9, _RMS * 2818 // 1000, 80),
    5: Level((6, 12), -11, _RMS * 3548 // 1000, 68),
}
LONG = (13, 16)
"""The lengths of held-out rows; no plain row has more than 12 words."""


def speech_rows(
    split: str,
    *,
    start: int = 0,
    seed: int = 0,
    difficulty: int | None = None,
    kind: Kind = "mixed",
    holdout: Holdout = "auto",
) -> Iterator[Row]:
    """Yield recordings with their transcription, without end; row ``i`` does not depend on the rows before it.

    Fields: ``id``, ``audio`` (16-bit mono WAV, 8 kHz), ``text``, ``type`` (the kind), ``difficulty``, ``snr``
    (decibels, "" without noise), ``split_kind`` ("plain" or "holdout"), ``facts`` (the words in order) and
    ``seconds``.

    Args:
        split: "train", "validation" or "test"; no sequence of words is in two splits.
        start: the number of the first row.
        seed: another seed, other rows.
        difficulty: 1 to 5; None for all of them in equal parts.
        kind: telephone keys ("dial"), notes ("tune"), beeps ("rhythm") or all of these in equal parts.
        holdout: lengths that training never shows: "only", "never", or "auto" (every fifth row of the test split).

    Raises:
        UsageError: a parameter has no such value.
    """
    split = check_split(split)
    if difficulty is not None and difficulty not in LEVELS:
        raise UsageError(f"no difficulty {difficulty}. Give one of {', '.join(map(str, LEVELS))}.")
    if kind not in get_args(Kind):
        raise UsageError(f"no kind '{kind}' of sounds.{did_you_mean(kind, get_args(Kind))}")
    if holdout not in get_args(Holdout):
        raise UsageError(f"no holdout '{holdout}' of sounds.{did_you_mean(holdout, get_args(Holdout))}")
    if holdout == "only" and split == "train":
        raise UsageError("held-out sounds are for validation and test, never for train. Give holdout=never.")
    for number in count(start):
        long = holdout == "only" or (holdout == "auto" and split == "test" and number % EVERY == EVERY - 1)
        yield _row(split, seed, number, difficulty, kind, long=long)


def _row(split: str, seed: int, number: int, difficulty: int | None, kind: str, *, long: bool) -> Row:
    chance = stream("sounds", VERSION, split, seed, number)
    chosen = chance.choice(tuple(LEVELS))
    level = difficulty or chosen
    heard = chance.choice(tuple(VOCABULARY))
    heard = heard if kind == "mixed" else kind
    rules = LEVELS[level]
    length = chance.between(*(LONG if long else rules.length))
    words = draw(chance, split, lambda c: say(heard, length, c), " ".join)
    sound = rules.sound * RATE // 1000 * chance.between(90, 115) // 100
    wave = play(heard, words, Pace(sound, sound * 6 // 10), chance)
    wave = wave + noise(chance.below(1 << 32), len(wave), rules.loudness)
    name = sample_id("sounds", split, seed, number)
    return {
        "id": name,
        "audio": Audio(wav(_levelled(wave, rules.loudness, chance)), f"{name}.wav"),
        "text": " ".join(words),
        "type": heard,
        "difficulty": level,
        "snr": "" if rules.snr is None else rules.snr,
        "split_kind": "holdout" if long else "plain",
        "facts": words,
        "seconds": len(wave) / RATE,
    }


def _levelled(wave: Wave, loudness: int, chance: Stream) -> Wave:
    """Turn the volume down so that hardly a sample is too loud, and then some more, by chance."""
    peak = 2 * AMPLITUDE + 3 * loudness
    return wave * min(32_767 * 256 // peak, 256) // 256 * chance.between(55, 100) // 100
