"""Splits share no content, and training never shows what is held out."""

import hashlib
import re
from itertools import islice

import pytest

from mmbench_tasks.worlds.scenes import caption_rows, inventory_rows, vqa_rows
from mmbench_tasks.worlds.scenes.model import COLOURS, HELD_OUT, SHAPES
from mmbench_tasks.worlds.scenes.rows import EVERY, asked_scenes
from mmbench_tasks.worlds.scenes.words.signs import HELD_OUT_WORDS, SIGN_WORDS
from mmbench_tasks.worlds.streams import split_of


def scenes(split, count, **options):
    return list(islice(asked_scenes(split, **options), count))


def hashes(split, seeds):
    drawn = [scene for seed in seeds for scene, _ in scenes(split, 150, seed=seed)]
    return {hashlib.sha256(scene.key.encode()).hexdigest() for scene in drawn}


def names_held_out(question):
    return any(re.search(rf"\b{colour} {shape}s?\b", question.lower()) for colour, shape in HELD_OUT)


def test_no_content_is_in_two_splits_whatever_the_seed():
    train, validation, test = (hashes(split, (0, 1)) for split in ("train", "validation", "test"))
    assert min(len(train), len(validation), len(test)) > 290
    assert not train & validation
    assert not train & test
    assert not validation & test


def test_contents_are_kept_apart_by_construction():
    for split in ("train", "validation", "test"):
        assert all(split_of(scene.key) == split for scene, _ in scenes(split, 60, seed=9, form="yes_no"))


def test_no_picture_is_in_two_splits():
    pictures = [
        {row["image"].digest for row in islice(rows(split), 40)}
        for rows in (vqa_rows, caption_rows, inventory_rows)
        for split in ("train", "validation", "test")
    ]
    assert sum(map(len, pictures)) == len(set.union(*pictures))


def test_one_colour_of_each_shape_is_held_out():
    assert sorted(colour for colour, _ in HELD_OUT) == sorted(COLOURS)
    assert sorted(shape for _, shape in HELD_OUT) == sorted(SHAPES)


def test_training_and_validation_never_show_what_is_held_out():
    for split in ("train", "validation"):
        for scene, rows in scenes(split, 150):
            assert not any(thing.held_out for thing in scene.things)
            assert scene.sign is None or scene.sign.text in SIGN_WORDS
            assert all((row["split_kind"], row["holdout"]) == ("plain", "") for row in rows)
            assert not any(names_held_out(row["question"]) for row in rows)


def test_words_held_out_are_no_others():
    assert not set(SIGN_WORDS) & set(HELD_OUT_WORDS)
    assert len(set(SIGN_WORDS)) == len(SIGN_WORDS)


def test_every_fifth_test_scene_is_held_out_in_one_of_three_ways():
    drawn = scenes("test", 60)
    held = [i for i, (_, rows) in enumerate(drawn) if any(row["holdout"] for row in rows)]
    assert held == [i for i in range(60) if i % EVERY == EVERY - 1]
    assert {row["holdout"] for _, rows in drawn for row in rows} == {"", "pair", "chain", "word"}


def test_held_out_rows_need_what_is_held_out():
    for scene, rows in scenes("test", 45, holdout="only"):
        for row in rows:
            if row["holdout"] == "pair":
                assert any(thing.held_out for thing in scene.things) or names_held_out(row["question"])
            if row["holdout"] == "word":
                assert scene.sign.text in HELD_OUT_WORDS
            if row["holdout"] == "chain":
                assert row["question"].count(" that is ") >= 2
            assert row["split_kind"] == ("holdout" if row["holdout"] else "plain")


def test_plain_rows_of_the_test_split_hold_nothing_held_out():
    for scene, rows in scenes("test", 120, holdout="never"):
        assert not any(thing.held_out for thing in scene.things)
        assert {row["split_kind"] for row in rows} == {"plain"}


def test_inventories_hold_out_pairs_and_words():
    for row in islice(inventory_rows("test", holdout="only", size=64), 30):
        held = any(f"{colour} {shape}" in row["facts"] for colour, shape in HELD_OUT)
        words = any(f"sign: {word}" in row["facts"] for word in HELD_OUT_WORDS)
        assert (held, words) == (row["holdout"] == "pair", row["holdout"] == "word")
    for row in islice(inventory_rows("test", holdout="never", size=64), 30):
        assert not any(f"{colour} {shape}" in row["facts"] for colour, shape in HELD_OUT)


@pytest.mark.parametrize(("holdout", "share"), [("never", 0.0), ("auto", 0.2), ("only", 1.0)])
def test_captions_hold_out_pairs(holdout, share):
    rows = list(islice(caption_rows("test", holdout=holdout), 30))
    assert sum(row["split_kind"] == "holdout" for row in rows) == share * 30
    for row in rows:
        held = any(f"{colour} {shape}" in row["facts"] for colour, shape in HELD_OUT)
        assert held == (row["split_kind"] == "holdout")
