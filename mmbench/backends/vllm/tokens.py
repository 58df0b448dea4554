"""Texts to token ids, as the model sees them in running text."""

from typing import Any

from mmbench.backends.hf.prompts import Prompt

Ids = list[int]


class Tokens:
    """A tokenizer, and the longest sequence that the engine takes."""

    def __init__(self, tokenizer: Any, most: int) -> None:
        self._tokenizer = tokenizer
        self.most = most

    def of(self, text: str, *, special: bool) -> Ids:
        """Tokenize a text; with ``special`` the tokenizer adds BOS, but no EOS that would end what is to go on."""
        ids: Ids = list(self._tokenizer(text, add_special_tokens=special)["input_ids"])
        end = self._tokenizer.eos_token
        closes = special and end is not None and ids and ids[-1] == self._tokenizer.eos_token_id
        return ids[:-1] if closes and not text.endswith(end) else ids

    def of_prompt(self, prompt: Prompt) -> Ids:
        """Tokenize a prompt; an empty one is the token that begins a text."""
        return self.of(prompt.text, special=prompt.special) or [self.first]

    def of_reply(self, prompt: Prompt, reply: str) -> tuple[Ids, int]:
        """Tokenize a prompt with a reply; return also how many tokens at its end are the reply's.

        Where the tokenizer merges the end of the prompt with the beginning of the reply, the merged token counts
        as the reply's.
        """
        own = self.of(prompt.text, special=prompt.special)
        whole = self.of(prompt.text + prompt.reply(reply), special=prompt.special)
        pairs = zip(own, whole, strict=False)
        shared = next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(own), len(whole)))
        return (whole if shared else [self.first, *whole]), len(whole) - shared

    @property
    def first(self) -> int:
        """What the first token of a text without a prompt is conditioned on: BOS, else EOS, else padding."""
        known = (self._tokenizer.bos_token_id, self._tokenizer.eos_token_id, self._tokenizer.pad_token_id, 0)
        return next(int(token) for token in known if token is not None)
