"""Masked language modelling, as in BERT: some tokens are hidden, and the model learns what stood there.

Devlin et al. 2019, arXiv 1810.04805.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from mmbench_reference_models.training.encoding import IGNORED, Encoded
from mmbench_reference_models.training.examples import Example
from mmbench_reference_models.training.objective import Batch
from mmbench_reference_models.training.spans import Pairs, marking
from mmbench_reference_models.vocabulary import SPECIAL

SHARE = 0.15
"""How many of a row's words are to be guessed, of those that are no special tokens; at least one."""
_MASKED, _CHANGED = 0.8, 0.1
"""Of those, how many are hidden, and how many become any other token; the rest stays, and is to be guessed too."""


class MaskedEncoder:
    """Encodes examples of all tasks, pictures included, as a span model reads them: two texts with a separator.

    These are a question and the text that holds its answer, where an example has them; else prompt and reply.
    """

    def __init__(self, processor: Any) -> None:
        self._pairs = Pairs(processor)
        self.padding = self._pairs.padding

    def encode(self, examples: Sequence[Example]) -> list[Encoded]:
        """Encode examples, those with media that the model does not read left out; ``labels`` are the tokens."""
        return [self._encode(example) for example in examples if self._pairs.reads(example)]

    def _encode(self, example: Example) -> Encoded:
        found = marking(example)
        prompt = "\n".join(turn.text for turn in example.messages)
        first, second = (found.question, found.context) if found else (prompt, example.reply)
        encoding, media = self._pairs.encode(first, second, example)
        return Encoded(encoding["input_ids"], encoding["input_ids"], media)


def hide(batch: Batch, mask: int, vocabulary: int, chance: np.random.Generator) -> Batch:
    """Hide tokens of a batch; ``labels`` are what stood there, and ``IGNORED`` elsewhere.

    Args:
        batch: ``input_ids`` (rows, tokens) and what goes with them.
        mask: the token that hides.
        vocabulary: how many tokens there are, the special ones first.
        chance: decides which tokens, and how.
    """
    ids = batch["input_ids"]
    generator = torch.Generator().manual_seed(int(chance.integers(1 << 62)))
    words = ids >= len(SPECIAL)
    order = torch.rand(ids.shape, generator=generator).masked_fill(~words, 2).argsort(1).argsort(1)
    chosen = words & (order < (words.sum(1, keepdim=True) * SHARE).round().clamp(min=1))
    how = torch.rand(ids.shape, generator=generator)
    others = torch.randint(len(SPECIAL), vocabulary, ids.shape, generator=generator)
    shown = ids.masked_fill(chosen & (how < _MASKED), mask)
    shown = torch.where(chosen & (how >= 1 - _CHANGED), others, shown)
    return batch | {"input_ids": shown, "labels": ids.masked_fill(~chosen, IGNORED)}
