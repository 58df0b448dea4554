"""Draw with matplotlib, and make of its SVG a part of the page.

A page with a strict content policy takes no inline styles, and a page with a dark side takes no fixed colours. So
figures are drawn in the placeholder colours of :data:`INKS`; here every style becomes attributes and every
placeholder a class, which the style sheet colours.
"""

import io
import warnings
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MODEL_INKS = 6
"""Colours for models; more of them begin again, as rings."""
INKS = {"ink": "#000001", "muted": "#000002", "grid": "#000003", "paper": "#000004"} | {
    f"model{index}": f"#00001{index}" for index in range(MODEL_INKS)
}
"""Placeholder colours by the name of their class: ``f-NAME`` fills, ``s-NAME`` strokes."""

_NAMES = {colour: name for name, colour in INKS.items()}
_KEPT = {"stroke-width", "stroke-linecap", "text-anchor", "font-size", "font-weight", "opacity", "fill-opacity"}
_SETTINGS = {"svg.fonttype": "none", "svg.hashsalt": "mmbench", "path.simplify": False}
_NOTHING = {"Date": None, "Creator": None, "Format": None, "Type": None}


def ink_of(index: int) -> str:
    """Return the name of a model's colour."""
    return f"model{index % MODEL_INKS}"


class Canvas:
    """A drawing of ``width`` x ``height`` pixels; x runs to the right, y downwards, one unit a pixel."""

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.figure import Figure

        self.width, self.height = width, height
        self._figure = Figure(figsize=(width / 72, height / 72), dpi=72)
        self._figure.patch.set_visible(False)
        self.axes: Axes = self._figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.axes.set(xlim=(0, width), ylim=(height, 0))
        self.axes.axis("off")

    def text(self, x: float, y: float, text: str, ink: str = "ink", size: float = 12, **how: Any) -> None:
        """Write a line; ``y`` is its middle."""
        style: dict[str, Any] = {
            "color": INKS[ink],
            "fontsize": size,
            "va": "center_baseline",
            "parse_math": False,
        }
        self.axes.text(x, y, text, **style, **how)

    def bar(self, x: float, y: float, width: float, height: float, ink: str, alpha: float = 1.0) -> None:
        """Fill a rectangle."""
        from matplotlib.patches import Rectangle

        self.axes.add_patch(Rectangle((x, y), width, height, facecolor=INKS[ink], linewidth=0, alpha=alpha))

    def dot(self, x: float, y: float, radius: float, ink: str) -> None:
        """Fill a circle."""
        from matplotlib.patches import Circle

        self.axes.add_patch(Circle((x, y), radius, facecolor=INKS[ink], linewidth=0))

    def mark(self, x: float, y: float, radius: float, index: int) -> None:
        """Draw a model's dot; a ring where its colour is in use already."""
        self.dot(x, y, radius, ink_of(index))
        if index >= MODEL_INKS:
            self.dot(x, y, radius * 0.5, "paper")

    def line(self, x: tuple[float, float], y: tuple[float, float], ink: str, width: float, order: int = 2) -> None:
        """Draw a straight line; those of a lower ``order`` lie beneath."""
        self.axes.plot(x, y, color=INKS[ink], linewidth=width, solid_capstyle="butt", zorder=order)

    def path(self, x: Sequence[float], y: Sequence[float], ink: str, width: float) -> None:
        """Draw a line through points."""
        self.axes.plot(x, y, color=INKS[ink], linewidth=width, solid_capstyle="round", solid_joinstyle="round")

    def svg(self, label: str, name: str) -> str:
        """Return the drawing as an ``svg`` element that screen readers call ``label``; ``name`` is its class."""
        import matplotlib
        from matplotlib.backends.backend_svg import FigureCanvasSVG

        out = io.BytesIO()
        with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", "Glyph .* missing from font"
            )  # the reader's browser has its own fonts
            FigureCanvasSVG(self._figure).print_svg(out, metadata=_NOTHING)
        return _inline(out.getvalue(), label, name, f"0 0 {self.width:g} {self.height:g}")


def _inline(document: bytes, label: str, name: str, box: str) -> str:
    root = ElementTree.fromstring(document)
    bare = ElementTree.Element("svg", {"class": name, "viewBox": box, "role": "img", "aria-label": label})
    for element in root.iter():
        tag = _local(element.tag)
        if tag in ("path", "text"):
            bare.append(_leaf(element, tag))
    return ElementTree.tostring(bare, encoding="unicode")


def _leaf(element: ElementTree.Element, tag: str) -> ElementTree.Element:
    kept: dict[str, str] = {key: value for key, value in element.attrib.items() if key in ("d", "x", "y")}
    if "d" in kept:
        kept["d"] = " ".join(kept["d"].split())
    classes = []
    for declaration in element.attrib.get("style", "").split(";"):
        key, _, value = (part.strip() for part in declaration.partition(":"))
        if key in ("fill", "stroke") and value in _NAMES:
            classes.append(f"{key[0]}-{_NAMES[value]}")
        elif key in ("fill", "stroke") or key in _KEPT:
            kept[key] = value
    if classes:
        kept["class"] = " ".join(classes)
    leaf = ElementTree.Element(tag, kept)
    leaf.text = element.text
    return leaf


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
