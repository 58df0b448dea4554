"""Extractive question answering: the answer is a span of the text (BERT on SQuAD and the like)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from mmbench.backends.hf.parts import Parts
from mmbench.backends.hf.readings import context_and_question, only_turn
from mmbench.backends.hf.responses import NOT_A_NUMBER, RefusalError, answer_each, refusal
from mmbench.errors import ModelError
from mmbench.model import Capabilities
from mmbench.schema import Generate, Request, Response, Text

WINDOW, STRIDE, LONGEST = 384, 128, 30
"""Tokens of a window, tokens that neighbouring windows share, tokens of an answer: as in BERT's SQuAD script."""


@dataclass(frozen=True, slots=True)
class _Span:
    """A candidate: its score (start logit + end logit), its text, its tokens."""

    score: float
    text: str
    tokens: int


class Extractive:
    """Answers a question by the span of the text whose start and end logits have the largest sum.

    A long text is read in overlapping windows. With ``no_answer`` the model may find that the text does not
    answer: then the answer is empty if the null score (at the first token, the least of all windows) is no less
    than the best span's.
    """

    capabilities = Capabilities(frozenset({"text"}), frozenset({Generate}))

    def __init__(self, parts: Parts, batch_size: int) -> None:
        """Check the tokenizer.

        Raises:
            ModelError: it does not know where in the text its tokens are.
        """
        if not parts.tokenizer.is_fast:
            raise ModelError("extractive question answering needs a fast tokenizer (tokenizer.json).")
        self._model, self._tokenizer, self._batch_size = parts.model, parts.tokenizer, batch_size
        self._accepted, self._no_answer = parts.accepted, parts.options.no_answer
        self._window = min(parts.limits.tokens or WINDOW, WINDOW)

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        """Answer questions, in order."""
        return answer_each([r for r in requests if isinstance(r, Generate)], self._prepare, self._run)

    def size(self, request: Request) -> int:
        """Estimate a request's length in tokens."""
        messages = getattr(request, "messages", ())
        return sum(len(part.text) // 4 for turn in messages for part in turn.content if isinstance(part, Text))

    def _prepare(self, request: Generate) -> tuple[str, str]:
        turn = only_turn(request.messages)
        if not all(isinstance(part, Text) for part in turn.content):
            raise RefusalError("the model takes text only.")
        context, question = context_and_question(turn.text)
        length = len(self._tokenizer(question)["input_ids"])
        if length > self._window // 2:
            raise RefusalError(f"the question has {length} tokens; half a window of {self._window} is the most.")
        return context, question

    def _run(self, asked: list[tuple[str, str]]) -> list[Response]:
        encoded = self._tokenizer(
            [question for _, question in asked],
            [context for context, _ in asked],
            truncation="only_second",
            max_length=self._window,
            stride=min(STRIDE, self._window // 4),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        owners = encoded["overflow_to_sample_mapping"]
        names = [name for name in encoded if name in self._accepted]
        found: list[list[tuple[_Span, float]]] = [[] for _ in asked]
        for start in range(0, len(owners), self._batch_size):
            windows = range(start, min(start + self._batch_size, len(owners)))
            rows = {name: [encoded[name][at] for at in windows] for name in names}
            batch = self._tokenizer.pad(rows, padding_side="right", return_tensors="pt").to(self._model.device)
            outputs = self._model(**batch)
            for at, begin, end in zip(
                windows, outputs.start_logits.float(), outputs.end_logits.float(), strict=True
            ):
                found[owners[at]].append(self._best(encoded, at, begin.cpu(), end.cpu(), asked[owners[at]][0]))
        return [self._choose(spans, encoded, owners.index(row)) for row, spans in enumerate(found)]

    def _best(
        self, encoded: Any, at: int, begin: torch.Tensor, end: torch.Tensor, context: str
    ) -> tuple[_Span, float]:
        """Return a window's best span and its null score; padding is at the end of both logits."""
        inside = torch.tensor([part == 1 for part in encoded.sequence_ids(at)])
        length = len(inside)
        scores = begin[:length, None] + end[None, :length]
        allowed = (inside[:, None] & inside[None, :]).triu().tril(LONGEST - 1)
        scores = scores.masked_fill(~allowed, -torch.inf)
        first, last = divmod(int(scores.argmax()), length)
        offsets = encoded["offset_mapping"][at]
        text = context[offsets[first][0] : offsets[last][1]]
        return _Span(scores[first, last].item(), text, last - first + 1), (begin[0] + end[0]).item()

    def _choose(self, spans: Sequence[tuple[_Span, float]], encoded: Any, at: int) -> Response:
        best = max((span for span, _ in spans), key=lambda span: span.score)
        nothing = min(null for _, null in spans)
        if best.score != best.score or nothing != nothing:  # NaN
            return refusal(NOT_A_NUMBER)
        input_tokens = len(encoded["input_ids"][at])
        if self._no_answer and nothing >= best.score:
            return Response(text="", tokens=(0,), input_tokens=input_tokens)
        return Response(text=best.text, tokens=(best.tokens,), input_tokens=input_tokens)
