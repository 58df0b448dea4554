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


def split(encoder: Encoder, asked: Sequence[tuple[Prompt, Sequence[str]]]) -> list[tuple[Prompt, list[Reply]]]:
    """For each prompt, return the part that all its replies share, and the tokens with which each goes on."""
    if not encoder.decoder_only:
        return [(prompt, _own_texts(encoder, prompt, replies)) for prompt, replies in asked]
    texts = [[prompt.text, *(prompt.text + prompt.reply(reply) for reply in replies)] for prompt, replies in asked]
    special = [prompt.special for (prompt, _), some in zip(asked, texts, strict=True) for _ in some]
    rows = iter(encoder.tokens([text for some in texts for text in some], special))
    return [_split(encoder, prompt, next(rows), [next(rows) for _ in replies]) for prompt, replies in asked]


def _own_texts(encoder: Encoder, prompt: Prompt, replies: Sequence[str]) -> list[Reply]:
    rows = encoder.tokens([prompt.reply(reply) for reply in replies], [False] * len(replies))
    return [Reply((*encoder.forced, *row), len(encoder.forced)) for row in rows]


def _split(encoder: Encoder, prompt: Prompt, own: Row, wholes: Sequence[Row]) -> tuple[Prompt, list[Reply]]:
    ends = [common_prefix(own, whole) for whole in wholes]
    if min(ends, default=0) < len(own):
        prompt, own = _shorten(encoder, prompt, own, wholes)
    begin = len(own)
    replies = [Reply(tuple(whole[begin:]), end - begin) for whole, end in zip(wholes, ends, strict=True)]
    return replace(prompt, tokens=tuple(own)), replies


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
