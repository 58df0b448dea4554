"""What the wall says: signs, clocks and charts."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations
from typing import ClassVar

from mmbench_tasks.worlds.scenes.kinds.base import Asking, Mode, Needs, Proposal, Structure, View, YesNo
from mmbench_tasks.worlds.scenes.model import CHART_LETTERS, Chart, Clock
from mmbench_tasks.worlds.scenes.words.forms import FORMS
from mmbench_tasks.worlds.scenes.words.signs import HELD_OUT_WORDS, SIGN_WORDS
from mmbench_tasks.worlds.scenes.words.surface import say
from mmbench_tasks.worlds.streams import Stream

PIE_GAP = 2
"""Slices of a pie are compared only where they differ by this much; bars and points, by one unit."""


@dataclass(frozen=True)
class Reading:
    """What word is on the sign?"""

    type: str = "reading"
    answer_type: str = "other"
    needs: Needs = "things"
    modes: tuple[Mode, ...] = ("word",)
    uses: str = "sign"
    answers: tuple[str, ...] = SIGN_WORDS
    held: ClassVar[tuple[str, ...]] = HELD_OUT_WORDS

    def structure(self, mode: Mode, chance: Stream) -> Structure:  # noqa: ARG002
        """There is but one."""
        return Structure()

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:  # noqa: ARG002
        """Propose the sign."""
        return Proposal(sign=answer)

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:  # noqa: ARG002
        """Ask if the sign says so."""
        sign = view.scene.sign
        return [Asking()] if sign and sign.text == answer else []

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:  # noqa: ARG002
        """Ask for the word."""
        return say(FORMS["reading"], {}, chance)


@dataclass(frozen=True)
class ReadingCheck(YesNo):
    """Does the sign say this word?"""

    type: str = "reading_check"
    modes: tuple[Mode, ...] = ()
    uses: str = "sign"

    def structure(self, mode: Mode, chance: Stream) -> Structure:  # noqa: ARG002
        """There is but one."""
        return Structure()

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:  # noqa: ARG002
        """Propose any sign."""
        return Proposal(sign="?")

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:  # noqa: ARG002
        """Name the sign's word, or another."""
        sign = view.scene.sign
        if not sign:
            return []
        if answer == "yes":
            return [Asking(words={"word": sign.text})]
        return (Asking(words={"word": word}) for word in SIGN_WORDS if word != sign.text)

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:  # noqa: ARG002
        """Ask for the word, in capitals or in quotes."""
        word = asking.words["word"]
        quoted = chance.choice((f'"{word}"', f'"{word.upper()}"', word.upper()))
        return say(FORMS["reading_check"], {"word": quoted}, chance)


@dataclass(frozen=True)
class Telling:
    """What time is it?"""

    type: str = "clock"
    answer_type: str = "other"
    needs: Needs = "things"
    modes: tuple[Mode, ...] = ()
    uses: str = "clock"
    answers: tuple[str, ...] = tuple(
        Clock(hour, minute).time for hour in range(1, 13) for minute in range(0, 60, 5)
    )

    def structure(self, mode: Mode, chance: Stream) -> Structure:  # noqa: ARG002
        """There is but one."""
        return Structure()

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:  # noqa: ARG002
        """Propose the time."""
        hour, minute = answer.split(":")
        return Proposal(clock=Clock(int(hour), int(minute)))

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:  # noqa: ARG002
        """Ask if the clock shows it."""
        clock = view.scene.clock
        return [Asking()] if clock and clock.time == answer else []

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:  # noqa: ARG002
        """Ask for the time."""
        return say(FORMS["clock"], {}, chance)


@dataclass(frozen=True)
class TellingCheck(YesNo):
    """Does the clock show this time? Where not, it is off by one hour or more, or by a quarter."""

    type: str = "clock_check"
    modes: tuple[Mode, ...] = ()
    uses: str = "clock"

    def structure(self, mode: Mode, chance: Stream) -> Structure:  # noqa: ARG002
        """There is but one."""
        return Structure()

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:  # noqa: ARG002
        """Propose any time."""
        return Proposal(clock=Clock(chance.between(1, 12), 5 * chance.below(12)))

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:  # noqa: ARG002
        """Name the clock's time, or one that only a look can tell from it."""
        clock = view.scene.clock
        if not clock:
            return []
        now = (clock.hour % 12) * 60 + clock.minute
        later = (0,) if answer == "yes" else (60, 15, 30, 180, 720 - 60, 720 - 15, 720 - 180)
        times = [divmod((now + minutes) % 720, 60) for minutes in later]
        return (Asking(words={"time": Clock(hour or 12, minute).time}) for hour, minute in times)

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:  # noqa: ARG002
        """Ask for the time."""
        return say(FORMS["clock_check"], dict(asking.words), chance)


@dataclass(frozen=True)
class ChartValue:
    """What is the value at this letter?"""

    type: str = "chart_value"
    answer_type: str = "number"
    needs: Needs = "things"
    modes: tuple[Mode, ...] = ()
    uses: str = "chart"
    answers: tuple[str, ...] = tuple("123456789")

    def structure(self, mode: Mode, chance: Stream) -> Structure:  # noqa: ARG002
        """Choose the style of the chart."""
        return Structure(chance.choice(("bar", "line")))

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:  # noqa: ARG002
        """Propose such a chart."""
        return Proposal(charts=(structure.form,))

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:
        """Name a letter with that value."""
        chart = view.chart
        if not chart or chart.style != structure.form:
            return []
        pairs = zip(chart.labels, chart.values, strict=True)
        return (Asking(words={"label": label}) for label, value in pairs if value == int(answer))

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:
        """Ask for the value."""
        return say(FORMS[f"chart_value {structure.form}"], dict(asking.words), chance)


@dataclass(frozen=True)
class ChartExtreme:
    """Which letter has the largest value, or the smallest?"""

    type: str = "chart_extreme"
    answer_type: str = "other"
    needs: Needs = "things"
    modes: tuple[Mode, ...] = ()
    uses: str = "chart"
    answers: tuple[str, ...] = tuple(CHART_LETTERS.lower())

    def structure(self, mode: Mode, chance: Stream) -> Structure:  # noqa: ARG002
        """Choose the style of the chart and the end of its range."""
        return Structure(f"{chance.choice(('bar', 'line', 'pie'))} {chance.choice(('highest', 'lowest'))}")

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:  # noqa: ARG002
        """Propose such a chart."""
        return Proposal(charts=(structure.form.split()[0],))

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:
        """Ask if that letter is clearly the one."""
        style, end = structure.form.split()
        chart = view.chart
        if not chart or chart.style != style:
            return []
        sign = 1 if end == "highest" else -1
        first, second, *_ = sorted((sign * value for value in chart.values), reverse=True)
        label = chart.labels[chart.values.index(sign * first)]
        return [Asking()] if label.lower() == answer and first - second >= gap(chart) else []

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:  # noqa: ARG002
        """Ask for the letter."""
        return say(FORMS[f"chart_extreme {structure.form}"], {}, chance)


@dataclass(frozen=True)
class ChartCheck(YesNo):
    """Is this value larger than that one?"""

    type: str = "chart_check"
    modes: tuple[Mode, ...] = ()
    uses: str = "chart"

    def structure(self, mode: Mode, chance: Stream) -> Structure:  # noqa: ARG002
        """Choose the style of the chart and the direction."""
        return Structure(f"{chance.choice(('bar', 'line', 'pie'))} {chance.choice(('more', 'less'))}")

    def propose(self, structure: Structure, answer: str, chance: Stream) -> Proposal:  # noqa: ARG002
        """Propose such a chart."""
        return Proposal(charts=(structure.form.split()[0],))

    def askings(self, structure: Structure, answer: str, view: View) -> Iterable[Asking]:
        """Name two letters whose values clearly differ."""
        style, direction = structure.form.split()
        chart = view.chart
        if not chart or chart.style != style:
            return []
        sign = 1 if (direction == "more") == (answer == "yes") else -1
        pairs = permutations(zip(chart.labels, chart.values, strict=True), 2)
        least = gap(chart)
        return (Asking(words={"a": a, "b": b}) for (a, x), (b, y) in pairs if sign * (x - y) >= least)

    def text(self, structure: Structure, asking: Asking, chance: Stream) -> str:
        """Ask about both letters."""
        return say(FORMS[f"chart_check {structure.form}"], dict(asking.words), chance)


def gap(chart: Chart) -> int:
    """Return by how much two values must differ before anybody is asked to compare them."""
    return PIE_GAP if chart.style == "pie" else 1
