"""Difficulty: what changes in a picture from level 1 to level 5. The questions stay the same."""

from dataclasses import dataclass

from mmbench.errors import UsageError


@dataclass(frozen=True, slots=True)
class Level:
    """How hard it is to see what a scene holds. Lengths are those of a picture 224 wide.

    Attributes:
        things: the fewest and the most things; a scene's questions may ask for more.
        radius: of a large thing that stands halfway to the wall; small ones have 58 percent of it.
        visible: every thing shows at least this share of its outline, in percent.
        noise: strength of the grain, 0 to 128.
        dim: how much light is taken away, 0 to 255.
        tint: how far the light may be off white, in 256ths of each of red, green and blue.
        crowd: percent of the things that are put close to another one.
        capital: the height of a sign's capital letters.
        clock: the radius of a clock.
        ticks: the marks on its face; 13 means twelve, and four numbers.
        chart: width and height of a chart.
        bars: how many values it has.
        grid: units between its grid lines.
        clutter: percent of the free places on the wall that something meaningless fills.
        told: the fewest and the most things in a scene to be captioned.
    """

    things: tuple[int, int]
    radius: int
    visible: int
    noise: tuple[int, int]
    dim: tuple[int, int]
    tint: int
    crowd: int
    capital: int
    clock: int
    ticks: int
    chart: int
    bars: int
    grid: int
    clutter: int
    told: tuple[int, int]


LEVELS: dict[int, Level] = {
    1: Level((4, 5), 26, 100, (0, 0), (0, 0), 0, 0, 14, 32, 13, 71, 3, 1, 20, (2, 2)),
    2: Level((5, 6), 24, 92, (3, 12), (0, 24), 10, 15, 13, 29, 13, 71, 4, 1, 35, (2, 3)),
    3: Level((5, 7), 22, 80, (8, 18), (0, 48), 18, 30, 11, 26, 12, 70, 4, 2, 50, (3, 4)),
    4: Level((6, 8), 20, 65, (16, 28), (24, 84), 26, 50, 9, 22, 12, 64, 5, 5, 65, (4, 5)),
    5: Level((7, 10), 18, 50, (28, 40), (60, 116), 34, 70, 7, 18, 4, 58, 6, 5, 80, (5, 6)),
}


def check_level(level: int) -> Level:
    """Return the level of this number.

    Raises:
        UsageError: there is no such level.
    """
    if level not in LEVELS:
        raise UsageError(f"no difficulty {level}. Give one of {', '.join(map(str, LEVELS))}.")
    return LEVELS[level]
