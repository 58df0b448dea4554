"""Rolling windows over a text that is longer than the model's context."""

from collections.abc import Iterator, Sequence


def windows(tokens: Sequence[int], first: int, most: int) -> Iterator[tuple[list[int], list[int]]]:
    """Yield (context, scored) token lists that score every token exactly once.

    The first window is conditioned on ``first`` (BOS or EOS) alone. Windows hold ``most`` scored tokens, each
    window after the first being conditioned on the token before it; the last, shorter one is filled up with the
    context that still fits, so that ``len(context) + len(scored) <= most + 1``, of which ``most`` go through the
    model. These are the windows of the language-model evaluation harness (context length 1).

    >>> list(windows([1, 2, 3, 4, 5], 0, 3))
    [([0], [1, 2, 3]), ([2, 3], [4, 5])]
    """
    for start in range(0, len(tokens), most):
        scored = list(tokens[start : start + most])
        context = [first] if start == 0 else list(tokens[max(0, start + len(scored) - most - 1) : start])
        yield context, scored
