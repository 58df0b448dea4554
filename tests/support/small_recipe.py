"""A recipe that trains in about a second: all kinds of media, two stages, dropout."""

from pathlib import Path
from typing import Any

import yaml

MIX = [
    {"task": "sentiment", "weight": 2},
    {"task": "translation"},
    {"task": "vqa"},
    {"task": "speech"},
    {"task": "lm"},
]


def content(**changes: Any) -> dict[str, Any]:
    """Return the recipe as a mapping."""
    recipe: dict[str, Any] = {
        "name": "small-test",
        "seed": 3,
        "model": {
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 16,
            "dropout": 0.1,
            "image_size": 32,
            "patch_size": 16,
            "vision_layers": 1,
            "audio_layers": 1,
            "n_mels": 16,
        },
        "tokenizer": {"vocab_size": 640, "examples": 8},
        "batch": {"examples": 3, "bucket": 4, "workers": 0},
        "optim": {"kind": "muon", "lr": 0.01, "warmup": 2},
        "save_every": 100,
        "stages": [
            {"name": "pretrain", "steps": 3, "loss": "all", "mix": MIX},
            {"name": "instruct", "steps": 6, "mix": MIX},
        ],
    }
    return recipe | changes


def write(folder: Path, **changes: Any) -> Path:
    """Write the recipe as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "small-test.yaml"
    path.write_text(yaml.safe_dump(content(**changes), sort_keys=False), encoding="utf-8")
    return path
