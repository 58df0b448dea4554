"""Difficulty: what changes in a picture from level 1 to level 5. The questions stay the same."""

from dataclasses import dataclass

from mmbench.errors import UsageError


@dataclass(frozen=True, slots=True)
class Level:
    """How hard it is to see what a scene holds.

    Attributes:
        things: the fewest and the most things; a scene's questions may ask for more.
        radius: of a large thing that stands halfway to the wall; small ones have 55 percent of it.
        visible: every thing shows at least this share of its outline, in percent.
        noise: strength of the grain, 0 to 128.
        dim: how much light is taken away, 0 to 255.
    """

    things: tuple[int, int]
    radius: int
    visible: int
    noise: tuple[int, int]
    dim: tuple[int, int]


LEVELS: dict[int, Level] = {
    1: Level(things=(4, 5), radius=26, visible=100, noise=(0, 0), dim=(0, 0)),
    2: Level(things=(4, 6), radius=24, visible=95, noise=(0, 8), dim=(0, 16)),
    3: Level(things=(5, 7), radius=22, visible=80, noise=(6, 18), dim=(0, 48)),
    4: Level(things=(6, 8), radius=20, visible=65, noise=(14, 30), dim=(16, 90)),
    5: Level(things=(7, 10), radius=18, visible=50, noise=(26, 48), dim=(60, 130)),
}


def check_level(level: int) -> Level:
    """Return the level of this number.

    Raises:
        UsageError: there is no such level.
    """
    if level not in LEVELS:
        raise UsageError(f"no difficulty {level}. Give one of {', '.join(map(str, LEVELS))}.")
    return LEVELS[level]
