"""Sine and cosine from exactly rounded operations only, so that no C library can change their last bit."""

_QUARTER = 1.5707963267948966


def sine(turn: float) -> float:
    """Return the sine of an angle given in turns (1.0 is a full circle), to about 15 digits.

    >>> [round(sine(turn), 12) for turn in (0.0, 0.25, 1 / 12, -0.25)]
    [0.0, 1.0, 0.5, -1.0]
    """
    turn -= turn // 1
    sign = 1.0
    if turn >= 0.5:
        turn, sign = turn - 0.5, -1.0
    if turn > 0.25:
        turn = 0.5 - turn
    x = turn * 4 * _QUARTER
    term = total = x
    for k in range(1, 11):
        term = -term * x * x / ((2 * k) * (2 * k + 1))
        total += term
    return sign * total


def cosine(turn: float) -> float:
    """Return the cosine of an angle given in turns.

    >>> [round(cosine(turn), 12) for turn in (0.0, 0.5)]
    [1.0, -1.0]
    """
    return sine(turn + 0.25)
