import io
from dataclasses import replace
from itertools import islice

import numpy as np
import PIL.Image
import pytest

from mmbench.errors import UsageError
from mmbench.schema import Image
from mmbench_tasks.worlds.scenes import caption_rows, extract_facts, inventory_rows, vqa_rows
from mmbench_tasks.worlds.scenes.facts import inventory
from mmbench_tasks.worlds.scenes.kinds import KINDS
from mmbench_tasks.worlds.scenes.model import SHAPES, Clock, Look, Scene, Thing
from mmbench_tasks.worlds.scenes.rows import asked_scenes

YES_NO = {kind.type for kind in KINDS if kind.answer_type == "yes/no"}


def some(rows, count):
    return list(islice(rows, count))


def text_of(rows):
    return [{key: value for key, value in row.items() if key != "image"} for row in rows]


def test_a_question_has_all_fields():
    row = next(vqa_rows("test"))
    assert set(row) == {
        "id",
        "image",
        "question",
        "answers",
        "type",
        "answer_type",
        "choices",
        "cluster",
        "difficulty",
        "split_kind",
        "holdout",
        "facts",
        "evidence",
    }
    assert isinstance(row["image"], Image)
    assert row["answers"] == [row["answers"][0].lower()]


def test_a_question_carries_the_facts_of_its_scene():
    for scene, rows in some(asked_scenes("test", seed=2), 30):
        facts = rows[0]["facts"]
        assert len(facts) == len(scene.things) + sum(map(bool, (scene.sign, scene.clock, scene.chart)))
        assert facts[0].startswith(scene.things[0].kind)
        if scene.clock:
            assert f"clock: {scene.clock.time}" in facts


def test_a_caption_has_five_different_references():
    for row in some(caption_rows("test"), 20):
        assert len(set(row["references"])) == 5
        assert extract_facts(row["references"][0]) == set(row["facts"])


def test_an_inventory_tells_all_that_is_in_its_picture():
    rows = some(inventory_rows("test", size=64), 60)
    assert all(extract_facts(row["references"][0]) == set(row["facts"]) for row in rows)
    lists = " ".join(row["references"][0] for row in rows)
    assert all(told in lists for told in (", letter ", "a sign says ", "a clock at ", " chart, "))
    assert {row["holdout"] for row in rows} == {"", "pair", "word"}
    assert {row["split_kind"] for row in rows} == {"plain", "holdout"}
    late = next(inventory_rows("test", size=64, start=7))
    assert (late["id"], late["references"]) == ("scenes-inventory-test-7", rows[7]["references"])


def test_an_inventory_goes_from_left_to_right_and_then_over_the_wall():
    ball, cube = (Thing("small", "red", "plain", shape, x=x) for shape, x in (("ball", 90), ("cube", 20)))
    look = Look(0, 0, 1, 0, 0, (0, 0, 0), 0)
    scene = Scene(1, (ball, replace(cube, label="H")), look, (100, 100), clock=Clock(3, 5))
    assert inventory(scene) == "a small red plain cube, letter h; a small red plain ball; a clock at 3:05"


def test_pictures_decode_to_the_size_asked_for():
    for size in (64, 224, 300):
        picture = next(vqa_rows("test", size=size))["image"].open()
        assert (picture.size, picture.mode) == ((size, size), "RGB")


def test_questions_about_one_scene_share_its_picture_and_cluster():
    rows = some(vqa_rows("test", questions=3), 9)
    clusters = [row["cluster"] for row in rows]
    assert clusters == [cluster for cluster in dict.fromkeys(clusters) for _ in range(3)]
    assert len({id(row["image"]) for row in rows}) == 3
    assert all(len({row["type"] for row in rows[i : i + 3]}) == 3 for i in (0, 3, 6))


def test_ids_are_unique_over_rows_seeds_and_splits():
    ids = [
        row["id"] for seed in (0, 1) for split in ("train", "test") for row in some(vqa_rows(split, seed=seed), 40)
    ]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("start", [1, 6, 4])
def test_any_row_can_be_had_without_those_before_it(start):
    assert text_of(some(vqa_rows("test", start=start), 5)) == text_of(some(vqa_rows("test"), start + 5)[start:])
    later = some(vqa_rows("test", start=start), 1)[0]["image"]
    assert later.digest == some(vqa_rows("test"), start + 1)[start]["image"].digest


def test_captions_can_be_had_from_anywhere():
    late = next(caption_rows("validation", start=7))
    assert late["id"] == "scenes-caption-validation-7"
    assert late["references"] == some(caption_rows("validation"), 8)[7]["references"]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    first, again, other = (next(vqa_rows("test", seed=seed)) for seed in (3, 3, 4))
    assert first["image"].digest == again["image"].digest != other["image"].digest
    assert text_of([first]) == text_of([again])


def test_forms_hold_the_questions_they_promise():
    types = {form: {row["type"] for row in some(vqa_rows("test", form=form), 160)} for form in ("open", "yes_no")}
    assert types["yes_no"] == YES_NO
    assert not types["open"] & YES_NO
    assert {row["answers"][0] for row in some(vqa_rows("test", form="yes_no"), 40)} == {"yes", "no"}


def test_choices_hold_the_answer_once_in_every_place():
    rows = some(vqa_rows("test", form="choice", holdout="never"), 400)
    assert all(row["choices"].count(row["answers"][0]) == 1 for row in rows)
    assert all(len(set(row["choices"])) == len(row["choices"]) <= 4 for row in rows)
    places = [row["choices"].index(row["answers"][0]) for row in rows if len(row["choices"]) == 4]
    assert all(0.18 < places.count(place) / len(places) < 0.32 for place in range(4))


@pytest.mark.parametrize("types", ["colour", "colour+shape+size+texture", "reading+reading_check+chart_value"])
def test_questions_of_chosen_types_only_from_any_row_on(types):
    rows = text_of(some(vqa_rows("test", types=types, size=64), 30))
    assert {row["type"] for row in rows} == set(types.split("+"))
    assert len({row["id"] for row in rows}) == 30
    assert text_of(some(vqa_rows("test", types=types, size=64, start=7), 3)) == rows[7:10]
    assert {"plain", "holdout"} == {row["split_kind"] for row in rows}


def test_types_that_cannot_be_held_out_are_plain():
    rows = some(vqa_rows("test", types="clock", size=64), 10)
    assert {row["split_kind"] for row in rows} == {"plain"}


def test_scenes_hold_few_things_where_asked_to():
    asked = [len(scene.things) for scene, _ in some(asked_scenes("train", things=1, types="colour+shape"), 60)]
    assert asked.count(1) > 40  # else that thing is of another split
    compared = [len(scene.things) for scene, _ in some(asked_scenes("train", things=1, types="spatial"), 20)]
    assert min(compared) == 2  # no fewer than a question is about
    told = [set(row["facts"]) & set(SHAPES) for row in some(caption_rows("train", things=1, size=64), 20)]
    assert {len(shapes) for shapes in told} == {1}


def test_difficulty_sets_the_level_and_none_mixes_all():
    assert {row["difficulty"] for row in some(vqa_rows("test", difficulty=4), 12)} == {4}
    assert {row["difficulty"] for row in some(vqa_rows("test"), 120)} == {1, 2, 3, 4, 5}
    assert {row["difficulty"] for row in some(caption_rows("test"), 40)} == {1, 2, 3, 4, 5}


def test_levels_ask_alike_so_that_only_the_picture_gets_harder():
    asked = [
        [
            (row["type"], row["answers"])
            for _, rows in some(asked_scenes("test", difficulty=level), 25)
            for row in rows
        ]
        for level in (1, 5)
    ]
    alike = [a == b for a, b in zip(*asked, strict=True)]
    assert sum(alike) > 0.9 * len(alike)
    things = [
        [len(scene.things) for scene, _ in some(asked_scenes("test", difficulty=level), 25)] for level in (1, 3, 5)
    ]
    assert sum(things[0]) < sum(things[1]) < sum(things[2])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split": "tset"}, "no split 'tset'.*Did you mean 'test'"),
        ({"difficulty": 6}, "no difficulty 6. Give one of 1, 2, 3, 4, 5"),
        ({"form": "opne"}, "no form 'opne'.*Did you mean 'open'"),
        ({"holdout": "sometimes"}, "no holdout 'sometimes'"),
        ({"split": "train", "holdout": "only"}, "never for train"),
        ({"size": 10}, "pictures of 10 pixels"),
        ({"questions": 0}, "0 questions"),
        ({"things": 0}, "at most 0 things"),
        ({"types": "colour+color"}, "no type 'color'.*Did you mean 'colour'"),
        ({"types": "clock", "form": "yes_no"}, "type clock do not have the form 'yes_no'"),
        ({"types": "clock", "holdout": "only"}, "no question of type clock can be held out"),
    ],
)
def test_wrong_parameters_are_told_in_one_line(options, message):
    with pytest.raises(UsageError, match=message):
        next(vqa_rows(options.pop("split", "test"), **options))


def test_png_bytes_are_what_pillow_reads():
    data = next(vqa_rows("test"))["image"].read()
    with PIL.Image.open(io.BytesIO(data)) as picture:
        assert picture.format == "PNG"
        assert np.asarray(picture).std() > 5
