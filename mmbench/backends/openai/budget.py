"""How much may be spent: requests, tokens and dollars."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmbench.backends.openai.options import Options
from mmbench.backends.openai.trouble import Trouble
from mmbench.errors import UsageError


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens in and out."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars for a million tokens in and out."""

    input: float = 0.0
    output: float = 0.0

    def cost(self, usage: Usage) -> float:
        """Return dollars."""
        return (usage.input_tokens * self.input + usage.output_tokens * self.output) / 1e6


class Budget:
    """Keeps caps: what a request may take is set aside before it is sent, and settled when its answer is there.

    A request that does not fit beside those under way waits for them; one that does not fit when nothing is under
    way has reached the cap, and so has everything after it. Guesses are raised by the worst surprise so far, so
    that a cap is passed, if at all, by the first few requests.
    """

    def __init__(self, options: Options, prices: Prices) -> None:
        self.prices = prices
        self.requests = 0
        self.spent = Usage()
        self._options = options
        self._held = self._surprise = Usage()
        self._under_way = 0
        self._settled: list[asyncio.Future[None]] = []
        self._reached = ""

    @property
    def cost(self) -> float | None:
        """Dollars spent so far; None without prices."""
        return self.prices.cost(self.spent) if self.prices != Prices() else None

    async def reserve(self, guess: Usage) -> Usage:
        """Count a request; set aside, and return, what it may take.

        Raises:
            Trouble: a cap is reached.
        """
        while True:
            held = _add(guess, self._surprise)
            if not self._reached and (cap := self._exceeded(held)):
                if cap != "max_requests" and self._under_way:
                    change = asyncio.get_running_loop().create_future()
                    self._settled.append(change)
                    await change
                    continue
                self._reached = cap
            if self._reached:
                limit = getattr(self._options, self._reached)
                raise Trouble(
                    f"not asked: {self._reached}={limit:g} is used up. Raise it and run the same command again; "
                    "answers so far are kept."
                )
            self.requests += 1
            self._under_way += 1
            self._held = _add(self._held, held)
            return held

    def settle(self, guess: Usage, held: Usage, used: Usage) -> None:
        """Replace what was set aside by what was used."""
        self._under_way -= 1
        self._held = _less(self._held, held)
        self.spent = _add(self.spent, used)
        surprise = _less(used, guess)
        self._surprise = Usage(
            max(self._surprise.input_tokens, surprise.input_tokens),
            max(self._surprise.output_tokens, surprise.output_tokens),
        )
        waiting, self._settled = self._settled, []
        for change in waiting:
            if not change.done():
                change.set_result(None)

    def _exceeded(self, more: Usage) -> str:
        """Name the cap that the request would exceed, or ""."""
        options = self._options
        total = _add(_add(self.spent, self._held), more)
        if options.max_requests is not None and self.requests >= options.max_requests:
            return "max_requests"
        if options.max_tokens is not None and total.input_tokens + total.output_tokens > options.max_tokens:
            return "max_tokens"
        if options.max_cost is not None and self.prices.cost(total) > options.max_cost:
            return "max_cost"
        return ""


def prices_of(options: Options, model: str) -> Prices:
    """Return the model's prices, from the options or from the table that they name.

    Raises:
        UsageError: there is a cap on cost but no price, or the table cannot be read or lacks the model.
    """
    given = Prices(options.price_in or 0.0, options.price_out or 0.0)
    if options.price_in is None and options.price_out is None and options.prices:
        given = _from_table(Path(options.prices), model)
    if options.max_cost is not None and not (given.input or given.output):
        raise UsageError("max_cost needs prices: set price_in and price_out, in dollars for a million tokens.")
    return given


def _from_table(path: Path, model: str) -> Prices:
    import yaml

    try:
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"cannot read the prices in {path}: {type(error).__name__}.") from error
    entry: Any = table.get(model) if isinstance(table, Mapping) else None
    if entry is None:
        raise UsageError(f"{path} has no entry '{model}'; add '{model}: {{in: 0.15, out: 0.6}}'.")
    try:
        return Prices(float(entry["in"]), float(entry["out"]))
    except (TypeError, KeyError, ValueError) as error:
        raise UsageError(f"'{model}' in {path} should be {{in: dollars, out: dollars}}.") from error


def _add(first: Usage, second: Usage) -> Usage:
    return Usage(first.input_tokens + second.input_tokens, first.output_tokens + second.output_tokens)


def _less(first: Usage, second: Usage) -> Usage:
    return Usage(first.input_tokens - second.input_tokens, first.output_tokens - second.output_tokens)
