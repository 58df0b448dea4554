"""What a picture is worth to a model: the same run with and without it, as plain Transformers computes it."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hf_oracle
import pytest
from typer.testing import CliRunner

import mmbench
from mmbench.cli import app
from mmbench.schema import Image, user

CAPTIONS = ("The ball is red.", "two blue cubes", "A man is standing on a ladder.")
PROMPT = "Describe the picture:"


@pytest.fixture
def rows(tmp_path: Path, pictures: list[Image]) -> Path:
    for index, picture in enumerate(pictures):
        (tmp_path / f"{index}.png").write_bytes(picture.read())
    lines = [
        {"id": str(index), "image": f"{index}.png", "text": PROMPT, "ending": caption}
        for index, caption in enumerate(CAPTIONS)
    ]
    file = tmp_path / "captions.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def nats(direct: Callable[[str], tuple[Any, Any]], pictures: list[Image] | list[None]) -> list[float]:
    """Return each caption's negative log-probability, with or without its picture."""
    model, reader = direct("image-text-to-text")
    found = []
    for caption, picture in zip(CAPTIONS, pictures, strict=True):
        shown = [] if picture is None else [picture]
        encoded = hf_oracle.inputs(
            "image-text-to-text", reader, (user(*shown),), "<image>\n" * len(shown) + PROMPT
        )
        whole = reader.tokenizer(f"{PROMPT} {caption}")["input_ids"]
        ids = whole[len(reader.tokenizer(PROMPT)["input_ids"]) :]
        found.append(-sum(hf_oracle.loglikelihood(model, encoded, ids)))
    return found


def test_captions_cost_other_bits_without_their_pictures(
    rows: Path,
    tmp_path: Path,
    checkpoint: Callable[[str], Path],
    direct: Callable[[str], tuple[Any, Any]],
    pictures: list[Image],
) -> None:
    common = ["run", "-m", str(checkpoint("image-text-to-text")), "-t", f"lm:{rows}", "--dtype", "float32"]
    common += ["--no-report", "--out"]
    paths = []
    for name, flags in (("seeing", []), ("blind", ["--blind"])):
        outcome = CliRunner().invoke(app, [*common, str(tmp_path / name), *flags])
        assert outcome.exit_code == 0, outcome.output
        paths.append(next((tmp_path / name).glob("*/manifest.json")).parent)
    seeing, blind = map(mmbench.load_run, paths)
    assert [run.manifest.tasks[0].blind for run in (seeing, blind)] == [False, True]
    sizes = sum(len(caption.encode()) for caption in CAPTIONS)
    for run, shown in ((seeing, pictures), (blind, [None] * 3)):
        bits = sum(nats(direct, shown)) / math.log(2) / sizes  # type: ignore[arg-type]
        (entry,) = [entry for entry in run.entries if entry.metric == "bits-per-byte" and not entry.slice]
        assert entry.value == pytest.approx(bits, abs=1e-4)
    rows_of_blind = [row for batch in blind.sample_batches(["media", "prompt"]) for row in batch.to_pylist()]
    assert all(row["media"] == [] and PROMPT in row["prompt"] for row in rows_of_blind)
    told = CliRunner().invoke(app, ["compare", str(paths[1]), str(paths[0])])
    assert told.exit_code == 0, told.output
    assert "bits-per-byte" in told.output
    assert "one run is blind" in told.output
