"""``vllm:`` against a fake of the engine's public API: what ``hf:`` answers on the same checkpoint."""

import sys

import pytest
from hf_oracle import picture

from mmbench.backends.hf import load as load_hf
from mmbench.errors import ModelError, UsageError
from mmbench.model import EVERY_KIND
from mmbench.schema import (
    Choice,
    Generate,
    Image,
    LogLikelihood,
    Perplexity,
    Video,
    assistant,
    message,
    user,
)

TALK = (
    message("system", "Be brief."),
    user("How many cubes?"),
    assistant("two"),
    user("What colour is the ball?"),
)
COLOURS = ("red", "blue as the sky", "José")
TEXT_REQUESTS = [
    Generate((user("What colour is the ball?"),), max_tokens=9),
    Generate(TALK, max_tokens=12, stop=("e", "a")),
    Generate((user("two cubes " * 9),), max_tokens=3),
    Choice((user("What colour is the ball? Answer:"),), COLOURS),
    Choice(TALK, COLOURS),
    LogLikelihood(TALK, "The ball is red."),
    LogLikelihood((user("Question"),), "s are many"),
    LogLikelihood((), "The ball is red."),
    Perplexity("The ball is red. How many cubes are there?"),
]
PICTURE = picture(2, 64, 30)
PICTURE_REQUESTS = [
    Generate((user(PICTURE, "What colour is the ball?"),), max_tokens=8),
    Generate((user(picture(1), "one", picture(2), "two?"),), max_tokens=8),
    Choice((user(PICTURE, "What colour is the ball? Answer:"),), COLOURS),
    LogLikelihood((user(PICTURE, "What?"),), "a red ball"),
]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    import tiny_models

    root = tmp_path_factory.mktemp("checkpoints")
    return lambda name: root / name if (root / name).exists() else tiny_models.BUILDERS[name](root / name)


@pytest.fixture
def load(monkeypatch):
    """The loader, with the fake in place of vLLM."""
    import fake_vllm

    monkeypatch.setitem(sys.modules, "vllm", fake_vllm)
    for module in ("loading", "model"):
        monkeypatch.delitem(sys.modules, f"mmbench.backends.vllm.{module}", raising=False)
    from mmbench.backends.vllm import load as load_vllm

    yield load_vllm
    for module in ("loading", "model"):
        sys.modules.pop(f"mmbench.backends.vllm.{module}", None)


@pytest.fixture(scope="module")
def local(checkpoint):
    models = {}

    def get(name):
        if name not in models:
            models[name] = load_hf(str(checkpoint(name)), device="cpu", dtype="float32")
        return models[name]

    return get


def near(answers, expected):
    for answer, other in zip(answers, expected, strict=True):
        assert (answer.error, other.error) == (None, None)
        assert answer.text == other.text
        assert answer.tokens == other.tokens
        assert answer.input_tokens == other.input_tokens
        assert answer.finish_reason == other.finish_reason
        assert answer.logprobs == pytest.approx(other.logprobs, abs=1e-4)


@pytest.mark.parametrize("name", ["causal-lm", "causal-lm-chat"])
def test_text_equals_hf(load, local, checkpoint, name):
    model = load(str(checkpoint(name)))
    assert model.capabilities.kinds == EVERY_KIND
    assert model.capabilities.modalities == {"text"}
    near(model.run(TEXT_REQUESTS), [local(name).run([request])[0] for request in TEXT_REQUESTS])


def test_pictures_equal_hf(load, local, checkpoint):
    model = load(str(checkpoint("image-text-to-text")))
    assert model.capabilities.modalities == {"text", "image"}
    expected = [local("image-text-to-text").run([request])[0] for request in PICTURE_REQUESTS]
    near(model.run(PICTURE_REQUESTS), expected)


def test_all_sequences_go_to_the_engine_at_once(load, checkpoint):
    model = load(str(checkpoint("causal-lm")))
    model.run(TEXT_REQUESTS)
    assert model._engine.calls == [3 + 3 + 3 + 1 + 1 + 1 + 1]


def test_prefix_caching_is_on_and_options_reach_the_engine(load, checkpoint):
    options = {"max_length": 128, "gpu_memory": 0.5, "engine": {"enforce_eager": True}}
    engine = load(str(checkpoint("causal-lm")), **options)._engine
    assert engine.enable_prefix_caching is True
    assert (engine.max_model_len, engine.gpu_memory_utilization, engine.enforce_eager) == (128, 0.5, True)


def test_a_long_text_is_scored_in_windows_every_token_once(load, checkpoint):
    text = "The ball is red. How many cubes are there? " * 12
    folder = str(checkpoint("causal-lm"))
    (answer,) = load(folder, max_length=50).run([Perplexity(text)])
    (expected,) = load_hf(folder, device="cpu", dtype="float32", max_length=48).run([Perplexity(text)])
    near([answer], [expected])


def test_what_is_too_long_fails_alone(load, local, checkpoint):
    model = load(str(checkpoint("image-text-to-text")), max_length=40)
    long_text, many_pictures = user("word " * 60), user(*[picture(1)] * 3, "x")
    requests = [
        Generate((turn,), max_tokens=2) for turn in (user("a"), long_text, many_pictures, user(PICTURE, "b"))
    ]
    answers = model.run(requests)
    assert "the model takes 40" in answers[1].error
    assert "the engine refuses the prompt: The decoder prompt" in answers[2].error
    expected = local("image-text-to-text").run([requests[0]]) + local("image-text-to-text").run([requests[3]])
    near([answers[0], answers[3]], expected)


def test_broken_media_and_odd_requests_are_error_rows(load, checkpoint):
    model = load(str(checkpoint("image-text-to-text")))
    requests = [
        Generate((user(Image(b"no picture", "row 7"), "q"),)),
        Generate((user(Video((PICTURE,)), "q"),)),
        Choice((user("q"),), ("red", "")),
    ]
    errors = [answer.error for answer in model.run(requests)]
    assert "row 7 is no picture" in errors[0]
    assert "no video" in errors[1]
    assert "without tokens" in errors[2]


def test_fingerprints(load, checkpoint):
    folder, other = str(checkpoint("causal-lm")), str(checkpoint("causal-lm-chat"))
    first = load(folder).fingerprint
    assert load(folder, batch_size=3, gpu_memory=0.4).fingerprint == first
    assert len({first, load(folder, max_length=99).fingerprint, load(other).fingerprint}) == 3
    assert load_hf(folder, device="cpu", dtype="float32").fingerprint != first


def test_an_encoder_decoder_is_refused(load, checkpoint):
    with pytest.raises(ModelError, match=r"takes decoders\. Use hf:"):
        load(str(checkpoint("seq2seq")))


def test_what_the_engine_refuses_is_told(load, checkpoint, monkeypatch):
    import fake_vllm

    def refuse(self):
        raise ValueError("Model architectures ['X'] are not supported.\nSee the docs.")

    monkeypatch.setattr(fake_vllm.LLM, "__post_init__", refuse)
    with pytest.raises(ModelError, match=r"vLLM does not take 'causal-lm': Model architectures \['X'\]"):
        load(str(checkpoint("causal-lm")))


def test_without_the_package_the_way_out_is_told(checkpoint, monkeypatch):
    monkeypatch.setitem(sys.modules, "vllm", None)
    from mmbench.backends.vllm import load as load_vllm

    with pytest.raises(ModelError, match=r"pip install 'mmbench\[vllm\]', or start a vLLM server"):
        load_vllm(str(checkpoint("causal-lm")))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"dtyp": "x"}, "Did you mean 'dtype'"),
        ({"dtype": "int4"}, "dtype has no value 'int4'"),
        ({"gpus": 0}, "at least 1"),
        ({"gpu_memory": 0}, "gpu_memory"),
        ({"engine": "x"}, "JSON object"),
        ({"trust_remote_code": 1}, "true or false"),
        ({"quantization": None}, "quantization should be a text"),
    ],
)
def test_options_are_checked(options, reason):
    from mmbench.backends.vllm import load as load_vllm

    with pytest.raises(UsageError) as caught:
        load_vllm("folder", **options)
    assert reason in str(caught.value)
