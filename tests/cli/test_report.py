import pytest


@pytest.fixture
def folders(cli, tmp_path):
    for model in ("oracle", "majority"):
        cli("run", "-m", model, "-t", "sentiment", "--limit", "20", "--out", model, "--no-report")
    return [str(next(p for p in (tmp_path / m).iterdir() if p.is_dir())) for m in ("oracle", "majority")]


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("r.html", "<table"),
        ("r.md", "|"),
        ("r.tex", "\\toprule"),
        ("r.csv", "sentiment"),
        ("r.json", "sentiment"),
        ("r.xml", "<testsuite"),
    ],
)
def test_every_format_shows_both_models(cli, tmp_path, folders, name, mark):
    done = cli("report", *folders, "-o", name)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / name).read_text()
    assert mark in text
    assert "oracle" in text
    assert "majority" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "r.pdf"], "cannot tell the format"),
        (["--format", "htm"], "unknown renderer 'htm'. Did you mean 'html'?"),
        (["--log", "mlfow:x"], "unknown logger 'mlfow'. Did you mean 'mlflow'?"),
        (["--format", "lm-eval"], "holds one run a file, not 2"),
        (["-o", "no/such/folder/r.html"], "no/such/folder"),
    ],
)
def test_mistakes_are_explained(cli, folders, arguments, message):
    done = cli("report", *folders, *arguments)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())


def test_a_folder_that_is_no_run(cli, tmp_path):
    (tmp_path / "x").mkdir()
    assert "not a run folder" in cli("report", "x").stderr
