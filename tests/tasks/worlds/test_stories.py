"""Stories: texts follow from the log, answers from the text, summaries from the main events."""

import re
from collections import Counter
from itertools import islice, pairwise

import pytest

from mmbench.errors import UsageError
from mmbench_tasks.worlds.phrases.numbers import english as number_words
from mmbench_tasks.worlds.stories import qa_rows, rows, summarization_rows
from mmbench_tasks.worlds.stories.plots import people, plots, settings
from mmbench_tasks.worlds.stories.questions import KINDS
from mmbench_tasks.worlds.stories.story import clock, core, result, scene, story
from mmbench_tasks.worlds.stories.telling import FORMS, tell
from mmbench_tasks.worlds.streams import stream
from mmbench_tasks.worlds.text_options import options

SLOT = re.compile(r"\{(\w+)\}")


def take(count, split="test", make=qa_rows, **chosen):
    return list(islice(make(split, **chosen), count))


def told(count, level=3):
    for index in range(count):
        chance = stream("test", "1", "test", level, index)
        made = story(chance, core(chance, scene(chance, level)))
        yield chance, made, tell(chance, made, level, chance.choice(FORMS))


def test_the_plots_are_whole():
    assert len(plots()) == 10
    for plot in plots():
        assert len(plot.short) == 3
        assert len(plot.open) >= 5
        assert plot.bridges
        for event in plot.events:
            assert len(event.tellings) >= 4, (plot.id, event.id)
            assert event.questions
            for slot, asked in event.questions.items():
                for text in asked:
                    assert text.endswith("?")
                    assert slot not in SLOT.findall(text), (plot.id, text)
            for text in (*event.tellings, event.summary):
                assert text.endswith("."), text
        for slot, asked in plot.bridges.items():
            assert all(slot not in SLOT.findall(text) for text in asked), (plot.id, slot)


def test_settings_share_no_name_between_their_lists():
    for setting in settings():
        things = (*setting.objects, *setting.fragile, *setting.places, *setting.items, *setting.groups)
        assert len(things) == len(set(things)), setting.id
        for one in things:
            others = [other for other in things if other != one and re.search(rf"\b{re.escape(one)}\b", other)]
            assert not others, (setting.id, one, others)


def test_people_have_one_name_each():
    names = [name for name, _ in people()]
    assert len(names) == len(set(names)) == 48


@pytest.mark.parametrize("level", range(1, 6))
def test_every_event_is_told_where_its_span_says(level):
    for _, made, text in told(25, level):
        for happening, (start, end) in zip(made.log, text.events, strict=True):
            sentence = text.text[start:end]
            assert sentence.rstrip().endswith((".", ":")) or sentence[-1] in ".", sentence
            person = happening.slots[happening.event.person]
            shown = [value for value in happening.slots.values() if value in sentence]
            assert person in sentence or re.search(r"\b(She|He|she|he)\b", sentence), sentence
            assert len(shown) >= 1


def test_times_in_the_text_are_those_of_the_log():
    for _, made, text in told(60, 4):
        known = None
        for happening, (start, end), minute in zip(made.log, text.events, text.times, strict=True):
            sentence = text.text[start:end]
            exact = re.search(r"\b(\d{1,2}:\d\d)\b", sentence)
            later = re.search(r"([A-Za-z-]+) minutes (later|after that)", sentence)
            if exact:
                assert exact.group(1) == clock(happening.minute)
                assert minute == happening.minute
            elif later:
                assert number_words(happening.minute - known) == later.group(1).lower()
                assert minute == happening.minute
            else:
                assert minute is None
            known = minute


def test_a_pronoun_means_the_one_who_acted_before():
    seen = 0
    for _, made, text in told(400, 5):
        for (before, now), (start, end) in zip(pairwise(made.log), text.events[1:], strict=True):
            sentence = text.text[start:end]
            if re.search(r"\b(?:She|He|she|he) ", sentence) and now.person not in sentence:
                seen += 1
                assert before.person == now.person
    assert seen > 10


def test_who_goes_home_ill_does_nothing_else():
    for _, made, _ in told(300, 5):
        for i, plot in enumerate(made.plots):
            if plot.id == "shift":
                ill = made.slots[i]["p"]
                assert all(ill not in slots.values() for j, slots in enumerate(made.slots) if j != i)


def test_calculations():
    slots = {"n": "30", "k": "12", "m": "200", "change": "45"}
    assert [result(name, slots) for name in ("total", "more", "margin", "spent", "holders")] == [
        42,
        18,
        18,
        155,
        3,
    ]
    assert result("left", {**slots, "n": "12", "k": "30"}) == 18


def test_rows_of_questions_are_whole():
    for row in take(600):
        assert row["question"].endswith("?")
        assert not re.search(r"[{}]|  ", row["question"]), row["question"]
        assert (row["answers"] == []) == (row["type"] == "unanswerable")
        for answer in row["answers"]:
            assert not re.search(rf"\b{re.escape(answer)}\b", row["question"]) or row["type"] in (
                "temporal",
                "numerical",
            )


def test_spans_hold_the_answers():
    for row in take(1000):
        for start, end in row["spans"]:
            assert row["context"][start:end].lower() in {answer.lower() for answer in row["answers"]}
        if row["type"] in ("extractive", "multi_hop"):
            assert row["spans"], row
        for start, end in row["evidence"]:
            assert 0 <= start < end <= len(row["context"])


def test_an_extractive_answer_is_in_the_sentence_that_one_needs():
    for row in take(500):
        if row["type"] == "extractive":
            (start, end), *_ = row["evidence"]
            assert any(start <= a and b <= end for a, b in row["spans"]), row


def test_durations_are_re_derived_from_the_text():
    """With both times in the text, the answer is their difference."""
    checked = 0
    for row in take(1500, holdout="never"):
        if row["type"] != "numerical" or "minutes" not in row["question"]:
            continue
        times = [re.search(r"\b(\d{1,2}):(\d\d)\b", row["context"][a:b]) for a, b in row["evidence"]]
        if all(times):
            first, second = (60 * int(time.group(1)) + int(time.group(2)) for time in times)
            assert row["answers"][0] == str(second - first)
            assert row["answers"][1] == number_words(second - first)
            checked += 1
    assert checked > 30


def test_who_was_first_is_re_derived_from_the_text():
    checked = 0
    for row in take(1500, holdout="never"):
        if (
            row["type"] == "temporal"
            and re.search(r"first|earlier|last|later", row["question"])
            and len(row["evidence"]) == 2
        ):
            first, second = sorted(row["evidence"])
            early = bool(re.search(r"\b(first|earlier)\b", row["question"].split("?")[0].split(".")[-1]))
            start, end = first if early else second
            sentence = row["context"][start:end]
            assert row["answers"][0] in sentence or re.search(r"\b(She|He|she|he)\b", sentence), row
            checked += 1
    assert checked > 100


def test_what_the_text_does_not_say_is_not_in_it():
    """A question with a false assumption names somebody who did not do it, or the wrong thing."""
    for row in take(1000):
        if row["type"] == "unanswerable" and row["question"].startswith("At what time did"):
            name, rest = re.match(r"At what time did (\w+) (.*)\?", row["question"]).groups()
            assert not any(name in row["context"][a:b] and rest in row["context"][a:b] for a, b in row["evidence"])
            assert row["spans"] == []


def test_every_document_has_one_question_of_each_type():
    drawn = take(500)
    for i in range(0, 500, 5):
        five = drawn[i : i + 5]
        assert {row["type"] for row in five} == set(KINDS)
        assert len({row["cluster"] for row in five}) == 1
        assert len({row["context"] for row in five}) == 1
    assert len({row["cluster"] for row in drawn}) == 100


def test_rows_of_summaries_are_whole():
    for row in take(300, make=summarization_rows):
        short, long = row["references"]
        assert short.endswith(".")
        assert long.endswith(".")
        assert not re.search(r"[{}]|  ", row["document"].replace("  ", " ") + short + long)
        assert set(row["facts"]) <= set(row["lexicon"])
        assert all(fact in row["document"] for fact in row["facts"])
        for event in row["events"]:
            assert all(part in event["fact"] for part in event["parts"])


def test_references_name_nothing_that_the_document_does_not():
    from mmbench.metrics.facts import lexicon_facts

    for row in take(200, make=summarization_rows):
        for reference in row["references"]:
            assert lexicon_facts(reference, row["lexicon"]) <= set(row["facts"]), (reference, row["facts"])


def test_the_long_reference_tells_every_main_event():
    for row in take(200, make=summarization_rows):
        for event in row["events"]:
            assert all(part in row["references"][1] for part in event["parts"])


def test_all_forms_and_levels_are_drawn():
    drawn = take(800, "train", summarization_rows)
    forms, levels = (Counter(row[column] for row in drawn) for column in ("type", "difficulty"))
    assert set(forms) == set(FORMS)
    assert min(forms.values()) > 140
    assert min(levels.values()) > 110


def test_documents_grow_with_the_level():
    lengths = [
        sum(
            len(row["document"].split())
            for row in take(60, make=summarization_rows, difficulty=level, holdout="never")
        )
        for level in range(1, 6)
    ]
    assert lengths == sorted(lengths)


@pytest.mark.parametrize("make", [qa_rows, summarization_rows])
def test_random_access_and_determinism(make):
    assert take(7, make=make, start=53) == take(60, make=make)[53:]
    assert take(5, make=make, seed=1) != take(5, make=make)


@pytest.mark.parametrize(("make", "column"), [(qa_rows, "context"), (summarization_rows, "document")])
def test_no_document_is_in_two_splits(make, column):
    texts = [{row[column] for row in take(1000, split, make)} for split in ("train", "validation", "test")]
    assert sum(map(len, texts)) == len(set.union(*texts)) >= 600


def test_training_never_shows_what_is_held_out():
    for split, holdout in (("train", "auto"), ("validation", "auto"), ("test", "never"), ("test", "only")):
        chosen = options(split, None, holdout, rows._ABLE)
        for index in range(60):
            chance = stream("test", "1", split, 0, index)
            plan = chosen.plan(chance, index)
            made = rows._document(chance, split, plan)
            found = rows.held_out(made.story.setting.id, [plot.id for plot in made.story.plots], made.told.form)
            if len(made.told.text.split()) > rows.LONG[made.told.form]:
                found.add("length")
            assert plan.kind in found if holdout == "only" else not found


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"difficulty": 9}, "levels go from 1 to 5"),
        ({"holdout": "lengths"}, "no holdout 'lengths'"),
        ({"split": "tset"}, "no split 'tset'"),
    ],
)
@pytest.mark.parametrize("make", [qa_rows, summarization_rows])
def test_wrong_options(make, chosen, message):
    with pytest.raises(UsageError, match=message):
        take(1, make=make, **chosen)
