"""`mmbench gate --sequential`: how much of a benchmark it reads, and how often it passes what it should not.

A list of right/wrong pairs (candidate against baseline) with a fixed share of discordant samples and a fixed drop
is put into 2,000 random orders; the gate looks after every sample and stops at its first decision about "the drop
over the whole list is less than the margin", at 95 %. At a drop of one margin every pass is a false one.
"""

import numpy as np

from mmbench.stats.sequential import first_rejection

ORDERS, BLOCK, ALPHA = 2_000, 250, 0.05
LISTS = ((500, 0.10, 0.03), (1_000, 0.15, 0.03), (2_000, 0.15, 0.02), (5_000, 0.10, 0.01))
DROPS = (-3, 0, 1, 2, 3)


def orders(size: int, discordant: float, drop: float, rng: np.random.Generator) -> np.ndarray:
    """Return ``BLOCK`` random orders of one list of score differences, mapped to [0, 1]."""
    worse = round(size * (discordant + drop) / 2)
    better = worse - round(size * drop)
    values = np.repeat([0.0, 1.0, 0.5], [worse, better, size - worse - better])
    return rng.permuted(np.tile(values, (BLOCK, 1)), axis=1)


def read(size: int, discordant: float, margin: float, drops: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of the list that each order needed, and whether it passed."""
    rng = np.random.default_rng([size, drops + 10])
    edge = (1 - margin) / 2
    shares, passes = [], []
    for _ in range(ORDERS // BLOCK):
        values = orders(size, discordant, drops * margin, rng)
        above = first_rejection(values, size, edge, ALPHA)
        below = first_rejection(1 - values, size, 1 - edge, ALPHA)
        first = np.where(above == 0, size, above), np.where(below == 0, size, below)
        shares.append(np.minimum(*first) / size)
        passes.append((above > 0) & ((below == 0) | (above < below)))
    return np.concatenate(shares), np.concatenate(passes)


def main() -> list[str]:
    """Return a table: a line a list and true drop."""
    lines = [
        "| samples | discordant | margin | true drop | mean read | median read | mean saved | passed early |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for size, discordant, margin in LISTS:
        for drops in DROPS:
            if abs(drops) * margin > discordant:
                continue
            shares, passed = read(size, discordant, margin, drops)
            lines.append(
                f"| {size:,} | {discordant:.0%} | {margin:.0%} | {drops} margins | {shares.mean():.0%} "
                f"| {np.median(shares):.0%} | {1 - shares.mean():.0%} | {passed.mean():.1%} |"
            )
    return lines
