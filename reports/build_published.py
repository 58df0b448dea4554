"""Builds ``reports/published``: a leaderboard of all that ships, and a report of the reference models.

    python reports/build_published.py [--limit 200] [--tasks core,speech] [--skip NAME]

Answers are kept in ``runs/published``: run it again and only what is missing is computed.
"""

import argparse
import shutil
from pathlib import Path

import mmbench
from mmbench.store.run import Run
from mmbench_reference_models import BEST, names
from mmbench_reports.html import render as report
from mmbench_reports.leaderboard import render as leaderboard

HERE = Path(__file__).parent
OUT = HERE / "published"
RUNS = HERE.parent / "runs" / "published"
BASELINES = ("oracle", "majority", "random")
FLOOR = ("majority", "random")
"""Baselines that the report compares with: nobody is better than the oracle."""
BUDGET = 700_000
"""Bytes of the report that are samples: it is kept in git."""


def main() -> None:
    """Run every shipped model and baseline, then write the site and the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=int, default=200, help="samples of each task")
    parser.add_argument("--tasks", default="core,speech", help="as of mmbench run")
    parser.add_argument("--skip", action="append", default=[], help="a reference model to leave out")
    asked = parser.parse_args()
    known = sorted(names(), key=lambda name: name != BEST)
    references = [evaluated(f"reference:{name}", asked) for name in known if name not in asked.skip]
    baselines = [evaluated(name, asked) for name in BASELINES]
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    found = leaderboard([*references, *baselines], OUT / "leaderboard", title="mmbench")
    if refused := [one for one in found if one.faults]:
        raise SystemExit(f"refused: {refused}")
    report([*references, *(run for run in baselines if run.manifest.model.name in FLOOR)], OUT / "report.html",
           budget=BUDGET)  # fmt: skip


def evaluated(model: str, asked: argparse.Namespace) -> Run:
    """Run a model over the tasks."""
    return mmbench.evaluate(model, asked.tasks.split(","), limit=asked.limit, out=RUNS)


if __name__ == "__main__":
    main()
