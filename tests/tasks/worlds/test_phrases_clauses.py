"""Phrases: two clauses in one sentence, what modifiers may not say, and what the levels add."""

import re
from itertools import islice, pairwise

import pytest

from mmbench_tasks.worlds.phrases import lexicon, translation_rows
from mmbench_tasks.worlds.phrases.meaning import (
    Both,
    Clause,
    Comparison,
    Copula,
    Joined,
    Location,
    Phrase,
    Superlative,
)
from mmbench_tasks.worlds.phrases.rows import Draft, write_one
from mmbench_tasks.worlds.phrases.second import coordinated
from mmbench_tasks.worlds.phrases.style import Style
from mmbench_tasks.worlds.streams import stream

LANGUAGES = ("en", "de", "fr", "zh")


def name(one):
    return Phrase(next(found for found in lexicon.names() if found.id == one))


def noun(one, article="the", **options):
    return Phrase(lexicon.nouns()[one], article, **options)


def when(one):
    return next(time for times in lexicon.times().values() for time in times if time.id == one)


def clause(verb, who, tense, thing=None, **options):
    return Clause(lexicon.verbs()[verb], name(who), tense, thing, **options)


def said(meaning):
    return [write_one(Draft("", meaning), language, Style(0)) for language in LANGUAGES]


READ = clause("read", "Anna", "past", noun("letter"))
WASHED = clause("wash", "Paul", "past", noun("car"))


@pytest.mark.parametrize(
    ("meaning", "texts"),
    [
        (
            Both(READ, "and", WASHED),
            (
                "Anna read the letter, and Paul washed the car.",
                "Anna hat den Brief gelesen und Paul hat das Auto gewaschen.",
                "Anna a lu la lettre et Paul a lavé la voiture.",
                "安娜读了那封信，保罗洗了那辆汽车。",
            ),
        ),
        (
            Both(READ._replace(negated="not"), "but", WASHED),
            (
                "Anna did not read the letter, but Paul washed the car.",
                "Anna hat den Brief nicht gelesen, aber Paul hat das Auto gewaschen.",
                "Anna n'a pas lu la lettre, mais Paul a lavé la voiture.",
                "安娜没读那封信，但是保罗洗了那辆汽车。",
            ),
        ),
        (  # a subordinate clause ends with a comma before "und"
            Both(Joined("knows", name("Emma"), READ), "and", WASHED),
            (
                "Emma knows that Anna read the letter, and Paul washed the car.",
                "Emma weiß, dass Anna den Brief gelesen hat, und Paul hat das Auto gewaschen.",
                "Emma sait qu'Anna a lu la lettre et Paul a lavé la voiture.",
                "艾玛知道安娜读了那封信，保罗洗了那辆汽车。",
            ),
        ),
        (
            Joined("says", name("Emma"), Comparison(name("Anna"), name("Paul"), lexicon.adjectives()["tall"])),
            (
                "Emma says that Anna is taller than Paul.",
                "Emma sagt, dass Anna größer ist als Paul.",
                "Emma dit qu'Anna est plus grande que Paul.",
                "艾玛说安娜比保罗高。",
            ),
        ),
    ],
)
def test_two_clauses(meaning, texts):
    assert said(meaning) == list(texts)


@pytest.mark.parametrize(
    ("meaning", "text"),
    [
        # what is known stands before the time and the negation
        (READ._replace(negated="not", time=when("yesterday")), "Anna hat den Brief gestern nicht gelesen."),
        (clause("feed", "Anna", "present", noun("cat"), negated="never"), "Anna füttert die Katze nie."),
        (clause("eat", "Anna", "present", noun("apple", "a"), negated="never"), "Anna isst nie einen Apfel."),
        (
            clause("give", "Anna", "past", noun("pen", "a"), other=name("Paul"), time=when("yesterday")),
            "Anna hat Paul gestern einen Stift gegeben.",
        ),
        (clause("wait_for", "Anna", "past", name("Paul"), negated="not"), "Anna hat nicht auf Paul gewartet."),
    ],
)
def test_order_in_the_german_middle_field(meaning, text):
    assert said(meaning)[1] == text


def test_chinese_relative_clauses_drop_what_is_too_much():
    from mmbench_tasks.worlds.phrases.meaning import Relative

    arrived = Relative(clause("arrive", "Anna", "past", time=when("yesterday")), "subject")
    assert (
        said(Copula(noun("boy", relative=arrived), lexicon.adjectives()["tired"]))[3] == "昨天到的那个男孩很累。"
    )


@pytest.mark.parametrize(
    "first",
    [
        READ,
        READ._replace(tense="future"),
        clause("know", "Anna", "present", name("Paul")),
        clause("live", "Anna", "present", place=lexicon.cities()[0]),
        Copula(name("Anna"), lexicon.adjectives()["tired"]),
        Copula(noun("computer"), lexicon.adjectives()["old"]),
        Location(noun("book"), "on", noun("table")),
        Superlative(lexicon.nouns()["lake"], lexicon.adjectives()["big"], READ),
        Comparison(name("Anna"), name("Paul"), lexicon.adjectives()["tall"]),
    ],
)
def test_what_goes_on_is_of_the_kind_and_about_somebody_else(first):
    for index in range(40):
        grown = coordinated(stream("test", "1", "test", 0, index), first)
        if isinstance(first, Comparison):
            assert isinstance(grown, Joined)
            continue
        assert isinstance(grown, Both)
        assert grown.first is first
        if isinstance(first, Clause):
            assert grown.second.tense == first.tense
            assert grown.second.subject.head not in (first.subject.head, "he", "she")


def rows(level, count=400):
    return list(islice(translation_rows("train", difficulty=level), count))


def test_sentences_grow_from_level_to_level():
    lengths = [sum(len(row["source"].split()) for row in rows(level)) / 400 for level in range(1, 6)]
    assert all(low + 0.8 < high for low, high in pairwise(lengths)), lengths


def test_times_do_not_clash():
    """Never on every Friday; tomorrow's rain and next year's journey; the hour of a week."""
    texts = [row["source"].lower() for level in range(2, 6) for row in rows(level, 700)]
    assert not [
        text for text in texts if re.search(r"\bnever\b[^,.]*\bevery (day|week|friday|sunday|morning)", text)
    ]
    dated = [text for text in texts if re.match(r"if .*(tomorrow|weekend|this evening)", text.split(",")[0])]
    assert dated
    assert not [text for text in dated if re.search("next |in two days|tomorrow|evening", text.split(",")[1])]
    assert not [text for text in texts if re.search(r"(last|next) (week|month) at \w+ o'clock", text)]


def test_children_have_no_children():
    texts = [row["source"] for level in (3, 4, 5) for row in rows(level, 700)]
    assert not [text for text in texts if re.search(r"\b(boy|girl) whose (son|daughter)", text)]
