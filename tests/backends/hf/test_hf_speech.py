"""Speech-to-text equals the library's own generate(), one recording at a time."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import tiny_readers
import torch
import transformers
from hf_oracle import sound

from mmbench import evaluate
from mmbench.backends.hf import load
from mmbench.errors import ModelError
from mmbench.schema import Audio, Choice, Generate, Image, LogLikelihood, user

RATE = 16_000


@pytest.fixture(scope="module")
def sounds() -> list[Audio]:
    return [sound(1, 0.3), sound(2, 0.9), sound(3, 0.5, 8_000), sound(4, 1.0)]


class Oracle:
    """Plain Transformers."""

    def __init__(self, folder: Path) -> None:
        self.model = transformers.AutoModelForSpeechSeq2Seq.from_pretrained(folder).eval()
        self.processor = transformers.AutoProcessor.from_pretrained(folder)
        self.tokenizer = self.processor.tokenizer

    def inputs(self, part: Audio) -> dict[str, Any]:
        wave = part.decode(RATE)
        return dict(self.processor.feature_extractor(wave, sampling_rate=RATE, return_tensors="pt"))

    def start(self, inputs: dict[str, Any], language: str | None) -> list[int]:
        config = self.model.generation_config
        if self.model.config.model_type != "whisper":
            return [1]
        if not config.is_multilingual:
            return [1, config.no_timestamps_token_id]
        ids = config.lang_to_id
        spoken = ids[f"<|{language}|>"] if language else self.model.detect_language(**inputs)[0].item()
        return [1, spoken, config.task_to_id["transcribe"], config.no_timestamps_token_id]

    def loglikelihood(self, inputs: dict[str, Any], start: Sequence[int], ids: Sequence[int]) -> list[float]:
        with torch.no_grad():
            logits = self.model(**inputs, decoder_input_ids=torch.tensor([[*start, *ids]])).logits[0]
        scores = logits.log_softmax(-1)[len(start) - 1 :]
        return [scores[at, token].item() for at, token in enumerate(ids)]


BUILDERS = {
    "multilingual": (tiny_readers.whisper, None),
    "german": (tiny_readers.whisper, "de"),
    "english": (lambda folder: tiny_readers.whisper(folder, multilingual=False), None),
    "speech_to_text": (tiny_readers.speech_to_text, None),
}


@pytest.mark.parametrize("name", BUILDERS)
def test_equals_the_librarys_own_generate(name: str, tmp_path: Path, sounds: list[Audio]) -> None:
    build, language = BUILDERS[name]
    folder = build(tmp_path / name)
    oracle, model = Oracle(folder), load(str(folder), device="cpu", language=language)
    assert model.capabilities.modalities == {"text", "audio"}
    assert model.capabilities.required == {"audio"}
    asked = [(user(part, "Write down what is said."),) for part in sounds]
    options = ("yes", "two blue cubes")
    settings = {"task": "transcribe", "language": language} if name in ("multilingual", "german") else {}
    for messages, response in zip(asked, model.run([Generate(m, 9) for m in asked]), strict=True):
        inputs = oracle.inputs(messages[0].content[0])  # type: ignore[arg-type]
        start = oracle.start(inputs, language)
        tokens = oracle.model.generate(**inputs, max_new_tokens=9, num_beams=1, do_sample=False, **settings)[
            0
        ].tolist()
        tokens = (
            [token for token in tokens if token > 6] if "whisper" in oracle.model.config.model_type else tokens[1:]
        )
        ended = tokens[-1] == oracle.model.generation_config.eos_token_id
        tokens = tokens[:-1] if ended else tokens
        assert response.error is None
        assert response.text == oracle.tokenizer.decode(tokens, skip_special_tokens=True)
        assert response.logprobs == pytest.approx(oracle.loglikelihood(inputs, start, tokens), abs=1e-4)
    for messages, response in zip(asked, model.run([Choice(m, options) for m in asked]), strict=True):
        inputs = oracle.inputs(messages[0].content[0])  # type: ignore[arg-type]
        start = oracle.start(inputs, language)
        rows = [oracle.tokenizer(" " + option, add_special_tokens=False)["input_ids"] for option in options]
        want = [sum(oracle.loglikelihood(inputs, start, row)) for row in rows]
        assert response.logprobs == pytest.approx(want, abs=1e-4)


def test_what_cannot_be_heard_is_an_error_of_its_request(tmp_path: Path, sounds: list[Audio]) -> None:
    model = load(str(tiny_readers.whisper(tmp_path / "whisper")), device="cpu")
    long, broken, none, two, good = model.run(
        [
            Generate((user(sound(5, 1.5), "?"),), 4),
            Generate((user(Audio(b"no sound", name="x.wav"), "?"),), 4),
            Generate((user("?"),), 4),
            Generate((user(sounds[0], sounds[1]),), 4),
            Generate((user(sounds[0], "?"),), 4),
        ]
    )
    assert long.error == "the sound lasts 1.5 s; the model takes 1 s."
    assert "x.wav" in str(broken.error)
    assert none.error == "the model takes exactly one sound, not 0."
    assert two.error == "the model takes exactly one sound, not 2."
    assert good.error is None
    (alone,) = model.run([Generate((user(sounds[0], "?"),), 4)])
    assert good.text == alone.text
    (seen,) = model.run([LogLikelihood((user(Image(b""), "?"),), "a")])
    assert seen.error == "the model takes no image input."


def test_a_task_without_sounds_is_skipped(tmp_path: Path) -> None:
    model = load(str(tiny_readers.whisper(tmp_path / "whisper")), device="cpu")
    run = evaluate(model, "qa", limit=2, out=tmp_path)
    assert run.manifest.tasks[0].status == "skipped"
    assert "needs audio input" in run.manifest.tasks[0].reason


def test_a_transcript_ends_where_the_decoder_does(tmp_path: Path, sounds: list[Audio]) -> None:
    model = load(str(tiny_readers.whisper(tmp_path / "whisper")), device="cpu")
    (response,) = model.run([Generate((user(sounds[0]),), 500)])
    assert response.finish_reason in ("length", "stop")
    assert response.tokens[0] <= 64 - 4


def test_an_unknown_language(tmp_path: Path) -> None:
    folder = str(tiny_readers.whisper(tmp_path / "whisper"))
    with pytest.raises(ModelError, match="the model knows no language 'klingon'"):
        load(folder, device="cpu", language="klingon")
    prints = {load(folder, device="cpu", language=name).fingerprint for name in (None, "en", "de")}
    assert len(prints) == 3


def test_a_model_that_hears_in_its_prompt(tmp_path: Path, sounds: list[Audio]) -> None:
    """Sounds are content parts of a chat, one, two or none a prompt."""
    folder = tiny_readers.audio_text_to_text(tmp_path / "audio")
    model = load(str(folder), device="cpu")
    plain = transformers.AutoModelForMultimodalLM.from_pretrained(folder).eval()
    processor = transformers.AutoProcessor.from_pretrained(folder)
    assert model.capabilities.modalities == {"text", "audio"}
    shown = [sounds[:1], sounds[1:3], [], sounds[3:]]
    questions = ("What is said?", "Which is louder?", "How many cubes are there?", "no")
    asked = [(user(*parts, question),) for parts, question in zip(shown, questions, strict=True)]
    generated = model.run([Generate(messages, 6) for messages in asked])
    chosen = model.run([Choice(messages, ("yes", "two cubes")) for messages in asked])
    for parts, question, free, choice in zip(shown, questions, generated, chosen, strict=True):
        waves = [part.decode(RATE) for part in parts]
        content = [*({"type": "audio", "audio": wave} for wave in waves), {"type": "text", "text": question}]
        text = processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
        inputs = processor(text=[text], audio=waves or None, sampling_rate=RATE, return_tensors="pt")
        with torch.no_grad():
            out = plain.generate(**inputs, max_new_tokens=6, do_sample=False)
        assert free.error is None
        tokens = out[0, inputs["input_ids"].shape[1] :]
        assert free.text == processor.tokenizer.decode(tokens, skip_special_tokens=True)
        sums = []
        for option in ("yes", "two cubes"):
            ids = processor.tokenizer(option, add_special_tokens=False)["input_ids"]
            whole = torch.cat([inputs["input_ids"], torch.tensor([ids])], 1)
            more = {**inputs, "input_ids": whole, "attention_mask": torch.ones_like(whole)}
            with torch.no_grad():
                scores = plain(**more).logits[0, -len(ids) - 1 : -1].log_softmax(-1)
            sums.append(sum(scores[at, token].item() for at, token in enumerate(ids)))
        assert choice.logprobs == pytest.approx(sums, abs=1e-4)
    (long,) = model.run([Generate((user(sound(9, 1.4), "?"),), 4)])
    assert long.error == "the sound lasts 1.4 s; the model takes 1 s."
