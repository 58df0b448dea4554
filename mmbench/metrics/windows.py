"""Rolling windows: score a text of any length, every token once, each with the most context that fits."""

from dataclasses import dataclass

from mmbench.errors import UsageError


@dataclass(frozen=True, slots=True)
class Window:
    """One pass of a model over a text whose tokens were put behind one prefix token (BOS or EOS).

    Position 0 is the prefix and position i the i-th token, from 1 on. The model reads positions ``start`` to
    ``stop`` (exclusive), at most its full context, and so predicts positions ``start + 1`` to ``stop``
    (inclusive). Only the last ``scored`` of these predictions count.
    """

    start: int
    stop: int
    scored: int


def rolling_windows(token_count: int, max_length: int, stride: int | None = None) -> list[Window]:
    """Cut a text into windows such that every token is scored exactly once.

    With the default stride these are lm-evaluation-harness's windows: disjoint ones of ``max_length`` tokens,
    whose first token has one token of context, except for the last window, which reaches back as far as it can. A
    smaller stride gives every token at least ``max_length - stride + 1`` tokens of context (or all there are), in
    ``max_length / stride`` times as many passes.

    Args:
        token_count: tokens of the text, without the prefix.
        max_length: the most tokens the model reads at once.
        stride: the most tokens that a window scores; None means ``max_length``.

    Raises:
        UsageError: a length or the stride makes no sense.

    >>> rolling_windows(5, 3)
    [Window(start=0, stop=3, scored=3), Window(start=2, stop=5, scored=2)]
    """
    step = max_length if stride is None else stride
    if token_count < 0 or max_length < 1 or not 1 <= step <= max_length:
        raise UsageError(
            f"rolling windows: need token_count >= 0 and 1 <= stride <= max_length,"
            f" not {token_count}, {stride}, {max_length}"
        )
    first = min(token_count, max_length)
    stops = [first, *range(first + step, token_count, step), token_count] if token_count else []
    windows, done = [], 0
    for stop in dict.fromkeys(stops):
        windows.append(Window(max(0, stop - max_length), stop, stop - done))
        done = stop
    return windows
