"""How the accuracy of a small learner falls from level to level of vqa:scenes.

The learner is a forest of random trees. It is shown a window of 64 x 64 pixels around each thing, made 16 x 16,
and learns to name its colour, shape, texture and size: what the questions of these four types ask, with the search
for the thing taken away. It learns and is tested on each level apart, on scenes of the train and the test split.

    python benchmarks/worlds_difficulty.py [--train 4000] [--test 2000] [--out docs/worlds/scenes-difficulty.png]
"""

import argparse
from pathlib import Path

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier

from mmbench_tasks.worlds.scenes.levels import LEVELS
from mmbench_tasks.worlds.scenes.model import VALUES, Attribute
from mmbench_tasks.worlds.scenes.pixels.draw import picture
from mmbench_tasks.worlds.scenes.rows import asked_scenes

WINDOW, CELLS = 64, 16
ASKED: tuple[Attribute, ...] = ("colour", "shape", "texture", "size")
OUT = Path(__file__).parents[1] / "docs/worlds/scenes-difficulty.png"


def windows(split: str, level: int, things: int) -> tuple[np.ndarray, dict[Attribute, np.ndarray]]:
    """Return what the learner sees, shape (things, 768), and the values it is to name."""
    seen, values = [], []
    for scene, _ in asked_scenes(split, difficulty=level, holdout="never"):
        if len(seen) >= things:
            break
        canvas = np.pad(picture(scene), ((WINDOW, WINDOW), (WINDOW, WINDOW), (0, 0)), mode="edge").astype(
            np.float32
        )
        for thing in scene.things:
            top, left = thing.y - thing.radius + WINDOW // 2, thing.x + WINDOW // 2
            part = canvas[top : top + WINDOW, left : left + WINDOW]
            cells = part.reshape(CELLS, WINDOW // CELLS, CELLS, WINDOW // CELLS, 3).mean(axis=(1, 3))
            seen.append(cells.ravel() / cells.mean())
            values.append(thing.values(ASKED))
    table = np.array(values)
    return np.array(seen), {name: table[:, i] for i, name in enumerate(ASKED)}


def accuracies(level: int, train: int, test: int) -> tuple[dict[Attribute, float], int]:
    """Return the accuracy for each attribute, and the number of things that were to be named."""
    known, truth = windows("train", level, train)
    shown, answers = windows("test", level, test)
    found: dict[Attribute, float] = {}
    for name in ASKED:
        forest = ExtraTreesClassifier(n_estimators=150, min_samples_leaf=2, random_state=0)
        found[name] = float(np.mean(forest.fit(known, truth[name]).predict(shown) == answers[name]))
    return found, len(shown)


def draw(levels: dict[int, dict[Attribute, float]], out: Path) -> None:
    """Draw the figure of the card."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(6.4, 3.6), dpi=110)
    places = list(levels)
    for name in ASKED:
        line = [100 * levels[level][name] for level in places]
        axis.plot(places, line, color="0.7", linewidth=1.2)
        axis.annotate(name, (places[-1] + 0.06, line[-1]), fontsize=8, color="0.4", va="center")
    means = [100 * sum(found.values()) / len(found) for found in levels.values()]
    axis.plot(places, means, "o-", color="#1f5fa8", linewidth=2.2, label="all four")
    chance = 100 * sum(1 / len(VALUES[name]) for name in ASKED) / len(ASKED)
    axis.axhline(chance, linestyle="--", color="#b04a3a", label="chance")
    axis.set(xlabel="difficulty", ylabel="accuracy, %", xticks=places, xlim=(0.8, 5.9), ylim=(0, 100))
    axis.legend(frameon=False, fontsize=8, loc="lower left")
    axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(out)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--train", type=int, default=4000)
    parser.add_argument("--test", type=int, default=2000)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    levels: dict[int, dict[Attribute, float]] = {}
    for level in LEVELS:
        levels[level], things = accuracies(level, options.train, options.test)
        cells = "  ".join(f"{name} {100 * accuracy:.1f}" for name, accuracy in levels[level].items())
        mean = sum(levels[level].values()) / len(ASKED)
        error = (mean * (1 - mean) / things / len(ASKED)) ** 0.5
        print(f"level {level}: {100 * mean:.1f} +- {100 * error:.1f} ({things} things)  {cells}", flush=True)
    draw(levels, options.out)


if __name__ == "__main__":
    main()
