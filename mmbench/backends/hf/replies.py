"""Which tokens of "prompt + reply" are the reply's.

The whole is tokenized, so that the model sees what it would see in running text. Where the tokenizer merges the
end of the prompt with the beginning of the reply ("Answer" + "s"), the merged token counts as the reply's: the
first token in which prompt and whole differ, and all after it, are scored.

An encoder-decoder's reply is a text of its own, after the token that its checkpoint forces, if any (a language).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mmbench.backends.hf.encoding import Encoder, Row
from mmbench.backends.hf.prompts import Prompt


@dataclass(frozen=True, slots=True)
class Reply:
    """The tokens that follow a prompt; the first ``given`` of them are context and not scored."""

    ids: tuple[int, ...]
    given: int = 0


def split(encoder: Encoder, prompt: Prompt, replies: Sequence[str]) -> tuple[Prompt, list[Reply]]:
    """Return the part of the prompt that all replies share, and the tokens with which each goes on from there."""
    if not encoder.decoder_only:
        rows = encoder.tokens([prompt.reply(reply) for reply in replies], [False] * len(replies))
        return prompt, [Reply((*encoder.forced, *row), len(encoder.forced)) for row in rows]
    texts = [prompt.text, *(prompt.text + prompt.reply(reply) for reply in replies)]
    own, *wholes = encoder.tokens(texts, [prompt.special] * len(texts))
    ends = [common_prefix(own, whole) for whole in wholes]
    if min(ends, default=0) < len(own):
        prompt, own = _shorten(encoder, prompt, own, wholes)
    return prompt, [
        Reply(tuple(whole[len(own) :]), end - len(own)) for whole, end in zip(wholes, ends, strict=True)
    ]


def common_prefix(first: Row, second: Row) -> int:
    """Return how many tokens two rows share at their beginning.

    >>> common_prefix([1, 2, 3], [1, 2, 4, 5])
    2
    """
    pairs = zip(first, second, strict=False)
    return next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))


def _shorten(encoder: Encoder, prompt: Prompt, own: Row, wholes: Sequence[Row]) -> tuple[Prompt, Row]:
    """Take characters off the prompt's end until its tokens begin every whole; the empty prompt always does."""
    text = prompt.text
    while text and any(whole[: len(own)] != own for whole in wholes):
        text = text[:-1]
        (own,) = encoder.tokens([text], [prompt.special])
    return replace(prompt, text=text), own
