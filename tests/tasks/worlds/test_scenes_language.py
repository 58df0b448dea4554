"""Questions and captions are varied, well formed and say only what is so."""

import doctest
import re
from collections import defaultdict
from itertools import islice

import pytest

from mmbench_tasks.worlds.scenes import caption_rows, extract_facts, facts
from mmbench_tasks.worlds.scenes.rows import asked_scenes
from mmbench_tasks.worlds.scenes.words import surface
from mmbench_tasks.worlds.scenes.words.forms import FORMS
from mmbench_tasks.worlds.scenes.words.nouns import phrase
from mmbench_tasks.worlds.scenes.words.surface import forms, realise
from mmbench_tasks.worlds.streams import stream

VALUE = "(?:small|little|large|big|red|orange|yellow|green|blue|purple|pink|brown|striped|spotted|checked)"


@pytest.fixture(scope="module")
def asked():
    return [row for _, rows in islice(asked_scenes("validation", seed=5), 500) for row in rows]


@pytest.fixture(scope="module")
def told():
    return list(islice(caption_rows("test", seed=5), 60))


@pytest.mark.parametrize("module", [surface, facts])
def test_examples_run(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_there_are_hundreds_of_forms():
    counts = {name: sum(forms(form) for form in group) for name, group in FORMS.items()}
    assert sum(counts.values()) > 1200
    assert min(counts.values()) >= 12, min(counts, key=counts.get)
    for name in ("existence", "counting", "colour", "shape"):
        assert counts[name] > 60, name


def test_no_template_shows_after_ten_questions(asked):
    openings = defaultdict(list)
    for row in asked:
        openings[row["type"]].append(" ".join(row["question"].split()[:3]))
    for name, starts in openings.items():
        assert len(set(starts[:10])) >= 5, (name, starts[:10])


def test_questions_seldom_repeat(asked):
    free = [
        row["question"] for row in asked if row["type"] not in ("reading", "clock", "chart_extreme", "chart_value")
    ]
    assert len(set(free)) > 0.97 * len(free)


def test_texts_are_well_formed(asked, told):
    texts = [row["question"] for row in asked] + [text for row in told for text in row["references"]]
    for text in texts:
        assert text[0].isupper() or text[0].isdigit(), text
        assert text[-1] in "?.", text
        assert not re.search(r"[<>\[\]|]|  | [,.?:]|\.\.|\?\.", text), text
        assert not re.search(r"\b[Aa] (?:orange|object|item|image|empty)", text), text
        assert not re.search(r"\b[Aa]n (?!orange|object|item|image|empty)", text), text
        assert not re.search(r"\b(\w+) \1\b", text), text


def test_number_and_verb_agree(told):
    for row in told:
        for text in row["references"]:
            assert not re.search(r"there is (?:two|three|four|five|six)\b", text.lower()), text
            assert not re.search(rf"\b(two|three|four|five|six) ({VALUE} )*(ball|cube|cone|star|heart)\b", text), (
                text
            )


def test_alternatives_nest_and_brackets_must_close():
    chance = stream("words", "1", "test", 0, 0)
    said = {realise("[a [big|small]|the] dog , <x>.", {"x": "so"}, chance) for _ in range(60)}
    assert said == {"A big dog, so.", "A small dog, so.", "The dog, so."}
    for broken in ("[a|b", "a|b", "a]"):
        with pytest.raises(ValueError, match="unbalanced"):
            realise(broken, {}, chance)


def test_noun_phrases_name_what_is_wanted_and_no_more():
    chance = stream("words", "1", "test", 0, 1)
    wanted = {"size": "large", "colour": "orange", "texture": "spotted", "shape": "ring"}
    said = {phrase(wanted, chance, article="a") for _ in range(300)}
    assert len(said) > 20
    for text in said:
        assert extract_facts(text) == {"ring", "large ring", "orange ring", "spotted ring"}, text
    assert {phrase({"colour": "red"}, chance, plural=True, article="") for _ in range(50)} == {
        "red things",
        "red objects",
        "red items",
    }


def test_captions_state_facts_only_and_the_first_states_all(told):
    for row in told:
        true = set(row["facts"])
        assert extract_facts(row["references"][0]) == true
        for text in row["references"][1:]:
            assert extract_facts(text) <= true, (text, extract_facts(text) - true)


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("", set()),
        ("There is nothing here.", set()),
        ("Two small red balls.", {"ball", "small ball", "red ball", "2 red ball"}),
        ("A red ball and a large red ball.", {"ball", "red ball", "large ball", "2 red ball"}),
        ("The red ball is left of the red ball.", {"ball", "red ball"}),
        ("A big sphere that is green.", {"ball", "large ball", "green ball"}),
        ("The cube is blue and the star is huge.", {"cube", "blue cube", "star", "large star"}),
        ("A red and white striped cone", {"cone", "red cone", "striped cone"}),
        ("a tiny box with dots, a donut", {"cube", "small cube", "spotted cube", "ring"}),
        ("There is a pie chart.", {"pie chart"}),
        ("The sign reads 'EXIT'.", {"sign", "sign: exit"}),
        ("A clock shows 12:05.", {"clock", "clock: 12:05"}),
        ("Red, blue. A heart", {"heart"}),
    ],
)
def test_facts_are_read_out_of_any_text(text, stated):
    assert extract_facts(text) == stated
