"""Log-likelihood of replies, as forced decoding: what the model would have said, with the tokens given.

The prompt, media included, goes through the model once. All replies to it go on from its cache: the first token of
each is read from the prompt's last logits, so that options of one token cost nothing more; logits are computed
only for tokens that are scored, and never for more than ``LOGITS`` of them at a time.
"""

import copy
from collections.abc import Sequence
from typing import Any

import torch

from mmbench.backends.hf.encoding import pad_rows
from mmbench.backends.hf.prefix import first_inputs
from mmbench.backends.hf.replies import Reply
from mmbench.backends.hf.state import CACHES, select_rows

Scores = tuple[float, ...]
LOGITS = 1 << 26
"""Logits at a time: 256 MiB in float32."""
ROWS = 64
"""Replies at a time: bounds the copies of their prompts' caches."""


def score(
    model: Any, inputs: dict[str, Any], replies: Sequence[Sequence[Reply]], *, shared: bool
) -> list[list[Scores]]:
    """Return, for each row of ``inputs`` and each of its replies, the log-probability of each scored token.

    With ``shared`` the replies share the prompt's cache; otherwise (models whose state cannot be continued by
    several tokens) each row has one reply, and goes through the model whole.
    """
    loop = (_Shared if shared else _Whole)(replies)
    model.generate(**inputs, max_new_tokens=1, custom_generate=loop)
    scores = iter(loop.scores)
    return [[tuple(next(scores)[reply.given :]) for reply in row] for row in replies]


class _Loop:
    """Called by ``model.generate``, which has prepared inputs and caches, in place of its own loop over tokens."""

    def __init__(self, replies: Sequence[Sequence[Reply]]) -> None:
        self._tokens = [reply.ids for row in replies for reply in row]
        self._owners = [index for index, row in enumerate(replies) for _ in row]
        self.scores: list[list[float]] = [[] for _ in self._tokens]

    def __call__(
        self,
        model: Any,
        input_ids: torch.Tensor,
        logits_processor: Any = None,  # noqa: ARG002
        stopping_criteria: Any = None,  # noqa: ARG002
        generation_config: Any = None,  # noqa: ARG002
        **state: Any,
    ) -> torch.Tensor:
        """Score the replies; processors and criteria concern generation only."""
        self._run(model, input_ids, state)
        return input_ids

    def _run(self, model: Any, input_ids: torch.Tensor, state: dict[str, Any]) -> None:
        raise NotImplementedError


class _Shared(_Loop):
    """The prompts once, then their replies from the prompts' caches."""

    def _run(self, model: Any, input_ids: torch.Tensor, state: dict[str, Any]) -> None:
        inputs = first_inputs(model, input_ids, state)
        outputs = model(**inputs, return_dict=True)
        state = state | {name: outputs[name] for name in CACHES if outputs.get(name) is not None}
        first = outputs.logits[:, -1].float().log_softmax(-1).cpu()
        del outputs
        for index, tokens in enumerate(self._tokens):
            self.scores[index] += [first[self._owners[index], token].item() for token in tokens[:1]]
        longer = [index for index, tokens in enumerate(self._tokens) if len(tokens) > 1]
        longer.sort(key=lambda index: len(self._tokens[index]))
        for start in range(0, len(longer), ROWS):
            last = start + ROWS >= len(longer)
            self._extend(model, input_ids, state if last else _copy_caches(state), longer[start : start + ROWS])

    def _extend(self, model: Any, input_ids: torch.Tensor, state: dict[str, Any], chunk: Sequence[int]) -> None:
        """Score the second and later tokens of some replies, a stretch of tokens at a time."""
        rows = torch.tensor([self._owners[index] for index in chunk], device=input_ids.device)
        state = select_rows(state, rows)
        ids = input_ids[rows]
        longest = max(len(self._tokens[index]) for index in chunk) - 1
        span = max(1, LOGITS // (len(chunk) * model.config.get_text_config().vocab_size))
        for start in range(0, longest, span):
            width = min(span, longest - start)
            given = [self._tokens[index][:-1][start : start + width] for index in chunk]
            wanted = [self._tokens[index][1:][start : start + width] for index in chunk]
            logits, ids, state = _feed(model, ids, given, width, state)
            for index, values in zip(chunk, gather(logits, wanted), strict=True):
                self.scores[index] += values


class _Whole(_Loop):
    """Each prompt and its one reply together, without a cache."""

    def _run(self, model: Any, input_ids: torch.Tensor, state: dict[str, Any]) -> None:
        given = [tokens[:-1] for tokens in self._tokens]
        width = max(map(len, given))
        state = {name: value for name, value in state.items() if name not in CACHES} | {"use_cache": False}
        logits, _, _ = _feed(model, input_ids, given, width, state, keep=width + 1, is_first_iteration=True)
        self.scores = gather(logits, self._tokens)


def _feed(
    model: Any,
    ids: torch.Tensor,
    given: Sequence[Sequence[int]],
    width: int,
    state: dict[str, Any],
    keep: int | None = None,
    **options: Any,
) -> tuple[torch.Tensor, torch.Tensor, dict[str, Any]]:
    """Append ``width`` tokens to each row, padded on the right; return the logits of the last ``keep`` positions.

    With a cache only the new tokens go through the model.
    """
    keep = keep or width
    state = model._update_model_kwargs_for_generation(
        {}, state, is_encoder_decoder=model.config.is_encoder_decoder, num_new_tokens=width
    )
    if "logits_to_keep" in state:
        state["logits_to_keep"] = keep
    padded = pad_rows([[*row, *[0] * (width - len(row))] for row in given], 0, left=False)
    ids = torch.cat([ids, padded.to(ids.device)], dim=-1)
    if state.get("use_cache"):
        options["next_sequence_length"] = width
    inputs = model.prepare_inputs_for_generation(ids, **state, **options)
    return model(**inputs, return_dict=True).logits[:, -keep:], ids, state


def gather(logits: torch.Tensor, tokens: Sequence[Sequence[int]]) -> list[list[float]]:
    """Return the log-probability of each token of each row; ``logits``: (rows, longest or more, vocabulary)."""
    scores = []
    for row_logits, row in zip(logits, tokens, strict=True):  # a row at a time bounds the copy in float32
        wanted = row_logits[: len(row)].float()
        index = torch.tensor(row, dtype=torch.long, device=logits.device)
        scores.append(wanted.gather(-1, index[:, None]).squeeze(-1) - wanted.logsumexp(-1))
    return [row.tolist() for row in scores]


def _copy_caches(state: dict[str, Any]) -> dict[str, Any]:
    return state | {name: copy.deepcopy(state[name]) for name in CACHES if state.get(name) is not None}
