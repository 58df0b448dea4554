"""What is drawn is what the facts say: colours, outlines, what hides what, letters, hands and bars."""

import zlib
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from mmbench_tasks.worlds.scenes.kinds.relations import HIDDEN
from mmbench_tasks.worlds.scenes.layout import visible
from mmbench_tasks.worlds.scenes.levels import LEVELS
from mmbench_tasks.worlds.scenes.model import COLOURS, SHAPES, TEXTURES, Chart, Clock, Look, Scene, Sign, Thing
from mmbench_tasks.worlds.scenes.pixels import png
from mmbench_tasks.worlds.scenes.pixels.draw import picture
from mmbench_tasks.worlds.scenes.pixels.glyphs import lettering, shrink
from mmbench_tasks.worlds.scenes.pixels.solids import SOLIDS
from mmbench_tasks.worlds.scenes.pixels.sprites import PAINT, sprite
from mmbench_tasks.worlds.scenes.rows import asked_scenes

BARE = Look(wall=0, floor=0, light=1, noise=0, dim=0, tint=(0, 0, 0), grain=0)


def drawn(*things, level=1, look=BARE, **wall):
    return picture(Scene(level, things, look, **wall)).astype(int)


def difference(a, b):
    return np.abs(a - b).max(axis=2) > 6


@pytest.mark.parametrize("colour", COLOURS)
def test_a_plain_thing_has_the_hue_of_its_colour(colour):
    part = drawn(Thing("large", colour, "plain", "ball", 112, 170, 26))[130:160, 100:124].reshape(-1, 3)
    shown = np.median(part, axis=0)
    nearest = min(
        PAINT, key=lambda name: np.linalg.norm(shown / shown.max() - np.array(PAINT[name]) / max(PAINT[name]))
    )
    assert nearest == colour or {nearest, colour} == {"orange", "brown"}


def test_brown_is_darker_than_orange():
    orange, brown = (drawn(Thing("large", name, "plain", "ball", 112, 170, 26)) for name in ("orange", "brown"))
    assert orange[130:160, 100:124].mean() > 1.4 * brown[130:160, 100:124].mean()


def test_paints_are_far_apart():
    paints = [np.array(paint) for paint in PAINT.values()]
    assert min(np.linalg.norm(a - b) for i, a in enumerate(paints) for b in paints[:i]) > 60


def test_shapes_have_different_outlines_and_every_pattern_shows():
    outlines = {shape: sprite(shape, 20, 0).cover > 128 for shape in SHAPES}
    assert set(outlines) == set(SOLIDS)
    for shape, outline in outlines.items():
        for other in SHAPES:
            if other != shape:
                assert np.mean(outline != outlines[other]) > 0.02, (shape, other)
        pictures = {t: drawn(Thing("small", "blue", t, shape, 112, 170, 9)) for t in TEXTURES}
        for texture in TEXTURES:
            for other in TEXTURES:
                if other != texture:
                    assert difference(pictures[texture], pictures[other]).sum() > 25, (shape, texture, other)


def test_small_things_never_look_as_large_as_large_ones():
    for level in LEVELS:
        for scene, _ in islice(asked_scenes("test", difficulty=level, seed=8, holdout="never"), 40):
            small = [thing.radius for thing in scene.things if thing.size == "small"]
            large = [thing.radius for thing in scene.things if thing.size == "large"]
            assert max(small, default=0) < 0.9 * min(large, default=99)


def test_the_visible_share_is_what_the_pixels_show():
    hidden = 0
    for scene, _ in islice(asked_scenes("test", difficulty=5, seed=2, holdout="never"), 30):
        bare = replace(scene, look=BARE, sign=None, clock=None, chart=None)
        whole = picture(bare).astype(int)
        for i, thing in enumerate(bare.things):
            solid = sprite(thing.shape, thing.radius, thing.turn)
            rows, columns = np.nonzero(solid.cover > 200)
            rows, columns = rows + thing.y + solid.top, columns + thing.x + solid.left
            inside = (rows >= 0) & (rows < 224) & (columns >= 0) & (columns < 224)
            others = tuple(other for j, other in enumerate(bare.things) if j != i)
            gone = np.abs(whole - picture(replace(bare, things=others)).astype(int)).max(axis=2) > 0
            share = 100 * gone[rows[inside], columns[inside]].mean()
            assert share == pytest.approx(scene.visible[i], abs=12), (scene.visible[i], thing)
            hidden += scene.visible[i] <= HIDDEN
    assert hidden > 10


def test_every_thing_shows_as_much_as_its_level_promises():
    for level, rules in LEVELS.items():
        for scene, rows in islice(asked_scenes("train", difficulty=level, seed=3), 30):
            assert visible(list(scene.things)) == scene.visible
            least = min(rules.visible, 75) if any(row["type"] == "occlusion" for row in rows) else rules.visible
            assert min(scene.visible) >= least
            assert all(seen >= 97 for thing, seen in zip(scene.things, scene.visible, strict=True) if thing.label)


def test_things_stay_inside_the_picture_and_apart():
    for scene, _ in islice(asked_scenes("test", seed=6), 60):
        for i, a in enumerate(scene.things):
            assert a.radius + 3 < a.x < 221 - a.radius
            for b in scene.things[:i]:
                assert (a.x - b.x) ** 2 + 4 * (a.y - b.y) ** 2 > (a.radius + b.radius) ** 2
        assert [thing.y for thing in scene.things] == sorted(thing.y for thing in scene.things)


def test_a_nearer_thing_hides_a_farther_one():
    far, near = (
        Thing("large", "red", "plain", "cube", 112, 150, 24),
        Thing("large", "blue", "plain", "ball", 120, 180, 26),
    )
    assert visible([far, near])[0] < 80
    assert tuple(drawn(far, near)[160, 120]) == tuple(drawn(near)[160, 120])


def test_signs_clocks_charts_and_stickers_change_with_what_they_say():
    hung = replace(BARE, slots=("sign", "clock", "chart"))
    bars = Chart("bar", ("A", "B", "C"), (3, 9, 5))
    first = drawn(look=hung, sign=Sign("open"), clock=Clock(3, 10), chart=bars)
    for other in (
        {"sign": Sign("exit")},
        {"clock": Clock(3, 15)},
        {"clock": Clock(4, 10)},
        {"chart": replace(bars, values=(3, 9, 6))},
        {"chart": replace(bars, labels=("A", "B", "D"))},
        {"chart": replace(bars, style="line")},
        {"chart": replace(bars, style="pie")},
    ):
        wall = {"sign": Sign("open"), "clock": Clock(3, 10), "chart": bars} | other
        assert difference(first, drawn(look=hung, **wall)).sum() > 8, other
    thing = Thing("large", "red", "plain", "cube", 112, 170, 24)
    stuck = [drawn(replace(thing, label=label)) for label in ("", "A", "B")]
    assert difference(stuck[0], stuck[1]).sum() > 60
    assert difference(stuck[1], stuck[2]).sum() > 8


def test_bars_are_as_high_as_their_values():
    hung = replace(BARE, slots=("chart", "", ""))
    heights = []
    for value in (2, 4, 8):
        tall = drawn(look=hung, chart=Chart("bar", ("A", "B"), (value, 1)))
        flat = drawn(look=hung, chart=Chart("bar", ("A", "B"), (1, 1)))
        heights.append(difference(tall, flat).any(axis=1).sum())
    assert heights[1] / heights[0] == pytest.approx(3, rel=0.3)
    assert heights[2] / heights[0] == pytest.approx(7, rel=0.3)


def test_the_hands_of_a_clock_point_where_they_should():
    hung = replace(BARE, slots=("clock", "", ""))
    for minute, (row, column) in {0: (-1, 0), 15: (0, 1), 30: (1, 0), 45: (0, -1)}.items():
        moved = difference(
            drawn(look=hung, clock=Clock(12, minute)), drawn(look=hung, clock=Clock(12, (minute + 25) % 60))
        )
        y, x = 40 + 20 * row, 38 + 20 * column
        assert moved[y - 4 : y + 5, x - 4 : x + 5].any()


def test_light_from_the_other_side_mirrors_a_thing():
    thing = Thing("large", "red", "plain", "ball", 112, 170, 24)
    left, right = drawn(thing), drawn(thing, look=replace(BARE, light=-1))
    assert left[140:150, 95:105].mean() > right[140:150, 95:105].mean() + 20


def test_noise_and_dimming_do_what_their_names_say():
    thing = Thing("large", "red", "plain", "ball", 112, 170, 24)
    changes = ({}, {"dim": 100}, {"noise": 40}, {"tint": (26, 0, -26)})
    clean, dim, noisy, warm = (drawn(thing, look=replace(BARE, **change)) for change in changes)
    assert dim.mean() == pytest.approx(clean.mean() * 156 / 256, abs=2)
    assert np.std(noisy - clean) > 8
    assert abs(np.mean(noisy - clean)) < 2
    assert (warm.mean(axis=(0, 1)) / clean.mean(axis=(0, 1)))[1:] == pytest.approx([0.9, 0.8], abs=0.01)


def test_lettering_has_the_height_asked_for_and_knows_its_letters():
    assert lettering("HE", "sans", 10).shape[0] in (10, 11)
    assert lettering("HE", "serif", 20).shape[1] > 1.7 * lettering("HE", "serif", 10).shape[1]
    assert lettering("A", "mono", 12).max() > 200
    with pytest.raises(KeyError, match="no glyph"):
        lettering("ß", "sans", 12)


def test_shrinking_keeps_the_mean():
    plane = np.arange(60, dtype=np.int32).reshape(6, 10) * 100
    assert shrink(plane, 3, 5).mean() == pytest.approx(plane.mean(), rel=0.01)
    assert shrink(plane, 6, 10).tolist() == plane.tolist()
    assert shrink(plane, 4, 3).mean() == pytest.approx(plane.mean(), rel=0.01)


def test_png_is_lossless_and_its_bytes_need_no_compressor():
    pixels = np.arange(30 * 20 * 3, dtype=np.uint32).astype(np.uint8).reshape(30, 20, 3)
    data = png.encode(pixels)
    start = data.index(b"IDAT") + 4
    raw = zlib.decompress(data[start:-16])
    assert np.array_equal(np.frombuffer(raw, np.uint8).reshape(30, 61)[:, 1:].reshape(30, 20, 3), pixels)
    assert len(data) == pytest.approx(30 * 61, abs=80)
