"""Adapters, quantised weights, device maps and compilation."""

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from mmbench.backends.hf import load
from mmbench.errors import ModelError, UsageError
from mmbench.schema import Choice, Generate, user

ASKED = (user("How many cubes are there?"),)
OPTIONS = ("two", "a red ball")


@pytest.fixture(scope="module")
def lora(checkpoint: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """Write a LoRA for the tiny decoder; return its folder and the model with the adapter merged into it."""
    peft = pytest.importorskip("peft", reason="adapters need peft")
    folder = tmp_path_factory.mktemp("adapters") / "lora"
    base = transformers.AutoModelForCausalLM.from_pretrained(checkpoint("causal-lm"))
    config = peft.LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        model = peft.get_peft_model(base, config)
        for name, weight in model.named_parameters():
            if "lora_" in name:
                torch.nn.init.normal_(weight, std=0.3)
    model.save_pretrained(folder)
    return folder, model.merge_and_unload().eval()


def test_an_adapter_is_put_on_its_base(checkpoint: Callable[[str], Path], lora: Any, loaded: Any) -> None:
    folder, merged = lora
    base = checkpoint("causal-lm")
    model = load(f"{base}+{folder}", device="cpu")
    assert model.name == "causal-lm+lora"
    tokenizer = transformers.AutoTokenizer.from_pretrained(base)
    prompt = tokenizer("How many cubes are there?\n", return_tensors="pt")
    tokens = merged.generate(**prompt, max_new_tokens=8, do_sample=False)[0, prompt["input_ids"].shape[1] :]
    (answer,) = model.run([Generate(ASKED, 8)])
    assert answer.text == tokenizer.decode(tokens, skip_special_tokens=True)
    assert answer.text != loaded("causal-lm").run([Generate(ASKED, 8)])[0].text


def test_every_byte_of_an_adapter_counts(
    checkpoint: Callable[[str], Path], lora: Any, loaded: Any, tmp_path: Path
) -> None:
    base, (folder, _) = checkpoint("causal-lm"), lora
    prints = {loaded("causal-lm").fingerprint, load(f"{base}+{folder}", device="cpu").fingerprint}
    for path in sorted(folder.iterdir()):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    weights = tmp_path / "adapter_model.safetensors"
    data = weights.read_bytes()
    weights.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    prints.add(load(f"{base}+{tmp_path}", device="cpu").fingerprint)
    assert len(prints) == 3


def test_adapters_that_cannot_be_put_on(checkpoint: Callable[[str], Path], lora: Any, tmp_path: Path) -> None:
    folder, _ = lora
    base = checkpoint("causal-lm")
    cases = {
        str(folder): "holds an adapter only. Put it on its base: hf:BASE+lora",
        f"{base}+/nowhere/at/all": "there is no folder '/nowhere/at/all'",
        f"{base}+{tmp_path}": "holds no adapter_config.json",
        f"{checkpoint('seq2seq')}+{folder}": "cannot load the adapter of 'seq2seq+lora'",
    }
    for spec, message in cases.items():
        with pytest.raises(ModelError, match=re.escape(message)):
            load(spec, device="cpu")
    (tmp_path / "adapter_config.json").write_bytes((folder / "adapter_config.json").read_bytes())
    with pytest.raises(ModelError, match="holds no safetensors"):
        load(f"{base}+{tmp_path}", device="cpu")


def test_a_folder_may_have_a_plus_in_its_name(checkpoint: Callable[[str], Path], tmp_path: Path) -> None:
    folder = tmp_path / "a+b"
    folder.mkdir()
    for path in checkpoint("causal-lm").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    assert load(str(folder), device="cpu").name == "a+b"


@pytest.mark.skipif(importlib.util.find_spec("bitsandbytes") is not None, reason="bitsandbytes is here")
def test_quantised_weights_need_bitsandbytes(checkpoint: Callable[[str], Path]) -> None:
    with pytest.raises(ModelError, match="quantize=4bit needs bitsandbytes: pip install bitsandbytes"):
        load(str(checkpoint("causal-lm")), device="cpu", quantize="4bit")


def test_unknown_variants(checkpoint: Callable[[str], Path]) -> None:
    with pytest.raises(UsageError, match="quantize has no value '3bit'"):
        load(str(checkpoint("causal-lm")), quantize="3bit")
    with pytest.raises(UsageError, match="device_map has no value 'spread'"):
        load(str(checkpoint("causal-lm")), device_map="spread")


@pytest.mark.parametrize("name", ["causal-lm", "image-text-to-text"])
def test_a_device_map_changes_no_answer(
    name: str, checkpoint: Callable[[str], Path], loaded: Any, pictures: Any
) -> None:
    shown = pictures[:1] if name == "image-text-to-text" else []
    requests = [Choice((user(*shown, "What is it?"),), OPTIONS), Choice((user(*shown, "Why?"),), OPTIONS)]
    model = load(str(checkpoint(name)), device_map="auto", dtype="float32")
    for got, want in zip(model.run(requests), loaded(name).run(requests), strict=True):
        assert got.logprobs == pytest.approx(want.logprobs, abs=1e-4)
    assert model.fingerprint == loaded(name).fingerprint


def test_a_compiled_model_answers_alike(
    checkpoint: Callable[[str], Path], loaded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the backend that only traces: a real one needs minutes."""
    compiled: list[dict[str, Any]] = []
    original = torch.nn.Module.compile

    def trace(self: Any, **options: Any) -> None:
        compiled.append(options)
        original(self, backend="eager", **options)

    monkeypatch.setattr(torch.nn.Module, "compile", trace)
    model = load(str(checkpoint("causal-lm")), device="cpu", compile=True)
    assert compiled == [{"dynamic": True}]
    for request in (Generate(ASKED, 5), Choice(ASKED, OPTIONS)):
        (got,), (want,) = model.run([request]), loaded("causal-lm").run([request])
        assert got.text == want.text
        assert got.logprobs == pytest.approx(want.logprobs, abs=1e-4)
