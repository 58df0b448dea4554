"""What most tasks share: a prompt is filled in, one request is asked, one answer comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mmbench.errors import DataError, UsageError
from mmbench.metrics.reasoning import without_reasoning
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
    Text,
    assistant,
    user,
)
from mmbench_tasks.fields import Row, identifier, label
from mmbench_tasks.options import agreed, lettered, letters, rotations, worded
from mmbench_tasks.paraphrases import PARAPHRASES, paraphrase

Mode = Literal["auto", "generate", "choice"]
Style = Literal["words", "letters", "cloze"]
SLICES = ("type", "difficulty", "split_kind", "holdout")
"""Fields of a row that group samples, where it has them."""


@dataclass(frozen=True)
class PromptTask:
    """A task that asks one prompt and reads one answer.

    Attributes:
        prompt: the template; ``{field}`` is replaced. Media come before it.
        max_tokens: the longest answer, in the model's tokens.
        stop: strings that end an answer.
        split: in place of the dataset's own split.
        variant: another wording of the prompt, see :mod:`mmbench_tasks.paraphrases`; 0 is the prompt itself.
    """

    prompt: str = "{text}"
    max_tokens: int = 32
    stop: tuple[str, ...] = ("\n",)
    split: str = ""
    variant: int = 0

    @property
    def paraphrases(self) -> int:
        """How many other wordings its prompts have: what ``variant`` may be at most."""
        return min(len(PARAPHRASES.get(template, ())) for template in self._templates())

    def _templates(self) -> tuple[str, ...]:
        """Return the templates that a row may be asked with."""
        return (self.prompt,)

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
        slices: Sequence[str] = SLICES,
        cluster: str = "",
        info: Mapping[str, Json] | None = None,
        begun: bool = False,
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
            begun: the turn is the beginning of the model's own text, which it continues.
        """
        filled = fill_prompt(paraphrase(template or self.prompt, self.variant), fields)
        parts: list[Part] = [*media, Text(filled)]  # type: ignore[list-item]
        return Sample(
            id=identifier(row),
            messages=(assistant(*parts) if begun else user(*parts),),
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
        """Take the answer without what was thought before it; the options' log-probabilities where scored."""
        (response,) = responses
        if len(sample.choices) > 1 and len(response.tokens) == len(response.logprobs) == len(sample.choices):
            return Prediction(response.text, option_logprobs=response.logprobs, option_tokens=response.tokens)
        return Prediction(without_reasoning(response.text))


@dataclass(frozen=True)
class ChoiceTask(PromptTask):
    """A task with a closed set of answers, for some samples at least.

    Attributes:
        mode: "choice" compares the likelihood of each answer, "generate" lets the model write one; "auto" is
            "choice" where the model can score.
        style: "words" asks for the words of an answer; "letters" lists the options as A, B, ... and asks for a
            letter; "cloze" asks nothing: the choices are continuations of a text, of which the likeliest counts.
        circular: ask under every rotation of lettered options; right is only what is right under all of them.
        closed_prompt: the template for style "words"; ``{choices}`` lists the answers.
        lettered_prompt: the template for style "letters"; ``{options}`` lists them with their letters.
    """

    mode: Mode = "auto"
    style: Style = "words"
    circular: bool = False
    closed_prompt: str = "{question}\nAnswer with one of these: {choices}.\nAnswer:"
    lettered_prompt: str = "{question}\n{options}\nAnswer with the letter of the right option.\nAnswer:"

    def _templates(self) -> tuple[str, ...]:
        closed = self._closed_template()
        return (self.prompt, closed) if closed else (self.prompt,)

    def _closed_template(self) -> str:
        return self.lettered_prompt if self.style == "letters" else self.closed_prompt

    def ask_closed(
        self,
        row: Row,
        fields: Mapping[str, str],
        *,
        target: str,
        choices: Sequence[str],
        template: str = "",
        media: Sequence[Media] = (),
        slices: Sequence[str] = SLICES,
        cluster: str = "",
    ) -> Sample:
        """Build a sample whose answer is one of ``choices``; see :meth:`ask`.

        ``template``, if given, stands in for ``closed_prompt``.

        Raises:
            DataError: the target is none of the choices, or they are too many for letters.
            UsageError: circular evaluation is asked for without letters.
        """
        if target not in choices:
            raise DataError(f"the answer '{target}' is none of the choices: {', '.join(choices)}")
        by_letter, cloze = self.style == "letters", self.style == "cloze"
        if self.circular and not by_letter:
            raise UsageError("circular=true rotates lettered options; use it with style=letters.")
        shown = {"options": lettered(choices)} if by_letter else {"choices": listed(choices)}
        return self.ask(
            row,
            {**fields, **shown},
            template=template if template and not by_letter else self._closed_template(),
            target=target,
            # under rotation only the words stay right
            answer=letters(choices)[choices.index(target)] if by_letter and not self.circular else target,
            choices=choices,
            media=media,
            slices=slices,
            cluster=cluster,
            begun=cloze,
        )

    def requests(self, sample: Sample, capabilities: Capabilities) -> Sequence[Request]:
        """Score the choices, if there are any, else ask for an answer in words."""
        conversations = [sample.messages]
        if self.circular and sample.choices:
            conversations = rotations(sample.messages, sample.choices)
        able = self.mode == "auto" and Choice in capabilities.kinds
        scored = self.mode == "choice" or self.style == "cloze" or able
        if not scored or not sample.choices:
            return tuple(self.generate(messages) for messages in conversations)
        return tuple(Choice(messages, self._replies(sample)) for messages in conversations)

    def _replies(self, sample: Sample) -> tuple[str, ...]:
        if self.style == "letters":
            return letters(sample.choices)
        return tuple(f" {choice}" for choice in sample.choices) if self.style == "cloze" else sample.choices

    def parse(self, responses: Sequence[Response], sample: Sample) -> Prediction:
        """Take the answer as it is, a letter as the words it stands for, or what all rotations agree on."""
        if self.circular and sample.choices:
            answers = [replace(one, text=without_reasoning(one.text)) for one in responses]
            return Prediction(agreed(answers, sample.choices))
        prediction = super().parse(responses, sample)
        if self.style == "cloze":
            return replace(prediction, text=prediction.text.strip())
        if self.style == "letters" and sample.choices:
            return replace(prediction, text=worded(prediction.text, sample.choices))
        return prediction


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
