"""PNG files with the same bytes on every machine.

The bytes that ``zlib`` makes depend on its version (zlib, zlib-ng, zlib-rs), so the compressed stream is written
here. For now its blocks are stored, not compressed.
"""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_BLOCK = 65_535


def encode(pixels: NDArray[np.uint8]) -> bytes:
    """Encode an RGB picture, uint8 of shape (height, width, 3), without loss."""
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), dtype=np.uint8)
    rows[:, 1:] = pixels.reshape(height, 3 * width)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = _stored(rows.tobytes())
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _stored(data: bytes) -> bytes:
    parts = [b"\x78\x01"]
    for start in range(0, len(data), _BLOCK):
        block = data[start : start + _BLOCK]
        last = start + _BLOCK >= len(data)
        parts += [struct.pack("<BHH", last, len(block), len(block) ^ 0xFFFF), block]
    parts.append(struct.pack(">I", zlib.adler32(data)))
    return b"".join(parts)
