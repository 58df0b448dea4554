"""Batches without end, made by worker processes: each is a pure function of the recipe and its number.

Some batches are made together, as a bucket: its examples are drawn from the stage's mixture, put in order of their
length and cut into ``bucket`` batches about equal in tokens, whose order is then shuffled. A lane is a series of
buckets; a step takes one batch of each of ``accumulate`` lanes, and processes share the lanes out among them. So
neither the number of processes nor that of workers changes what a step learns from, and to resume at a step takes
nothing but its number.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from mmbench_reference_models.training.encoding import Encoded, ExampleEncoder, collate, share
from mmbench_reference_models.training.examples import Example, Split, Stream
from mmbench_reference_models.training.masking import MaskedEncoder, hide
from mmbench_reference_models.training.objective import Batch
from mmbench_reference_models.training.recipe import BatchPlan, Recipe, Stage
from mmbench_reference_models.training.spans import SpanEncoder

_VALIDATING = 1 << 20


class Buckets(Dataset[list[Batch]]):
    """The buckets of a stage, by number."""

    def __init__(
        self, stage: Stage, plan: BatchPlan, processor: Any, seed: int, backbone: str, split: Split = "train"
    ) -> None:
        """``seed`` decides which examples there are and in which order."""
        self.streams = [Stream(source, seed, split) for source in stage.mix]
        weights = np.array([source.weight for source in stage.mix], dtype=np.float64)
        self._parts = weights / weights.sum()
        self._plan, self._seed = plan, seed
        self._encoder = encoder_for(backbone, processor, stage.loss)
        self._tokenizer, self._masked = processor.tokenizer, stage.loss == "masked"
        self._shares = backbone == "decoder" and stage.loss == "answer"

    def __getitem__(self, number: int) -> list[Batch]:
        """Return ``bucket`` batches."""
        encoded = self._encoder.encode(self.examples(number))
        kept = [item for item in encoded if item.size <= self._plan.most_tokens]
        if self._shares:
            kept = share(kept, self._plan.most_tokens)
        order = np.random.default_rng([self._seed, number])
        padding = self._encoder.padding
        groups = cut([kept[index] for index in order.permutation(len(kept))], self._plan.bucket)
        made = [collate(groups[index], padding) for index in order.permutation(len(groups))]
        if not self._masked:
            return made
        return [hide(batch, self._tokenizer.mask_token_id, len(self._tokenizer), order) for batch in made]

    def examples(self, number: int) -> list[Example]:
        """Return the examples of a bucket: each source goes on where it ended in the bucket before."""
        size = self._plan.examples * self._plan.bucket
        begins, ends = (np.floor(self._parts * size * place + 0.5).astype(int) for place in (number, number + 1))
        return [
            example
            for stream, begin, end in zip(self.streams, begins.tolist(), ends.tolist(), strict=True)
            for example in stream.read(begin, end - begin)
        ]


def encoder_for(backbone: str, processor: Any, loss: str) -> ExampleEncoder | SpanEncoder | MaskedEncoder:
    """Return what encodes examples for a backbone and a stage's ``loss``."""
    if backbone == "span":
        return MaskedEncoder(processor) if loss == "masked" else SpanEncoder(processor)
    return ExampleEncoder(processor, seq2seq=backbone == "encoder-decoder", learn=loss)


def cut(items: Sequence[Encoded], parts: int) -> list[list[Encoded]]:
    """Sort by length and cut into ``parts`` groups, none empty, about equal in padded tokens.

    Raises:
        ValueError: there are fewer items than groups.
    """
    if len(items) < parts:
        raise ValueError(f"{len(items)} examples are too few for {parts} batches")
    items = sorted(items, key=lambda item: item.size)
    done = np.cumsum([item.size for item in items])
    groups: list[list[Encoded]] = []
    begin = 0
    for part in range(1, parts + 1):
        end = int(np.searchsorted(done, done[-1] * part / parts, side="left")) + 1
        end = min(max(end, begin + 1), len(items) - (parts - part))
        groups.append(items[begin:end])
        begin = end
    return groups


def batches(
    recipe: Recipe, processor: Any, number: int, step: int, *, backbone: str, lanes: Sequence[int]
) -> Iterator[list[Batch]]:
    """Yield, for each step of stage ``number`` from its step ``step`` on, one batch of each lane."""
    stage, plan = recipe.stages[number], recipe.batch
    buckets = Buckets(stage, plan, processor, recipe.seed + 1000 * number, backbone)
    last = (stage.steps - 1) // plan.bucket
    first, skip = divmod(step, plan.bucket)
    wanted = [group * plan.accumulate + lane for group in range(first, last + 1) for lane in lanes]
    loader = DataLoader(
        buckets,
        batch_size=None,
        sampler=wanted,
        num_workers=plan.workers,
        prefetch_factor=2 if plan.workers else None,
        worker_init_fn=_quiet_worker,
    )
    loaded = iter(loader)
    for group in range(first, last + 1):
        together = [next(loaded) for _ in lanes]
        for place in range(skip if group == first else 0, plan.bucket):
            if group * plan.bucket + place == stage.steps:
                return
            yield [bucket[place] for bucket in together]


def validation_batches(recipe: Recipe, processor: Any, backbone: str) -> list[Batch]:
    """Return the batches that validation measures the loss on, of the last stage's mixture."""
    buckets = Buckets(
        recipe.stages[-1], recipe.batch, processor, _VALIDATING + recipe.seed, backbone, split="validation"
    )
    found: list[Batch] = []
    while len(found) < recipe.validation.batches:
        found += buckets[len(found) // recipe.batch.bucket]
    return found[: recipe.validation.batches]


def _quiet_worker(_: int) -> None:
    """Leave Ctrl-C to the main process, which saves; a worker uses one thread."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
