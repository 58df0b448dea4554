"""Other harnesses beside ours: the same work, whole commands, start-up included, one after the other in one run.

Each peer lives in a virtual environment of its own with the same torch, transformers and datasets. The
environments are made once, under the folder that `MMBENCH_PEERS` names (else in the temporary folder);
a peer that cannot be installed is named with the reason. Everything runs on one thread, without a network.

*Instant model*: 20,000 questions from a local jsonl file, a model that answers at once, exact match, logs of all
samples: medians of five, in turn. *Same checkpoint*: a seeded, untrained Llama of 42 million parameters, float32;
500 questions of four options, 64 answers of up to 32 tokens, 40 texts of 400 words; one run of each, as one takes
minutes. lmms-eval is left out: it imports torchvision, whose wheels are built for CUDA and do not load beside a
torch for the CPU. The second table asks lm-eval alone, which scores options and texts by their likelihood too.
"""

import json
import os
import statistics
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import overhead
import seeded
from peer_harnesses import PROMPT, Cost, Harness, LMEval, harnesses, ours_instant
from peer_harnesses import ours as run_ours

from mmbench import load_run

REPEATS = 5
SAMPLES = 20_000
ITEMS, ANSWERS, TEXTS = 500, 64, 40
TOKENS = 32


def venvs() -> Path:
    """Return where the peers' environments are."""
    named = os.environ.get("MMBENCH_PEERS")
    return Path(named) if named else Path(tempfile.gettempdir()) / "mmbench-peers"


def instant(peers: Iterable[Harness], folder: Path) -> list[str]:
    """Measure what harnesses cost by themselves; return the lines of a table."""
    rows = folder / "instant.jsonl"
    overhead.write_rows(rows, SAMPLES)
    sides: dict[str, Callable[[], Cost]] = {
        "mmbench": lambda: ours_instant(rows, folder),
        "mmbench, no HTML report, as the others": lambda: ours_instant(rows, folder, "--no-report"),
    }
    for peer in peers:
        sides[f"{peer.name} {peer.version()}"] = lambda peer=peer: peer.instant(rows, folder)  # type: ignore[misc]
    ours_instant(rows, folder)  # compiles bytecode, as pip has done for the peers
    costs: dict[str, list[Cost]] = {name: [] for name in sides}
    for _ in range(REPEATS):
        for name, run in sides.items():
            costs[name].append(run())
    busy, wall, peak = (
        {name: statistics.median(getattr(cost, field) for cost in some) for name, some in costs.items()}
        for field in ("busy", "wall", "peak_mib")
    )
    lines = [
        f"| {SAMPLES:,} samples, instant model | processor s | wall s | peak MiB | times ours (processor) |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in sides:
        ratio = busy[name] / busy["mmbench"]
        lines.append(f"| {name} | {busy[name]:.1f} | {wall[name]:.1f} | {peak[name]:.0f} | {ratio:.1f} |")
    ours = [name for name in sides if name.startswith("mmbench")]
    told = []
    for spent in (busy, wall):
        fastest = min(seconds for name, seconds in spent.items() if name not in ours)
        told.append(" and ".join(f"{spent[name] / fastest:.2f}" for name in ours))
    return [
        *lines,
        "",
        f"With and without its report, ours takes {told[0]} of the fastest peer's processor time",
        f"and {told[1]} of its wall time (aim: at most 0.2).",
    ]


def same_work(peer: LMEval, folder: Path) -> list[str]:
    """Do the same work with the same checkpoint; return the lines of a table.

    Raises:
        SystemExit: the scores differ.
    """
    checkpoint = seeded.causal(folder / "checkpoint")
    closed = seeded.write_rows(folder / "closed.jsonl", seeded.choice_items(ITEMS))
    asked = seeded.write_rows(folder / "asked.jsonl", seeded.choice_items(ANSWERS, 4))
    texts = seeded.write_rows(
        folder / "texts.jsonl", [{"id": str(seed), "text": seeded.text(400, seed)} for seed in range(TEXTS)]
    )
    ours = _Ours(folder, checkpoint)
    lines = [
        f"| work | ours, s | {peer.name} {peer.version()}, s | ratio (processor) | ratio (wall) | aim | scores |",
        "|---|---:|---:|---:|---:|---|---|",
    ]
    mine, picks = ours.choice(closed)
    theirs, their_picks = peer.choice(closed, checkpoint, folder)
    same = sum(a == b for a, b in zip(picks, their_picks, strict=True))
    lines.append(
        _line(f"multiple choice, {ITEMS} x 4", mine, theirs, "at most 0.5", f"{same} of {len(picks)} the same")
    )
    mine, written = ours.generation(asked)
    theirs, their_written = peer.generation(asked, checkpoint, folder)
    same = sum(a == b for a, b in zip(written, their_written, strict=True))
    agreement = f"{same} of {len(written)} texts the same"
    lines.append(_line(f"generation, {ANSWERS} x {TOKENS} tokens", mine, theirs, "at most 1", agreement))
    mine, value = ours.perplexity(texts)
    theirs, their_value = peer.perplexity(texts, checkpoint, folder)
    apart = abs(value / their_value - 1)
    lines.append(
        _line(f"perplexity, {TEXTS} texts", mine, theirs, "", f"{value:.6g}, {apart:.0e} apart (aim 1e-4)")
    )
    return lines


class _Ours:
    """`mmbench run` with a checkpoint."""

    def __init__(self, folder: Path, checkpoint: Path) -> None:
        self.folder, self.checkpoint = folder, checkpoint

    def choice(self, rows: Path) -> tuple[Cost, list[int]]:
        cost, found = self._run(f"qa:{rows}", closed_prompt=PROMPT, mode="choice")
        return cost, [row["choices"].index(row["prediction"]) for row in found]

    def generation(self, rows: Path) -> tuple[Cost, list[str]]:
        plain = seeded.write_rows(
            rows.with_name("plain.jsonl"),
            [
                {k: v for k, v in json.loads(line).items() if k != "choices"}
                for line in rows.read_text().splitlines()
            ],
        )
        cost, found = self._run(f"qa:{plain}", prompt=PROMPT, max_tokens=str(TOKENS))
        return cost, [row["prediction"].strip() for row in found]

    def perplexity(self, rows: Path) -> tuple[Cost, float]:
        cost, _ = self._run(f"lm:{rows}")
        results = json.loads((self._latest() / "results.json").read_text())["results"]
        return cost, next(r["value"] for r in results if r["metric"] == "word-perplexity" and not r["slice"])

    def _run(self, task: str, **options: str) -> tuple[Cost, list[dict[str, Any]]]:
        arguments = ["-m", str(self.checkpoint), "-t", task, "--batch-size", "32", "--device", "cpu"]
        cost = run_ours([*arguments, "--dtype", "float32"], self.folder, **options)
        batches = load_run(self._latest()).sample_batches(["prediction", "choices"])
        return cost, [row for batch in batches for row in batch.to_pylist()]

    def _latest(self) -> Path:
        newest = max(self.folder.glob("ours*"))
        return next(path.parent for path in newest.rglob("manifest.json"))


def _line(work: str, mine: Cost, theirs: Cost, aim: str, scores: str) -> str:
    ratios = f"{mine.busy / theirs.busy:.2f} | {mine.wall / theirs.wall:.2f}"
    return f"| {work} | {mine.busy:.1f} | {theirs.busy:.1f} | {ratios} | {aim} | {scores} |"


def main() -> list[str]:
    """Measure, and return the lines of Markdown tables."""
    place = venvs()
    place.mkdir(parents=True, exist_ok=True)
    known = harnesses(place)
    failures = {name: reason for name, peer in known.items() if (reason := peer.install())}
    peers = {name: peer for name, peer in known.items() if name not in failures}
    with tempfile.TemporaryDirectory() as scratch:
        lines = instant(peers.values(), Path(scratch))
        if isinstance(peer := peers.get("lm-eval"), LMEval):
            lines += ["", *same_work(peer, Path(scratch))]
    return lines + [f"\n{name} could not be installed: {reason}" for name, reason in failures.items()]


if __name__ == "__main__":
    print("\n".join(main()))
