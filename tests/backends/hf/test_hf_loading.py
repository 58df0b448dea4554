"""Finding and loading checkpoints; every failure is one line that says what to do."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from huggingface_hub import constants

from mmbench.backends import load_model
from mmbench.backends.hf import Options, load
from mmbench.backends.hf.checkpoint import Checkpoint, locate
from mmbench.backends.hf.families import Family, family_of
from mmbench.errors import MMBenchError, ModelError, UsageError
from mmbench.schema import Choice, Generate, Perplexity, user

ASK = Generate((user("How many cubes?"),), max_tokens=6)


@pytest.fixture
def copy(checkpoint: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Path]:
    def make(name: str) -> Path:
        return Path(shutil.copytree(checkpoint(name), tmp_path / name))

    return make


def fails(spec: str | Path, kind: type[MMBenchError] = ModelError, **options: Any) -> str:
    with pytest.raises(kind) as caught:
        load(str(spec), **({"device": "cpu"} | options))
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_folder_that_is_not_there() -> None:
    assert "there is no folder '/nowhere/at/all'" in fails("/nowhere/at/all")


def test_a_folder_without_config(tmp_path: Path) -> None:
    assert "holds no config.json" in fails(tmp_path)


def test_a_config_that_is_not_json(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    assert "cannot read" in fails(tmp_path)
    (tmp_path / "config.json").write_text("[]")
    assert "holds no JSON object" in fails(tmp_path)


def test_a_folder_without_weights(copy: Callable[[str], Path]) -> None:
    folder = copy("causal-lm")
    (folder / "model.safetensors").unlink()
    assert "holds no safetensors" in fails(folder)
    assert "holds no weights" in fails(folder, allow_pickle=True)


def test_pickled_weights_need_a_flag(copy: Callable[[str], Path], loaded: Callable[[str], Any]) -> None:
    folder = copy("causal-lm")
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    message = fails(folder)
    assert "only pickled weights" in message
    assert "allow_pickle" in message
    assert (
        load(str(folder), device="cpu", allow_pickle=True).run([ASK])[0].text
        == loaded("causal-lm").run([ASK])[0].text
    )


def test_the_result_of_a_training_run_is_called_as_the_run(copy: Callable[[str], Path], tmp_path: Path) -> None:
    folder = copy("causal-lm").rename(tmp_path / "model")
    assert locate(str(folder), Options()).name == "model"
    (tmp_path / "run.json").write_text("{}")
    assert locate(str(folder), Options()).name == tmp_path.name


def test_broken_weights(copy: Callable[[str], Path]) -> None:
    folder = copy("causal-lm")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    assert re.search(r"cannot load 'causal-lm' \(llama\): \S", fails(folder))


def test_missing_weights_are_not_drawn_at_random(copy: Callable[[str], Path]) -> None:
    from safetensors.torch import load_file, save_file

    folder = copy("causal-lm")
    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert "lacks 1 of its weights (model.layers.1.mlp.up_proj.weight, ...)" in fails(folder)


def test_weights_of_another_shape(copy: Callable[[str], Path]) -> None:
    folder = copy("causal-lm")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"intermediate_size": 7}))
    assert "cannot load 'causal-lm' (llama)" in fails(folder)


def test_a_checkpoint_without_tokenizer(copy: Callable[[str], Path]) -> None:
    folder = copy("causal-lm")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    assert "cannot load the tokenizer of 'causal-lm'" in fails(folder)


def test_a_processor_that_cannot_be_loaded(copy: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Qwen2-VL and its like need torchvision, even for pictures."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    folder = copy("image-text-to-text")
    path = folder / "processor_config.json"
    path.write_text(path.read_text().replace("LlavaProcessor", "Qwen2VLProcessor"))
    message = fails(folder)
    assert message.startswith("cannot load the processor of 'image-text-to-text': ")
    assert message.endswith("pip install torchvision.")


def test_an_unsupported_kind_is_named(copy: Callable[[str], Path]) -> None:
    folder = copy("causal-lm")
    (folder / "config.json").write_text(json.dumps({"model_type": "vit_mae", "architectures": ["ViTMAEModel"]}))
    message = fails(folder)
    assert "is of type 'vit_mae' (ViTMAEModel)" in message
    assert all(family in message for family in Family)


def test_own_code_needs_trust(copy: Callable[[str], Path]) -> None:
    folder = copy("causal-lm")
    own = {"model_type": "mine", "architectures": ["Mine"], "auto_map": {"AutoModelForCausalLM": "mine.Mine"}}
    (folder / "config.json").write_text(json.dumps(own))
    assert "Set trust_remote_code if you trust its source." in fails(folder)


def test_own_code_runs_when_trusted(copy: Callable[[str], Path], loaded: Callable[[str], Any]) -> None:
    folder = copy("causal-lm")
    (folder / "mine.py").write_text(
        "from transformers import LlamaConfig, LlamaForCausalLM\n"
        "class MineConfig(LlamaConfig):\n    model_type = 'mine'\n"
        "class Mine(LlamaForCausalLM):\n    config_class = MineConfig\n"
    )
    config = json.loads((folder / "config.json").read_text())
    names = {"AutoConfig": "mine.MineConfig", "AutoModelForCausalLM": "mine.Mine"}
    (folder / "config.json").write_text(
        json.dumps(config | {"model_type": "mine", "architectures": ["Mine"], "auto_map": names})
    )
    model = load(str(folder), device="cpu", trust_remote_code=True)
    assert model.run([ASK])[0].text == loaded("causal-lm").run([ASK])[0].text


@pytest.mark.parametrize(
    ("config", "files", "family"),
    [
        ({"architectures": ["LlamaForCausalLM"], "model_type": "llama"}, (), Family.CAUSAL),
        ({"model_type": "gpt2"}, (), Family.CAUSAL),
        ({"architectures": ["BartForConditionalGeneration"], "model_type": "bart"}, (), Family.SEQ2SEQ),
        ({"architectures": ["BartForCausalLM"], "model_type": "bart"}, (), Family.CAUSAL),
        ({"model_type": "t5"}, (), Family.SEQ2SEQ),
        ({"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3"}, (), Family.CAUSAL),
        (
            {"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3"},
            ("processor_config.json",),
            Family.MULTIMODAL,
        ),
        ({"architectures": ["Qwen2VLForConditionalGeneration"]}, ("preprocessor_config.json",), Family.MULTIMODAL),
    ],
)
def test_the_architecture_decides(
    config: dict[str, Any], files: tuple[str, ...], family: Family, tmp_path: Path
) -> None:
    for name in files:
        (tmp_path / name).write_text("{}")
    checkpoint = Checkpoint("x", tmp_path, None, config, pickled=False)
    assert family_of(checkpoint, trusted=False)[0] is family


def test_capabilities_say_what_can_be_asked(loaded: Callable[[str], Any]) -> None:
    assert loaded("causal-lm").capabilities.kinds >= {Generate, Choice, Perplexity}
    assert Perplexity not in loaded("seq2seq").capabilities.kinds


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"devise": "cpu"}, "model 'hf' has no option 'devise'. Did you mean 'device'?"),
        ({"dtype": "float8"}, "dtype has no value 'float8'. Did you mean"),
        ({"device": "tpu"}, "device 'tpu' should be auto, cpu, cuda, cuda:N or mps."),
        ({"batch_size": 0}, "batch_size should be a whole number of at least 1, not 0."),
        ({"batch_size": True}, "batch_size should be a whole number of at least 1, not True."),
        ({"max_length": "long"}, "max_length should be a whole number of at least 2, not 'long'."),
        ({"allow_pickle": "yes"}, "allow_pickle should be true or false, not 'yes'."),
        ({"truncate": "lef"}, "truncate has no value 'lef'. Did you mean 'left'?"),
    ],
)
def test_wrong_options(options: dict[str, Any], message: str, checkpoint: Callable[[str], Path]) -> None:
    assert message in fails(checkpoint("causal-lm"), UsageError, **options)


def test_model_strings_reach_the_backend(checkpoint: Callable[[str], Path], loaded: Callable[[str], Any]) -> None:
    folder = checkpoint("causal-lm")
    for spec in (f"hf:{folder}", str(folder)):
        model: Any = load_model(spec, device="cpu", dtype="float32", seed=5)
        assert model.name == "causal-lm"
        assert model.fingerprint == loaded("causal-lm").fingerprint
    with pytest.raises(UsageError, match="Did you mean 'batch_size'"):
        load_model(f"hf:{folder}", batchsize=3)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_a_device_that_is_not_there(checkpoint: Callable[[str], Path]) -> None:
    assert "torch sees 0 CUDA devices" in fails(checkpoint("causal-lm"), device="cuda:1")


def test_low_precision_runs_on_the_cpu(
    checkpoint: Callable[[str], Path], loaded: Callable[[str], Any], pictures: Any
) -> None:
    for name in ("causal-lm", "image-text-to-text"):
        shown = pictures[:1] if name == "image-text-to-text" else []
        model = load(str(checkpoint(name)), device="cpu", dtype="bfloat16")
        asked = Choice((user(*shown, "How many cubes?"),), ("two", "red"))
        low, full = model.run([asked])[0], loaded(name).run([asked])[0]
        assert low.logprobs != full.logprobs
        assert low.logprobs == pytest.approx(full.logprobs, rel=0.1)
        assert model.fingerprint != loaded(name).fingerprint


def test_numbers_that_are_none_are_an_error(checkpoint: Callable[[str], Path]) -> None:
    model: Any = load(str(checkpoint("causal-lm")), device="cpu")
    with torch.no_grad():
        model._adapter._model.lm_head.weight.fill_(float("nan"))
    for request in (ASK, Choice(ASK.messages, ("a", "b")), Perplexity("the ball")):
        assert "logits are not numbers" in str(model.run([request])[0].error)


def test_the_checkpoints_sampling_and_beams_are_not_ours(
    copy: Callable[[str], Path], loaded: Callable[[str], Any]
) -> None:
    """Greedy means greedy, whatever generation_config.json says; its penalties and end tokens do count."""
    folder = copy("causal-lm")
    path = folder / "generation_config.json"
    config = json.loads(path.read_text())
    path.write_text(
        json.dumps(config | {"do_sample": True, "temperature": 3.0, "top_k": 5, "num_beams": 4, "max_length": 9})
    )
    want = loaded("causal-lm").run([ASK])[0]
    assert load(str(folder), device="cpu").run([ASK])[0].text == want.text
    first = transformers.AutoTokenizer.from_pretrained(folder)(want.text)["input_ids"][0]
    path.write_text(json.dumps(config | {"suppress_tokens": [first]}))
    suppressed = load(str(folder), device="cpu").run([ASK])[0]
    assert suppressed.text[:1] != want.text[:1]
    path.write_text(json.dumps(config | {"eos_token_id": [first, 1]}))
    ended = load(str(folder), device="cpu").run([ASK])[0]
    assert (ended.text, ended.logprobs, ended.finish_reason) == ("", (), "stop")


def test_a_hub_id_is_found_in_the_cache(
    checkpoint: Callable[[str], Path],
    loaded: Callable[[str], Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A snapshot that is cached already is used without a network, and its commit is known."""
    commit = "0123456789abcdef0123456789abcdef01234567"
    repository = tmp_path / "models--someone--tiny"
    shutil.copytree(checkpoint("causal-lm"), repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    model: Any = load("someone/tiny", device="cpu", dtype="float32")
    assert (model.name, model.commit) == ("someone/tiny", commit)
    assert model.fingerprint == loaded("causal-lm").fingerprint, "the same files are the same model"
    assert "cannot be fetched from the Hub" in fails("someone/absent")


def test_nothing_is_printed(checkpoint: Callable[[str], Path]) -> None:
    """A fresh process, since Transformers' handler keeps the stream it found first."""
    code = (
        "import sys; from mmbench.backends.hf import load; from mmbench.schema import *\n"
        "for folder in sys.argv[1:]:\n"
        "    model = load(folder, device='cpu')\n"
        "    model.run([Generate((user('x ' * 600),)), Generate((user('x'),), temperature=1.0)])\n"
        "    model.run([Choice((user('x'),), ('a', 'b'))])\n"
    )
    folders = [str(checkpoint(name)) for name in ("causal-lm-chat", "seq2seq", "image-text-chat")]
    done = subprocess.run([sys.executable, "-c", code, *folders], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_importing_the_backend_imports_nothing_heavy() -> None:
    code = "import sys, mmbench.backends.hf; print([m for m in ('torch', 'transformers') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_options_are_documented_with_their_defaults() -> None:
    assert Options() == Options.parse({"seed": 3})
