"""What is heard: dial tones, tunes and rhythms, as words and as waves."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mmbench_tasks.worlds.sounds.synth import RATE, Wave, fade, silence, tone
from mmbench_tasks.worlds.streams import Stream

_ROWS, _COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477)
_KEYS = (
    ("one", "two", "three"),
    ("four", "five", "six"),
    ("seven", "eight", "nine"),
    ("star", "zero", "hash"),
)
DIAL = {
    word: (row, column)
    for row, words in zip(_ROWS, _KEYS, strict=True)
    for column, word in zip(_COLUMNS, words, strict=True)
}
"""The keys of a telephone and their two frequencies in Hz (ITU-T Q.23)."""

SCALE = {"do": 523.25, "re": 587.33, "mi": 659.26, "fa": 698.46, "sol": 783.99, "la": 880.0, "ti": 987.77}
"""The notes of C major from C5, in Hz, equal temperament, A = 440."""

BEATS = {"short": 1, "long": 3, "pause": 0}
"""The length of a beat in units of time; a pause is two units of silence beside the gap of one."""

AMPLITUDE = 9_000
"""The root mean square of every sound is near this over the square root of two."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a symbol sounds and how long the gap after it is, in samples."""

    sound: int
    gap: int


def dial(words: list[str], pace: Pace, chance: Stream) -> list[Wave]:
    """Return dial tones, each two sine waves; ``chance`` gives every key a touch of its own in length."""
    parts = []
    for word in words:
        low, high = DIAL[word]
        length = pace.sound * chance.between(88, 112) // 100
        parts += [tone(((low, 6_300), (high, 6_300)), length), silence(pace.gap)]
    return parts


def tune(words: list[str], pace: Pace, chance: Stream) -> list[Wave]:
    """Return notes, all in one of four timbres."""
    timbre = chance.choice(_TIMBRES)
    parts = []
    for word in words:
        length = pace.sound * chance.choice((4, 4, 6, 8)) // 4
        wave = tone([(SCALE[word] * n, amplitude) for n, amplitude in timbre], length)
        parts += [fade(wave, 40, length * 2 // 3), silence(pace.gap // 2)]
    return parts


def rhythm(words: list[str], pace: Pace, chance: Stream) -> list[Wave]:
    """Return beeps of one pitch: short ones, long ones and pauses."""
    pitch = chance.choice((440.0, 550.0, 660.0, 880.0))
    parts = []
    for word in words:
        units = BEATS[word]
        beat = tone(((pitch, AMPLITUDE),), units * pace.sound) if units else silence(2 * pace.sound)
        parts += [beat, silence(pace.sound)]
    return parts


_TIMBRES = (
    ((1, AMPLITUDE),),
    ((1, 8_400), (2, 2_800)),
    ((1, 8_000), (2, 3_000), (3, 2_000)),
    ((1, 8_400), (3, 2_800)),
)

PLAYERS: dict[str, Callable[[list[str], Pace, Stream], list[Wave]]] = {
    "dial": dial,
    "tune": tune,
    "rhythm": rhythm,
}
VOCABULARY = {"dial": tuple(DIAL), "tune": tuple(SCALE), "rhythm": tuple(BEATS)}


def say(kind: str, length: int, chance: Stream) -> list[str]:
    """Draw ``length`` words of a kind; no pause is first, last or beside a pause: it could not be heard."""
    words: list[str] = []
    while len(words) < length:
        edge = len(words) in (0, length - 1)
        word = chance.choice(VOCABULARY[kind])
        if word != "pause" or not (edge or words[-1] == "pause"):
            words.append(word)
    return words


def play(kind: str, words: list[str], pace: Pace, chance: Stream) -> Wave:
    """Return the sound of the words with a fifth of a second of silence before and after it."""
    rest = silence(RATE // 5)
    return np.concatenate([rest, *PLAYERS[kind](words, pace, chance), rest])
