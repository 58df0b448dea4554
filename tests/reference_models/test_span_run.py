"""A span model that sees answers choices about pictures by marking an option in the prompt."""

import io
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from tiny_reference import picture, write_checkpoint

import mmbench
from mmbench.backends.hf import load
from mmbench.model import Model
from mmbench.schema import Choice, Generate, Image, Message, user

OPTIONS = ("red", "dark blue", "blue")
LISTED = "Answer with one of these: red, dark blue or blue.\nAnswer:"
QUESTION = "What is red and blue here?"


@pytest.fixture(scope="module", params=["concat", "attention"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("span"), backbone="span", fusion=request.param)


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    return load(str(folder), device="cpu")


def png(seed: int) -> Image:
    stream = io.BytesIO()
    picture(seed).save(stream, "PNG")
    return Image(stream.getvalue())


def asked(*seeds: int, options: tuple[str, ...] = OPTIONS) -> Choice:
    return Choice((user(*map(png, seeds), f"{QUESTION}\n{LISTED}"),), options)


@torch.no_grad()
def by_hand(folder: Path, *seeds: int) -> list[float]:
    """Score the options with Transformers alone, from where they stand in the second line."""
    processor: Any = transformers.AutoProcessor.from_pretrained(folder)
    plain: Any = transformers.AutoModelForQuestionAnswering.from_pretrained(folder).eval()
    encoded = processor.tokenizer("<image>" * processor.image_tokens * len(seeds) + QUESTION, LISTED)
    shown = {}
    if seeds:
        pictures = [png(seed).open() for seed in seeds]
        shown = dict(processor.image_processor(pictures, return_tensors="pt"))
    outputs = plain(input_ids=torch.tensor([encoded["input_ids"]]), **shown)
    begin, end = outputs.start_logits[0].log_softmax(-1), outputs.end_logits[0].log_softmax(-1)
    places = ((26, 28), (31, 39), (44, 47))  # first and last character
    tokens = [[encoded.char_to_token(at, sequence_index=1) for at in place] for place in places]
    return [(begin[first] + end[last]).item() for first, last in tokens]


def test_an_option_scores_what_its_ends_score(folder: Path, model: Model) -> None:
    for seeds in ((), (1,), (1, 2)):
        (response,) = model.run([asked(*seeds)])
        want = by_hand(folder, *seeds)
        assert response.error is None
        assert response.logprobs == pytest.approx(want, abs=1e-4)
        assert response.text == OPTIONS[want.index(max(want))]
        assert response.tokens == (1, 1, 1)


def test_the_picture_matters_and_the_batch_does_not(model: Model) -> None:
    requests = [asked(1), asked(2), asked(), asked(2, 1), asked(1, 2)]
    together = [response.logprobs for response in model.run(requests)]
    for request, found in zip(requests, together, strict=True):
        assert model.run([request])[0].logprobs == pytest.approx(found, abs=1e-4)
    for number, one in enumerate(together):
        assert all(one != pytest.approx(other, abs=1e-3) for other in together[:number])


def test_a_text_and_a_picture_are_read_together(model: Model) -> None:
    def about(*parts: Any) -> Message:
        return user(*parts, "The ball is red, the cube is blue.\n\nQuestion: What is red?\nAnswer:")

    for request in (Generate((about(png(1)),)), Generate((about(),))):
        (response,) = model.run([request])
        assert response.error is None
        assert response.text
        assert response.text in "The ball is red, the cube is blue."


def test_what_holds_no_answer_is_refused_in_one_line(model: Model) -> None:
    prompt = "What colour is it?\nAnswer with one word or a short phrase.\nAnswer:"
    open_, unlisted, broken, long, good = model.run(
        [
            Generate((user(png(1), prompt),)),
            Choice((user(png(1), prompt),), ("red", "blue")),
            Choice((user(Image(b"", name="x.png"), f"{QUESTION}\n{LISTED}"),), OPTIONS),
            Choice((user(png(1), f"{QUESTION * 60}\n{LISTED}"),), OPTIONS),
            asked(1),
        ]
    )
    assert open_.error == (
        "the model needs a text and, after an empty line, a question about it. "
        "Or let it choose: list options in the prompt."
    )
    assert unlisted.error == "the model marks words of the prompt, which does not list the option 'blue'."
    assert "x.png" in str(broken.error)
    assert "tokens; 384 are the most" in str(long.error)
    assert good.error is None


def test_vqa_with_options_runs(folder: Path, tmp_path: Path) -> None:
    run = mmbench.evaluate(
        str(folder), ["vqa"], limit=6, options={"form": "choice"}, out=tmp_path, cache="off", batch_size=4
    )
    for row in run.samples.to_dict("records"):
        assert row["responses"][0]["error"] is None
        assert row["prediction"] in row["choices"]


def test_a_model_without_eyes_says_so(tmp_path: Path) -> None:
    blind = load(str(write_checkpoint(tmp_path, backbone="span", vision_layers=0)), device="cpu")
    assert blind.capabilities.modalities == {"text"}
    assert blind.capabilities.kinds == {Generate}
    assert blind.run([Generate((user(png(1), "A.\n\nWho?"),))])[0].error == "the model takes text only."
