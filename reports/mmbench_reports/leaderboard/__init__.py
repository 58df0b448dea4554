"""A leaderboard as a static site: every row verified before it is shown."""

from mmbench_reports.leaderboard.site import render

__all__ = ["render"]
