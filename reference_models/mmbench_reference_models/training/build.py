"""From a recipe to a tokenizer, a processor and a model with drawn weights; or all of them from a checkpoint."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from mmbench.backends.hf.quiet import quiet
from mmbench.errors import UsageError
from mmbench.schema import Text
from mmbench_reference_models.configuration import ReferenceConfig
from mmbench_reference_models.lstm import ReferenceLSTM
from mmbench_reference_models.modeling import ReferenceForConditionalGeneration
from mmbench_reference_models.processing import ReferenceProcessor
from mmbench_reference_models.span import ReferenceForQuestionAnswering
from mmbench_reference_models.training.checkpoint import told_reading
from mmbench_reference_models.training.examples import Stream
from mmbench_reference_models.training.recipe import Recipe
from mmbench_reference_models.training.start import FROM, beside, checkpoint_of
from mmbench_reference_models.vocabulary import train_tokenizer

_TOKENIZER_SEED = 7


def build_new(recipe: Recipe) -> tuple[Any, Any]:
    """Return a model and its processor: drawn, or those of the weights that the recipe begins with.

    Raises:
        UsageError: the recipe asks for a model or a tokenizer that cannot be.
        StoreError: the weights to begin with cannot be read.
    """
    if FROM in recipe.model:
        folder = checkpoint_of(recipe)
        with told_reading(folder):
            return load_built(folder, **beside(recipe))
    plan = recipe.tokenizer
    try:
        tokenizer = train_tokenizer(texts(recipe), plan.kind, plan.vocab_size)
        config = ReferenceConfig(**{"vocab_size": len(tokenizer), **recipe.model})
    except (ValueError, TypeError) as error:
        raise UsageError(f"recipe '{recipe.name}': {error}") from error
    torch.manual_seed(recipe.seed)
    return model_class(config.backbone)(config), ReferenceProcessor.for_config(config, tokenizer)


def load_built(folder: Path, **changes: Any) -> tuple[Any, Any]:
    """Return the model and the processor of a checkpoint, with some settings of its config changed."""
    config = ReferenceConfig.from_pretrained(folder, **changes)
    with quiet():
        model = model_class(config.backbone).from_pretrained(folder, config=config, dtype=torch.float32)
    return model, ReferenceProcessor.from_pretrained(folder)


def model_class(backbone: str) -> Any:
    """Return the class of a backbone."""
    return {"span": ReferenceForQuestionAnswering, "lstm": ReferenceLSTM}.get(
        backbone, ReferenceForConditionalGeneration
    )


def texts(recipe: Recipe) -> Iterator[str]:
    """Yield what the tokenizer learns from: prompts and replies of every source."""
    sources = {
        (source.task, repr(source.set), source.think): source for stage in recipe.stages for source in stage.mix
    }
    for source in sources.values():
        for example in Stream(source, _TOKENIZER_SEED).read(0, recipe.tokenizer.examples):
            yield from (part.text for turn in example.messages for part in turn.content if isinstance(part, Text))
            yield example.reply
