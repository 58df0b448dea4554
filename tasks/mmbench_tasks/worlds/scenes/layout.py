"""Where things stand: on the floor, apart from each other, and seen well enough to be asked about."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mmbench_tasks.worlds.scenes.model import CANVAS, Thing
from mmbench_tasks.worlds.scenes.sprites import sprite
from mmbench_tasks.worlds.streams import Stream

FAR, NEAR = 116, 206
"""The farthest and the nearest line on the floor where a thing can stand."""
_TRIES = 16
_SMALL = 55
_MARGIN_X, _MARGIN_Y = 60, 40


def place(things: list[Thing], radius: int, shown: int, chance: Stream) -> list[Thing] | None:
    """Give every thing a position, a size in pixels and a turn; far ones first.

    Args:
        things: what is to be placed.
        radius: of a large thing halfway to the wall.
        shown: no thing may lose more of its outline than this leaves, in percent.
        chance: the source of choices.

    Returns:
        The things from far to near, or None if no room was found for one of them.
    """
    placed: list[Thing] = []
    for thing in things:
        for _ in range(_TRIES):
            y = chance.between(FAR, NEAR)
            percent = (100 if thing.size == "large" else _SMALL) * (76 + 44 * (y - FAR) // (NEAR - FAR))
            r = radius * percent // 10_000
            x = chance.between(r + 4, CANVAS - r - 4)
            if all(_apart(x, y, r, other, shown) for other in placed):
                placed.append(replace(thing, x=x, y=y, radius=r, turn=chance.below(3)))
                break
        else:
            return None
    return sorted(placed, key=lambda thing: (thing.y, thing.x))


def visible(things: list[Thing]) -> tuple[int, ...]:
    """Return the share of each thing's outline that no nearer thing covers, in percent, rounded down."""
    owner = np.full((CANVAS + 2 * _MARGIN_Y, CANVAS + 2 * _MARGIN_X), -1, dtype=np.int8)
    sizes = []
    for i, thing in enumerate(things):
        mask, left, top = _outline(thing.shape, thing.radius, thing.turn)
        y, x = thing.y + top + _MARGIN_Y, thing.x + left + _MARGIN_X
        owner[y : y + mask.shape[0], x : x + mask.shape[1]][mask] = i
        sizes.append(int(np.count_nonzero(mask)))
    seen = np.bincount(owner.ravel() + 1, minlength=len(things) + 1)
    return tuple(int(seen[i + 1]) * 100 // size for i, size in enumerate(sizes))


def _apart(x: int, y: int, r: int, other: Thing, shown: int) -> bool:
    """Tell whether two things do not cut into each other, and the farther one is likely to be seen well enough."""
    reach, gap = r + other.radius, abs(x - other.x)
    along = 2 * (y - other.y)
    if gap * gap + along * along <= reach * reach:
        return False
    near, far, r_near, r_far = (y, other.y, r, other.radius) if y > other.y else (other.y, y, other.radius, r)
    across = reach - gap
    over = far + r_far // 4 - (near - 2 * r_near)
    if across <= 0 or over <= 0:
        return True
    hidden = min(across, 2 * r_far) * min(over, 2 * r_far) * 100
    return hidden <= (100 - shown) * 4 * r_far * r_far


@lru_cache(maxsize=1024)
def _outline(shape: str, radius: int, turn: int) -> tuple[NDArray[np.bool_], int, int]:
    drawn = sprite(shape, "plain", radius, turn)
    return drawn.cover >= 128, drawn.left, drawn.top
