"""Models that compare a picture with texts (CLIP, SigLIP and their like), as multiple choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from mmbench.backends.hf.media import read_media
from mmbench.backends.hf.parts import Parts
from mmbench.backends.hf.prompts import Prompt
from mmbench.backends.hf.readings import first_line, only_turn
from mmbench.backends.hf.responses import RefusalError, answer_each, best_option, refusal
from mmbench.errors import UsageError
from mmbench.model import Capabilities
from mmbench.schema import Choice, Image, Request, Response

TEMPLATE = "{question} {option}"


@dataclass(frozen=True, slots=True)
class _Asked:
    prompt: Prompt
    options: tuple[str, ...]
    texts: tuple[str, ...]
    tokens: int


class Similarity:
    """Chooses the option whose text is most like the picture.

    The log-probability of an option is the log-softmax, over the options, of the model's own logits. Distinct
    pictures and texts of a batch are encoded once.
    """

    capabilities = Capabilities(frozenset({"text", "image"}), frozenset({Choice}), required=frozenset({"image"}))

    def __init__(self, parts: Parts) -> None:
        """Take the template that makes texts of options.

        Raises:
            UsageError: the template holds something else than {question} and {option}.
        """
        self._model, self._processor, self._tokenizer = parts.model, parts.processor, parts.tokenizer
        self._tokenizer.padding_side = "right"  # texts are read from their beginning, or by their last place
        self._template = parts.options.template or TEMPLATE
        config = getattr(self._model.config, "text_config", self._model.config)
        self._most: int | None = parts.options.max_length or getattr(config, "max_position_embeddings", None)
        self._whole = self._model.config.model_type.startswith("siglip")  # trained with texts of full length
        try:
            self._template.format(question="", option="")
        except (KeyError, IndexError, ValueError) as error:
            raise UsageError(f"template {self._template!r} may hold {{question}} and {{option}} only.") from error

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        """Answer choices, in order."""
        return answer_each([r for r in requests if isinstance(r, Choice)], self._prepare, self._run)

    def size(self, request: Request) -> int:
        """Options: what a batch's cost depends on."""
        return len(request.options) if isinstance(request, Choice) else 1

    def _prepare(self, request: Choice) -> _Asked:
        turn = only_turn(request.messages)
        pictures = tuple(part for part in turn.content if isinstance(part, Image))
        if len(pictures) != 1:
            raise RefusalError(f"the model compares exactly one picture, not {len(pictures)}.")
        question = first_line(turn.text)
        texts = tuple(self._template.format(question=question, option=o).strip() for o in request.options)
        longest = max(map(len, self._tokenizer(list(texts))["input_ids"]))
        if self._most is not None and longest > self._most:
            advice = "Set a shorter template."
            raise RefusalError(f"an option's text has {longest} tokens; the model takes {self._most}. {advice}")
        return _Asked(Prompt("", pictures), request.options, texts, longest)

    def _run(self, asked: list[_Asked]) -> list[Response]:
        pictures, failures = read_media([item.prompt for item in asked], Image, Image.open)
        answers = {index: refusal(reason) for index, reason in failures.items()}
        shown = {id(pictures[row][0]): pictures[row][0] for row in pictures}
        texts = list(dict.fromkeys(text for row in pictures for text in asked[row].texts))
        if pictures:
            logits = self._compare(list(shown.values()), texts)
            places = {key: at for at, key in enumerate(shown)}
            for row in pictures:
                columns = torch.tensor([texts.index(text) for text in asked[row].texts])
                scores = logits[places[id(pictures[row][0])], columns].log_softmax(-1)
                answers[row] = best_option(asked[row].options, tuple(scores.tolist()), asked[row].tokens)
        return [answers[index] for index in range(len(asked))]

    def _compare(self, pictures: list[Any], texts: list[str]) -> torch.Tensor:
        """Return logits of shape (pictures, texts)."""
        padding = {"padding": "max_length", "max_length": self._most} if self._whole else {"padding": True}
        inputs = self._processor(text=texts, images=pictures, return_tensors="pt", **padding)
        device, dtype = self._model.device, self._model.dtype
        placed = {
            name: value.to(device, dtype if value.is_floating_point() else None) for name, value in inputs.items()
        }
        logits: torch.Tensor = self._model(**placed).logits_per_image
        return logits.float().cpu()
