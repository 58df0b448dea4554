"""Builds ``reports/published``: a leaderboard of all that ships, a report of the reference models, the ablation's.

    python reports/build_published.py [--limit 200] [--tasks core,speech] [--skip NAME]
    python reports/build_published.py --only ablation --grid runs/grid

Answers are kept in ``runs/published``: run it again and only what is missing is computed. The ablation is built
of what ``python -m mmbench_reference_models.training.grid`` left; without that folder it stays as it is.
"""

import argparse
import json
import shutil
from pathlib import Path

import mmbench
from mmbench.errors import StoreError
from mmbench.store.run import Run
from mmbench_reference_models import BEST, names
from mmbench_reference_models.training.grid import Grid, choices, load_grid
from mmbench_reference_models.training.runs import RECORD
from mmbench_reports.ablation import Factor, text_of
from mmbench_reports.html import render as report
from mmbench_reports.leaderboard import render as leaderboard

HERE = Path(__file__).parent
OUT = HERE / "published"
RUNS = HERE.parent / "runs" / "published"
GRID = HERE.parent / "runs" / "grid"
PAGE = HERE.parent / "docs" / "reference-models.md"
BEGIN, END = "<!-- ablation: made by reports/build_published.py -->\n", "<!-- ablation: end -->"
LINK = "../reports/published/ablation.html"
BASELINES = ("oracle", "majority", "random")
FLOOR = ("majority", "random")
"""Baselines that the report compares with: nobody is better than the oracle."""
BUDGET = 700_000
"""Bytes of a report that are samples: it is kept in git."""


def main() -> None:
    """Run every shipped model and baseline, then write the site and the reports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=int, default=200, help="samples of each task")
    parser.add_argument("--tasks", default="core,speech", help="as of mmbench run")
    parser.add_argument("--skip", action="append", default=[], help="a reference model to leave out")
    parser.add_argument("--only", choices=("shipped", "ablation"), help="build one of the two")
    parser.add_argument("--grid", type=Path, default=GRID, help="what the ablation grid wrote")
    parser.add_argument("--recipe", default="tiny-grid", help="the grid that it was")
    asked = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    if asked.only != "ablation":
        shipped(asked)
    if asked.only == "ablation" or (asked.only is None and asked.grid.is_dir()):
        ablation(asked.recipe, asked.grid)


def shipped(asked: argparse.Namespace) -> None:
    """Write the leaderboard and the report of all that ships."""
    known = sorted(names(), key=lambda name: name != BEST)
    references = [evaluated(f"reference:{name}", asked) for name in known if name not in asked.skip]
    baselines = [evaluated(name, asked) for name in BASELINES]
    shutil.rmtree(OUT / "leaderboard", ignore_errors=True)
    found = leaderboard([*references, *baselines], OUT / "leaderboard", title="mmbench")
    if refused := [one for one in found if one.faults]:
        raise SystemExit(f"refused: {refused}")
    report([*references, *(run for run in baselines if run.manifest.model.name in FLOOR)], OUT / "report.html",
           budget=BUDGET)  # fmt: skip


def evaluated(model: str, asked: argparse.Namespace) -> Run:
    """Run a model over the tasks."""
    return mmbench.evaluate(model, asked.tasks.split(","), limit=asked.limit, out=RUNS)


def ablation(recipe: str, folder: Path, out: Path = OUT / "ablation.html", page: Path = PAGE) -> None:
    """Write the report of a grid, and its findings into the page of the reference models.

    Raises:
        StoreError: a variant was not scored, or the page has no place for the findings.
    """
    grid = load_grid(recipe)
    runs = {name: scored(folder, name) for name in grid.variants}
    called = {name: run.manifest.model.name for name, run in runs.items()}
    factors = [
        Factor(one.name, one.base, {value: called[name] for value, name in one.variants.items()})
        for one in choices(grid)
    ]
    report(list(runs.values()), out, budget=BUDGET, factors=factors)
    text = page.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise StoreError(f"{page} has no place for the ablation: {BEGIN.strip()} ... {END}. Add the two comments.")
    steps = {json.loads((folder / name / RECORD).read_text(encoding="utf-8"))["steps"] for name in runs}
    learnt = " or ".join(f"{count:,}" for count in sorted(steps))
    told = f"Each model learnt for {learnt} steps and answered {grid.limit} rows of each task{_options(grid)}."
    found = f"{told}\n\n{text_of(list(runs.values()), factors)}\n[All of it]({LINK}), with samples.\n"
    page.write_text(f"{head}{begin}\n{found}\n{end}{tail}", encoding="utf-8")


def _options(grid: Grid) -> str:
    return "".join(f", {name} {value}" for name, value in grid.options.items())


def scored(folder: Path, name: str) -> Run:
    """Return a variant's newest run.

    Raises:
        StoreError: there is none.
    """
    found = sorted(path.parent for path in (folder / "scores" / name).glob("*/results.json"))
    if not found:
        raise StoreError(f"{folder} has no scores of {name}. Run the grid to its end.")
    return mmbench.load_run(found[-1])


if __name__ == "__main__":
    main()
