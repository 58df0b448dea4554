"""Read the media of prompts: late, in threads, each distinct one once, each failing alone."""

import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from mmbench.backends.hf.prompts import Prompt
from mmbench.errors import MediaError
from mmbench.schema import Audio, Image, Perplexity, Request, Video, media_of

PIXELS = 64_000_000
"""Pixels of pictures that are decoded at a time: 192 MB as bytes, a few times that on their way to the model."""
Media = dict[int, list[Any]]  # the decoded media of each prompt, by its index
Medium = TypeVar("Medium", Image, Audio)


@dataclass(frozen=True, slots=True)
class Hearing:
    """How a model takes sounds in.

    Attributes:
        rate: samples a second.
        seconds: the longest sound it takes whole; None for no limit.
    """

    rate: int
    seconds: float | None

    @classmethod
    def of(cls, extractor: Any) -> "Hearing":
        """Ask a feature extractor."""
        return cls(extractor.sampling_rate, getattr(extractor, "chunk_length", None))

    def read(self, prompts: Sequence[Prompt]) -> tuple[Media, dict[int, str]]:
        """Decode the sounds of each prompt; say which prompts' are broken or too long."""
        sounds, failures = read_media(prompts, Audio, partial(_decode, rate=self.rate))
        for row, waves in sounds.items():
            longest = max(map(len, waves), default=0) / self.rate
            if self.seconds is not None and longest > self.seconds:
                failures[row] = f"the sound lasts {longest:.1f} s; the model takes {self.seconds} s."
        return {row: waves for row, waves in sounds.items() if row not in failures}, failures


def portions(requests: Sequence[Request]) -> list[Sequence[Request]]:
    """Cut a batch so that no part's pictures have more than ``PIXELS``, but for one that alone has more."""
    parts: list[list[Request]] = []
    spent = 0
    for request in requests:
        pixels = 0 if isinstance(request, Perplexity) else sum(map(_pixels, media_of(request.messages)))
        if not parts or (pixels and spent + pixels > PIXELS):
            parts.append([])
            spent = 0
        parts[-1].append(request)
        spent += pixels
    return list(parts)


def _pixels(part: Image | Audio | Video) -> int:
    """Read a picture's size, which stands at its beginning; 0 if it cannot be read, as its decoding will tell."""
    import PIL.Image

    if not isinstance(part, Image):
        return 0
    try:
        with PIL.Image.open(part.source if isinstance(part.source, Path) else io.BytesIO(part.source)) as picture:
            return picture.width * picture.height
    except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError):
        return 0


def read_media(
    prompts: Sequence[Prompt], kind: type[Medium], read: Callable[[Medium], Any]
) -> tuple[Media, dict[int, str]]:
    """Decode the media of each prompt, each distinct one once, in threads; say which prompts' are broken."""

    def attempt(part: Medium) -> Any:
        try:
            return read(part)
        except MediaError as error:
            return error

    asked = [[part for part in prompt.media if isinstance(part, kind)] for prompt in prompts]
    distinct = list(dict.fromkeys(part for parts in asked for part in parts))
    with ThreadPoolExecutor(max_workers=8) as pool:
        decoded = dict(zip(distinct, pool.map(attempt, distinct), strict=True))
    media: Media = {}
    failures: dict[int, str] = {}
    for index, parts in enumerate(asked):
        loaded = [decoded[part] for part in parts]
        broken = [item for item in loaded if isinstance(item, MediaError)]
        if broken:
            failures[index] = str(broken[0])
        else:
            media[index] = loaded
    return media, failures


def _decode(sound: Audio, rate: int) -> Any:
    return sound.decode(rate)
