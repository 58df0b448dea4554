"""What a scene is: the facts behind a picture, with no pixels and no words.

Lengths are in units of a picture 224 wide and 224 high, x to the right and y down; a thing's ``(x, y)`` is where
it touches the floor. All are whole numbers, so that a scene reads the same on every machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Attribute = Literal["size", "colour", "texture", "shape"]
Filter = Mapping[Attribute, str]
"""Values that a thing must have, e.g. ``{"colour": "red", "shape": "ball"}``."""

CANVAS = 224

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
class Chart:
    """A small chart: ``values`` (whole numbers, 1 to 9) under ``labels`` (capital letters)."""

    style: str
    labels: tuple[str, ...]
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock face; ``hour`` 1 to 12, ``minute`` a multiple of 5."""

    hour: int
    minute: int

    @property
    def time(self) -> str:
        """The time as on a digital clock: ``"3:05"``."""
        return f"{self.hour}:{self.minute:02d}"


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that is drawn but never asked about."""

    wall: int
    floor: int
    light: int
    noise: int
    dim: int
    grain: int


@dataclass(frozen=True, slots=True)
class Scene:
    """The facts of one picture; ``things`` go from far to near, the order in which they are painted.

    ``visible`` holds the share of each thing's outline, in percent, that no nearer thing covers.
    """

    level: int
    things: tuple[Thing, ...]
    look: Look
    visible: tuple[int, ...] = ()
    sign: str = ""
    clock: Clock | None = None
    chart: Chart | None = None
    slots: Mapping[str, int] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The content that decides the split: which things there are and what the wall says, not where or how."""
        kinds = ",".join(sorted(thing.kind for thing in self.things))
        clock = self.clock.time if self.clock else ""
        chart = f"{self.chart.labels}{self.chart.values}" if self.chart else ""
        return f"{kinds}|{self.sign}|{clock}|{chart}"

    def matching(self, wanted: Filter) -> list[int]:
        """Return the positions of the things that have all the wanted values."""
        return [i for i, thing in enumerate(self.things) if thing.matches(wanted)]
