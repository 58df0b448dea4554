"""Rows as the Hub's repositories have them, through the catalogue's columns and code."""

import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mmbench import plugins
from mmbench.data import open_dataset, samples
from mmbench.dataset import Files, Hub
from mmbench.errors import DataError
from mmbench.model import Capabilities
from mmbench.schema import Choice, Generate, Image, LogLikelihood, Response, Sample
from mmbench_tasks.options import lettered

CHOICES = {"text": ["ice", "fire"], "label": ["A", "B"]}
ROWS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "vqa:gqa",
        {"id": "1", "imageId": "n1", "question": "Is it?", "answer": "yes", "types": {"structural": "verify"}},
        {"target": "yes", "cluster": "n1", "slices": {"type": "verify"}},
    ),
    (
        "vqa:okvqa",
        {
            "question_id": "7",
            "question": "Q?",
            "answers": ["a"] * 9 + ["b"],
            "question_type": "one",
            "answer_type": "x",
        },
        {"id": "7", "answer": "a", "slices": {"type": "one", "answer_type": "x"}},
    ),
    (
        "vqa:textvqa",
        {"question_id": 34, "image_id": "f", "question": "what?", "answers": ["nokia"] * 10},
        {"id": "34", "answer": "nokia", "cluster": "f"},
    ),
    (
        "vqa:vizwiz",
        {
            "question_id": "VizWiz_val_1.jpg",
            "question": "What?",
            "answers": ["unanswerable"] * 10,
            "category": "x",
        },
        {"id": "VizWiz_val_1.jpg", "answer": "unanswerable"},
    ),
    ("vqa:chartqa", {"type": "human_test", "question": "How?", "answer": "14"}, {"target": "14"}),
    (
        "vqa:docvqa",
        {"questionId": "49153", "docId": 14465, "question": "What?", "answers": ["0.28", "0.280"]},
        {"id": "49153", "target": ["0.28", "0.280"], "cluster": "14465"},
    ),
    (
        "vqa:scienceqa",
        {
            "question": "Which?",
            "choices": ["ice", "fire"],
            "answer": 1,
            "hint": "Hot.",
            "subject": "physics",
        },
        {"target": "fire", "answer": "B", "slices": {"type": "physics"}, "prompt": "Hot.\nWhich?\nA. ice"},
    ),
    ("vqa:ai2d", {"question": "Q?", "options": ["x", "y", "z"], "answer": "2"}, {"target": "z", "answer": "C"}),
    (
        "vqa:mmmu",
        {
            "id": "validation_Art_Theory_1",
            "question": "<image 1> Who?",
            "options": "['Ann', 'Bo']",
            "answer": "B",
            "image_1": "1.png",
            "image_2": None,
            "topic_difficulty": "Easy",
        },
        {"target": "Bo", "answer": "B", "slices": {"type": "Art_Theory", "answer_type": "Easy"}},
    ),
    (
        "vqa:mmbench",
        {
            "index": 3,
            "question": "Q?",
            "hint": "nan",
            "answer": "B",
            "A": "x",
            "B": "y",
            "C": "nan",
            "D": "nan",
            "category": "c",
            "L2-category": "l",
        },
        {"id": "3", "target": "y", "answer": "y", "choices": ("x", "y"), "prompt": "Q?\nA. x\nB. y\n"},
    ),
    (
        "vqa:mathvista",
        {
            "pid": "1",
            "question": "How long?",
            "unit": "cm",
            "choices": None,
            "answer": "4",
            "question_type": "free_form",
        },
        {"target": "4", "choices": (), "prompt": "How long? (in cm)\n"},
    ),
    (
        "vqa:mathvista",
        {
            "pid": "2",
            "question": "Who?",
            "unit": None,
            "choices": ["a", "b"],
            "answer": "a",
            "question_type": "mc",
        },
        {"target": "a", "answer": "A"},
    ),
    ("caption:coco2014", {"id": 1, "answer": ["one", "two"]}, {"id": "1", "target": ["one", "two"]}),
    ("caption:nocaps", {"image_id": 0, "annotations_captions": ["one", "two"]}, {"id": "0", "answer": "one"}),
    ("caption:flickr30k", {"img_id": "0", "caption": ["one"]}, {"id": "0", "target": ["one"]}),
    ("caption:flickr8k", {f"caption_{n}": f"c{n}" for n in range(5)}, {"target": ["c0", "c1", "c2", "c3", "c4"]}),
    ("translation:wmt14_de", {"translation": {"de": "Hund", "en": "dog"}}, {"target": ["Hund"]}),
    ("translation:opus100_zh", {"translation": {"zh": "狗", "en": "dog"}}, {"target": ["狗"]}),
    ("summarization:xsum", {"id": "3", "document": "Long.", "summary": "Short."}, {"target": ["Short."]}),
    ("summarization:samsum", {"id": "1", "dialogue": "A: Hi", "summary": "Hi."}, {"target": ["Hi."]}),
    ("summarization:cnn_dailymail", {"id": "1", "article": "Long.", "highlights": "S."}, {"target": ["S."]}),
    ("sentiment:imdb", {"text": "bad", "label": 0}, {"target": "negative"}),
    ("sentiment:tweet_eval", {"text": "so so", "label": 1}, {"target": "neutral"}),
    ("sentiment:yelp", {"text": "good", "label": 1}, {"target": "positive"}),
    (
        "qa:boolq",
        {"question": "is it hot", "passage": "Fire.", "answer": True},
        {"target": "yes", "prompt": "Fire.\n\nQuestion: is it hot?\nAnswer with yes or no."},
    ),
    (
        "qa:arc_challenge",
        {"id": "M", "question": "Hot?", "choices": CHOICES, "answerKey": "B"},
        {"id": "M", "target": "fire", "answer": "B"},
    ),
    (
        "qa:arc_easy",
        {
            "id": "M",
            "question": "Hot?",
            "choices": {"text": ["ice", "fire"], "label": ["1", "2"]},
            "answerKey": "1",
        },
        {"target": "ice", "answer": "A"},
    ),
    ("qa:commonsense_qa", {"id": "c", "question": "Q", "choices": CHOICES, "answerKey": "A"}, {"target": "ice"}),
    ("qa:openbookqa", {"id": "c", "question_stem": "Q", "choices": CHOICES, "answerKey": "A"}, {"target": "ice"}),
    (
        "qa:hellaswag",
        {
            "ind": 24,
            "activity_label": "Roof",
            "ctx_a": "A man [header] sits.",
            "ctx_b": "he",
            "endings": ["runs [step] off.", "is."],
            "label": "0",
            "source_id": "activitynet~v",
        },
        {"id": "24", "target": "runs off.", "prompt": "Roof: A man sits. He", "slices": {"type": "activitynet"}},
    ),
    (
        "qa:trivia_qa",
        {"question_id": "t", "question": "Who?", "answer": {"value": "Ann", "aliases": ["Annie", "Ann"]}},
        {"target": ["Ann", "Annie"], "answer": "Ann", "prompt": "Question: Who?\nAnswer with a word"},
    ),
    ("lm:lambada", {"text": "She lit the red lamp"}, {"target": "lamp", "prompt": "She lit the red"}),
    ("speech:librispeech_clean", {"id": "1-2", "text": "HE", "speaker_id": 7}, {"target": "HE", "cluster": "7"}),
    ("speech:fleurs", {"id": 5, "transcription": "hello"}, {"target": "hello"}),
]


def sample_of(entry: str, row: dict[str, Any], folder: Path, **options: Any) -> tuple[Any, Sample]:
    task_name, _, name = entry.partition(":")
    cls = plugins.load("tasks", task_name)
    dataset = cls().datasets[name]
    task = cls(**(dataset.defaults | options))
    media = {"vqa": "image", "caption": "image", "speech": "audio"}.get(task_name)
    (folder / "1.png").write_bytes(b"a picture")
    if media:
        row = {media: "1.png", "decoded_image": "1.png"} | row
    (folder / "rows.jsonl").write_bytes(msgspec.json.encode(row))
    local = dataclasses.replace(dataset, source=Files(str(folder / "rows.jsonl")), join=None)
    if name == "mmmu":
        convert = local.convert
        assert convert
        local = dataclasses.replace(local, convert=lambda row: convert(row | {"image_1": Image(b"a picture")}))
    (sample,) = samples(task, open_dataset(local, name=entry, options=dataclasses.asdict(task)))
    return task, sample


@pytest.mark.parametrize(("entry", "row", "expected"), ROWS, ids=[entry for entry, *_ in ROWS])
def test_a_row_of_the_hub_becomes_the_right_sample(
    entry: str, row: dict[str, Any], expected: dict[str, Any], tmp_path: Path
) -> None:
    task, sample = sample_of(entry, row, tmp_path)
    wanted = dict(expected)
    prompt = wanted.pop("prompt", "")
    assert {field: getattr(sample, field) for field in wanted} == wanted
    assert sample.messages[-1].text.startswith(prompt)
    assert task.requests(sample, Capabilities())


def test_every_entry_of_the_hub_is_tried_here_or_on_the_mirror() -> None:
    mirrored = {
        "vqa": {"vqav2", "nlvr", "vqa_rad", "pope", "vsr", "easy_vqa"},
        "caption": {"coco2017"},
        "translation": {
            "multi30k",
            "multi30k_2016",
            "multi30k_2017",
            "multi30k_2017_coco",
            "multi30k_2018",
            "flores",
            "wmt14_cs",
            "wmt14_fr",
            "opus100_de",
            "opus100_fr",
        },
        "summarization": {"dialogsum", "scitldr"},
        "sentiment": {"sst2", "uci"},
        "qa": {"squad", "squad_v2", "xquad"},
        "lm": {"wikitext2", "wikitext103", "tiny_shakespeare"},
        "speech": {"fsdd", "asr_samples", "librispeech_other"},
    }
    tried = {entry for entry, *_ in ROWS} | {
        f"{task}:{name}" for task, names in mirrored.items() for name in names
    }
    declared = {
        f"{task}:{name}"
        for task in mirrored
        for name, entry in plugins.load("tasks", task)().datasets.items()
        if isinstance(entry.source, Hub)
    }
    assert declared == tried


def test_flores_joins_two_languages(tmp_path: Path) -> None:
    cls = plugins.load("tasks", "translation")
    dataset = cls().datasets["flores"]
    task = cls(**dataset.defaults)
    for code, text in (("eng_Latn", "dog"), ("deu_Latn", "Hund")):
        (tmp_path / f"{code}.jsonl").write_bytes(msgspec.json.encode({"id": 1, "text": text, "domain": "news"}))
    assert dataset.join is not None
    join = dataclasses.replace(dataset.join, source=Files(str(tmp_path / "deu_Latn.jsonl")))
    local = dataclasses.replace(dataset, source=Files(str(tmp_path / "eng_Latn.jsonl")), join=join)
    (sample,) = samples(task, open_dataset(local, name="t:flores", options=dataclasses.asdict(task)))
    assert (sample.target, sample.slices) == (["Hund"], {"type": "news"})
    assert sample.messages[0].text.endswith("English: dog\nGerman:")


def test_mmbench_is_circular(tmp_path: Path) -> None:
    row = {"index": 1, "question": "Q?", "hint": "nan", "answer": "A", "A": "x", "B": "y"}
    task, sample = sample_of("vqa:mmbench", row, tmp_path)
    assert len(task.requests(sample, Capabilities())) == 2
    assert lettered(["y", "x"]) in task.requests(sample, Capabilities())[1].messages[0].text


def test_hidden_answers_are_told(tmp_path: Path) -> None:
    hidden = [
        ("vqa:mmbench", {"index": 1, "question": "Q?", "hint": "", "answer": "nan", "A": "x", "B": "y"}),
        ("qa:openbookqa", {"id": "c", "question_stem": "Q", "choices": CHOICES, "answerKey": ""}),
        ("sentiment:imdb", {"text": "x", "label": -1}),
    ]
    for entry, row in hidden:
        with pytest.raises(DataError, match="of this split are hidden"):
            sample_of(entry, row, tmp_path)


def test_endings_are_scored_as_continuations(tmp_path: Path) -> None:
    row = next(row for entry, row, _ in ROWS if entry == "qa:hellaswag")
    task, sample = sample_of("qa:hellaswag", row, tmp_path)
    (request,) = task.requests(sample, Capabilities(kinds=frozenset({Generate})))
    assert request == Choice(sample.messages, (" runs off.", " is."))
    assert sample.messages[0].role == "assistant"
    prediction = task.parse([Response(" is.", logprobs=(-2.0, -1.0), tokens=(2, 1))], sample)
    assert (prediction.text, prediction.option_tokens) == ("is.", (2, 1))


def test_a_last_word_is_scored_and_written(tmp_path: Path) -> None:
    task, sample = sample_of("lm:lambada", {"text": "She lit the red lamp"}, tmp_path)
    scored, written = task.requests(sample, Capabilities())
    assert scored == LogLikelihood(sample.messages, " lamp")
    assert isinstance(written, Generate)
    prediction = task.parse([Response(logprobs=(-1.5,), tokens=(1,)), Response(" lamp and")], sample)
    assert (prediction.text, prediction.logprob, prediction.tokens) == ("lamp", -1.5, 1)


CLOSED = (
    (
        "vqa:pope",
        {"question_id": "1", "question": "Is it?", "answer": "Yes", "category": "x", "image_source": "x"},
    ),
    ("vqa:vsr", {"caption": "The cat is left.", "label": 1, "relation": "left"}),
    ("vqa:nlvr", {"identifier": "1", "sentence": "Two are red.", "label": "true"}),
    ("vqa:easy_vqa", {"question": "what shape?", "answer": "circle", "image_id": 4}),
    ("vqa:vqa_rad", {"qid": 1, "question": "Is it?", "answer": "No"}),
    ("sentiment:sst2", {"idx": 1, "sentence": "fine", "label": 1}),
)
CHOOSING = {
    f"{entry}-{number}": (entry, row)
    for number, (entry, row) in enumerate([*((entry, row) for entry, row, _ in ROWS), *CLOSED])
    if ("choices" in str(row) and row.get("choices", 1)) or entry in dict(CLOSED) or "options" in row
    if not (entry == "vqa:mathvista" and not row["choices"])
}
WRITES = Capabilities(kinds=frozenset({Generate}))


def test_every_set_with_choices_is_tried() -> None:
    lettered_sets = {
        f"{name}:{key}"
        for name in plugins.names("tasks")
        for key, entry in plugins.load("tasks", name)().datasets.items()
        if entry.defaults.get("style") in ("letters", "cloze")
    }
    assert lettered_sets <= {entry for entry, _ in CHOOSING.values()} | {"vqa:mmbench", "qa:hellaswag"}


@pytest.mark.parametrize("case", [*CHOOSING, "qa:hellaswag", "qa:boolq", "vqa:mmbench"])
def test_a_set_with_choices_is_asked_by_letter_by_likelihood_and_in_circles(case: str, tmp_path: Path) -> None:
    entry, row = CHOOSING.get(case) or next((found, row) for found, row, _ in ROWS if found == case)
    task, sample = sample_of(entry, row, tmp_path, style="letters", circular=False)
    count = len(sample.choices)
    assert count >= 2
    letters = tuple("ABCDEFGHIJKLM"[:count])
    (written,) = task.requests(sample, WRITES)
    assert isinstance(written, Generate)
    assert f"A. {sample.choices[0]}\n" in written.messages[-1].text
    (scored,) = task.requests(sample, Capabilities())
    assert scored == Choice(sample.messages, letters)
    if entry.startswith("vqa"):
        assert isinstance(scored.messages[-1].content[0], Image)
    forced = dataclasses.replace(task, mode="generate")
    assert isinstance(forced.requests(sample, Capabilities())[0], Generate)
    right = letters[sample.choices.index(str(sample.target))]
    assert task.parse([Response(right)], sample).text == sample.target

    circle, sample = sample_of(entry, row, tmp_path, style="letters", circular=True)
    for able, kind in ((WRITES, Generate), (Capabilities(), Choice)):
        requests = circle.requests(sample, able)
        assert [type(request) for request in requests] == [kind] * count
    place = sample.choices.index(str(sample.target))
    rotated = [Response(letters[(place - by) % count]) for by in range(count)]
    assert circle.parse(rotated, sample).text == sample.target
    assert circle.parse([Response(right)] * count, sample).text != sample.target


def test_letters_keep_the_text_that_a_question_is_about(tmp_path: Path) -> None:
    row = next(row for entry, row, _ in ROWS if entry == "qa:boolq")
    _, sample = sample_of("qa:boolq", row, tmp_path, style="letters")
    assert sample.messages[0].text.startswith("Fire.\n\nis it hot?\nA. yes\nB. no\n")
    plain = plugins.load("tasks", "qa")(style="words").sample(
        {"id": "1", "context": "Fire.", "question": "Hot?", "answers": "yes", "choices": ["yes", "no"]}
    )
    assert plain.messages[0].text.startswith("Fire.\n\nHot?\nAnswer with one of these: yes or no.")
