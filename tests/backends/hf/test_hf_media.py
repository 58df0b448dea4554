"""One sample's broken or odd media are its own error; pictures reach the model as its processor makes them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mmbench.model import Model
from mmbench.schema import Audio, Choice, Generate, Image, LogLikelihood, user

VISION = ("image-text-to-text", "image-text-chat")


@pytest.mark.parametrize("name", VISION)
def test_a_broken_picture_is_an_error_of_its_request_alone(
    name: str, loaded: Callable[[str], Model], pictures: list[Image]
) -> None:
    model = loaded(name)
    data = pictures[0].read()
    broken = [
        Image(data[:60], name="cut.png"),
        Image(b"no picture", name="text.png"),
        Image(Path("/nowhere/x.png")),
    ]
    good = [(user(pictures[1], "What is it?"),), (user("What?"),), (user(pictures[2], pictures[0], "Which?"),)]
    bad = [(user(pictures[0], picture, "What is it?"),) for picture in broken]
    mixed = [messages for pair in zip(good, bad, strict=True) for messages in pair]
    for kind in (lambda m: Generate(m, 5), lambda m: Choice(m, ("yes", "no")), lambda m: LogLikelihood(m, "red")):
        responses = model.run([kind(messages) for messages in mixed])
        for messages, response in zip(good, responses[::2], strict=True):
            (alone,) = model.run([kind(messages)])
            assert response.error is None
            assert response.text == alone.text
            assert response.logprobs == pytest.approx(alone.logprobs, abs=1e-4)
        for response, label in zip(responses[1::2], ("cut.png", "text.png", "/nowhere/x.png"), strict=True):
            assert response.finish_reason == "error"
            assert label in str(response.error)
        assert [r.error for r in model.run([kind(m) for m in bad])] == [r.error for r in responses[1::2]]


def test_text_that_holds_a_placeholder_is_refused_alone(
    loaded: Callable[[str], Model], pictures: list[Image]
) -> None:
    """Such text cannot be told from a picture's place: the processor refuses it, and only it."""
    for name in VISION:
        odd, good, bare = loaded(name).run(
            [
                Generate((user(pictures[0], "What does <image> mean?"),), 4),
                Generate((user(pictures[0], "What is it?"),), 4),
                Generate((user("What does <image> mean?"),), 4),
            ]
        )
        assert "the processor refuses the prompt" in str(odd.error)
        assert good.error is None
        assert bare.error is None or "refuses" in bare.error


def test_media_that_the_model_does_not_take_are_refused(
    loaded: Callable[[str], Model], pictures: list[Image]
) -> None:
    heard = Generate((user(Audio(b""), "What is said?"),), 4)
    seen = Generate((user(pictures[0], "What is it?"),), 4)
    assert "takes no audio" in str(loaded("image-text-to-text").run([heard])[0].error)
    assert "takes no image" in str(loaded("causal-lm").run([seen])[0].error)
    assert loaded("causal-lm").capabilities.modalities == {"text"}
    assert loaded("image-text-chat").capabilities.modalities == {"text", "image"}


def test_the_same_picture_twice_is_decoded_once(
    loaded: Callable[[str], Model], pictures: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    decode = Image.open
    monkeypatch.setattr(Image, "open", lambda self: opened.append(self.name) or decode(self))
    copies = [Image(bytes(bytearray(pictures[0].read())), name="noise 1") for _ in range(5)]
    requests = [Generate((user(copy, question),), 2) for copy, question in zip(copies, "abcde", strict=True)]
    assert all(response.error is None for response in loaded("image-text-to-text").run(requests))
    assert opened == ["noise 1"]
