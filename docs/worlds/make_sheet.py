"""Draw the picture sheet of the scenes' card: 24 scenes with questions or a caption each.

    python docs/worlds/make_sheet.py [--seed 0]

Rows of the sheet are the five levels of difficulty, and one of held-out scenes.
"""

import argparse
import io
import textwrap
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import PIL.Image
from matplotlib import pyplot

from mmbench_tasks.worlds.scenes import caption_rows, vqa_rows
from mmbench_tasks.worlds.scenes.levels import LEVELS

TARGET = Path(__file__).parent / "scenes.png"
ACROSS, WIDE = 4, 39
STEP = 8
"""Colours of the sheet are rounded to multiples of this, for a file of less than a megabyte."""

Cell = tuple[str, Any, list[tuple[str, str]]]


def cells(seed: int) -> Iterator[Cell]:
    """Yield title, picture and (question, answer) lines: three scenes with questions and one caption a row."""
    for level in [*LEVELS, 0]:
        options: dict[str, Any] = {"seed": seed + level, "difficulty": level or 2}
        options["holdout"] = "never" if level else "only"
        asked = list(islice(vqa_rows("test", **options), 4 * (ACROSS - 1)))
        for i in range(ACROSS - 1):
            rows = sorted(asked[4 * i : 4 * i + 4], key=lambda row: (not row["holdout"], len(row["question"])))[
                : 3 if level else 2
            ]
            title = f"difficulty {level}" if level else f"held out: {rows[0]['holdout']}"
            yield title, rows[0]["image"].open(), [(row["question"], row["answers"][0]) for row in rows]
        told = next(caption_rows("test", **options))
        title = f"difficulty {level}: a caption" if level else "held out: pair, a caption"
        yield title, told["image"].open(), [(min(told["references"], key=lambda text: abs(len(text) - 130)), "")]


def draw(axis: Any, cell: Cell) -> None:
    """Draw one scene with its lines; answers are blue and bold."""
    title, picture, lines = cell
    axis.imshow(picture, interpolation="antialiased")
    axis.set_axis_off()
    axis.set_title(title, fontsize=7.5, color="0.4", loc="left", pad=3)
    at = -0.035
    for question, answer in lines:
        wrapped = textwrap.wrap(question, WIDE)
        axis.text(0, at, "\n".join(wrapped), transform=axis.transAxes, fontsize=6.6, va="top", linespacing=1.2)
        at -= 0.058 * len(wrapped)
        if answer:
            blue = {"color": "#1f5fa8", "weight": "bold", "fontsize": 6.6, "va": "top"}
            axis.text(0.04, at, answer, transform=axis.transAxes, **blue)
            at -= 0.066


def main() -> None:
    """Draw the sheet."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=10)
    matplotlib.use("Agg")
    shown = list(cells(parser.parse_args().seed))
    down = len(shown) // ACROSS
    figure, axes = pyplot.subplots(down, ACROSS, figsize=(9.2, 3.62 * down), dpi=90)
    for axis, cell in zip(axes.ravel(), shown, strict=True):
        draw(axis, cell)
    figure.subplots_adjust(left=0.01, right=0.99, top=0.985, bottom=0.06, wspace=0.05, hspace=0.56)
    canvas = io.BytesIO()
    figure.savefig(canvas, format="png")
    with PIL.Image.open(canvas) as sheet:
        pixels = np.asarray(sheet.convert("RGB")).astype(int)
    rounded = np.minimum((pixels + STEP // 2) // STEP * STEP, 255).astype(np.uint8)
    PIL.Image.fromarray(rounded).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
