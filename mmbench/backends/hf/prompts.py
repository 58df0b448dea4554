"""A conversation as the text that a checkpoint wants: its chat template where it has one, plain text otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mmbench.schema import Audio, Image, Media, Message, Text, Video, assistant, media_of, user

_PART: dict[type, str] = {Text: "text", Image: "image", Audio: "audio", Video: "video"}
_PROBE = ("\u2020question\u2020", "\u2020answer\u2020")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What goes into the tokenizer or processor.

    Attributes:
        text: the rendered conversation, one placeholder for each of ``media``.
        media: in the order of their placeholders.
        special: whether the tokenizer adds its own special tokens (BOS, or EOS for an encoder); False where the
            chat template has written them.
        joint: "" or the white space that a reply begins with in this checkpoint's format; it is no part of the
            prompt that the model continues, since tokenizers merge it with the reply's first word.
        tokens: the text's, if they are known already; media are not counted in.
    """

    text: str
    media: tuple[Media | Video, ...] = ()
    special: bool = True
    joint: str = ""
    tokens: tuple[int, ...] | None = None

    def reply(self, text: str) -> str:
        """Return a reply as it follows this prompt."""
        return text if text[:1].isspace() else self.joint + text


class Prompter:
    """Renders conversations for one checkpoint."""

    def __init__(
        self, tokenizer: Any, processor: Any = None, *, continues: bool = True, chat: bool = True
    ) -> None:
        """``processor`` is None for a model of text alone; ``continues``: the reply continues the prompt's text,
        which is not so for an encoder-decoder; ``chat``: use the checkpoint's chat template, if it has one.
        """
        self._tokenizer = tokenizer
        self._processor = processor
        owners = (processor, tokenizer) if chat else ()
        self._template = next((owner for owner in owners if getattr(owner, "chat_template", None)), None)
        self._joint = self._probe_joint() if self._template is not None and continues else ""
        self._arranges = processor is not None and self._template is None and self._probe_arranging()
        self._continues = continues and not self._arranges

    def render(self, messages: Sequence[Message]) -> Prompt:
        """Return the prompt that ends where the model's reply begins.

        A conversation whose last turn is the assistant's is continued. Without messages the prompt is empty, with
        or without a template.

        Raises:
            jinja2.TemplateError: the checkpoint's template refuses the conversation.
        """
        media = media_of(tuple(messages))
        if self._template is None or not messages:
            return self._plain(messages, media)
        text = self._apply(messages)
        joint = "" if messages[-1].role == "assistant" else self._joint
        return Prompt(text, media, self._template_needs_special(text), joint)

    def _apply(self, messages: Sequence[Message]) -> str:
        assert self._template is not None
        turns = [{"role": turn.role, "content": self._content(turn)} for turn in messages]
        open_end = messages[-1].role == "assistant"
        text: str = self._template.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=not open_end, continue_final_message=open_end
        )
        return text

    def _content(self, turn: Message) -> str | list[dict[str, str]]:
        """A model of text gets a string, as its template expects; a multimodal one gets parts."""
        if self._processor is None:
            return turn.text
        return [
            {"type": "text", "text": part.text} if isinstance(part, Text) else {"type": _PART[type(part)]}
            for part in turn.content
        ]

    def _template_needs_special(self, text: str) -> bool:
        """Follow Transformers: a tokenizer's template writes all special tokens, a processor's may omit BOS."""
        if self._template is not self._processor:
            return False
        bos = self._tokenizer.bos_token
        return not (bos and text.startswith(bos))

    def _plain(self, messages: Sequence[Message], media: tuple[Media | Video, ...]) -> Prompt:
        """Join parts by a line break and turns by an empty line; an answer follows its question at once."""
        text, joint = "", ""
        for turn in messages:
            body = self._body(turn)
            if turn.role == "assistant":
                text, joint = self._before_reply(text)
                text, joint = text + joint + body, ""
            else:
                text = text + "\n\n" + body if text else body
        if messages and messages[-1].role != "assistant" and self._continues:
            text, joint = self._before_reply(text)
        return Prompt(text, media, True, joint)

    def _body(self, turn: Message) -> str:
        parts = [part.text if isinstance(part, Text) else self._placeholder(part) for part in turn.content]
        if self._arranges:
            marks = [self._placeholder(part) for part in turn.content if not isinstance(part, Text)]
            return "".join(marks) + turn.text
        return "\n".join(part for part in parts if part)

    @staticmethod
    def _before_reply(text: str) -> tuple[str, str]:
        """Say how a plain prompt goes over into its reply: on a new line, or after a colon by a space."""
        if not text or text[-1].isspace():
            return text, ""
        return (text, " ") if text.endswith(":") else (text + "\n", "")

    def _placeholder(self, part: Media | Video) -> str:
        """Return the token that the processor replaces by the part; "" where it puts media in front by itself."""
        name = f"{_PART[type(part)]}_token"
        if not hasattr(self._processor, f"{name}_id"):
            return ""
        return str(getattr(self._processor, name))

    def _probe_arranging(self) -> bool:
        """Find whether the processor arranges prompts by itself (PaliGemma ends them with a line break)."""
        import PIL.Image

        text = self._placeholder(Image(b"")) + "x"
        try:
            encoded = self._processor(text=[text], images=[[PIL.Image.new("RGB", (64, 64))]])
        except (
            Exception
        ):  # a processor may refuse anything, for reasons of its own; requests will tell, one by one
            return False
        end = self._tokenizer("x", add_special_tokens=False)["input_ids"]
        return bool(list(encoded["input_ids"][0])[-len(end) :] != list(end))

    def _probe_joint(self) -> str:
        """Find what the template puts between its generation prompt and an answer ("" or a space, as a rule)."""
        try:
            asked = self._apply([user(_PROBE[0])])
            answered = self._apply([user(_PROBE[0]), assistant(_PROBE[1])])
        except Exception:  # a template may refuse anything, for reasons of its own; requests will tell, one by one
            return ""
        between = answered[len(asked) :].partition(_PROBE[1])[0] if answered.startswith(asked) else ""
        return between if between.isspace() else ""
