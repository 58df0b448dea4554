"""Where a checkpoint's files are, and whether they can be loaded; looks at names and config.json only."""

import json
import re
from dataclasses import dataclass, replace
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
ADAPTER_CONFIG = "adapter_config.json"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A folder that holds config.json and weights.

    Attributes:
        name: the Hub id, or the folder's name; the training run's where that keeps the folder.
        commit: the commit of a Hub id; None for a folder.
        config: the contents of config.json.
        pickled: its weights are pickles, and the user allows that.
        adapter: the folder of a PEFT adapter (LoRA and the like) to put on it.
    """

    name: str
    folder: Path
    commit: str | None
    config: dict[str, Any]
    pickled: bool
    adapter: Path | None = None

    @property
    def model_type(self) -> str:
        """What config.json calls the architecture."""
        return str(self.config.get("model_type", "unknown"))


def locate(spec: str, options: Options) -> Checkpoint:
    """Find the folder that ``spec`` names, fetching a Hub id (or its missing files) first.

    ``BASE+ADAPTER`` names a checkpoint and a PEFT adapter for it, each a folder or a Hub id.

    Raises:
        ModelError: no such folder or Hub id, no config.json, or no weights that may be loaded.
    """
    base, plus, adapter = spec.rpartition("+")
    if not plus or Path(spec).expanduser().is_dir():
        return _locate(spec, options)
    found = _locate(base, options)
    folder = _adapter(adapter, options)
    return replace(found, name=f"{found.name}+{Path(adapter).name}", adapter=folder)


def _called(folder: Path) -> str:
    """Return a folder's name, or that of the training run whose result it is: all of those lie in "model"."""
    is_result = folder.name == "model" and (folder.parent / "run.json").is_file()
    return folder.parent.name if is_result else folder.name


def _locate(spec: str, options: Options) -> Checkpoint:
    folder = Path(spec).expanduser()
    if folder.is_dir():
        return _inspect(folder.resolve(), _called(folder.resolve()), None, options)
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


def _adapter(spec: str, options: Options) -> Path:
    folder = Path(spec).expanduser()
    if not folder.is_dir():
        if not _HUB_ID.fullmatch(spec):
            raise ModelError(f"there is no folder '{spec}'. Give an adapter's folder or a Hub id (org/name).")
        folder = _fetch(spec, replace(options, revision=None), pickles=options.allow_pickle)
    if not (folder / ADAPTER_CONFIG).is_file():
        raise ModelError(f"'{spec}' holds no {ADAPTER_CONFIG}. Give a folder that PEFT's save_pretrained wrote.")
    if not options.allow_pickle and not _safetensors(folder):
        raise ModelError(f"adapter '{spec}' holds no safetensors. Save it as such, or set allow_pickle.")
    return folder.resolve()


def _inspect(folder: Path, name: str, commit: str | None, options: Options) -> Checkpoint:
    path = folder / "config.json"
    if not path.is_file() and (folder / ADAPTER_CONFIG).is_file():
        raise ModelError(f"'{name}' holds an adapter only. Put it on its base: hf:BASE+{name}.")
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
