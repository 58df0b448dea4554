"""From rows to samples, task by task, and what is told about rows that make no sense."""

from pathlib import Path
from typing import Any

import pytest

from mmbench.errors import DataError, UsageError
from mmbench.model import Capabilities
from mmbench.schema import Audio, Image, Perplexity, Response, Sample, Text
from mmbench_tasks.base import fill_prompt, listed
from mmbench_tasks.caption import Caption
from mmbench_tasks.lm import LanguageModeling
from mmbench_tasks.qa import QA
from mmbench_tasks.sentiment import Sentiment
from mmbench_tasks.sets.lm import articles
from mmbench_tasks.sets.summarization import DATASETS as SUMMARIES
from mmbench_tasks.sets.vqa import DATASETS as PICTURES
from mmbench_tasks.speech import Speech
from mmbench_tasks.summarization import Summarization
from mmbench_tasks.translation import Translation
from mmbench_tasks.vqa import VQA

PICTURE = Image(b"a picture")


def prompt_of(sample: Sample) -> str:
    (turn,) = sample.messages
    return turn.text


def test_vqa_with_many_references_keeps_them_all() -> None:
    answers = ["red", "dark red", "red"]
    sample = VQA().sample(
        {
            "id": 7,
            "image": PICTURE,
            "question": "Which colour?",
            "answers": answers,
            "type": "colour",
            "cluster": 3,
        }
    )
    assert (sample.id, sample.target, sample.answer) == ("7", answers, "red")
    assert (sample.cluster, sample.slices, sample.choices) == ("3", {"type": "colour"}, ())
    assert sample.messages[0].content[0] is PICTURE
    assert prompt_of(sample) == "Which colour?\nAnswer with one word or a short phrase.\nAnswer:"


def test_vqa_with_choices_lists_them() -> None:
    row = {"id": "a", "image": PICTURE, "question": "Which?", "answers": "red", "choices": ("red", "blue", "teal")}
    sample = VQA().sample(row)
    assert (sample.target, sample.choices) == ("red", ("red", "blue", "teal"))
    assert prompt_of(sample) == "Which?\nAnswer with one of these: red, blue or teal.\nAnswer:"


def test_questions_about_one_picture_are_one_cluster(tmp_path: Path) -> None:
    row = {"id": "a", "question": "Which?", "answers": "red"}
    first, second, other = (
        VQA().sample(row | {"image": image}).cluster for image in (PICTURE, Image(b"a picture"), Image(b"another"))
    )
    assert first == second != other
    assert VQA().sample(row | {"image": Image(tmp_path / "gone.png")}).cluster == ""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"question": None}, "field 'question' must be a string, not None"),
        ({"answers": []}, r"field 'answers' must be at least one string, not \[\]"),
        ({"answers": [1]}, r"field 'answers' must be a string or a list of strings, not \[1\]"),
        ({"image": "x.png"}, r"field 'image' must be an image \(a path or bytes\), not 'x.png'"),
        ({"id": 1.5}, "field 'id' must be a string or a whole number, not 1.5"),
        ({"question": ["x" * 100]}, r"not \['x+\.\.\.$"),
    ],
)
def test_fields_of_the_wrong_type_are_told(changes: dict[str, Any], message: str) -> None:
    row = {"id": "a", "image": PICTURE, "question": "Which?", "answers": "red"} | changes
    with pytest.raises(DataError, match=message):
        VQA().sample(row)


def test_a_missing_field_is_told_with_the_likely_one() -> None:
    with pytest.raises(DataError, match=r"no field 'question'\. Did you mean 'questions'\?"):
        VQA().sample({"id": "a", "image": PICTURE, "questions": "Which?", "answers": "red"})


@pytest.mark.parametrize(("label", "word"), [(0, "false"), (1, "true"), ("True", "true"), ("false", "false")])
def test_statements_become_true_or_false(label: object, word: str) -> None:
    convert = PICTURES["vsr"].convert
    assert convert
    row = convert({"id": "a", "answers": label})
    assert row == {"id": "a", "answers": word, "choices": ["true", "false"]}


def test_radiology_questions_are_closed_only_where_they_ask_yes_or_no() -> None:
    convert = PICTURES["vqa_rad"].convert
    assert convert
    closed = convert({"id": "0", "qid": "12", "answers": " Yes", "question_type": "PRES"})
    assert closed == {
        "id": "12",
        "qid": "12",
        "answers": "yes",
        "choices": ["yes", "no"],
        "question_type": "PRES",
        "type": "PRES",
    }
    assert "choices" not in convert({"id": "0", "answers": "MRI"})


def test_caption_keeps_references_and_facts() -> None:
    sample = Caption().sample({"id": 1, "image": PICTURE, "references": ["a", "b"], "facts": ["dog"]})
    assert (sample.target, sample.answer, sample.info) == (["a", "b"], "a", {"facts": ["dog"]})


def test_translation_names_its_languages() -> None:
    row = {"id": 1, "source": "Ein {Hund}.", "references": "A dog.", "image": None}
    sample = Translation(src="de", tgt="xx").sample(row)
    assert prompt_of(sample) == "Translate this sentence from German into xx.\n\nGerman: Ein {Hund}.\nxx:"
    assert sample.target == ["A dog."]
    with_picture = Translation().sample(row | {"image": PICTURE})
    assert [type(part) for part in with_picture.messages[0].content] == [Image, Text]


def test_translation_into_chinese_is_scored_by_characters() -> None:
    assert "tok:13a" in Translation().metrics[0].signature
    assert "tok:zh" in Translation(tgt="zh").metrics[0].signature


def test_summaries_of_one_dialogue_are_joined() -> None:
    gather = SUMMARIES["dialogsum"].gather
    assert gather
    rows = [
        {"id": f"test_0_{number}", "dialogue": "#Person1#: Hi.", "summary": f"s{number}", "topic": "t"}
        for number in (1, 2, 3)
    ] + [{"id": "dev_1", "dialogue": "#Person1#: Ho.", "summary": "s", "topic": "t"}]
    joined = list(gather(iter(rows)))
    assert [row["id"] for row in joined] == ["test_0", "dev_1"]
    assert [row["references"] for row in joined] == [["s1", "s2", "s3"], ["s"]]


def test_summarization_keeps_the_document_for_metrics() -> None:
    sample = Summarization().sample({"id": 1, "document": "Long.", "references": ["Short."]})
    assert sample.info == {"document": "Long."}
    assert prompt_of(sample) == "Long.\n\nSum up the text above in one or two sentences.\nSummary:"


def test_sentiment_prompt() -> None:
    sample = Sentiment().sample(
        {"id": 1, "text": "good ", "label": "positive", "choices": ["negative", "positive"]}
    )
    assert prompt_of(sample).startswith("good\n\nIs the sentiment of this text negative or positive?")
    assert (sample.target, sample.answer) == ("positive", "positive")


QUESTION = {"id": 1, "context": "It rained.", "question": "Did it?", "answers": ["yes"], "type": "easy"}


def test_qa_on_one_text_is_one_cluster() -> None:
    sample = QA().sample(QUESTION)
    assert sample.cluster == QA().sample(QUESTION | {"id": 2, "question": "Why?"}).cluster != ""
    assert QA().sample(QUESTION | {"cluster": "c"}).cluster == "c"
    assert "unanswerable" not in prompt_of(sample)


def test_qa_without_an_answer_is_an_error_unless_it_may_happen() -> None:
    with pytest.raises(DataError, match="field 'answers' must be at least one string"):
        QA().sample(QUESTION | {"answers": []})
    sample = QA(unanswerable=True).sample(QUESTION | {"answers": []})
    assert (sample.target, sample.answer) == ([], "unanswerable")
    assert "say unanswerable" in prompt_of(sample)


@pytest.mark.parametrize(
    ("reply", "answer"),
    [("unanswerable", ""), (" Unanswerable.", ""), ("it is unanswerable", "it is unanswerable"), ("yes", "yes")],
)
def test_qa_reads_unanswerable_as_the_empty_answer(reply: str, answer: str) -> None:
    sample = QA(unanswerable=True).sample(QUESTION)
    assert QA(unanswerable=True).parse([Response(reply)], sample).text == answer
    assert QA().parse([Response(reply)], sample).text == reply


def test_qa_metrics_follow_the_option() -> None:
    assert QA().metrics[0].name == "exact-match"
    assert QA(unanswerable=True).metrics[0].name == "squad2-f1"


def test_lm_scores_the_whole_text() -> None:
    task = LanguageModeling()
    sample = task.sample({"id": 1, "text": "Some text.", "bits": 3.5, "words": 2})
    assert (sample.messages, sample.info) == ((), {"bits": 3.5, "words": 2})
    assert task.requests(sample, Capabilities()) == (Perplexity("Some text."),)
    prediction = task.parse([Response(logprobs=(-1.0, -2.5), tokens=(2,))], sample)
    assert (prediction.logprob, prediction.tokens) == (-3.5, 2)


def test_wikitext_lines_become_articles() -> None:
    lines = [
        "",
        " = First = \n",
        "",
        " Text . \n",
        "",
        " = = Part = = \n",
        "",
        " = 1 henry and C = \n",
        " More . \n",
    ]
    lines += ["", " = Second = \n", "", " Text . \n"]
    found = list(articles(iter([{"text": line} for line in lines])))
    assert [row["id"] for row in found] == ["article-0", "article-1"]
    assert found[1]["text"] == " \n = Second = \n \n Text . \n"
    assert "".join(row["text"] for row in found) == "".join(line or " \n" for line in lines)


def test_speech() -> None:
    sample = Speech().sample({"id": "a", "audio": Audio(b"RIFF"), "text": "one", "cluster": "anna"})
    assert (sample.target, sample.cluster) == ("one", "anna")
    assert isinstance(sample.messages[0].content[0], Audio)


def test_prompts_are_filled_or_refused() -> None:
    assert fill_prompt("{{{a}}}", {"a": "{b}"}) == "{{b}}"
    for template in ("{b}", "{", "{0}"):
        with pytest.raises(UsageError, match=r"it may hold \{a\}"):
            fill_prompt(template, {"a": "x"})
    with pytest.raises(UsageError, match=r"prompt '\{txt\}'"):
        Sentiment(prompt="{txt}").sample({"id": 1, "text": "x", "label": "a", "choices": ["a", "b"]})


def test_listed() -> None:
    assert [listed([]), listed(["a"]), listed(["a", "b"])] == ["", "a", "a or b"]


@pytest.mark.data
def test_wikitext_articles_are_the_published_file(hub_mirror: Path) -> None:
    import hashlib

    from mmbench.data import open_dataset
    from mmbench_tasks.sets.lm import DATASETS

    texts = [row["text"] for row in open_dataset(DATASETS["wikitext2"], name="lm:wikitext2")]
    digest = hashlib.sha256("".join(texts).encode()).hexdigest()
    assert digest == "173c87a53759e0201f33e0ccf978e510c2042d7f2cb78229d9a50d79b9e7dd08"
    assert len(texts) == 60
