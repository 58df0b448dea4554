"""Which samples a reader asked for: filters at once, words in as many steps as they take."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from mmbench_reports.view.index import ABSENT, VERDICTS, Grid

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

Order = Literal["", "gap", "worst"]
ORDERS: dict[str, Order] = {"gap": "gap", "worst": "worst"}
"""How an address names them."""
_STEP = 4096
"""Samples whose texts are looked through at a time."""


@dataclass(frozen=True)
class Query:
    """What a reader asked for.

    Attributes:
        words: all must occur, in the prompt, the target or any run's answer; case does not matter.
        slice: ``name=value``, "" for all.
        model: the run whose outcome is meant, None for any.
        outcome: one of VERDICTS, ``disagree``, or "" for all.
        order: "" as in the dataset, ``gap`` largest difference first, ``worst`` lowest mean score first.
    """

    words: str = ""
    slice: str = ""
    model: int | None = None
    outcome: str = ""
    order: Order = ""


class Search:
    """The samples of a grid that fit a query, found as far as somebody has waited for them."""

    def __init__(self, grid: Grid, query: Query) -> None:
        self._grid = grid
        self._words = query.words.casefold().split()
        self._left = _ordered(grid, np.flatnonzero(_fitting(grid, query)).astype(np.int32), query.order)
        self._found: list[NDArray[np.int32]] = []
        self.candidates = len(self._left)
        if not self._words:
            self._found, self._left = [self._left], self._left[:0]

    @property
    def is_done(self) -> bool:
        """Whether all samples were looked through."""
        return not len(self._left)

    @property
    def looked_through(self) -> int:
        """How many of the candidates were looked through."""
        return self.candidates - len(self._left)

    @property
    def found(self) -> "NDArray[np.int32]":
        """Numbers of the lead's samples that fit, in the order asked for."""
        if len(self._found) > 1:
            self._found = [np.concatenate(self._found)]
        return self._found[0] if self._found else np.empty(0, np.int32)

    def go_on(self, seconds: float) -> None:
        """Look through more texts for about so long, one step at least.

        Raises:
            StoreError: a file of a run folder cannot be read.
        """
        end = time.monotonic() + seconds
        while len(self._left):
            now, self._left = self._left[:_STEP], self._left[_STEP:]
            self._found.append(now[self._holding(now)])
            if time.monotonic() >= end:
                break

    def _holding(self, numbers: "NDArray[np.int32]") -> "NDArray[np.bool_]":
        """Tell which samples hold every word."""
        columns = [self._grid.pages[0].take(numbers, ("prompt", "target", "prediction"))]
        holding = np.ones(len(numbers), bool)
        others: list[tuple[NDArray[np.bool_], pa.Table]] = []
        for pages, where in zip(self._grid.pages[1:], self._grid.where[1:], strict=True):
            own = where[numbers]
            if (has := own != ABSENT).any():
                others.append((has, pages.take(own[has], ("prediction",))))
        for word in self._words:
            found = _occurs(columns[0], word)
            for has, table in others:
                found[has] |= _occurs(table, word)
            holding &= found
        return holding


def _occurs(table: "pa.Table", word: str) -> "NDArray[np.bool_]":
    """Tell in which rows any column holds the word."""
    import pyarrow.compute as pc

    found = np.zeros(table.num_rows, bool)
    for column in table.columns:
        found |= np.asarray(pc.fill_null(pc.match_substring(pc.utf8_lower(column), word), False))
    return found


def _fitting(grid: Grid, query: Query) -> "NDArray[np.bool_]":
    fits = np.ones(grid.count, bool)
    if query.slice:
        name, _, value = query.slice.partition("=")
        values, codes = grid.slices.get(name, ([], np.empty(0, np.int32)))
        fits &= codes == values.index(value) if value in values else False
    verdicts = grid.verdicts
    if query.outcome == "disagree":
        known = np.where(verdicts == ABSENT, verdicts[0], verdicts)
        disputed: NDArray[np.bool_] = fits & (known != known[0]).any(axis=0)
        return disputed
    asked = [index for index, column in enumerate(grid.columns) if query.model in (None, column.index)]
    if query.outcome in VERDICTS:
        fits &= (verdicts[asked] == VERDICTS.index(query.outcome)).any(axis=0)
    elif query.model is not None:
        fits &= (verdicts[asked] != ABSENT).any(axis=0)
    return fits


def _ordered(grid: Grid, numbers: "NDArray[np.int32]", order: Order) -> "NDArray[np.int32]":
    if not order or not len(numbers):
        return numbers
    shares = grid.shares[:, numbers]
    with np.errstate(invalid="ignore"):
        low, high = np.fmin.reduce(shares, axis=0), np.fmax.reduce(shares, axis=0)
        key = low - high if order == "gap" else np.nan_to_num(shares, nan=1.0).mean(axis=0)
    ordered: NDArray[np.int32] = numbers[np.argsort(np.nan_to_num(key), kind="stable")]
    return ordered
