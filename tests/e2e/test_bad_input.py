"""Pictures that are corrupt, cut short, huge or gone: error rows with a reason; the others are scored."""

import io
import json
import struct
import subprocess
import zlib

import pytest
from PIL import Image


def _png(size=(16, 16)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "red").save(buffer, "PNG")
    return buffer.getvalue()


def _bomb() -> bytes:
    """A PNG header that claims 60,000 x 60,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.fixture
def pictures(tmp_path):
    files = {"good.png": _png(), "cut.png": _png((256, 256))[:200], "junk.png": b"no picture", "bomb.png": _bomb()}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    names = ["good.png", "cut.png", "junk.png", "bomb.png", "gone.png", "good.png"]
    rows = [
        {"id": str(number), "image": name, "question": f"Colour {number}?", "answers": ["red"]}
        for number, name in enumerate(names)
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_bad_pictures_cost_their_own_row_only(command, pictures):
    program, env = command
    done = subprocess.run(
        [*program, "run", "-m", "reference", "-t", "vqa:rows.jsonl", "--json"],
        cwd=pictures,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    overall = next(entry for entry in json.loads(done.stdout)["results"] if not entry["slice"])
    assert (overall["n"], overall["errors"]) == (2, 4)
    assert "4 samples without an answer" in done.stderr
    assert "Traceback" not in done.stderr

    import mmbench

    folder = next(path for path in (pictures / "runs").iterdir() if path.is_dir())
    samples = mmbench.load_run(folder).samples
    reasons = dict(zip(samples.id, samples.error, strict=True))
    assert "cut.png" in reasons["1"]
    assert "junk.png is no picture" in reasons["2"]
    assert "too large" in reasons["3"]
    assert "gone.png" in reasons["4"]
