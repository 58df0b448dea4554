import importlib.util
import wave
from io import BytesIO
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from mmbench.errors import UsageError
from mmbench_tasks.worlds.sounds import speech_rows
from mmbench_tasks.worlds.sounds.rows import EVERY, LEVELS, LONG
from mmbench_tasks.worlds.sounds.synth import RATE, noise, tone, wav
from mmbench_tasks.worlds.sounds.tunes import DIAL, SCALE, VOCABULARY

SPLITS = ("train", "validation", "test")


def some(count, split="test", **options):
    return list(islice(speech_rows(split, **options), count))


@pytest.fixture(scope="module")
def listener():
    """The simple listener of the benchmarks: it knows the frequencies and nothing of the generator."""
    path = Path(__file__).parents[3] / "benchmarks" / "worlds_listener.py"
    spec = importlib.util.spec_from_file_location("worlds_listener", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def strongest(samples, count):
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    return sorted(np.argsort(power)[-count:] * RATE / len(samples))


def test_a_row_has_all_fields():
    row = some(1)[0]
    assert set(row) == {
        "id",
        "audio",
        "text",
        "type",
        "difficulty",
        "snr",
        "split_kind",
        "facts",
        "seconds",
    }
    assert row["text"].split() == row["facts"]


def test_recordings_are_plain_wav_files_of_the_length_told():
    for row in some(12):
        with wave.open(BytesIO(row["audio"].read())) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
            assert file.getnframes() / RATE == row["seconds"]
        assert np.abs(row["audio"].decode(RATE)).max() > 0.1


@pytest.mark.parametrize("kind", list(VOCABULARY))
def test_without_noise_a_simple_listener_hears_every_word(listener, kind):
    for row in some(25, difficulty=1, kind=kind, holdout="never", seed=1):
        assert listener.hear(row["audio"].decode(RATE), kind) == row["text"]


def test_harder_levels_are_harder_for_the_listener(listener):
    rates = [sum(listener.error_rate(level, kind, 25) for kind in VOCABULARY) / 3 for level in LEVELS]
    assert rates[0] == 0
    assert rates[1] < 0.05 < rates[3] < rates[4]
    assert rates == sorted(rates)


def test_keys_sound_at_their_two_frequencies():
    for low, high in DIAL.values():
        heard = strongest(tone(((low, 6000), (high, 6000)), RATE), 2)
        assert heard == pytest.approx([low, high], abs=1)


def test_notes_are_those_of_c_major():
    steps = {"do": 3, "re": 5, "mi": 7, "fa": 8, "sol": 10, "la": 12, "ti": 14}
    for word, hertz in SCALE.items():
        assert hertz == pytest.approx(440 * 2 ** (steps[word] / 12), abs=0.01)


def test_tones_are_pure_and_noise_is_white_and_as_loud_as_asked():
    exact = 8000 * np.sin(2 * np.pi * 1000 * np.arange(4000) / RATE)
    assert np.abs(tone(((1000, 8000),), 4000) - exact)[100:-100].max() < 12
    hiss = noise(7, 40_000, 1000)
    assert hiss.mean() == pytest.approx(0, abs=20)
    assert hiss.std() == pytest.approx(1000, rel=0.02)
    assert np.corrcoef(hiss[1:], hiss[:-1])[0, 1] == pytest.approx(0, abs=0.02)
    assert not np.array_equal(hiss, noise(8, 40_000, 1000))


def test_the_noise_has_the_power_that_is_told():
    for level, rules in LEVELS.items():
        if rules.snr is not None:
            signal = 9000**2 / 2
            assert 10 * np.log10(signal / rules.loudness**2) == pytest.approx(rules.snr, abs=0.05), level


def test_loud_waves_are_cut_off_not_wrapped():
    samples = np.frombuffer(wav(np.array([40_000, -40_000, 5], dtype=np.int32))[44:], dtype="<i2")
    assert samples.tolist() == [32_767, -32_768, 5]


def test_levels_set_length_and_noise():
    for level, rules in LEVELS.items():
        for row in some(12, difficulty=level, holdout="never"):
            assert rules.length[0] <= len(row["facts"]) <= rules.length[1]
            assert (row["difficulty"], row["snr"]) == (level, "" if rules.snr is None else rules.snr)


def test_no_sequence_of_words_is_in_two_splits():
    texts = {split: {row["text"] for seed in (0, 1) for row in some(200, split, seed=seed)} for split in SPLITS}
    assert not texts["train"] & texts["test"]
    assert not texts["train"] & texts["validation"]
    assert not texts["validation"] & texts["test"]


def test_lengths_that_training_never_shows_are_held_out():
    longest = max(rules.length[1] for rules in LEVELS.values())
    assert LONG[0] > longest
    for split in SPLITS:
        rows = some(60, split)
        held = [i for i, row in enumerate(rows) if row["split_kind"] == "holdout"]
        assert held == ([i for i in range(60) if i % EVERY == EVERY - 1] if split == "test" else [])
        assert all((len(row["facts"]) > longest) == (row["split_kind"] == "holdout") for row in rows)
    assert {row["split_kind"] for row in some(10, holdout="only")} == {"holdout"}
    assert {row["split_kind"] for row in some(10, holdout="never")} == {"plain"}


def test_words_are_equally_likely_and_pauses_can_be_heard():
    rows = some(300, "train", kind="dial")
    words = [word for row in rows for word in row["facts"]]
    assert all(words.count(word) == pytest.approx(len(words) / 12, rel=0.25) for word in DIAL)
    for row in some(100, "train", kind="rhythm"):
        assert row["facts"][0] != "pause" != row["facts"][-1]
        assert "pause pause" not in row["text"]


def test_any_row_can_be_had_without_those_before_it_and_again():
    late, again = some(1, start=17)[0], some(18)[17]
    assert late["id"] == again["id"] == "sounds-test-17"
    assert late["audio"].digest == again["audio"].digest
    assert some(1, seed=1)[0]["audio"].digest != some(1)[0]["audio"].digest


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split": "tset"}, "Did you mean 'test'"),
        ({"difficulty": 0}, "no difficulty 0. Give one of 1, 2, 3, 4, 5"),
        ({"kind": "tuen"}, "Did you mean 'tune'"),
        ({"holdout": "olny"}, "Did you mean 'only'"),
        ({"split": "train", "holdout": "only"}, "never for train"),
    ],
)
def test_wrong_parameters_are_told_in_one_line(options, message):
    with pytest.raises(UsageError, match=message):
        next(speech_rows(options.pop("split", "test"), **options))
