import io
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def png() -> bytes:
    import PIL.Image

    stream = io.BytesIO()
    PIL.Image.new("RGB", (4, 3), "red").save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty mirror of the Hub; what ``datasets`` caches goes to a folder of the test's own."""
    import datasets

    folder = tmp_path / "mirror"
    folder.mkdir()
    monkeypatch.setenv("MMBENCH_DATA_DIR", str(folder))
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    return folder
