"""Extractive question answering: the answer is a span of the text (BERT on SQuAD and the like)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from mmbench.backends.hf.media import read_media
from mmbench.backends.hf.parts import Parts
from mmbench.backends.hf.prompts import Prompt
from mmbench.backends.hf.readings import context_and_question, only_turn, question_and_options
from mmbench.backends.hf.responses import NOT_A_NUMBER, RefusalError, answer_each, best_option, refusal
from mmbench.errors import ModelError
from mmbench.model import Capabilities
from mmbench.schema import Choice, Generate, Image, Media, Modality, Part, Request, Response, Text, Video

WINDOW, STRIDE, LONGEST = 384, 128, 30
"""Tokens of a window, tokens that neighbouring windows share, tokens of an answer: as in BERT's SQuAD script."""
Tensors = dict[str, torch.Tensor]
Ends = tuple[torch.Tensor, torch.Tensor]
"""Start and end logits of a window, (tokens,) each; padding may follow."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, the text that it is about, pictures; the options of a choice, and where they are in the text."""

    question: str
    context: str
    pictures: tuple[Media | Video, ...] = ()
    options: tuple[str, ...] = ()
    places: tuple[tuple[int, int], ...] = ()


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

    A model that also sees gets the pictures before the question, and answers choices besides: of options that the
    prompt lists, by the sum of the log-probabilities that the answer begins and ends there.
    """

    def __init__(self, parts: Parts, batch_size: int) -> None:
        """Check the tokenizer.

        Raises:
            ModelError: it does not know where in the text its tokens are.
        """
        if not parts.tokenizer.is_fast:
            raise ModelError("extractive question answering needs a fast tokenizer (tokenizer.json).")
        self._model, self._tokenizer, self._batch_size = parts.model, parts.tokenizer, batch_size
        self._processor, self._accepted, self._no_answer = parts.processor, parts.accepted, parts.options.no_answer
        self._window = min(parts.limits.tokens or WINDOW, WINDOW)
        sees = "pixel_values" in self._accepted and hasattr(parts.processor, "image_token_id")
        self._parts: dict[Modality, type[Part]] = {"text": Text, "image": Image} if sees else {"text": Text}
        kinds: set[type[Request]] = {Generate, Choice} if sees else {Generate}
        self.capabilities = Capabilities(frozenset(self._parts), frozenset(kinds))

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        """Answer questions or choices, in order."""
        return answer_each([r for r in requests if isinstance(r, Generate | Choice)], self._prepare, self._run)

    def size(self, request: Request) -> int:
        """Estimate a request's length in tokens."""
        messages = getattr(request, "messages", ())
        return sum(len(part.text) // 4 for turn in messages for part in turn.content if isinstance(part, Text))

    def _prepare(self, request: Generate | Choice) -> _Asked:
        turn = only_turn(request.messages)
        if not all(isinstance(part, tuple(self._parts.values())) for part in turn.content):
            raise RefusalError(f"the model takes {' and '.join(self._parts)} only.")
        pictures = tuple(part for part in turn.content if isinstance(part, Image))
        if isinstance(request, Choice):
            question, context, places = question_and_options(turn.text, request.options)
            return _Asked(question, context, pictures, request.options, tuple(places))
        try:
            context, question = context_and_question(turn.text)
        except RefusalError as error:
            advice = " Or let it choose: list options in the prompt." if Choice in self.capabilities.kinds else ""
            raise RefusalError(f"{error}{advice}") from error
        return _Asked(question, context, pictures)

    def _run(self, asked: list[_Asked]) -> list[Response]:
        media, failures = read_media([Prompt("", item.pictures) for item in asked], Image, Image.open)
        answers = {index: refusal(reason) for index, reason in failures.items()}
        ready: dict[int, tuple[_Asked, Tensors]] = {}
        for index, pictures in media.items():
            marks, shown = show(self._processor, pictures) if pictures else ("", {})
            item = replace(asked[index], question=marks + asked[index].question)
            if reason := self._too_long(item):
                answers[index] = refusal(reason)
            else:
                ready[index] = item, shown
        if ready:
            answers.update(zip(ready, self._mark(list(ready.values())), strict=True))
        return [answers[index] for index in range(len(asked))]

    def _too_long(self, item: _Asked) -> str:
        """Say why a question leaves no room for the text, or a choice does not fit into one window."""
        if item.options:
            length = len(self._tokenizer(item.question, item.context)["input_ids"])
            return f"the prompt has {length} tokens; {self._window} are the most." if length > self._window else ""
        length = len(self._tokenizer(item.question)["input_ids"])
        if length <= self._window // 2:
            return ""
        return f"the question has {length} tokens; half a window of {self._window} is the most."

    def _mark(self, asked: list[tuple[_Asked, Tensors]]) -> list[Response]:
        encoded = self._tokenizer(
            [item.question for item, _ in asked],
            [item.context for item, _ in asked],
            truncation="only_second",
            max_length=self._window,
            stride=min(STRIDE, self._window // 4),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        owners = encoded["overflow_to_sample_mapping"]
        ends: list[Ends] = []
        for start in range(0, len(owners), self._batch_size):
            windows = range(start, min(start + self._batch_size, len(owners)))
            ends += self._ends(encoded, windows, [asked[owners[at]][1] for at in windows])
        responses = []
        for row, (item, _) in enumerate(asked):
            windows_of = [at for at, owner in enumerate(owners) if owner == row]
            if item.options:
                responses.append(_pick(item, encoded, windows_of[0], ends))
            else:
                spans = [_best(encoded, at, ends[at], item.context) for at in windows_of]
                responses.append(self._choose(spans, len(encoded["input_ids"][windows_of[0]])))
        return responses

    def _ends(self, encoded: Any, windows: Sequence[int], shown: Sequence[Tensors]) -> Iterator[Ends]:
        """Yield the logits of some windows, each of which has its row's pictures."""
        rows = {name: [encoded[name][at] for at in windows] for name in encoded if name in self._accepted}
        batch = dict(self._tokenizer.pad(rows, padding_side="right", return_tensors="pt"))
        for name in {name: None for tensors in shown for name in tensors if name in self._accepted}:
            batch[name] = torch.cat([tensors[name] for tensors in shown if name in tensors])
        floating = self._model.dtype
        outputs = self._model(
            **{
                name: value.to(self._model.device, floating if value.is_floating_point() else None)
                for name, value in batch.items()
            }
        )
        yield from zip(outputs.start_logits.float().cpu(), outputs.end_logits.float().cpu(), strict=True)

    def _choose(self, spans: Sequence[tuple[_Span, float]], input_tokens: int) -> Response:
        best = max((span for span, _ in spans), key=lambda span: span.score)
        nothing = min(null for _, null in spans)
        if best.score != best.score or nothing != nothing:  # NaN
            return refusal(NOT_A_NUMBER)
        if self._no_answer and nothing >= best.score:
            return Response(text="", tokens=(0,), input_tokens=input_tokens)
        return Response(text=best.text, tokens=(best.tokens,), input_tokens=input_tokens)


def _best(encoded: Any, at: int, ends: Ends, context: str) -> tuple[_Span, float]:
    """Return a window's best span and its null score."""
    begin, end = ends
    inside = torch.tensor([part == 1 for part in encoded.sequence_ids(at)])
    length = len(inside)
    scores = begin[:length, None] + end[None, :length]
    allowed = (inside[:, None] & inside[None, :]).triu().tril(LONGEST - 1)
    scores = scores.masked_fill(~allowed, -torch.inf)
    first, last = divmod(int(scores.argmax()), length)
    offsets = encoded["offset_mapping"][at]
    text = context[offsets[first][0] : offsets[last][1]]
    return _Span(scores[first, last].item(), text, last - first + 1), (begin[0] + end[0]).item()


def _pick(item: _Asked, encoded: Any, at: int, ends: Sequence[Ends]) -> Response:
    """Answer a choice; a window's logits are probabilities of its tokens."""
    spans = [tokens_of(encoded, at, place) for place in item.places]
    length = len(encoded["input_ids"][at])
    begin, end = (logits[:length].log_softmax(-1) for logits in ends[at])
    scores = tuple((begin[span[0]] + end[span[1]]).item() for span in spans if span is not None)
    if len(scores) < len(spans):
        return refusal("the tokenizer leaves nothing of an option.")
    return best_option(item.options, scores, length)


def tokens_of(encoded: Any, at: int, place: tuple[int, int]) -> tuple[int, int] | None:
    """Return the first and last token of window ``at`` that touch a place in the second text, if any does."""
    inside, offsets = encoded.sequence_ids(at), encoded[at].offsets
    touched = [
        index
        for index, (begin, end) in enumerate(offsets)
        if inside[index] == 1 and begin < place[1] and end > place[0]
    ]
    return (touched[0], touched[-1]) if touched else None


def show(processor: Any, pictures: Sequence[Any]) -> tuple[str, Tensors]:
    """Return the placeholders of some pictures, as many as the model needs, and what it sees (pixel values)."""
    mark = processor.image_token
    found = processor(
        text=[mark * len(pictures)], images=[list(pictures)], add_special_tokens=False, return_tensors="pt"
    )
    ids = found.pop("input_ids")
    found.pop("attention_mask", None)
    return mark * int((ids == processor.image_token_id).sum()), dict(found)
