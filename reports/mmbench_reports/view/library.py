"""The samples of some runs: a task is indexed in the background when it is asked for, and read in pages."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from mmbench.store.run import Run, load_run
from mmbench_reports.cards import Asked, Card, card_of
from mmbench_reports.columns import Place, columns_of, places
from mmbench_reports.media import Shelf
from mmbench_reports.rows import Samples
from mmbench_reports.view.index import Grid, grid_of, scorer_of_column
from mmbench_reports.view.search import Query, Search

PAGE = 20
"""Samples a page."""
PATIENCE = 0.4
"""Seconds that one request looks through texts before it tells what it has found so far."""
_MEDIA = 64_000_000  # bytes of pictures and sounds on one page
_KEPT = 4  # searches at hand
_VALUES = 60  # of a slice name that are offered


@dataclass(frozen=True)
class Sheet:
    """A page of samples.

    Attributes:
        cards: what is shown.
        number: which page this is, from 0.
        total: samples found so far.
        looked_through: of ``candidates``, how many were looked through for words.
        candidates: samples that fit all but the words.
        is_indexed: whether filters can be used yet.
        slices: names and their values.
    """

    cards: list[Card]
    number: int
    total: int
    looked_through: int
    candidates: int
    is_indexed: bool
    slices: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        """Whether ``total`` is final."""
        return self.is_indexed and self.looked_through == self.candidates


class Library:
    """Several runs' samples. Threads may ask at the same time.

    Raises:
        StoreError: a file of a run folder cannot be read.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        self.columns = columns_of(runs)
        self.places = places(self.columns)
        self._reader = ThreadPoolExecutor(1, "index")
        self._grids: dict[Place, Future[Grid | None]] = {}
        self._searches: OrderedDict[tuple[Place, Query], Search] = OrderedDict()
        self._lock = threading.Lock()

    def warm_up(self) -> None:
        """Import the tasks' metrics and make the first pages once, so that nobody waits for that.

        Raises:
            StoreError: a file of a run folder cannot be read.
        """
        for place in self.places:
            self._first(place)

    def renewed(self) -> "Library":
        """Return this library, or a new one if a run that was going on has ended since.

        Raises:
            StoreError: a file of a run folder cannot be read.
        """
        going_on = [column.run.path for column in self.columns if column.manifest.status == "running"]
        if all(load_run(path).manifest.status == "running" for path in going_on):
            return self
        self.close()
        renewed = Library([load_run(column.run.path) for column in self.columns])
        renewed.warm_up()
        return renewed

    def close(self) -> None:
        """Stop what goes on in the background."""
        self._reader.shutdown(cancel_futures=True)

    def sheet(self, place: Place, query: Query, number: int = 0, at: str = "") -> Sheet:
        """Return a page of the samples that fit.

        Args:
            place: the task and its dataset.
            query: what is asked for.
            number: which page, from 0.
            at: the id of a sample; the page that has it is returned, without filters if they hide it.

        Raises:
            StoreError: a file of a run folder cannot be read.
        """
        is_plain = query == Query() and not at and number == 0
        if is_plain and not (place in self._grids and self._grids[place].done()):
            first = self._first(place)
            self._index(place)  # afterwards: whoever waits for the first page should not wait for the index
            return first
        grid = self._index(place).result()
        if grid is None:
            return Sheet([], 0, 0, 0, 0, is_indexed=True)
        with self._lock:
            search = self._search(place, grid, query)
            if at:
                number = _page_of(search, grid.number_of(at))
            enough = (number + 1) * PAGE
            search.go_on(PATIENCE if len(search.found) < enough else PATIENCE / 2)
            found = search.found
        cards = _cards(grid.asked(found[number * PAGE : enough]))
        slices = {name: sorted(values)[:_VALUES] for name, (values, _) in grid.slices.items()}
        return Sheet(
            cards, number, len(found), search.looked_through, search.candidates, is_indexed=True, slices=slices
        )

    def _index(self, place: Place) -> "Future[Grid | None]":
        with self._lock:
            if place not in self._grids:
                self._grids[place] = self._reader.submit(grid_of, self.columns, place)
            return self._grids[place]

    def _search(self, place: Place, grid: Grid, query: Query) -> Search:
        key = (place, query)
        search = self._searches.setdefault(key, Search(grid, query))
        self._searches.move_to_end(key)
        if len(self._searches) > _KEPT:
            self._searches.popitem(last=False)
        return search

    def _first(self, place: Place) -> Sheet:
        """Return the first page before there is an index."""
        having = [(column, one) for column in self.columns if (one := Samples(column.run, place)).known]
        if not having:
            return Sheet([], 0, 0, 0, 0, is_indexed=True)
        lead = having[0][1]
        ids = lead.read(lead.groups[0], ("id",))["id"].slice(0, PAGE).to_pylist()
        rows = [(column, scorer_of_column(column, place), one.rows(ids)) for column, one in having]
        asked = [
            [(column, scorer, found[name]) for column, scorer, found in rows if name in found] for name in ids
        ]
        return Sheet(_cards(asked), 0, lead.count, 0, lead.count, is_indexed=False)


def _page_of(search: Search, number: int | None) -> int:
    """Return the page that shows a sample, as far as it was found; the first if it was not."""
    if number is None:
        return 0
    found = np.flatnonzero(search.found == number)
    return int(found[0]) // PAGE if len(found) else 0


def _cards(asked: Sequence[Asked]) -> list[Card]:
    shelf = Shelf(_MEDIA)
    return [card_of(answers, shelf) for answers in asked]
