"""A pytest plug-in: one test a rule of a gate's policy.

    pytest --mmbench-policy gate.toml --mmbench-run runs/<folder> --mmbench-baseline baselines/main.mmbench.parquet

So selection (``-k``), JUnit XML and whatever else a project has around its tests hold for quality gates too. A
rule that is undecided fails its test: lack of data is never a pass.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mmbench.gating.verdict import Judged


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; without them the plug-in does nothing."""
    group = parser.getgroup("mmbench", "quality gates of mmbench")
    group.addoption("--mmbench-policy", metavar="FILE", help="a gate's policy; gives one test a rule")
    group.addoption("--mmbench-run", metavar="RUN", help="the run folder that the policy judges")
    group.addoption("--mmbench-baseline", metavar="RUN", help="the run folder or baseline file to compare with")


@pytest.hookimpl(tryfirst=True)  # before -k and -m choose among the tests
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Judge the run, and add a test a rule.

    Raises:
        pytest.UsageError: an option is missing, or policy, run and baseline do not fit one another.
    """
    policy, run = config.getoption("--mmbench-policy"), config.getoption("--mmbench-run")
    if not policy and not run:
        return
    if not (policy and run):
        raise pytest.UsageError("--mmbench-policy and --mmbench-run go together: give both.")
    parent = _Gate.from_parent(session, name=Path(policy).name, nodeid=Path(policy).name)
    parent.paths = Path(policy), Path(run), config.getoption("--mmbench-baseline")
    items += list(parent.collect())


class _Gate(pytest.Collector):
    """All rules of a policy."""

    paths: tuple[Path, Path, str | None]

    def collect(self) -> "Iterator[_RuleTest]":
        """Yield a test a rule."""
        from mmbench.errors import MMBenchError
        from mmbench.gating import gate, load_policy
        from mmbench.store.baseline import load_run_or_baseline

        policy, run, baseline = self.paths
        try:
            other = load_run_or_baseline(baseline) if baseline else None
            outcome = gate(load_policy(policy), load_run_or_baseline(run), other)
        except MMBenchError as error:
            raise pytest.UsageError(str(error)) from error
        for judged in outcome.judged:
            yield _RuleTest.from_parent(self, name=f"{judged.task} {judged.rule}", judged=judged)


class _RuleTest(pytest.Item):
    """One rule on one task."""

    def __init__(self, *, judged: "Judged", **rest: Any) -> None:
        super().__init__(**rest)
        self.judged = judged

    def runtest(self) -> None:
        """Fail unless the rule passes."""
        if self.judged.verdict.value != "pass":
            raise _NotPassedError(self.judged)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the verdict instead of a traceback."""
        if isinstance(excinfo.value, _NotPassedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Name the rule."""
        return self.path, None, self.name


class _NotPassedError(AssertionError):
    def __init__(self, judged: "Judged") -> None:
        super().__init__(f"{judged.verdict.value}: {judged.rule}: {judged.reason}. {judged.advice}".rstrip())
