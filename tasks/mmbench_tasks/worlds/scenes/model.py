"""What a scene is: the facts behind a picture, with no pixels and no words.

Lengths are in units of a picture 224 wide and 224 high, x to the right and y down; a thing's ``(x, y)`` is where
it touches the floor. All are whole numbers, so that a scene reads the same on every machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Attribute = Literal["size", "colour", "texture", "shape"]
Filter = Mapping[Attribute, str]
"""Values that a thing must have, e.g. ``{"colour": "red", "shape": "ball"}``."""

CANVAS = 224
HORIZON = 96
"""Where the wall meets the floor."""

SIZES = ("small", "large")
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
TEXTURES = ("plain", "striped", "spotted", "checked")
SHAPES = ("ball", "cube", "cylinder", "cone", "pyramid", "ring", "star", "heart")

ATTRIBUTES: tuple[Attribute, ...] = ("size", "colour", "texture", "shape")
VALUES: Mapping[Attribute, tuple[str, ...]] = {
    "size": SIZES,
    "colour": COLOURS,
    "texture": TEXTURES,
    "shape": SHAPES,
}

LETTERS = "BCDEFGHJKLMNPRSTUVWXYZ"
"""What stickers bear: no I, O or Q, which are mistaken for other signs, and no A, an article that metrics drop."""
CHART_LETTERS = "BCDEFGHK"
CHART_STYLES = ("bar", "line", "pie")

HELD_OUT = frozenset((COLOURS[i], SHAPES[(i + 3) % len(SHAPES)]) for i in range(len(COLOURS)))
"""(colour, shape) pairs that no plain scene contains: one a colour and one a shape, so that none stands out."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One solid on the floor."""

    size: str
    colour: str
    texture: str
    shape: str
    x: int = 0
    y: int = 0
    radius: int = 0
    turn: int = 0
    label: str = ""

    def matches(self, wanted: Filter) -> bool:
        """Tell whether this thing has all the wanted values."""
        return all(getattr(self, name) == value for name, value in wanted.items())

    def values(self, names: tuple[Attribute, ...]) -> tuple[str, ...]:
        """Return the values of the named attributes."""
        return tuple(getattr(self, name) for name in names)

    @property
    def held_out(self) -> bool:
        """Whether the pair of colour and shape is one that plain scenes lack."""
        return (self.colour, self.shape) in HELD_OUT

    @property
    def kind(self) -> str:
        """All four attributes, in the order of English adjectives."""
        return f"{self.size} {self.colour} {self.texture} {self.shape}"


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign with one word, in lower case; ``style`` sets case, face and colours."""

    text: str
    style: int = 0


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock face; ``hour`` 1 to 12, ``minute`` a multiple of 5."""

    hour: int
    minute: int
    style: int = 0

    @property
    def time(self) -> str:
        """The time as on a digital clock: ``"3:05"``."""
        return f"{self.hour}:{self.minute:02d}"


@dataclass(frozen=True, slots=True)
class Chart:
    """A small chart, "bar", "line" or "pie": ``values`` (1 to 9) for ``labels`` (capital letters)."""

    style: str
    labels: tuple[str, ...]
    values: tuple[int, ...]
    tint: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that is drawn but never asked about.

    Attributes:
        wall: colour and pattern of the wall.
        floor: colour and pattern of the floor.
        light: 1 for light from the left, -1 for light from the right.
        noise: strength of the grain, 0 to 128.
        dim: how much light is missing, 0 to 255.
        tint: how far the light is off white, in 256ths of red, green and blue.
        grain: which grain, and small shifts.
        slots: what hangs in the three places of the wall: "sign", "clock", "chart", "window", "art" or "".
    """

    wall: int
    floor: int
    light: int
    noise: int
    dim: int
    tint: tuple[int, int, int]
    grain: int
    slots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """The facts of one picture; ``things`` go from far to near, the order in which they are painted.

    ``visible`` holds the share of each thing's outline, in percent, that no nearer thing covers.
    """

    level: int
    things: tuple[Thing, ...]
    look: Look
    visible: tuple[int, ...] = ()
    sign: Sign | None = None
    clock: Clock | None = None
    chart: Chart | None = None

    @property
    def key(self) -> str:
        """The content that decides the split: which things there are and what the wall says, not where or how."""
        kinds = ",".join(sorted(thing.kind for thing in self.things))
        sign = self.sign.text if self.sign else ""
        clock = self.clock.time if self.clock else ""
        chart = f"{self.chart.labels}{self.chart.values}" if self.chart else ""
        return f"{kinds}|{sign}|{clock}|{chart}"
