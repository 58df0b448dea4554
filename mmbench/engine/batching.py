"""Which requests go to the model together.

Batches are planned over a whole window *before* the store is asked. A run that was killed and is started again
therefore forms the same batches, of which each is wholly stored or wholly missing: it computes the same numbers to
the last bit, although floating-point sums depend on who shares a batch.
"""

from collections.abc import Container, Sequence
from operator import itemgetter

from mmbench.schema import Generate, Request

Keyed = tuple[bytes, Request]


def plan_batches(requests: Sequence[Keyed], sizes: Sequence[int], limit: int) -> list[list[Keyed]]:
    """Group distinct requests of one kind and one decoding, longest first, ``limit`` at a time.

    Longest first: memory peaks in the first batch, and estimates of the time left err on the safe side.
    """
    groups: dict[tuple[object, ...], list[tuple[int, Keyed]]] = {}
    for keyed, size in zip(requests, sizes, strict=True):
        groups.setdefault(_family(keyed[1]), []).append((-size, keyed))
    batches: list[list[Keyed]] = []
    for group in groups.values():
        items = [keyed for _, keyed in sorted(group, key=itemgetter(0))]
        batches += [items[start : start + limit] for start in range(0, len(items), limit)]
    return batches


def missing(batch: Sequence[Keyed], answered: Container[bytes]) -> list[Keyed]:
    """Return the requests of a batch that have no answer yet."""
    return [item for item in batch if item[0] not in answered]


def _family(request: Request) -> tuple[object, ...]:
    if isinstance(request, Generate):
        return (Generate, request.max_tokens, request.stop, request.temperature, request.top_p)
    return (type(request),)
