"""Where things stand: on the floor, apart from each other, and seen well enough to be asked about."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mmbench_tasks.worlds.scenes.levels import Level
from mmbench_tasks.worlds.scenes.model import CANVAS, Thing
from mmbench_tasks.worlds.scenes.pixels.sprites import sprite
from mmbench_tasks.worlds.streams import Stream

FAR, NEAR = 122, 210
"""The farthest and the nearest line on the floor where a thing can stand."""
_TRIES = 16
_SMALL = 58
"""The size of small things in percent of that of large ones."""
_FAR_SIZE, _NEAR_SIZE = 82, 114
"""How large things look at either end of the floor, in percent; no near small one looks like a far large one."""
_PARTLY = 55
"""The least share that is seen of a thing that is to be hidden in part, in percent."""
_EVEN = 14
"""From this size on, sizes are even numbers: half as many sprites to draw and to keep."""


def place(
    things: list[Thing], radius: int, rules: Level, chance: Stream, *, hide: bool = False
) -> list[Thing] | None:
    """Give every thing a position, a size in pixels and a turn; far ones first.

    Args:
        things: what is to be placed.
        radius: of a large thing halfway to the wall.
        rules: how crowded the floor is, and how much of every thing must be seen.
        chance: the source of choices.
        hide: whether the first two are to stand so that one hides a part of the other.

    Returns:
        The things from far to near, or None if no room was found for one of them.
    """
    placed: list[Thing] = []
    for thing in things:
        hiding = hide and len(placed) == 1
        shown = _PARTLY if hiding else rules.visible
        crowd = 100 if hiding else rules.crowd
        for _ in range(_TRIES):
            beside = chance.choice(placed) if placed and chance.below(100) < crowd else None
            x, y, r = _spot(radius if thing.size == "large" else radius * _SMALL // 100, beside, chance)
            if all(_apart(x, y, r, other, shown) for other in placed):
                placed.append(replace(thing, x=x, y=y, radius=r, turn=chance.below(3)))
                break
        else:
            return None
    return sorted(placed, key=lambda thing: (thing.y, thing.x))


def _spot(radius: int, beside: Thing | None, chance: Stream) -> tuple[int, int, int]:
    """Draw where a thing stands, anywhere or close to another one, and how large it looks there."""
    y = chance.between(FAR, NEAR) if beside is None else _inside(FAR, beside.y + chance.between(-30, 30), NEAR)
    r = radius * (_FAR_SIZE + (_NEAR_SIZE - _FAR_SIZE) * (y - FAR) // (NEAR - FAR)) // 100
    r = r if r < _EVEN else r & ~1
    x = chance.between(r + 4, CANVAS - r - 4)
    if beside is not None:
        away = chance.between(50, 90) * (r + beside.radius) // 100
        x = _inside(r + 4, beside.x + chance.choice((-away, away)), CANVAS - r - 4)
    return x, y, r


def _inside(low: int, value: int, high: int) -> int:
    return max(low, min(value, high))


def visible(things: list[Thing]) -> tuple[int, ...]:
    """Return the share of each thing's outline that no nearer thing covers, in percent, rounded down."""
    outlines = [_outline(thing.shape, thing.radius, thing.turn) for thing in things]
    boxes = [
        (thing.y + top, thing.x + left, thing.y + top + mask.shape[0], thing.x + left + mask.shape[1])
        for thing, (mask, left, top, _) in zip(things, outlines, strict=True)
    ]
    shares = []
    for i, (mask, _, _, pixels) in enumerate(outlines):
        y, x = boxes[i][:2]
        seen = mask
        for j in range(i + 1, len(things)):
            top, left = max(y, boxes[j][0]), max(x, boxes[j][1])
            bottom, right = min(boxes[i][2], boxes[j][2]), min(boxes[i][3], boxes[j][3])
            if top < bottom and left < right:
                if seen is mask:
                    seen = mask.copy()
                near = outlines[j][0][
                    top - boxes[j][0] : bottom - boxes[j][0], left - boxes[j][1] : right - boxes[j][1]
                ]
                seen[top - y : bottom - y, left - x : right - x] &= ~near
        shares.append(100 if seen is mask else int(np.count_nonzero(seen)) * 100 // pixels)
    return tuple(shares)


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
def _outline(shape: str, radius: int, turn: int) -> tuple[NDArray[np.bool_], int, int, int]:
    """Return the outline cut to its box, where the box lies, and how many pixels it has."""
    drawn = sprite(shape, radius, turn)
    mask = drawn.cover >= 128
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    cut = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return cut, drawn.left + int(columns[0]), drawn.top + int(rows[0]), int(np.count_nonzero(cut))
