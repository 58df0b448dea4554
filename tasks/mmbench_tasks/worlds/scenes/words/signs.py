"""Words that signs bear: short, common, and hard to mistake for one another."""

SIGN_WORDS: tuple[str, ...] = tuple(
    """
    open exit cafe bank park zoo farm taxi pizza hotel music books toys shoes fruit milk bread fish soup tea
    juice salad honey lemon apple melon grape peach olive river beach lake hill forest garden bridge castle tower
    train bus tram ferry plane ticket museum cinema circus school office market studio gym pool hall lobby stairs
    press push pull stop slow wait quiet danger help info sale free north south east west spring summer winter
    sunday monday friday silver gold copper tiger zebra panda koala eagle robin otter horse sheep rabbit violin
    piano guitar
    """.split()
)

HELD_OUT_WORDS: tuple[str, ...] = tuple(
    """
    bakery library harbor closed enter pharmacy jazz cherry island valley rocket bicycle theatre kitchen autumn
    bronze dolphin falcon trumpet sugar maple candle velvet pocket
    """.split()
)
"""Words on signs that training never shows."""
