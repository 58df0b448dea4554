"""A model's fingerprint: every file and setting that can change an answer, and nothing that cannot."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path

from mmbench.backends.hf.checkpoint import Checkpoint
from mmbench.errors import ModelError

ADAPTER_VERSION = 1
"""Raise this whenever a change to this package may change an answer: stored answers are then asked again."""

_INERT = (
    "README*", "LICENSE*", "*.md", "*.png", "*.jpg", "*.jpeg", "*.gif", "*.svg", "*.pdf", "*.log", "*.lock",
    "training_args.bin", "optimizer.*", "scheduler.*", "trainer_state.json", "rng_state*", "scaler.pt",
    "all_results.json", "train_results.json", "eval_results.json",
    "*.h5", "*.msgpack", "*.ot", "*.onnx", "*.gguf", "*.tflite", "*.pt", "*.pth", "*.ckpt",
)  # fmt: skip
_INERT_FOLDERS = ("checkpoint-*", "runs", "onnx", "openvino", "original", "coreml", "__pycache__")


def file_digests(folder: Path, *, pickled: bool) -> dict[str, str]:
    """Hash, in threads, the files of a checkpoint that can change an answer.

    Raises:
        ModelError: a file cannot be read.
    """
    files = sorted(relevant_files(folder, pickled=pickled))
    try:
        with ThreadPoolExecutor(max_workers=8) as pool:
            return dict(zip(files, pool.map(_digest, [folder / name for name in files]), strict=True))
    except OSError as error:
        raise ModelError(f"cannot read {error.filename}: {error.strerror}.") from error


def checkpoint_digests(checkpoint: Checkpoint) -> dict[str, str]:
    """Hash a checkpoint's files, and those of the adapter that is put on it.

    Raises:
        ModelError: a file cannot be read.
    """
    digests = file_digests(checkpoint.folder, pickled=checkpoint.pickled)
    if checkpoint.adapter is not None:
        adapter = file_digests(checkpoint.adapter, pickled=True)
        digests |= {f"adapter/{name}": digest for name, digest in adapter.items()}
    return digests


def fingerprint(digests: Mapping[str, str], settings: Mapping[str, object]) -> str:
    """Combine files, settings and the version of this code into 64 hexadecimal digits."""
    content = {"adapter": ADAPTER_VERSION, "settings": dict(settings), "files": dict(digests)}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def relevant_files(folder: Path, *, pickled: bool) -> Iterable[str]:
    """Yield the files, relative to ``folder``, whose bytes can change an answer.

    A file that is not known to be inert counts: a needless miss costs time, a wrong hit a wrong number. Pickled
    weights count only if they are what is loaded.
    """
    for path in folder.rglob("*"):
        relative = path.relative_to(folder)
        if not path.is_file() or any(part.startswith(".") for part in relative.parts):
            continue
        if any(fnmatch(part, pattern) for part in relative.parts[:-1] for pattern in _INERT_FOLDERS):
            continue
        if path.suffix == ".bin" and not pickled:
            continue
        if not any(fnmatch(path.name, pattern) for pattern in _INERT):
            yield relative.as_posix()


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
