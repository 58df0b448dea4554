"""Classifiers, extractive question answering and picture-text similarity equal plain forward passes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny_readers
import torch
import transformers

from mmbench.backends.hf import load
from mmbench.backends.hf import similarity as similarity_module
from mmbench.errors import ModelError, UsageError
from mmbench.schema import Choice, Generate, Image, LogLikelihood, Perplexity, assistant, user

TEXTS = (
    "the film is a wonderful, moving story",
    "it was dull",
    "far too long, a waste of time\n\nand the children, at seven, with José",
    "Anna",
)
INSTRUCTION = "\n\nIs the sentiment of this text negative or positive? Answer with one word.\nSentiment:"
BUILDERS = ("text_classifier", "extractive", "vilt", "clip", "siglip")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    root = tmp_path_factory.mktemp("readers")
    made: dict[str, Path] = {}

    def build(name: str) -> Path:
        if name not in made:
            made[name] = getattr(tiny_readers, name)(root / name)
        return made[name]

    return build


def plain(folder: Path, kind: Any, reader: Any = transformers.AutoTokenizer) -> tuple[Any, Any]:
    return kind.from_pretrained(folder).eval(), reader.from_pretrained(folder)


@torch.no_grad()
def test_a_text_classifier_reads_its_labels(folder: Callable[[str], Path]) -> None:
    model, tokenizer = plain(folder("text_classifier"), transformers.AutoModelForSequenceClassification)
    options = ("positive", " Negative")  # another order and case than the labels'
    requests = [Choice((user(text + INSTRUCTION * (at % 2)),), options) for at, text in enumerate(TEXTS)]
    for text, response in zip(
        TEXTS, load(str(folder("text_classifier")), device="cpu").run(requests), strict=True
    ):
        scores = model(**tokenizer(text, return_tensors="pt")).logits[0].log_softmax(-1)
        assert response.logprobs == pytest.approx([scores[1].item(), scores[0].item()], abs=1e-4)
        assert response.text == options[0 if scores[1] > scores[0] else 1]
        assert response.tokens == (1, 1)
        assert response.input_tokens == len(tokenizer(text)["input_ids"])


def test_labels_that_mean_nothing_are_named_by_the_user(tmp_path: Path, folder: Callable[[str], Path]) -> None:
    unnamed = str(tiny_readers.text_classifier(tmp_path / "unnamed", ("LABEL_0", "LABEL_1")))
    request = Choice((user(TEXTS[0]),), ("negative", "positive"))
    (response,) = load(unnamed, device="cpu").run([request])
    assert response.error == (
        "the model has no label 'negative' (it has LABEL_0, LABEL_1); set labels to name them in order."
    )
    (want,) = load(str(folder("text_classifier")), device="cpu").run([request])
    for labels in ("negative,positive", ["negative", "positive"], ("negative", "positive")):
        model = load(unnamed, device="cpu", labels=labels)
        assert model.run([request])[0].logprobs == pytest.approx(want.logprobs, abs=1e-6)
    with pytest.raises(UsageError, match="name the model's 2 classes, not 3"):
        load(unnamed, device="cpu", labels="a,b,c")
    with pytest.raises(UsageError, match="labels should be names"):
        load(unnamed, device="cpu", labels=3)


def test_what_a_text_classifier_cannot_answer(folder: Callable[[str], Path], pictures: list[Image]) -> None:
    options = ("negative", "positive")
    model = load(str(folder("text_classifier")), device="cpu")
    long, shots, seen, good = model.run(
        [
            Choice((user("waste of time " * 40),), options),
            Choice((user("a"), assistant("negative"), user("b")), options),
            Choice((user(pictures[0], "a"),), options),
            Choice((user("a"),), options),
        ]
    )
    assert "the model takes 64" in str(long.error)
    assert "takes one turn, not 3" in str(shots.error)
    assert seen.error == "the model takes text only."
    assert good.error is None
    (cut,) = load(str(folder("text_classifier")), device="cpu", truncate="right").run(
        [Choice((user("waste of time " * 40),), options)]
    )
    assert (cut.error, cut.input_tokens) == (None, 64)


def test_a_model_that_measures_is_refused(tmp_path: Path) -> None:
    measure = tiny_readers.text_classifier(tmp_path / "one", ("SCORE",))
    with pytest.raises(ModelError, match="has one output only"):
        load(str(measure), device="cpu")


@pytest.mark.parametrize("name", BUILDERS)
def test_other_kinds_of_request_are_refused(name: str, folder: Callable[[str], Path]) -> None:
    model = load(str(folder(name)), device="cpu")
    kinds = {
        LogLikelihood((user("a"),), "b"),
        Perplexity("a"),
        Generate((user("a"),)),
        Choice((user("a"),), ("b",)),
    }
    for request in kinds:
        if type(request) not in model.capabilities.kinds:
            (response,) = model.run([request])
            assert response.error == f"the model answers no {type(request).__name__} requests."


@torch.no_grad()
def test_a_picture_classifier_reads_its_labels(folder: Callable[[str], Path], pictures: list[Image]) -> None:
    model, processor = plain(
        folder("vilt"), transformers.AutoModelForVisualQuestionAnswering, transformers.AutoProcessor
    )
    labels = list(model.config.id2label.values())
    questions = ("What colour is the ball?", "no", "How many cubes are there?")
    asked = [
        (user(shown, f"{question}\nAnswer with one word.\nAnswer:"),)
        for shown, question in zip(pictures, questions, strict=True)
    ]
    under_test = load(str(folder("vilt")), device="cpu")
    named = under_test.run([Generate(messages) for messages in asked])
    chosen = under_test.run([Choice(messages, ("no", "Yes")) for messages in asked])
    for shown, question, name, choice in zip(pictures, questions, named, chosen, strict=True):
        scores = model(**processor(shown.open(), question, return_tensors="pt")).logits[0].log_softmax(-1)
        assert name.text == labels[int(scores.argmax())]
        assert name.logprobs == pytest.approx([scores.max().item()], abs=1e-4)
        assert choice.logprobs == pytest.approx([scores[1].item(), scores[0].item()], abs=1e-4)
    assert len({response.logprobs for response in named}) == 3


def test_what_a_picture_classifier_cannot_answer(folder: Callable[[str], Path], pictures: list[Image]) -> None:
    model = load(str(folder("vilt")), device="cpu")
    two, none, broken, unknown, good = model.run(
        [
            Choice((user(pictures[0], pictures[1], "a"),), ("yes", "no")),
            Choice((user("a"),), ("yes", "no")),
            Choice((user(Image(b"", name="x.png"), "a"),), ("yes", "no")),
            Choice((user(pictures[0], "a"),), ("yes", "green")),
            Choice((user(pictures[0], "a"),), ("yes", "no")),
        ]
    )
    assert two.error == "the model takes exactly one picture, not 2."
    assert none.error == "the model takes exactly one picture, not 0."
    assert "x.png" in str(broken.error)
    assert "no label 'green'" in str(unknown.error)
    assert good.error is None


@torch.no_grad()
@pytest.mark.parametrize("name", ["clip", "siglip"])
def test_similarity_is_the_models_own(name: str, folder: Callable[[str], Path], pictures: list[Image]) -> None:
    model, processor = plain(
        folder(name), transformers.AutoModelForZeroShotImageClassification, transformers.AutoProcessor
    )
    padding: dict[str, Any] = (
        {"padding": "max_length", "max_length": 16} if name == "siglip" else {"padding": True}
    )
    options = (("red", "blue", "two cubes"), ("yes", "no"), ("red", "green"))
    shown = [pictures[0], pictures[1], pictures[0]]
    asked = [Choice((user(p, "What is it?\nSay."),), o) for p, o in zip(shown, options, strict=True)]
    for template, text in ((None, "What is it? {}"), ("a picture of {option}", "a picture of {}")):
        for request, part, response in zip(
            asked, shown, load(str(folder(name)), device="cpu", template=template).run(asked), strict=True
        ):
            texts = [text.format(option) for option in request.options]
            inputs = processor(text=texts, images=part.open(), return_tensors="pt", **padding)
            want = model(**inputs).logits_per_image[0].log_softmax(-1)
            assert response.logprobs == pytest.approx(want.tolist(), abs=1e-4)
            assert response.text == request.options[int(want.argmax())]
            assert response.tokens == (1,) * len(request.options)


def test_what_similarity_cannot_answer(folder: Callable[[str], Path], pictures: list[Image]) -> None:
    model = load(str(folder("clip")), device="cpu")
    none, long, broken, good = model.run(
        [
            Choice((user("a"),), ("b", "c")),
            Choice((user(pictures[0], "a"),), ("b", "blue cubes " * 40)),
            Choice((user(Image(b"", name="x.png"), "a"),), ("b", "c")),
            Choice((user(pictures[0], "a"),), ("b", "c")),
        ]
    )
    assert none.error == "the model compares exactly one picture, not 0."
    assert "the model takes 32" in str(long.error)
    assert "x.png" in str(broken.error)
    assert good.error is None
    with pytest.raises(UsageError, match=r"may hold \{question\} and \{option\} only"):
        load(str(folder("clip")), device="cpu", template="{choice}")
    assert "{option}" in similarity_module.TEMPLATE


def best_span(model: Any, tokenizer: Any, question: str, context: str) -> tuple[str, float, float]:
    """Try every window and every pair of tokens; return answer, score and null score."""
    encoded = tokenizer(
        question,
        context,
        truncation="only_second",
        max_length=64,
        stride=16,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    best, nothing = ("", -1e9), 1e9
    for at, ids in enumerate(encoded["input_ids"]):
        types = torch.tensor([encoded["token_type_ids"][at]])
        with torch.no_grad():
            out = model(input_ids=torch.tensor([ids]), token_type_ids=types)
        begin, end = out.start_logits[0].tolist(), out.end_logits[0].tolist()
        nothing = min(nothing, begin[0] + end[0])
        inside = [place for place, part in enumerate(encoded.sequence_ids(at)) if part == 1]
        offsets = encoded["offset_mapping"][at]
        for i in inside:
            for j in range(i, min(i + 30, inside[-1] + 1)):
                if begin[i] + end[j] > best[1]:
                    best = (context[offsets[i][0] : offsets[j][1]], begin[i] + end[j])
    return (*best, nothing)


def test_extractive_answers_are_the_best_spans(folder: Callable[[str], Path]) -> None:
    model, tokenizer = plain(folder("extractive"), transformers.AutoModelForQuestionAnswering)
    facts = [
        ("Ada wrote it in 1896, and the games were in Athens.", "Which city?"),
        ("Anna is coming at seven, with José and the children. " * 9, "Are you coming?"),
        ("Is\n\nred", "What colour is the ball?"),
    ]
    forms = ("{0}\n\nQuestion: {1}\nAnswer with words from the text.\nAnswer:", "{0}\n\n{1}")
    strict = load(str(folder("extractive")), device="cpu")
    free = load(str(folder("extractive")), device="cpu", no_answer=True, batch_size=2)
    emptied = 0
    for form in forms:
        requests = [Generate((user(form.format(context, question)),)) for context, question in facts]
        for (context, question), plain_answer, free_answer in zip(
            facts, strict.run(requests), free.run(requests), strict=True
        ):
            text, score, nothing = best_span(model, tokenizer, question, context.rstrip())
            assert plain_answer.text == text
            assert plain_answer.error is None
            assert free_answer.text == ("" if nothing >= score else text)
            emptied += free_answer.text == ""
    assert strict.fingerprint != free.fingerprint
    assert emptied < 2 * len(facts)


def test_no_answer_is_chosen_by_its_score(folder: Callable[[str], Path]) -> None:
    model: Any = load(str(folder("extractive")), device="cpu", no_answer=True)
    request = Generate((user("Ada wrote it.\n\nWho?"),))
    head = model._adapter._model.qa_outputs
    hook = head.register_forward_hook(
        lambda _, args, out: torch.where(torch.arange(out.shape[1])[:, None] == 0, 99.0, out)
    )
    try:
        assert model.run([request])[0].text == ""
    finally:
        hook.remove()


def test_what_extraction_cannot_answer(folder: Callable[[str], Path]) -> None:
    model = load(str(folder("extractive")), device="cpu")
    bare, long = model.run([Generate((user("Who?"),)), Generate((user("Ada.\n\n" + "Who is it, then? " * 20),))])
    assert "needs a text and, after an empty line, a question" in str(bare.error)
    assert "half a window of 64 is the most" in str(long.error)
