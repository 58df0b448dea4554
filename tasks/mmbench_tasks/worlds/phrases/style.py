"""A style: which of several ways to say the same."""


class Style:
    """Three switches that a grammar asks about; it remembers which ones made a difference.

    ``style & 2`` is true if the second switch is on. What the switches mean is told by each grammar.
    """

    __slots__ = ("asked", "bits")

    def __init__(self, bits: int = 0) -> None:
        self.bits = bits
        self.asked = 0
        """The switches that were asked about."""

    def __and__(self, bit: int) -> int:
        self.asked |= bit
        return self.bits & bit


PLAIN = Style()
KNOWN = Style(1)
"""The switches as the Chinese grammar wants them where everybody knows which thing is meant."""
