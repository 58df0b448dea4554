"""Numbers as people read them: percent where a metric runs from 0 to 1, as few decimals as tell the truth."""

import numpy as np
from numpy.typing import NDArray

from mmbench.store.records import IntervalRecord

Bounds = tuple[float | None, float | None]
"""Smallest and largest value of a metric; None where there is no bound."""

NOTHING = "–"
"""Stands where there is no value."""
_MINUS = "\N{MINUS SIGN}"


def value_text(value: float | None, bounds: Bounds) -> str:
    """Format a metric's value.

    >>> value_text(0.6127, (0, 1)), value_text(34.117, (0, 100)), value_text(-0.25, (-1, 1))
    ('61.3%', '34.1', '−0.250')
    >>> value_text(12.3456, (1, None)), value_text(123456.7, (1, None))
    ('12.35', '123,457')
    >>> value_text(None, (0, 1))
    '–'
    """
    if value is None:
        return NOTHING
    return _fixed(value, bounds, value) + ("%" if bounds == (0, 1) else "")


def interval_text(interval: IntervalRecord | None, bounds: Bounds) -> str:
    """Format an interval in the unit of its value, which is not repeated; "" for none.

    >>> interval_text(IntervalRecord(0.581, 0.6444, 0.95, "wilson"), (0, 1))
    '58.1–64.4'
    >>> interval_text(IntervalRecord(-0.1, 0.2, 0.95, "bootstrap"), (-1, 1))
    '−0.100 to 0.200'
    """
    if interval is None:
        return ""
    low, high = (_fixed(end, bounds, interval.high) for end in (interval.low, interval.high))
    return f"{low} to {high}" if interval.low < 0 else f"{low}–{high}"


def delta_text(delta: float, bounds: Bounds) -> str:
    """Format a difference of two values, with its sign; shares of one become percentage points.

    >>> delta_text(0.0314, (0, 1)), delta_text(-0.25, (-1, 1)), delta_text(0.0, (0, 1))
    ('+3.1', '−0.250', '0.0')
    """
    text = _fixed(delta, bounds, delta)
    return text if text.startswith(_MINUS) or not text.strip("0.,") else f"+{text}"


def p_text(p_value: float) -> str:
    """Format a p-value.

    >>> p_text(0.0312), p_text(0.00001), p_text(1.0)
    ('p = 0.031', 'p < 0.001', 'p = 1.000')
    """
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def position(value: float, bounds: Bounds) -> float | None:
    """Return where a value lies between its bounds, 0..1; None where a bound is missing."""
    share = float(positions(np.asarray(value), bounds))
    return None if np.isnan(share) else share


def positions(values: NDArray[np.float64], bounds: Bounds) -> NDArray[np.float64]:
    """Return where values lie between their bounds, 0..1; NaN without a bound or a finite value."""
    low, high = bounds
    if low is None or high is None or high <= low:
        return np.full(values.shape, np.nan)
    return np.where(np.isfinite(values), np.clip((values - low) / (high - low), 0.0, 1.0), np.nan)


def count_text(count: int) -> str:
    """Format a count.

    >>> count_text(20000)
    '20,000'
    """
    return f"{count:,}"


def counted(count: int, singular: str, plural: str = "") -> str:
    """Format a count with its noun.

    >>> counted(1, "sample"), counted(3, "sample"), counted(2, "entry", "entries")
    ('1 sample', '3 samples', '2 entries')
    """
    return f"{count_text(count)} {singular if count == 1 else plural or singular + 's'}"


def seconds_text(seconds: float) -> str:
    """Format a duration.

    >>> [seconds_text(s) for s in (0.00042, 0.25, 7.31, 83, 7380)]
    ['0.4 ms', '250 ms', '7.3 s', '1 min 23 s', '2 h 3 min']
    """
    if seconds < 1:
        return f"{seconds * 1000:.1f} ms" if seconds < 0.01 else f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"


def bytes_text(count: int | None) -> str:
    """Format a size in memory; "" for one that is not known.

    >>> [bytes_text(count) for count in (None, 512 * 2**20, 3 * 2**30)]
    ['', '512 MiB', '3.0 GiB']
    """
    if count is None:
        return ""
    return f"{count / 2**30:,.1f} GiB" if count >= 2**30 else f"{count / 2**20:,.0f} MiB"


def size_text(parameters: float) -> str:
    """Format a number of parameters.

    >>> [size_text(count) for count in (1_000, 4_300_000, 7e9)]
    ['1k', '4.3M', '7B']
    """
    for unit, name in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if parameters >= unit:
            return f"{parameters / unit:.3g}{name}"
    return f"{parameters:g}"


def _fixed(value: float, bounds: Bounds, largest: float) -> str:
    """Format with the decimals that suit the metric's range, or its magnitude where there is no range."""
    if bounds == (0, 1):
        value, decimals = value * 100, 1
    elif bounds == (0, 100):
        decimals = 1
    elif None in bounds:
        decimals = 2 if 1 <= abs(largest) < 1000 else 0 if abs(largest) >= 1000 else 3
    else:
        decimals = 3
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace("-", _MINUS)
