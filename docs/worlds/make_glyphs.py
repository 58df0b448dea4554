"""Draw the letters that scenes use into one picture, so that no font engine is needed when a scene is made.

Run once, with Pillow and a folder with DejaVu fonts (matplotlib ships one); the result is part of the package:

    python docs/worlds/make_glyphs.py FOLDER
"""

import json
import sys
from pathlib import Path

import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:.-'!?&"
FACES = {"sans": "DejaVuSans-Bold.ttf", "serif": "DejaVuSerif-Bold.ttf", "mono": "DejaVuSansMono-Bold.ttf"}
HEIGHT, SIZE, BASELINE = 64, 52, 50
TARGET = Path(__file__).parents[2] / "tasks/mmbench_tasks/worlds/scenes/pixels/font"


def main(folder: Path) -> None:
    """Draw the letters of all faces, and write down how wide each is."""
    """Write the glyphs of all faces into a folder."""
    rows, table = [], {}
    for face, file in FACES.items():
        font = PIL.ImageFont.truetype(str(folder / file), SIZE, layout_engine=PIL.ImageFont.Layout.BASIC)
        widths = [round(font.getlength(letter)) for letter in LETTERS]
        row = PIL.Image.new("L", (sum(widths), HEIGHT))
        draw = PIL.ImageDraw.Draw(row)
        at = 0
        for letter, width in zip(LETTERS, widths, strict=True):
            draw.text((at, BASELINE), letter, fill=255, font=font, anchor="ls")
            at += width
        rows.append(row)
        table[face] = widths
    sheet = PIL.Image.new("L", (max(row.width for row in rows), HEIGHT * len(rows)))
    for i, row in enumerate(rows):
        sheet.paste(row, (0, i * HEIGHT))
    sheet.save(TARGET / "glyphs.png", optimize=True)
    facts = {"letters": LETTERS, "height": HEIGHT, "baseline": BASELINE, "widths": table}
    (TARGET / "glyphs.json").write_text(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
