"""vLLM's engine as a :class:`mmbench.model.Model`."""

import gc
import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import vllm
from jinja2 import TemplateError

from mmbench.backends.hf.checkpoint import first_line
from mmbench.backends.hf.prompts import Prompt, Prompter
from mmbench.backends.vllm.tokens import Ids, Tokens
from mmbench.errors import MediaError
from mmbench.metrics.windows import rolling_windows
from mmbench.model import EVERY_KIND, Capabilities
from mmbench.schema import (
    Audio,
    Choice,
    Generate,
    Image,
    LogLikelihood,
    Media,
    Message,
    Modality,
    Perplexity,
    Request,
    Response,
    Text,
    Video,
    media_of,
)

SOUND_RATE = 16_000
PICTURE_TOKENS = 256
"""How long a picture is taken to be when requests are sorted by length; no answer depends on it."""


Decoded = dict[Media | Video, tuple[str, Any]]
"""Media -> what the engine calls their kind, and them decoded; "" and the reason where they cannot be."""


class Refused(Exception):
    """A request that the engine cannot answer; the reason is for the user."""


@dataclass(frozen=True, slots=True)
class Job:
    """One sequence for the engine; the last ``scored`` tokens of the prompt are scored."""

    prompt: dict[str, Any]
    params: Any
    scored: int = 0


class VLLMModel:
    """Gives the engine many sequences at a time; it batches them and keeps the prefixes they share."""

    def __init__(
        self,
        name: str,
        fingerprint: str,
        engine: Any,
        prompter: Prompter,
        tokens: Tokens,
        processor: Any,
        batch_size: int,
    ) -> None:
        """``processor`` is None for a model of text alone."""
        self.name, self.fingerprint, self.batch_size = name, fingerprint, batch_size
        modalities: set[Modality] = {"text"}
        modalities |= {"image"} if hasattr(processor, "image_processor") else set()
        modalities |= {"audio"} if hasattr(processor, "feature_extractor") else set()
        self.capabilities = Capabilities(frozenset(modalities), EVERY_KIND)
        self._engine, self._prompter, self._tokens = engine, prompter, tokens

    def run(self, requests: Sequence[Request]) -> Sequence[Response]:
        """Answer requests, in order; one that cannot be answered gets ``Response(error=...)``."""
        started = time.perf_counter()
        media = _decode(requests)
        planned = [self._plan(request, media) for request in requests]
        jobs = [job for plan in planned if isinstance(plan, list) for job in plan]
        outputs = iter(self._generate(jobs))
        answers = []
        for request, plan in zip(requests, planned, strict=True):
            if isinstance(plan, str):
                answers.append(_refusal(plan))
            else:
                answers.append(_answer(request, plan, [next(outputs) for _ in plan]))
        share = (time.perf_counter() - started) / max(1, len(requests))
        return [replace(answer, latency=share) for answer in answers]

    def size(self, request: Request) -> int:
        """Estimate tokens: four characters each, a fixed number a picture, and the reply."""
        if isinstance(request, Perplexity):
            return len(request.text) // 4
        parts = [part for turn in request.messages for part in turn.content]
        prompt = sum(len(part.text) // 4 if isinstance(part, Text) else PICTURE_TOKENS for part in parts)
        return prompt + (request.max_tokens if isinstance(request, Generate) else 0)

    def close(self) -> None:
        """Stop the engine and free its memory; it cannot be asked again."""
        self._engine = None
        gc.collect()

    def _plan(self, request: Request, media: Decoded) -> list[Job] | str:
        """Return the sequences that a request needs, or why it cannot be answered."""
        try:
            match request:
                case Generate():
                    return [self._generation(request, media)]
                case LogLikelihood():
                    return self._replies(request.messages, (request.continuation,), media)
                case Choice():
                    return self._replies(request.messages, request.options, media)
                case Perplexity():
                    return self._windows(request.text)
        except Refused as error:
            return str(error)
        except (TemplateError, ValueError, TypeError, KeyError) as error:
            return f"the chat template refuses the conversation: {first_line(error)}"

    def _generation(self, request: Generate, media: Decoded) -> Job:
        prompt = self._prompter.render(request.messages)
        params = vllm.SamplingParams(
            max_tokens=request.max_tokens,
            temperature=request.temperature,
            top_p=request.top_p,
            seed=request.seed if request.temperature > 0 else None,
            stop=list(request.stop) or None,
            logprobs=0,
        )
        return Job(self._input(self._tokens.of_prompt(prompt), prompt, media), params)

    def _replies(self, messages: Sequence[Message], replies: Sequence[str], media: Decoded) -> list[Job]:
        prompt = self._prompter.render(messages)
        jobs = []
        for reply in replies:
            ids, scored = self._tokens.of_reply(prompt, reply)
            if not scored:
                raise Refused("an option without tokens cannot be scored.")
            jobs.append(Job(self._input(ids, prompt, media), _scoring(), scored))
        return jobs

    def _windows(self, text: str) -> list[Job]:
        line = [self._tokens.first, *self._tokens.of(text, special=False)]
        # a window's last token is in the prompt too, and the engine keeps a place for a new one
        return [
            Job({"prompt_token_ids": line[window.start : window.stop + 1]}, _scoring(), window.scored)
            for window in rolling_windows(len(line) - 1, self._tokens.most - 2)
        ]

    def _input(self, ids: Ids, prompt: Prompt, media: Decoded) -> dict[str, Any]:
        if len(ids) >= self._tokens.most:
            raise Refused(
                f"the prompt has {len(ids)} tokens; the model takes {self._tokens.most}. "
                "Shorten it, or set max_length."
            )
        given: dict[str, list[Any]] = {}
        for part in prompt.media:
            kind, decoded = media[part]
            if not kind:
                raise Refused(decoded)
            given.setdefault(kind, []).append(decoded)
        return {"prompt_token_ids": ids} | ({"multi_modal_data": given} if given else {})

    def _generate(self, jobs: Sequence[Job]) -> list[Any]:
        """Run sequences; one that the engine refuses (it tells so for all of them) becomes a Refused."""
        if not jobs:
            return []
        try:
            outputs = self._engine.generate(
                [job.prompt for job in jobs], [job.params for job in jobs], use_tqdm=False
            )
        except ValueError as error:
            if len(jobs) == 1:
                return [Refused(f"the engine refuses the prompt: {first_line(error)}")]
            half = len(jobs) // 2
            return self._generate(jobs[:half]) + self._generate(jobs[half:])
        return list(outputs)


def _decode(requests: Sequence[Request]) -> Decoded:
    """Decode each distinct medium once, in threads."""
    talks = [request.messages for request in requests if not isinstance(request, Perplexity)]
    parts = list(dict.fromkeys(part for messages in talks for part in media_of(messages)))
    with ThreadPoolExecutor(max_workers=8) as pool:
        return dict(zip(parts, pool.map(_decode_one, parts), strict=True))


def _decode_one(part: Media | Video) -> tuple[str, Any]:
    try:
        match part:
            case Image():
                return "image", part.open()
            case Audio():
                return "audio", (part.decode(SOUND_RATE), SOUND_RATE)
            case _:
                return "", "vllm: takes text, pictures and sounds, but no video."
    except MediaError as error:
        return "", str(error)


def _scoring() -> Any:
    """Return parameters that ask for the log-probability of each token of the prompt."""
    return vllm.SamplingParams(max_tokens=1, temperature=0.0, prompt_logprobs=0)


def _answer(request: Request, jobs: Sequence[Job], outputs: Sequence[Any]) -> Response:
    refused = next((output for output in outputs if isinstance(output, Refused)), None)
    if refused is not None:
        return _refusal(str(refused))
    if isinstance(request, Generate):
        return _generated(outputs[0])
    rows = [_scores(job, output) for job, output in zip(jobs, outputs, strict=True)]
    if isinstance(request, Choice):
        sums = tuple(map(math.fsum, rows))
        best = max(range(len(sums)), key=sums.__getitem__)
        before = len(outputs[0].prompt_token_ids) - len(rows[0])
        counts = tuple(map(len, rows))
        return Response(text=request.options[best], logprobs=sums, tokens=counts, input_tokens=before)
    logprobs = tuple(value for row in rows for value in row)
    count = (len(logprobs),)
    if isinstance(request, Perplexity):
        return Response(logprobs=logprobs, tokens=count, input_tokens=len(logprobs))
    before = len(outputs[0].prompt_token_ids) - len(logprobs)
    return Response(text=request.continuation, logprobs=logprobs, tokens=count, input_tokens=before)


def _generated(output: Any) -> Response:
    """Read a generated text; the end-of-sequence token is no part of it."""
    written = output.outputs[0]
    if written.finish_reason not in ("stop", "length"):
        return _refusal(f"the engine gave up ({written.finish_reason}).")
    pairs = zip(written.token_ids, written.logprobs or (), strict=False)
    logprobs = tuple(float(entry[token].logprob) for token, entry in pairs)
    if written.finish_reason == "stop" and written.stop_reason is None:
        logprobs = logprobs[:-1]
    return Response(
        text=written.text,
        logprobs=logprobs,
        tokens=(len(logprobs),),
        input_tokens=len(output.prompt_token_ids),
        finish_reason=written.finish_reason,
    )


def _scores(job: Job, output: Any) -> tuple[float, ...]:
    """Read the log-probabilities of the last tokens of a prompt, which media may have made longer."""
    start = len(output.prompt_token_ids) - job.scored
    pairs = zip(output.prompt_token_ids[start:], output.prompt_logprobs[start:], strict=True)
    return tuple(float(entry[token].logprob) for token, entry in pairs)


def _refusal(reason: str) -> Response:
    return Response(finish_reason="error", error=reason)
