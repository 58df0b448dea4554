"""Pictures and sounds of a run folder, made small enough to live inside a page.

Everything is decoded and encoded anew: no byte of a data set reaches the page as it was, and neither do its
metadata.
"""

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mmbench.errors import MediaError
from mmbench.schema import MAX_PIXELS, Audio
from mmbench.store.run import Run

if TYPE_CHECKING:
    import PIL.Image

SIDE = 320
"""Longest side of a thumbnail in pixels."""
SECONDS = 60
"""Longest sound that is embedded."""
_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)  # that MP3 knows
_SOUNDS = (b"RIFF", b"fLaC", b"OggS", b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"FORM", b".snd")


@dataclass(frozen=True)
class Picture:
    """A thumbnail; width and height in pixels keep the page from jumping."""

    uri: str
    width: int
    height: int


@dataclass(frozen=True)
class Sound:
    """A sound to be played."""

    uri: str
    seconds: float


@dataclass(frozen=True)
class Absent:
    """Why there is nothing to be seen or heard."""

    reason: str


Medium = Picture | Sound | Absent


class Shelf:
    """The room on a page, ``left`` bytes: texts take some of it, and media until it is full.

    A picture that occurs again is encoded once, but takes its room each time.
    """

    def __init__(self, left: int) -> None:
        self.left = left
        self.is_full = False
        self._made: dict[str, Medium] = {}

    def spend(self, texts: int) -> None:
        """Take room for that many characters, which must be shown whether or not there is room."""
        self.left -= texts
        self.is_full = self.is_full or self.left <= 0

    def take(self, run: Run, digest: str) -> Medium:
        """Return a picture or sound by its digest, or why there is none."""
        if digest not in self._made:
            data = run.media(digest)
            self._made[digest] = Absent("not kept in the run folder") if data is None else embedded(data)
        made = self._made[digest]
        if isinstance(made, Absent):
            return made
        if len(made.uri) > self.left:
            self.is_full = True
            return Absent("left out to keep this page small")
        self.left -= len(made.uri)
        return made


def embedded(data: bytes) -> Medium:
    """Turn the encoded bytes of a picture or sound into what a page can hold."""
    is_webp = data[8:12] == b"WEBP"
    return _sound(data) if data.startswith(_SOUNDS) and not is_webp else _picture(data)


def _picture(data: bytes) -> Picture | Absent:
    import PIL.Image
    import PIL.ImageOps

    try:
        with PIL.Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                return Absent("too large to be decoded")
            picture.draft("RGB", (SIDE, SIDE))
            upright = PIL.ImageOps.exif_transpose(picture).convert("RGBA" if _is_clear(picture) else "RGB")
            upright.thumbnail((SIDE, SIDE))
            small = io.BytesIO()
            upright.save(small, "WEBP", quality=80, method=2)
    except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError):
        return Absent("cannot be decoded")
    return Picture(_uri("image/webp", small.getvalue()), upright.width, upright.height)


def _is_clear(picture: "PIL.Image.Image") -> bool:
    """Tell whether a picture has transparent parts."""
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info


def _sound(data: bytes) -> Sound | Absent:
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            rate, seconds = file.samplerate, file.frames / file.samplerate
            if not file.frames:
                return Absent("an empty sound")
            if seconds > SECONDS:
                return Absent(f"a sound of {seconds:.0f} s, too long for this page")
            wave = file.read(dtype="float32", always_2d=True).mean(axis=1)
        if rate not in _RATES:
            rate, wave = 16_000, Audio(data).decode(16_000)
        small = io.BytesIO()
        soundfile.write(small, wave, rate, format="MP3")
    except (soundfile.LibsndfileError, MediaError):
        return Absent("cannot be decoded")
    return Sound(_uri("audio/mpeg", small.getvalue()), seconds)


def _uri(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
