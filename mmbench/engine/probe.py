"""Does the batch change the answers? Some requests are asked again, one at a time.

In float32 they are the same but for rounding far below any margin. In bfloat16 and float16 sums depend on who
shares a batch, and an answer whose margin is small may turn over: the share of such answers bounds what a
difference between two runs in low precision can mean.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from mmbench.engine.asking import Item
from mmbench.model import Model
from mmbench.schema import Choice, Generate, Request, Response
from mmbench.store.records import Probe

PROBED = 32
"""Requests that are asked again."""
LOW = frozenset({"bfloat16", "float16"})


@runtime_checkable
class Precise(Protocol):
    """A model that tells in which precision it computes: "float32", "bfloat16" ..."""

    @property
    def precision(self) -> str: ...  # noqa: D102


def wants_probe(model: object, wish: bool | None) -> bool:
    """Follow the user's wish; without one, probe models of low precision."""
    return wish if wish is not None else isinstance(model, Precise) and model.precision in LOW


def probe(model: Model, items: Sequence[Item]) -> Probe | None:
    """Ask again, one at a time, what was answered in batches; None if nothing among it is deterministic.

    Drawn answers are left out, and so are scores without an answer in words.
    """
    asked = [
        pair for item in items for pair in zip(item.requests, item.responses, strict=False) if _settled(*pair)
    ]
    chosen = asked[:PROBED]
    if not chosen:
        return None
    again = [model.run([request])[0] for request, _ in chosen]
    flips = [first for (_, first), second in zip(chosen, again, strict=True) if first.text != second.text]
    margins = [response.margin for response in flips if response.margin is not None]
    return Probe(requests=len(chosen), flips=len(flips), widest_margin=max(margins, default=None))


def told(label: str, found: Probe) -> str:
    """Say in one line what a probe found."""
    flips = f"{found.flips} of {found.requests} answers ({found.flip_rate:.1%})"
    if not found.flips:
        return f"{label}: asked again one at a time, {flips} change."
    margin = "" if found.widest_margin is None else f", of margins up to {found.widest_margin:.2g}"
    return f"{label}: asked again one at a time, {flips} change{margin}; differences of that size mean nothing."


def _settled(request: Request, response: Response) -> bool:
    if response.error is not None:
        return False
    return isinstance(request, Choice) or (isinstance(request, Generate) and request.temperature == 0)
