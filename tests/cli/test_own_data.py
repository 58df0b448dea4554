"""A user's own data on the command line: a YAML file, or a plain file with pictures beside it."""

import json
from pathlib import Path

import PIL.Image
import pytest

SIGNS = """task: vqa
data: signs.jsonl
columns: {question: asked}
prompt: "{question} Answer yes or no."
fields: {choices: ["yes", "no"]}
metrics: [accuracy, exact-match]
license: cc-by-nc-4.0
"""


@pytest.fixture
def signs(tmp_path: Path) -> Path:
    """Questions about two pictures, in three kinds of files."""
    for name in ("red", "blue"):
        PIL.Image.new("RGB", (8, 6), name).save(tmp_path / f"{name}.png")
    rows = [
        {"picture": f"{name}.png", "asked": f"Is it red? ({n})", "answer": "yes" if name == "red" else "no"}
        for n in range(3)
        for name in ("red", "blue")
    ]
    (tmp_path / "signs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    lines = [f"{row['picture']},{row['asked']},{row['answer']}" for row in rows]
    (tmp_path / "plain.csv").write_text("\n".join(["image,query,answer", *lines]))
    tabs = [f'{row["picture"]}\t{row["asked"]}\t{row["answer"]}\t["yes", "no"]' for row in rows]
    (tmp_path / "plain.tsv").write_text("\n".join(["image\tquery\tanswer\toptions", *tabs]))
    (tmp_path / "signs.yaml").write_text(SIGNS)
    return tmp_path


def results(done) -> dict[str, float]:
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["results"]
    return {entry["metric"]: entry["value"] for entry in found if not entry["slice"]}


def test_a_dataset_of_under_twelve_lines_of_yaml_is_run_shown_scored_and_compared(cli, signs):
    assert len(SIGNS.splitlines()) < 12
    run = ("run", "-t", "signs.yaml", "--json", "--out", "out")
    assert results(cli(*run, "-m", "oracle")) == {"accuracy": 1.0, "exact-match": 100.0}
    assert results(cli(*run, "-m", "majority"))["accuracy"] == 0.5
    folders = sorted(str(path) for path in (signs / "out").iterdir() if path.is_dir())
    assert len(folders) == 2
    manifest = json.loads((Path(folders[0]) / "manifest.json").read_text())
    assert manifest["tasks"][0]["dataset"]["source"] == "file:signs.jsonl"
    assert manifest["tasks"][0]["dataset"]["metrics"] == ["accuracy", "exact-match"]
    again = cli("score", folders[0], "--json")
    assert json.loads(again.stdout) == json.loads((Path(folders[0]) / "results.json").read_text())
    assert "accuracy" in cli("compare", *folders).stdout
    assert cli("verify", folders[0]).returncode == 0
    refused = cli("reproduce", folders[0])
    assert "was read from file:signs.jsonl" in " ".join(refused.stderr.split())


def test_the_licence_of_a_dataset_is_told_before_the_run(cli, signs):
    done = cli("run", "-t", "signs.yaml", "-m", "oracle", "--no-report")
    assert "note: the licence of 'vqa:signs' limits commercial use: cc-by-nc-4.0" in " ".join(done.stderr.split())
    done = cli("run", "-t", "plain.csv", "-m", "oracle", "--no-report")
    assert "licence" not in done.stderr


def test_check_shows_a_user_s_file(cli, signs):
    done = cli("data", "check", "signs.yaml")
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.split())
    assert "vqa:signs file:signs.jsonl" in text
    assert "picture: str -> image, asked: str -> question, answer: str -> answers" in text
    assert "[image 8 x 6, " in text
    assert "Is it red? (0) Answer yes or no. => yes" in text


@pytest.mark.parametrize("task", ["plain.csv", "vqa:plain.csv", "plain.tsv", "vqa:plain.tsv"])
def test_a_plain_file_with_pictures_beside_it_is_a_dataset(cli, signs, task):
    found = results(cli("run", "-t", task, "-m", "oracle", "--json", "--no-report"))
    assert set(found.values()) <= {1.0, 100.0, 0.0}
    assert found["exact-match"] == 100.0


@pytest.mark.parametrize(
    ("change", "where", "message"),
    [
        (("task: vqa", "task: vga"), 1, "task: there is no task 'vga'. Did you mean 'vqa'?"),
        (("accuracy,", "acuracy,"), 6, "metrics.0: unknown metric 'acuracy'. Did you mean 'accuracy'?"),
        (("exact-match]", "bleu:tokenizer=13a]"), 6, "metrics.1: metric 'bleu' has no option 'tokenizer'."),
        (("fields:", "feilds:"), 5, "feilds: is no key here. Did you mean 'fields'?"),
        (("signs.jsonl", "sings.jsonl"), 2, "data: there is no file 'sings.jsonl'"),
    ],
)
def test_mistakes_point_at_file_line_and_key(cli, signs, change, where, message):
    (signs / "signs.yaml").write_text(SIGNS.replace(*change))
    done = cli("run", "-t", "signs.yaml", "-m", "oracle")
    assert done.returncode == 2
    assert f"error: signs.yaml:{where}: {message}" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("text,label", "cannot tell which task 'mine.csv' is for: its columns fit none. It has: text, label."),
        (
            "question,answer,source,target",
            "cannot tell which task 'mine.csv' is for: it may be for qa or translation.",
        ),
    ],
)
def test_a_file_that_does_not_tell_its_task_is_refused(cli, tmp_path, columns, message):
    (tmp_path / "mine.csv").write_text(f"{columns}\n{columns}\n")
    done = cli("run", "-t", "mine.csv", "-m", "oracle")
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "--tasks vqa:mine.csv" in " ".join(done.stderr.split())
