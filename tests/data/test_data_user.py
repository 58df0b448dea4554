"""A user's own dataset in YAML: what it becomes, and errors that point at file, line and key."""

import json
from pathlib import Path

import pytest

from mmbench import plugins
from mmbench.data import open_dataset, samples
from mmbench.data.user import read_user_dataset
from mmbench.dataset import Files, Hub
from mmbench.errors import DataError

SIGNS = """task: vqa
data: signs.jsonl
columns: {question: q, answers: a, image: photo}
fields: {choices: ["yes", "no"]}
prompt: "{question} One word."
options:
  max_tokens: 4
  stop: ["."]
metrics: [exact-match, accuracy]
"""


@pytest.fixture
def signs(tmp_path: Path, png: bytes) -> Path:
    (tmp_path / "1.png").write_bytes(png)
    row = {"id": "a", "photo": "1.png", "q": "Is it red?", "a": "yes"}
    (tmp_path / "signs.jsonl").write_text(json.dumps(row))
    path = tmp_path / "signs.yaml"
    path.write_text(SIGNS)
    return path


def test_a_file_of_under_twelve_lines_makes_a_dataset(signs: Path) -> None:
    assert len(SIGNS.splitlines()) < 12
    found = read_user_dataset(signs)
    assert (found.task, found.name, found.metrics) == ("vqa", "signs", ("exact-match", "accuracy"))
    assert found.dataset.defaults["max_tokens"] == 4
    assert found.dataset.defaults["stop"] == (".",)
    task = plugins.load("tasks", "vqa")(**found.dataset.defaults)
    (sample,) = samples(task, open_dataset(found.dataset, name="vqa:signs"))
    assert (sample.id, sample.target, sample.choices) == ("a", "yes", ("yes", "no"))
    assert sample.messages[0].text == "Is it red? One word."


def test_rows_may_be_on_the_hub(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "task: qa\nname: other\ndata: {hub: org/name, config: c, split: dev}\n"
        "shots: {hub: org/name, split: train}\nlicense: MIT\n"
    )
    found = read_user_dataset(path)
    assert found.name == "other"
    assert found.dataset.source == Hub("org/name", "c", "dev")
    assert found.dataset.shots == Hub("org/name", None, "train")
    assert found.dataset.license == "MIT"


def test_values_of_a_row_win_over_those_for_all(signs: Path) -> None:
    signs.write_text("task: vqa\ndata: signs.jsonl\nfields: {a: never, type: x}\n")
    (row,) = open_dataset(read_user_dataset(signs).dataset, name="t:x")
    assert (row["a"], row["type"]) == ("yes", "x")


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        (1, "task: vqq\ndata: signs.jsonl\n", "task: there is no task 'vqq'. Did you mean 'vqa'?"),
        (2, "task: vqa\ncolums: {a: b}\ndata: signs.jsonl\n", "colums: is no key here. Did you mean 'columns'?"),
        (1, "task: vqa\n", "data: Field required."),
        (2, "task: vqa\ndata: gone.jsonl\n", "data: there is no file '"),
        (2, "task: vqa\ndata: signs.yaml\n", "data: cannot read '"),
        (
            4,
            "task: vqa\ndata: signs.jsonl\ncolumns:\n  question: 3\n",
            "columns.question: Input should be a valid",
        ),
        (3, "task: vqa\ndata: signs.jsonl\nmetrics: wer\n", "metrics: Input should be a valid list."),
        (5, "task: vqa\ndata: signs.jsonl\nmetrics:\n- wer\n- 4\n", "metrics.1: Input should be a valid string."),
        (4, "task: vqa\ndata: signs.jsonl\noptions:\n  maxtokens: 3\n", "has no option 'maxtokens'. Did you mean"),
        (3, "task: lm\ndata: signs.jsonl\nprompt: x\n", "prompt: task 'lm' has no prompt."),
        (2, "task: vqa\ndata: {hub: org/name, spilt: x}\n", "data.spilt: is no key here."),
        (2, "task: vqa\ndata: {hub: name}\n", "data.hub: String should match pattern"),
        (4, "task: vqa\ndata: signs.jsonl\noptions:\n  max_tokens: few\n", "options.max_tokens: Expected `int`"),
        (4, "task: vqa\ndata: signs.jsonl\ncolumns: {a: b\n", "this is no YAML: "),
        (2, "task: vqa\nname: a\x01b\n", "this is no YAML: it holds the character #x0001."),
        (3, "task: vqa\ndata: signs.jsonl\ntask: qa\n", "task: this key stands twice."),
        (2, "task: vqa\ncolumns: {image: a, image: b}\n", "image: this key stands twice."),
        (1, "- a\n- b\n", "expected keys and values, as in 'task: vqa'."),
    ],
)
def test_errors_point_at_file_line_and_key(signs: Path, line: int, text: str, message: str) -> None:
    signs.write_text(text)
    with pytest.raises(DataError) as caught:
        read_user_dataset(signs)
    told = str(caught.value)
    assert message in told
    assert "\n" not in told
    assert told.startswith(f"{signs}:{line}: ")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read '.*mine\.yaml': No such file or directory"):
        read_user_dataset(tmp_path / "mine.yaml")


def test_a_path_is_relative_to_the_file(signs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    source = read_user_dataset(signs).dataset.source
    assert isinstance(source, Files)
    assert Path(source.path) == signs.with_name("signs.jsonl")
