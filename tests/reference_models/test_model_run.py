"""A reference checkpoint in a folder runs as any other: the harness says what a direct loop says."""

import io
import json
import subprocess
import sys
from itertools import islice

import numpy as np
import PIL.Image
import pytest
import torch
import transformers
from tiny_reference import write_checkpoint

import mmbench
from mmbench import plugins
from mmbench.backends.hf import load
from mmbench.schema import Choice, Generate, Image, LogLikelihood, Perplexity, user
from mmbench_tasks.worlds.scenes import vqa_rows
from mmbench_tasks.worlds.sounds import speech_rows

N = 4
CASES = {
    "joined": {},
    "attending": {"fusion": "attention", "positions": "learned"},
    "two-part": {"backbone": "encoder-decoder", "fusion": "weighted", "positions": "sinusoidal"},
    "recurrent": {"backbone": "lstm", "fusion": "mean"},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = {}

    def make(name):
        if name not in made:
            made[name] = write_checkpoint(tmp_path_factory.mktemp(name), **CASES[name])
        return made[name]

    return make


def _inputs(processor, content):
    return processor.apply_chat_template(
        [{"role": "user", "content": content}],
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
    )


@torch.no_grad()
def _greedy(model, processor, content, most):
    inputs = _inputs(processor, content)
    ids = model.generate(**inputs, max_new_tokens=most, do_sample=False)
    start = 1 if model.config.is_encoder_decoder else inputs["input_ids"].shape[1]
    return processor.decode(ids[0, start:], skip_special_tokens=True).partition("\n")[0]  # where tasks stop


@torch.no_grad()
def _logprob(model, processor, content, reply):
    inputs = _inputs(processor, content)
    reply = processor.tokenizer(reply, add_special_tokens=False, return_tensors="pt")["input_ids"]
    if model.config.is_encoder_decoder:
        start = torch.tensor([[model.config.decoder_start_token_id]])
        logits = model(**inputs, decoder_input_ids=torch.cat([start, reply[:, :-1]], 1)).logits[0]
    else:
        ids = torch.cat([inputs.pop("input_ids"), reply[:, :-1]], 1)
        del inputs["attention_mask"]
        logits = model(input_ids=ids, **inputs).logits[0, -reply.shape[1] :]
    return logits.double().log_softmax(-1).gather(1, reply.T).sum().item()


def _words(row):
    return {"type": "text", "text": row["prompt"].partition("\n")[2] if row["media"].size else row["prompt"]}


@pytest.mark.parametrize("name", CASES)
def test_a_run_is_a_direct_loop(name, folder, tmp_path):
    path = folder(name)
    run = mmbench.evaluate(
        str(path), ["vqa:scenes", "speech", "sentiment"], out=tmp_path, limit=N, batch_size=3, cache="off"
    )
    processor = transformers.AutoProcessor.from_pretrained(path)
    model = transformers.AutoModelForMultimodalLM.from_pretrained(path).eval()
    rows = {task: part.to_dict("records") for task, part in run.samples.groupby("task")}
    for row, source in zip(rows["vqa"], islice(vqa_rows("test"), N), strict=True):
        shown = {"type": "image", "image": source["image"].open()}
        if not len(row["choices"]):
            said = _greedy(model, processor, [shown, _words(row)], 32)
            assert row["responses"][0]["text"] == said
    for row, source in zip(rows["speech"], islice(speech_rows("test"), N), strict=True):
        heard = {"type": "audio", "audio": source["audio"].decode(8000)}
        assert row["responses"][0]["text"] == _greedy(model, processor, [heard, _words(row)], 128)
    for row in rows["sentiment"]:
        scores = [_logprob(model, processor, [_words(row)], label) for label in row["choices"]]
        np.testing.assert_allclose(row["responses"][0]["logprobs"], scores, atol=1e-3)
        assert row["prediction"] == row["choices"][int(np.argmax(scores))]


def _png(seed):
    stream = io.BytesIO()
    values = np.random.default_rng(seed).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    PIL.Image.fromarray(values).save(stream, "PNG")
    return Image(stream.getvalue())


@pytest.mark.parametrize("name", CASES)
def test_requests_of_every_kind_do_not_depend_on_their_batch(name, folder):
    model = load(str(folder(name)), device="cpu")
    asked = [(user(_png(1), _png(2), "Which?"),), (user("Red or blue?"),), (user(_png(2), "What is the ball?"),)]
    kinds = [
        lambda messages: Generate(messages, 6),
        lambda messages: Choice(messages, ("red", "blue, or so")),
        lambda messages: LogLikelihood(messages, "a fine film"),
    ]
    if Perplexity in model.capabilities.kinds:
        kinds.append(lambda messages: Perplexity(messages[0].text + " The ball is red."))
    for kind in kinds:
        requests = [kind(messages) for messages in asked]
        together = model.run(requests)
        for response, request in zip(together, requests, strict=True):
            (alone,) = model.run([request])
            assert response.error is None
            assert response.text == alone.text
            assert response.logprobs == pytest.approx(alone.logprobs, abs=1e-3)
        assert len({response.logprobs for response in together}) == 3


def test_a_picture_is_encoded_once(folder):
    model = load(str(folder("joined")), device="cpu")
    seen = []
    encoder = model._adapter._model.decoder.embedding.pictures
    encoder.register_forward_pre_hook(lambda _, args: seen.append(len(args[0])))
    for question in ("What?", "Which?", "How many?"):
        model.run([Generate((user(_png(1), question),), 2)])
    assert seen == [1]


@pytest.mark.parametrize(
    ("changes", "takes"),
    [
        ({"vision_layers": 0}, {"text", "audio"}),
        ({"audio_layers": 0}, {"text", "image"}),
        ({"vision_layers": 0, "audio_layers": 0}, {"text"}),
    ],
)
def test_a_model_says_what_it_takes(changes, takes, tmp_path):
    model = load(str(write_checkpoint(tmp_path, **changes)), device="cpu")
    assert model.capabilities.modalities == takes
    assert model.run([Generate((user("Red?"),), 2)])[0].error is None


def test_a_span_model_answers_by_words_of_the_text(tmp_path):
    model = load(str(write_checkpoint(tmp_path, backbone="span")), device="cpu")
    text = "The ball is red, the cube is blue."
    (answer,) = model.run([Generate((user(f"{text}\n\nQuestion: What is red?\nAnswer:"),), 8)])
    assert answer.error is None
    assert answer.text
    assert answer.text in text


def test_metadata_says_where_the_classes_are(folder):
    config = json.loads((folder("joined") / "config.json").read_text())
    assert "auto_map" not in config
    assert config["architectures"] == ["ReferenceForConditionalGeneration"]
    assert plugins.names("architectures")[config["model_type"]].value == "mmbench_reference_models.auto"


@pytest.mark.slow
def test_a_fresh_process_knows_the_architecture(folder):
    code = (
        "import sys; from mmbench.backends.hf import load; from mmbench.schema import Generate, user\n"
        "model = load(sys.argv[1], device='cpu')\n"
        "print('ANSWER', repr(model.run([Generate((user('Red?'),), 3)])[0].error))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder("joined"))], check=False, capture_output=True, text=True
    )
    assert "ANSWER None" in done.stdout, done.stderr
