from xml.etree import ElementTree

from mmbench.gating import Outcome, Verdict, outputs
from mmbench.gating.verdict import Judged

OUTCOME = Outcome(
    Verdict.failed,
    [
        Judged("accuracy >= 60", "vqa:scenes", Verdict.passed, 70.0, 66.0, 74.0, 400, "70.00"),
        Judged("a | b <x>\x00", "qa,x", Verdict.failed, 1.0, 0.0, 2.0, 4, "100% wrong\nreally"),
        Judged("drop < 1", "lm:w", Verdict.undecided, None, None, None, 0, "too few", "run more"),
    ],
)


def test_junit_counts_and_survives_a_parser():
    root = ElementTree.fromstring(outputs.junit(OUTCOME))
    suite = root.find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    cases = {case.get("name"): [child.tag for child in case] for case in suite}
    assert cases == {"accuracy >= 60": [], "a | b <x>": ["failure"], "drop < 1": ["error"]}


def test_annotations_escape_what_workflow_commands_give_meaning():
    error, warning = outputs.annotations(OUTCOME)
    assert error.startswith("::error title=qa%2Cx a | b <x>")
    assert "100%25 wrong%0Areally" in error
    assert warning.startswith("::warning title=lm%3Aw")


def test_markdown_keeps_its_columns():
    lines = outputs.markdown(OUTCOME, "new", "old").splitlines()
    assert lines[0].endswith("fail")
    assert "`new` against `old`" in lines
    assert all(line.replace("\\|", "").count("|") == 8 for line in lines if line.startswith("|"))
