"""A model on a server as a :class:`mmbench.model.Model`."""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from queue import SimpleQueue

from mmbench.backends.openai.answers import read_chat, read_plain
from mmbench.backends.openai.budget import Usage
from mmbench.backends.openai.client import Ask, Client
from mmbench.backends.openai.messages import chat_messages
from mmbench.backends.openai.options import Options
from mmbench.backends.openai.scoring import (
    PLAIN,
    PlainScoring,
    Scoring,
    answer_choice,
    answer_reply,
    guess,
    merged,
    score_text,
)
from mmbench.backends.openai.trouble import Trouble
from mmbench.backends.openai.wire import Body
from mmbench.model import Capabilities
from mmbench.schema import (
    Choice,
    Generate,
    LogLikelihood,
    Modality,
    Perplexity,
    Request,
    Response,
    media_of,
    modalities_of,
)

MOST_STOPS = 4
"""Servers take no more stop strings; what they overlook is cut here."""

Answers = list[tuple[int, Response]]
Arrived = SimpleQueue[Answers]
"""Answers on their way from the client's thread; none at all is the end."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What was found out about a server.

    Attributes:
        scoring: how replies to conversations are scored, if they can be.
        texts: how whole texts are scored, if they can be.
        limit_field: what the server calls the most tokens to write.
    """

    scoring: Scoring | None = None
    texts: PlainScoring | None = None
    limit_field: str = "max_tokens"


class OpenAIModel:
    """Keeps many requests under way at once, and hands out answers as they come."""

    def __init__(self, name: str, fingerprint: str, client: Client, options: Options, able: Abilities) -> None:
        self.name, self.fingerprint = name, fingerprint
        self.batch_size = 4 * options.concurrency
        self.capabilities = _capabilities(options, able)
        self._client, self._options, self._able = client, options, able

    def run(self, requests: Sequence[Request]) -> Sequence[Response]:
        """Answer requests, in order; one that gets no answer gets ``Response(error=...)``."""
        answers: dict[int, Response] = {}
        with closing(self.stream(requests)) as groups:
            for group in groups:
                answers.update(group)
        return [answers[index] for index in range(len(requests))]

    def stream(self, requests: Sequence[Request]) -> Generator[Sequence[tuple[int, Response]], None, None]:
        """Yield (index, answer) as answers come in, those together that came together.

        Closing the generator drops what is still under way.
        """
        arrived = Arrived()
        work = self._client.submit(self._answer_all(requests, arrived))
        work.add_done_callback(lambda _: arrived.put([]))
        try:
            while group := _all_there(arrived):
                yield group
            work.result()
        finally:
            work.cancel()

    def size(self, request: Request) -> int:
        """Estimate the length of a request in tokens."""
        if isinstance(request, Perplexity):
            return len(request.text) // 3
        usage = guess(request.messages, request.max_tokens if isinstance(request, Generate) else 0)
        return usage.input_tokens + usage.output_tokens

    @property
    def cost(self) -> float | None:
        """Dollars spent so far; None without prices."""
        return self._client.budget.cost

    def close(self) -> None:
        """Close connections; the model cannot be asked again."""
        self._client.close()

    async def _answer_all(self, requests: Sequence[Request], arrived: Arrived) -> None:
        self._client.begin()
        loop = asyncio.get_running_loop()
        together: Answers = []  # what came in one turn of the loop

        def hand_over() -> None:
            arrived.put(together.copy())
            together.clear()

        # those that wait to be asked again count, so that a server in trouble collects no thousands of them
        started = asyncio.Semaphore(self.batch_size)

        async def one(index: int, request: Request) -> None:
            async with started:
                answer = await self._answer(request)
            if not together:
                loop.call_soon(hand_over)
            together.append((index, answer))

        async with asyncio.TaskGroup() as group:
            for index, request in enumerate(requests):
                group.create_task(one(index, request))

    async def _answer(self, request: Request) -> Response:
        try:
            match request:
                case Generate():
                    answer, latency = await self._client.ask(self._generate(request))
                    return replace(answer, latency=latency)
                case LogLikelihood():
                    return await answer_reply(self._client.ask, self._scoring(request), request)
                case Choice():
                    return await answer_choice(self._client.ask, self._scoring(request), request)
                case Perplexity():
                    return await self._perplexity(request)
        except Trouble as trouble:
            return Response(finish_reason="error", error=trouble.reason)

    def _generate(self, request: Generate) -> Ask[Response]:
        options = self._options
        fields: Body = {"model": self.name, self._able.limit_field: request.max_tokens}
        fields["temperature"] = request.temperature
        if request.temperature > 0:
            fields |= {"top_p": request.top_p, "seed": request.seed}
        if request.stop:
            fields["stop"] = list(request.stop[:MOST_STOPS])
        usage = guess(request.messages, request.max_tokens)
        if options.api == "completions":
            return self._generate_plain(request, fields, usage)
        if request.messages and request.messages[-1].role == "assistant":
            raise Trouble("a chat server cannot go on with an assistant's turn; api=completions can.")
        if options.logprobs:
            fields["logprobs"] = True
        return Ask(
            "/chat/completions",
            lambda: merged(fields | {"messages": chat_messages(request.messages, options.detail)}, options.extra),
            lambda raw: read_chat(raw, request, logprobs=options.logprobs),
            usage,
            heavy=bool(media_of(request.messages)),
            streamed=options.stream,
        )

    def _generate_plain(self, request: Generate, fields: Body, usage: Usage) -> Ask[Response]:
        if media_of(request.messages):
            raise Trouble("api=completions takes no pictures or sounds.")
        logprobs, streamed = self._options.logprobs, self._options.stream
        fields |= {"prompt": PLAIN.render(request.messages).text} | ({"logprobs": 1} if logprobs else {})
        body = merged(fields, self._options.extra)
        return Ask(
            "/completions",
            lambda: body,
            lambda raw: read_plain(raw, request, logprobs=logprobs),
            usage,
            streamed=streamed,
        )

    def _scoring(self, request: LogLikelihood | Choice) -> Scoring:
        scoring = self._able.scoring
        if scoring is None:
            raise Trouble("the server does not tell log-probabilities of a prompt.")
        if not modalities_of(request.messages) <= scoring.modalities:
            raise Trouble("the server scores replies to text alone; let the task generate instead.")
        return scoring

    async def _perplexity(self, request: Perplexity) -> Response:
        if self._able.texts is None:
            raise Trouble("the server does not tell log-probabilities of a text.")
        row = await score_text(self._client.ask, self._able.texts, request.text)
        count = len(row.logprobs)
        return Response(logprobs=row.logprobs, tokens=(count,), input_tokens=count, latency=row.latency)


def _all_there(arrived: Arrived) -> Answers:
    """Wait for answers; return all that are there by then, so that they are stored together."""
    group = arrived.get()
    while group and not arrived.empty():
        more = arrived.get()
        if not more:
            arrived.put(more)
            break
        group += more
    return group


def _capabilities(options: Options, able: Abilities) -> Capabilities:
    kinds: set[type[Request]] = {Generate}
    if able.scoring:
        kinds |= {LogLikelihood, Choice}
    if able.texts and able.texts.begins:
        kinds.add(Perplexity)
    modalities: frozenset[Modality] = frozenset({"text", "image", "audio"} if options.api == "chat" else {"text"})
    return Capabilities(modalities, frozenset(kinds), scored=able.scoring.modalities if able.scoring else None)
