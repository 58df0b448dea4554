"""Sound from whole numbers: oscillators, envelopes, noise and WAV files, the same bytes on every machine.

NumPy's ``sin`` may differ in its last bit between processors, so waves are read from a table that is made with
exactly rounded operations only, and everything after it is integer arithmetic. Waves are int32; what is louder
than 32,767 is cut off in the end.
"""

import struct
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mmbench_tasks.worlds.trig import sine

Wave = NDArray[np.int32]

RATE = 8_000
"""Samples a second, as on the telephone."""
_TABLE_BITS = 12
_EDGE = 40  # samples of fade at each end of a sound (5 ms), so that it starts without a click


def tone(partials: Sequence[tuple[float, int]], count: int) -> Wave:
    """Return a sum of sine waves with soft ends.

    Args:
        partials: (frequency in Hz, amplitude) pairs; phases start at 0.
        count: the length in samples.
    """
    wave = np.zeros(count, dtype=np.int32)
    clock = np.arange(count, dtype=np.uint32)
    for hertz, amplitude in partials:
        step = np.uint32(int(hertz * (1 << 32) / RATE + 0.5))
        place = (clock * step) >> np.uint32(32 - _TABLE_BITS)
        wave += _sine()[place] * np.int32(amplitude) >> 15
    return fade(wave, _EDGE, _EDGE)


def fade(wave: Wave, rise: int, fall: int) -> Wave:
    """Return the wave with a straight rise at its start and a straight fall at its end, in samples."""
    count = len(wave)
    rise, fall = min(rise, count // 2), min(fall, count // 2)
    shaped = wave.copy()
    shaped[:rise] = shaped[:rise] * np.arange(rise, dtype=np.int32) // max(rise, 1)
    shaped[count - fall :] = shaped[count - fall :] * np.arange(fall, 0, -1, dtype=np.int32) // max(fall, 1)
    return shaped


def silence(count: int) -> Wave:
    """Return ``count`` samples of nothing."""
    return np.zeros(count, dtype=np.int32)


def noise(seed: int, count: int, loudness: int) -> Wave:
    """Return white noise: nearly normal, mean 0, standard deviation ``loudness``; ``seed`` is 32 bits."""
    bits = np.arange(2 * count, dtype=np.uint32) + np.uint32(seed & 0xFFFFFFFF)
    for shift, factor in ((16, 2246822507), (13, 3266489909)):
        bits ^= bits >> np.uint32(shift)
        bits *= np.uint32(factor)
    bits ^= bits >> np.uint32(16)
    halves = (bits & np.uint32(0xFFFF)).astype(np.int32) + (bits >> np.uint32(16)).astype(np.int32)
    total = halves[:count] + halves[count:] - 2 * 65_535
    # Four uniform values of 0..65535 add up to a standard deviation of 65536 / sqrt(3) = 37837.
    return total // 64 * np.int32(loudness) // np.int32(37_837 // 64)


def wav(wave: Wave) -> bytes:
    """Encode as 16-bit mono PCM; what is too loud is cut off."""
    data = np.clip(wave, -32_768, 32_767).astype("<i2").tobytes()
    kind = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + len(data), b"WAVE")
        + kind
        + struct.pack("<4sI", b"data", len(data))
        + data
    )


@cache
def _sine() -> Wave:
    """Return one turn of a sine, amplitude 32,767."""
    size = 1 << _TABLE_BITS
    half = [int(sine(i / size) * 32_767 + 0.5) for i in range(size // 2)]
    return np.array(half + [-value for value in half], dtype=np.int32)
