"""A simple listener for the world of sounds: it shows how hard each level is, and that sounds are what they say.

It looks at the power of a few known frequencies over time, finds where something sounds and names it.

    python benchmarks/worlds_listener.py            # word error rate per level and kind
"""

from itertools import islice, pairwise

import numpy as np

from mmbench.metrics.speech import WER
from mmbench.schema import Prediction, Sample
from mmbench_tasks.worlds.sounds import speech_rows

RATE, FRAME, HOP = 8000, 160, 40
KEYS = {
    (697, 1209): "one", (697, 1336): "two", (697, 1477): "three", (770, 1209): "four", (770, 1336): "five",
    (770, 1477): "six", (852, 1209): "seven", (852, 1336): "eight", (852, 1477): "nine", (941, 1209): "star",
    (941, 1336): "zero", (941, 1477): "hash",
}  # fmt: skip
NOTES = {523.25: "do", 587.33: "re", 659.26: "mi", 698.46: "fa", 783.99: "sol", 880.0: "la", 987.77: "ti"}
BEEPS = (440.0, 550.0, 660.0, 880.0)
LONG, PAUSE = 0.178, 0.21
"""Seconds: at any pace a long beep lasts longer, a short one shorter; a pause longer, a mere gap shorter."""


def hear(wave: np.ndarray, kind: str) -> str:
    """Return the words of a recording, float in [-1, 1] at 8 kHz."""
    if kind == "dial":
        return " ".join(_keys(wave))
    return " ".join(_notes(wave) if kind == "tune" else _beats(wave))


def _powers(wave: np.ndarray, hertz: tuple[float, ...], frame: int = FRAME) -> np.ndarray:
    """Return the power of each frequency in each frame, shape (frames, frequencies)."""
    starts = np.arange(0, len(wave) - frame, HOP)
    frames = wave[starts[:, None] + np.arange(frame)] * np.hanning(frame)
    turns = np.exp(-2j * np.pi * np.outer(np.arange(frame), hertz) / RATE)
    return np.abs(frames @ turns) ** 2


def _runs(loud: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(int), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _smooth(power: np.ndarray, width: int) -> np.ndarray:
    return np.convolve(power, np.ones(width) / width, mode="same")


def _loud(power: np.ndarray, share: float) -> np.ndarray:
    floor, top = np.percentile(power, 8), np.percentile(power, 95)
    return power > floor + share * (top - floor)


def _keys(wave: np.ndarray) -> list[str]:
    low, high = sorted({a for a, _ in KEYS}), sorted({b for _, b in KEYS})
    rows, columns = _powers(wave, tuple(low)), _powers(wave, tuple(high))
    loud = _loud(_smooth(rows.max(axis=1) * columns.max(axis=1), 5), 0.12)
    words = []
    for a, b in _runs(loud):
        if b - a >= 6:
            words.append(KEYS[low[rows[a:b].sum(axis=0).argmax()], high[columns[a:b].sum(axis=0).argmax()]])
    return words


def _notes(wave: np.ndarray) -> list[str]:
    pitches = tuple(NOTES)
    power = _powers(wave, pitches, 2 * FRAME)
    level = _smooth(_powers(wave, pitches).max(axis=1), 3)
    words = []
    for a, b in _runs(_loud(level, 0.1)):
        if b - a >= 6:
            sounding = power[min(a, len(power) - 1) : b]
            words.append(NOTES[pitches[sounding.sum(axis=0).argmax()]])
    return words


def _beats(wave: np.ndarray) -> list[str]:
    power = _powers(wave, BEEPS)
    beep = power[:, power.sum(axis=0).argmax()]
    runs = [(a, b) for a, b in _runs(_loud(_smooth(beep, 3), 0.25)) if b - a >= 5]
    if not runs:
        return []
    gaps = [after[0] - before[1] for before, after in pairwise(runs)]
    words: list[str] = []
    for (a, b), gap in zip(runs, [0, *gaps], strict=True):
        if gap * HOP > PAUSE * RATE:
            words.append("pause")
        words.append("long" if (b - a) * HOP > LONG * RATE else "short")
    return words


def error_rate(level: int, kind: str, rows: int, seed: int = 0) -> float:
    """Return the word error rate of the listener on plain test rows."""
    metric = WER()
    total = None
    drawn = speech_rows("test", seed=seed, difficulty=level, kind=kind, holdout="never")  # type: ignore[arg-type]
    for row in islice(drawn, rows):
        said = Prediction(hear(row["audio"].decode(RATE), kind))
        counts = metric.statistics(said, Sample(row["id"], (), row["text"], row["text"]))
        total = counts if total is None else total + counts
    return float(metric.aggregate(total))


def main() -> None:
    print("level   dial   tune rhythm   mean")
    for level in range(1, 6):
        rates = [error_rate(level, kind, 150) for kind in ("dial", "tune", "rhythm")]
        print(f"{level:5d} " + " ".join(f"{100 * rate:6.1f}" for rate in [*rates, sum(rates) / 3]))


if __name__ == "__main__":
    main()
