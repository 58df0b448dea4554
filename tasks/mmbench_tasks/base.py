"""What most tasks share: a prompt is filled in, one request is asked, one answer comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mmbench.errors import UsageError
from mmbench.model import Capabilities
from mmbench.schema import (
    Choice,
    Generate,
    Json,
    Media,
    Message,
    Part,
    Prediction,
    Request,
    Response,
    Sample,
    user,
)
from mmbench_tasks.fields import Row, identifier, label

Mode = Literal["auto", "generate", "choice"]


@dataclass(frozen=True)
class PromptTask:
    """A task that asks one prompt and reads one answer.

    Attributes:
        prompt: the template; ``{field}`` is replaced. Media come before it.
        max_tokens: the longest answer, in the model's tokens.
        stop: strings that end an answer.
        split: in place of the dataset's own split.
    """

    prompt: str = "{text}"
    max_tokens: int = 32
    stop: tuple[str, ...] = ("\n",)
    split: str = ""

    def ask(
        self,
        row: Row,
        fields: Mapping[str, str],
        *,
        target: Json,
        answer: str,
        media: Sequence[Media] = (),
        template: str = "",
        choices: Sequence[str] = (),
        slices: Sequence[str] = ("type", "difficulty", "split_kind"),
        cluster: str = "",
        info: Mapping[str, Json] | None = None,
    ) -> Sample:
        """Build a sample whose one turn holds the media and the filled prompt.

        Args:
            row: gives id, cluster and the fields that ``slices`` names.
            fields: what replaces ``{field}`` in the template.
            target: see :class:`mmbench.schema.Sample`, as are ``answer``, ``choices`` and ``info``.
            answer: the canonical right answer.
            media: shown before the prompt.
            template: in place of ``prompt``.
            choices: the closed set of answers.
            slices: fields of the row to report apart, where it has them.
            cluster: what the sample shares with others, where the row has no field ``cluster``.
            info: facts for metrics.
        """
        parts: list[Part] = [*media, fill_prompt(template or self.prompt, fields)]  # type: ignore[list-item]
        return Sample(
            id=identifier(row),
            messages=(user(*parts),),
            target=target,
            answer=answer,
            choices=tuple(choices),
            slices={name: value for name in slices if (value := label(row, name))},
            cluster=label(row, "cluster") or cluster,
            info=info or {},
        )

    def requests(self, sample: Sample, capabilities: Capabilities) -> Sequence[Request]:  # noqa: ARG002
        """Ask for a greedy answer."""
        return (self.generate(sample.messages),)

    def generate(self, messages: tuple[Message, ...]) -> Generate:
        """Return the request for an answer in words."""
        return Generate(messages, max_tokens=self.max_tokens, stop=self.stop)

    def parse(self, responses: Sequence[Response], sample: Sample) -> Prediction:
        """Take the answer as it is, and the options' log-probabilities where they were scored."""
        (response,) = responses
        if len(sample.choices) > 1 and len(response.tokens) == len(response.logprobs) == len(sample.choices):
            return Prediction(response.text, option_logprobs=response.logprobs, option_tokens=response.tokens)
        return Prediction(response.text)


@dataclass(frozen=True)
class ChoiceTask(PromptTask):
    """A task with a closed set of answers, for some samples at least.

    Attributes:
        mode: "choice" compares the likelihood of each answer, "generate" lets the model write one; "auto" is
            "choice" where the model can score.
    """

    mode: Mode = "auto"

    def requests(self, sample: Sample, capabilities: Capabilities) -> Sequence[Request]:
        """Score the choices, if there are any, else ask for an answer in words."""
        scored = self.mode == "choice" or (self.mode == "auto" and Choice in capabilities.kinds)
        if scored and sample.choices:
            return (Choice(sample.messages, sample.choices),)
        return (self.generate(sample.messages),)


def fill_prompt(template: str, fields: Mapping[str, str]) -> str:
    """Replace ``{field}`` in a template.

    >>> fill_prompt("{question}\\nAnswer:", {"question": "Why {so}?"})
    'Why {so}?\\nAnswer:'

    Raises:
        UsageError: the template names a field that the task does not have, or has a stray brace.
    """
    try:
        return template.format_map(fields)
    except (KeyError, IndexError, ValueError) as error:
        known = ", ".join(f"{{{field}}}" for field in fields)
        raise UsageError(f"prompt {template!r}: {error} is unknown; it may hold {known}.") from error


def listed(choices: Sequence[str]) -> str:
    """Join choices for a prompt.

    >>> listed(["red", "green", "blue"])
    'red, green or blue'
    """
    return " or ".join([", ".join(choices[:-1]), choices[-1]]) if len(choices) > 1 else "".join(choices)
