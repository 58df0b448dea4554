"""Conversations as chat servers take them: text, pictures as data URIs, sounds as base64."""

import base64
import io
from collections.abc import Sequence
from typing import Any

from mmbench.errors import MediaError
from mmbench.schema import MAX_PIXELS, Audio, Image, Media, Message, Part, Text, Video

_AS_IT_IS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
_ORIENTATION = 0x0112


def chat_messages(messages: Sequence[Message], detail: str = "") -> list[dict[str, Any]]:
    """Return the ``messages`` of a chat request; a turn of text alone is a plain string.

    Raises:
        MediaError: a picture or sound cannot be read, or is a video.
    """
    return [{"role": turn.role, "content": _content(turn, detail)} for turn in messages]


def _content(turn: Message, detail: str) -> str | list[dict[str, Any]]:
    if all(isinstance(part, Text) for part in turn.content):
        return turn.text
    return [_part(part, detail) for part in turn.content]


def _part(part: Part, detail: str) -> dict[str, Any]:
    match part:
        case Text(text):
            return {"type": "text", "text": text}
        case Image():
            kind, data = picture_bytes(part)
            url = f"data:{kind};base64,{base64.b64encode(data).decode()}"
            return {"type": "image_url", "image_url": {"url": url} | ({"detail": detail} if detail else {})}
        case Audio():
            kind, data = sound_bytes(part)
            return {
                "type": "input_audio",
                "input_audio": {"data": base64.b64encode(data).decode(), "format": kind},
            }
        case Video() | Media():
            raise MediaError("openai: takes text, pictures and sounds, but no video.")


def picture_bytes(image: Image) -> tuple[str, bytes]:
    """Return a picture's media type and bytes.

    PNG, JPEG and WebP go as they are. Another format, or a picture that is to be turned (EXIF), which servers do
    or do not do, is sent as PNG.

    Raises:
        MediaError: the bytes are no picture.
    """
    import PIL.Image

    data = image.read()
    try:
        with PIL.Image.open(io.BytesIO(data)) as head:
            plain = head.format in _AS_IT_IS and head.getexif().get(_ORIENTATION, 1) == 1
            if plain and head.width * head.height <= MAX_PIXELS:
                return _AS_IT_IS[str(head.format)], data
    except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError):
        pass  # opening it in earnest says what is wrong
    stream = io.BytesIO()
    image.open().save(stream, "PNG")
    return "image/png", stream.getvalue()


def sound_bytes(audio: Audio) -> tuple[str, bytes]:
    """Return a sound's format and bytes: WAV and MP3 as they are, anything else as 16-bit WAV at its own rate.

    Raises:
        MediaError: the bytes are no sound.
    """
    import soundfile

    data = audio.read()
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav", data
    if data[:3] == b"ID3" or (len(data) > 1 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2):
        return "mp3", data
    try:
        wave, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise MediaError(f"cannot decode sound {audio.label}: {error}. Replace or drop this row.") from error
    stream = io.BytesIO()
    # lossy formats overshoot 1, which as an integer would wrap around to -1
    soundfile.write(stream, wave.clip(-1.0, 1.0 - 2.0**-15), rate, format="WAV", subtype="PCM_16")
    return "wav", stream.getvalue()
