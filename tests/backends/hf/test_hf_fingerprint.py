"""A fingerprint changes with every byte that can change an answer, and with nothing else."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mmbench.backends.hf import fingerprint as module
from mmbench.backends.hf import load
from mmbench.backends.hf.fingerprint import file_digests, fingerprint, relevant_files
from mmbench.errors import ModelError


def digest(folder: Path, *, pickled: bool = False, **settings: object) -> str:
    return fingerprint(file_digests(folder, pickled=pickled), settings)


@pytest.mark.parametrize("name", ["causal-lm-chat", "seq2seq", "image-text-to-text", "image-text-chat"])
def test_every_byte_of_every_file_counts(name: str, checkpoint: Callable[[str], Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(checkpoint(name), tmp_path / name))
    seen = {digest(folder)}
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        for at in (0, len(data) // 2, len(data) - 1):
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            changed = digest(folder)
            assert changed not in seen, f"byte {at} of {path.name}"
            seen.add(changed)
        path.write_bytes(data)
    assert digest(folder) in seen


def test_loaded_models_have_the_fingerprint_of_their_files(
    checkpoint: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(checkpoint("causal-lm"), tmp_path / "renamed"))
    prints = {
        "same files elsewhere": load(str(checkpoint("causal-lm")), device="cpu").fingerprint,
        "renamed": load(str(folder), device="cpu").fingerprint,
        "batch size": load(str(folder), device="cpu", batch_size=3).fingerprint,
        "float32, as saved": load(str(folder), device="cpu", dtype="float32").fingerprint,
    }
    assert len(set(prints.values())) == 1, prints
    options = [{"dtype": "bfloat16"}, {"max_length": 64}, {"truncate": "left"}, {"trust_remote_code": True}]
    others = [load(str(folder), device="cpu", **chosen).fingerprint for chosen in options]
    (folder / "tokenizer_config.json").write_bytes((folder / "tokenizer_config.json").read_bytes() + b"\n")
    others.append(load(str(folder), device="cpu").fingerprint)
    assert len({*prints.values(), *others}) == 1 + len(others)


def test_settings_and_code_count(checkpoint: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = checkpoint("causal-lm")
    first = digest(folder, dtype="a")
    assert digest(folder, dtype="b") != first
    monkeypatch.setattr(module, "ADAPTER_VERSION", module.ADAPTER_VERSION + 1)
    assert digest(folder, dtype="a") != first


def test_what_cannot_change_an_answer_does_not_count(tmp_path: Path) -> None:
    kept = [
        "config.json",
        "model.safetensors",
        "vocab.txt",
        "code.py",
        "qformer_tokenizer/tokenizer.json",
        "unknown.xyz",
    ]
    inert = [
        "README.md",
        "LICENSE",
        "loss.png",
        "training_args.bin",
        "optimizer.pt",
        "tf_model.h5",
        ".cache/x.json",
    ]
    inert += [
        "checkpoint-500/model.safetensors",
        "runs/events",
        "trainer_state.json",
        "pytorch_model.bin",
        ".gitattributes",
    ]
    for name in kept + inert:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    assert sorted(relevant_files(tmp_path, pickled=False)) == sorted(kept)
    assert "pytorch_model.bin" in relevant_files(tmp_path, pickled=True)


def test_renaming_a_file_counts(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    before = digest(tmp_path)
    (tmp_path / "a.json").rename(tmp_path / "b.json")
    assert digest(tmp_path) != before


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.json").write_text("{}")

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ModelError, match=r"cannot read .*a\.json: Permission denied"):
        digest(tmp_path)
