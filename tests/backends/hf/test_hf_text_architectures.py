"""Kinds of attention, positions and state in text models: each equals plain full passes, one request at a time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import hf_oracle
import pytest
import tiny_models
import transformers

from mmbench.backends.hf import load
from mmbench.schema import Choice, Generate, LogLikelihood, Perplexity, user

IDS = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}
LONG = "How many cubes are there? There are two blue cubes. Is the ball red? yes, the ball is red. "  # shared
QUESTIONS = ("What colour is the ball?", "no", "Is the small green cone left of the large yellow cylinder?")
OPTIONS = ("red", "two blue cubes", "y")
SIZES = {"hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "initializer_range": 0.2}
LLAMA = SIZES | {"intermediate_size": 96, "num_key_value_heads": 2, "max_position_embeddings": 512}


def gpt2(vocab: int) -> Any:
    """Learned absolute positions."""
    sizes = {"n_embd": 48, "n_layer": 2, "n_head": 4, "n_positions": 128, "initializer_range": 0.2}
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(vocab_size=vocab, **sizes, **IDS))


def bloom(vocab: int) -> Any:
    """No positions, biased attention."""
    sizes = {"hidden_size": 48, "n_layer": 2, "n_head": 4, "initializer_range": 0.2}
    return transformers.BloomForCausalLM(transformers.BloomConfig(vocab_size=vocab, **sizes, **IDS))


def mistral(vocab: int) -> Any:
    """A sliding window shorter than the prompts."""
    return transformers.MistralForCausalLM(
        transformers.MistralConfig(vocab_size=vocab, sliding_window=6, **LLAMA, **IDS)
    )


def gemma2(vocab: int) -> Any:
    """Windows and whole attention in turn, logits that are capped."""
    config = transformers.Gemma2Config(
        vocab_size=vocab, sliding_window=6, head_dim=12, query_pre_attn_scalar=12, final_logit_softcapping=5.0,
        **LLAMA, **IDS,
    )  # fmt: skip
    model = transformers.Gemma2ForCausalLM(config)
    model.model.embed_tokens.weight.data.mul_(0.1)
    model.model.norm.weight.data.fill_(15)
    return model


def mamba(vocab: int) -> Any:
    """A state in place of a cache."""
    sizes = {"hidden_size": 48, "state_size": 8, "num_hidden_layers": 2, "initializer_range": 0.2}
    return transformers.MambaForCausalLM(transformers.MambaConfig(vocab_size=vocab, **sizes, **IDS))


def qwen3_next(vocab: int) -> Any:
    """Linear and whole attention in turn."""
    config = transformers.Qwen3_5TextConfig(
        vocab_size=vocab, head_dim=12, linear_num_value_heads=4, linear_num_key_heads=2, linear_key_head_dim=8,
        linear_value_head_dim=8, layer_types=["linear_attention", "full_attention"], **LLAMA, **IDS,
    )  # fmt: skip
    return transformers.Qwen3_5ForCausalLM(config)


def bart(vocab: int) -> Any:
    """An encoder-decoder with learned positions whose first written token is forced."""
    config = transformers.BartConfig(
        vocab_size=vocab, d_model=48, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=96, decoder_ffn_dim=96, max_position_embeddings=128,
        init_std=0.2, decoder_start_token_id=1, forced_eos_token_id=1, **IDS,
    )  # fmt: skip
    model = transformers.BartForConditionalGeneration(config)
    model.generation_config.forced_bos_token_id = 0
    return model


MODELS = (gpt2, bloom, mistral, gemma2, mamba, qwen3_next, bart)
SHARING = (gpt2, bloom)


@pytest.mark.parametrize("before", ["", LONG], ids=["short", "long"])
@pytest.mark.parametrize("build", MODELS, ids=lambda build: build.__name__)
def test_equals_plain_passes(build: Callable[[int], Any], before: str, tmp_path: Path) -> None:
    special = ["<s>", "</s>", "<pad>"]
    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    tokenizer = tiny_models.train_tokenizer(special, bytes_level=True, **names)
    folder = tiny_models.write(tmp_path / build.__name__, lambda: build(len(tokenizer)), tokenizer)
    model: Any = load(str(folder), device="cpu")
    writes = build is bart
    auto = transformers.AutoModelForSeq2SeqLM if writes else transformers.AutoModelForCausalLM
    plain = auto.from_pretrained(folder).eval()
    forced = [0] if writes else []
    questions = [before + question for question in QUESTIONS]
    asked = [(user(question),) for question in questions]
    assert writes or model._adapter._encoder.shares == (build in SHARING)
    generated = model.run([Generate(messages, max_tokens=9) for messages in asked])
    chosen = model.run([Choice(messages, OPTIONS) for messages in asked])
    single = model.run([LogLikelihood(messages, OPTIONS[1]) for messages in asked])
    for question, free, choice, one in zip(questions, generated, chosen, single, strict=True):
        encoded = hf_oracle.inputs("plain", tokenizer, asked[0], question + ("" if writes else "\n"))
        if not writes:
            tokens, logprobs = hf_oracle.greedy(plain, encoded, 9)
            assert free.text == tokenizer.decode(tokens, skip_special_tokens=True)
            assert free.logprobs == pytest.approx(logprobs, abs=1e-4)
        rows = []
        for option in OPTIONS:
            ids = tokenizer(option)["input_ids"]
            rows.append(hf_oracle.loglikelihood(plain, encoded, [*forced, *ids])[len(forced) :])
        assert choice.logprobs == pytest.approx([sum(row) for row in rows], abs=1e-4)
        assert one.logprobs == pytest.approx(rows[1], abs=1e-4)
    if not writes:
        (whole,) = model.run([Perplexity(QUESTIONS[2])])
        ids = tokenizer(QUESTIONS[2])["input_ids"]
        want = hf_oracle.loglikelihood(
            plain, {"input_ids": tokenizer("<s>", return_tensors="pt")["input_ids"]}, ids
        )
        assert whole.logprobs == pytest.approx(want, abs=1e-4)


def test_a_forced_first_token_is_written_and_not_scored(tmp_path: Path) -> None:
    """BART's decoder begins with </s><s>; generate() forces the <s>."""
    special = ["<s>", "</s>", "<pad>"]
    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    tokenizer = tiny_models.train_tokenizer(special, bytes_level=True, **names)
    folder = tiny_models.write(tmp_path / "bart", lambda: bart(len(tokenizer)), tokenizer)
    plain = transformers.AutoModelForSeq2SeqLM.from_pretrained(folder).eval()
    encoded = hf_oracle.inputs("plain", tokenizer, (user("no"),), "no")
    tokens = plain.generate(**encoded, max_new_tokens=8, num_beams=1, do_sample=False, forced_eos_token_id=None)
    (response,) = load(str(folder), device="cpu").run([Generate((user("no"),), max_tokens=8)])
    assert response.text == tokenizer.decode(tokens[0], skip_special_tokens=True)
