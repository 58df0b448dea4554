"""Small models of the reference family, really trained within seconds; the same with noise on their weights."""

import shutil
from pathlib import Path

import torch
import transformers
import yaml

RECIPE = {
    "name": "story",
    "about": "A very small model of sentences.",
    "model": {
        "hidden_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 128,
        "max_position_embeddings": 512,
        "backbone": "decoder",
        "fusion": "concat",
        "positions": "rotary",
        "vision_layers": 0,
        "audio_layers": 0,
    },
    "tokenizer": {"kind": "bpe", "vocab_size": 512, "examples": 300},
    "batch": {"examples": 16, "bucket": 4, "accumulate": 1, "most_tokens": 256, "workers": 0},
    "optim": {"lr": 3e-3, "warmup": 20, "final": 0.1, "decay": 0.1, "clip": 1.0},
    "stages": [{"name": "only", "steps": 100, "loss": "all", "mix": [{"task": "lm", "weight": 1}]}],
}


def language_model(folder: Path, seed: int) -> Path:
    """Train a decoder on the train stream of ``lm:sentences``; its weights and its rows come from the seed."""
    from mmbench_reference_models.training import Trainer

    recipe = folder / "recipe.yaml"
    folder.mkdir(parents=True)
    recipe.write_text(yaml.safe_dump(RECIPE | {"seed": seed}))
    outcome = Trainer().train(str(recipe), changes={}, out=folder / "run", resume=None)
    assert outcome.model is not None
    return outcome.model


@torch.no_grad()
def damaged(source: Path, folder: Path, share: float, seed: int = 0) -> Path:
    """Save a copy with noise on each weight matrix, ``share`` times as strong as its own spread."""
    import mmbench_reference_models  # noqa: F401 - registers the architecture

    shutil.copytree(source, folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(source)
    noise = torch.Generator().manual_seed(seed)
    for weights in model.parameters():
        if weights.ndim > 1:
            weights += share * weights.std() * torch.randn(weights.shape, generator=noise)
    model.save_pretrained(folder)
    return folder
