"""The nouns that travel through mmbench: content parts, messages, samples, requests, responses, predictions.

All of them are frozen. Media are references to *encoded* bytes with a digest; they are decoded late, by
whoever needs pixels or sound, so that a run's memory is bounded by its window and not by its dataset.
"""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mmbench.errors import MediaError

if TYPE_CHECKING:
    import numpy as np
    import PIL.Image
    from numpy.typing import NDArray

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Role = Literal["system", "user", "assistant"]
Modality = Literal["text", "image", "audio", "video"]
FinishReason = Literal["stop", "length", "error"]

MAX_PIXELS = 178_956_970
"""Pictures with more pixels than this are refused before they are decoded (Pillow's own bomb limit)."""


@dataclass(frozen=True, slots=True)
class Text:
    """A stretch of text in a message."""

    text: str


@dataclass(frozen=True)
class Media:
    """Encoded bytes, held in memory or in a file. ``name`` tells people where they came from."""

    source: bytes | Path
    name: str = ""

    def read(self) -> bytes:
        """Return the encoded bytes.

        Raises:
            MediaError: the file cannot be read.
        """
        if isinstance(self.source, bytes):
            return self.source
        try:
            return self.source.read_bytes()
        except OSError as error:
            raise MediaError(f"cannot read {self.label}: {error.strerror}. Is the path right?") from error

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the encoded bytes, in hexadecimal."""
        return hashlib.sha256(self.read()).hexdigest()

    @property
    def label(self) -> str:
        """What to call this in a message to the user."""
        return self.name or (str(self.source) if isinstance(self.source, Path) else "media in memory")


class Image(Media):
    """A picture in any format that Pillow reads."""

    def open(self) -> "PIL.Image.Image":
        """Decode to an RGB picture, its EXIF orientation applied.

        Raises:
            MediaError: the bytes are no picture, are cut short, or hold more than ``MAX_PIXELS``.
        """
        import PIL.Image
        import PIL.ImageOps

        try:
            with PIL.Image.open(io.BytesIO(self.read())) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    size = f"{picture.width} x {picture.height} pixels"
                    raise MediaError(f"picture {self.label} is too large ({size}). Scale it down first.")
                return PIL.ImageOps.exif_transpose(picture).convert("RGB")
        except PIL.Image.DecompressionBombError as error:
            raise MediaError(f"picture {self.label} is too large. Scale it down first.") from error
        except PIL.UnidentifiedImageError as error:  # its own text holds a memory address
            raise MediaError(f"{self.label} is no picture that Pillow reads. Replace or drop this row.") from error
        except (OSError, SyntaxError, ValueError) as error:
            raise MediaError(f"cannot decode picture {self.label}: {error}. Replace or drop this row.") from error


class Audio(Media):
    """A sound in any format that libsndfile reads (WAV, FLAC, OGG, MP3)."""

    def decode(self, rate: int) -> "NDArray[np.float32]":
        """Decode to mono float32 in [-1, 1] at ``rate`` Hz, shape (samples,).

        Raises:
            MediaError: the bytes are no sound that libsndfile can read.
        """
        import numpy as np
        import soundfile
        from scipy.signal import resample_poly

        try:
            wave, source_rate = soundfile.read(io.BytesIO(self.read()), dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise MediaError(f"cannot decode sound {self.label}: {error}. Replace or drop this row.") from error
        mono = wave.mean(axis=1)
        if source_rate != rate:
            mono = resample_poly(mono, rate, source_rate)
        return np.ascontiguousarray(mono, dtype=np.float32)


@dataclass(frozen=True)
class Video:
    """A sequence of frames in order of time, ``fps`` frames a second."""

    frames: tuple[Image, ...]
    fps: float = 1.0

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the frames' digests and the frame rate, in hexadecimal."""
        text = f"{self.fps}|" + "|".join(frame.digest for frame in self.frames)
        return hashlib.sha256(text.encode()).hexdigest()


Part = Text | Image | Audio | Video


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The text parts, joined by newlines."""
        return "\n".join(part.text for part in self.content if isinstance(part, Text))


def message(role: Role, *parts: Part | str) -> Message:
    """Build a message; plain strings become ``Text``."""
    return Message(role, tuple(Text(part) if isinstance(part, str) else part for part in parts))


def user(*parts: Part | str) -> Message:
    """Build a user turn.

    >>> user("Hello").text
    'Hello'
    """
    return message("user", *parts)


def assistant(*parts: Part | str) -> Message:
    """Build an assistant turn (few-shot answers)."""
    return message("assistant", *parts)


def media_of(messages: tuple[Message, ...]) -> tuple[Image | Audio | Video, ...]:
    """Return all media of a conversation in order."""
    return tuple(part for turn in messages for part in turn.content if not isinstance(part, Text))


def without_media(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Return a conversation of which only the words are left."""
    return tuple(
        Message(turn.role, tuple(part for part in turn.content if isinstance(part, Text))) for turn in messages
    )


_MODALITY: dict[type, Modality] = {Text: "text", Image: "image", Audio: "audio", Video: "video"}


def modalities_of(messages: tuple[Message, ...]) -> frozenset[Modality]:
    """Return the modalities that a model must take in to read this conversation."""
    return frozenset(_MODALITY[type(part)] for turn in messages for part in turn.content)


@dataclass(frozen=True, slots=True)
class Sample:
    """One item of a dataset, ready to be asked.

    Attributes:
        id: unique within the dataset and stable between runs: paired comparisons align on it.
        messages: the conversation that ends with the question; empty for pure language modelling.
        target: what metrics compare with: a string, a list of reference strings, or what the metric documents.
        answer: the one text a perfect respondent would give; used by ``oracle``, ``majority`` and few-shot turns.
        choices: the closed set of answers, where there is one.
        slices: named groups to report apart, e.g. ``{"type": "counting"}``.
        cluster: samples that share it are not independent (questions about one picture); "" means its own.
        info: facts that metrics may read; plain JSON values.
    """

    id: str
    messages: tuple[Message, ...]
    target: Json
    answer: str
    choices: tuple[str, ...] = ()
    slices: Mapping[str, str] = field(default_factory=dict)
    cluster: str = ""
    info: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Generate:
    """Continue the conversation. ``temperature`` 0 means greedy."""

    messages: tuple[Message, ...]
    max_tokens: int = 32
    stop: tuple[str, ...] = ()
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class LogLikelihood:
    """Score ``continuation`` as the reply to the conversation, pictures and sounds included."""

    messages: tuple[Message, ...]
    continuation: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Score each option as the reply to the same conversation."""

    messages: tuple[Message, ...]
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Perplexity:
    """Score a whole text, every token once, with rolling windows of the model's full context."""

    text: str


Request = Generate | LogLikelihood | Choice | Perplexity


@dataclass(frozen=True, slots=True)
class Response:
    """What a model answered.

    Attributes:
        text: the generated text; for ``Choice`` the option of the largest log-probability.
        logprobs: natural logarithms. ``Generate`` and ``LogLikelihood``: one a token, if the model tells them;
            ``Choice``: the sum over each option's tokens; ``Perplexity``: one a token.
        tokens: ``Choice``: the number of tokens of each option; otherwise one number, the tokens of the reply
            (or of the text that was scored).
        input_tokens: tokens of the prompt, media included.
        latency: seconds from asking to answer; for a batch, the batch's time over its size.
        first_token: seconds from asking to the first token, where the model hands out its answer bit by bit.
        finish_reason: "stop", "length" or "error".
        error: why there is no answer; None if there is one.
        margin: by how much the answer won, in natural logarithms: the best token's log-probability less the second
            best's, the smallest over all steps of a greedy ``Generate``; the same of the options of a ``Choice``.
            Where it is near zero, rounding may turn the answer over. None if the model does not tell.
    """

    text: str = ""
    logprobs: tuple[float, ...] = ()
    tokens: tuple[int, ...] = ()
    input_tokens: int = 0
    latency: float = 0.0
    finish_reason: FinishReason = "stop"
    error: str | None = None
    first_token: float | None = None
    margin: float | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """A task's reading of the responses to one sample: what metrics see.

    Attributes:
        text: the answer as text, before any extraction or normalisation.
        option_logprobs: log-probability of each of ``Sample.choices``, where they were scored.
        option_tokens: the number of tokens of each option, beside ``option_logprobs``.
        option_priors: log-probability of each option without the question, for PMI normalisation.
        logprob: the sum of log-probabilities of the scored text (language modelling).
        tokens: the number of tokens that ``logprob`` sums over.
    """

    text: str = ""
    option_logprobs: tuple[float, ...] = ()
    option_tokens: tuple[int, ...] = ()
    option_priors: tuple[float, ...] = ()
    logprob: float | None = None
    tokens: int = 0
