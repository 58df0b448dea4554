"""Where a checkpoint's files are, and whether they can be loaded; looks at names and config.json only."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmbench.backends.hf.options import Options
from mmbench.errors import ModelError

_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")
_OTHER_FORMATS = (
    "*.h5",
    "*.msgpack",
    "*.ot",
    "*.onnx",
    "*.gguf",
    "*.tflite",
    "*.pt",
    "*.pth",
    "*.ckpt",
    "*.safetensors.*",
)
_OTHER_FOLDERS = ("onnx/*", "openvino/*", "original/*", "coreml/*", "runs/*")
PICKLES = "pytorch_model*.bin"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A folder that holds config.json and weights.

    Attributes:
        name: the Hub id, or the folder's name.
        commit: the commit of a Hub id; None for a folder.
        config: the contents of config.json.
        pickled: its weights are pickles, and the user allows that.
    """

    name: str
    folder: Path
    commit: str | None
    config: dict[str, Any]
    pickled: bool

    @property
    def model_type(self) -> str:
        """What config.json calls the architecture."""
        return str(self.config.get("model_type", "unknown"))


def locate(spec: str, options: Options) -> Checkpoint:
    """Find the folder that ``spec`` names, fetching a Hub id (or its missing files) first.

    Raises:
        ModelError: no such folder or Hub id, no config.json, or no weights that may be loaded.
    """
    folder = Path(spec).expanduser()
    if folder.is_dir():
        return _inspect(folder.resolve(), folder.resolve().name, None, options)
    if not _HUB_ID.fullmatch(spec):
        raise ModelError(f"there is no folder '{spec}'. Give a checkpoint's folder or a Hub id (org/name).")
    fetched = _fetch(spec, options, pickles=False)
    if options.allow_pickle and not _safetensors(fetched):
        fetched = _fetch(spec, options, pickles=True)
    return _inspect(fetched, spec, fetched.name, options)


def _fetch(spec: str, options: Options, *, pickles: bool) -> Path:
    """Download what Transformers loads, and nothing else, into the Hub's cache."""
    from huggingface_hub import snapshot_download

    unwanted = [*_OTHER_FORMATS, *_OTHER_FOLDERS, *([] if pickles else ["*.bin"])]
    try:
        return Path(snapshot_download(spec, revision=options.revision, ignore_patterns=unwanted))
    except Exception as error:  # the Hub's client raises errors of several libraries
        reason = first_line(error)
        raise ModelError(
            f"'{spec}' is no folder, and cannot be fetched from the Hub: {reason} Check the name and the network."
        ) from error


def _inspect(folder: Path, name: str, commit: str | None, options: Options) -> Checkpoint:
    path = folder / "config.json"
    if not path.is_file():
        raise ModelError(f"'{name}' holds no config.json. Give a folder that save_pretrained wrote.")
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot read {path}: {first_line(error)} Write or fetch it again.") from error
    if not isinstance(config, dict):
        raise ModelError(f"{path} holds no JSON object. Write or fetch it again.")
    if _safetensors(folder):
        return Checkpoint(name, folder, commit, config, pickled=False)
    if not options.allow_pickle:
        found = "only pickled weights, which can run any code" if any(folder.glob("*.bin")) else "no safetensors"
        advice = "Save it as safetensors, or set allow_pickle if you trust its source."
        raise ModelError(f"'{name}' holds {found}. {advice}")
    if not any(folder.glob(PICKLES)):
        raise ModelError(f"'{name}' holds no weights (*.safetensors or {PICKLES}). Write or fetch it again.")
    return Checkpoint(name, folder, commit, config, pickled=True)


def _safetensors(folder: Path) -> bool:
    return any(folder.glob("*.safetensors"))


def first_line(error: BaseException) -> str:
    """Return an error's first line that says something, ended by a full stop."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__).rstrip(".:") + "."
