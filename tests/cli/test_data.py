"""``mmbench data``, the way a user runs it: look, pin, copy to a machine without a network."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

CARD = """---
license: cc-by-4.0
configs:
- config_name: plain_text
  data_files:
  - split: validation
    path: validation.parquet
  - split: train
    path: train.parquet
dataset_info:
  config_name: plain_text
  splits:
  - {name: validation, num_examples: 10570}
---
"""


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A mirror with a little of SQuAD."""
    folder = tmp_path / "hub" / "rajpurkar" / "squad"
    folder.mkdir(parents=True)
    (folder / "README.md").write_text(CARD)
    for split, count in (("validation", 4), ("train", 5)):
        rows = [
            {
                "id": f"{split}-{n}",
                "context": f"The number is {n}.",
                "question": "Which number?",
                "answers": {"text": [str(n)], "answer_start": [14]},
            }
            for n in range(count)
        ]
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{split}.parquet")
    return folder.parents[1]


@pytest.fixture
def here(cli, mirror, tmp_path):
    def call(*arguments: str, **env: str):
        home = {"HF_HOME": str(tmp_path / "home"), "HF_DATASETS_CACHE": str(tmp_path / "cache")}
        return cli(*arguments, **({"MMBENCH_DATA_DIR": str(mirror)} | home | env))

    return call


def test_check_says_that_a_version_pins_what_is_generated(here):
    done = here("data", "check", "sentiment:reviews")
    assert done.returncode == 0, done.stderr
    version = done.stdout.splitlines()[0].partition("@")[2].split()[0]
    assert f"by its generator, version {version}" in done.stdout
    assert "data pin" not in done.stdout


def test_check_shows_what_is_there(here):
    done = here("data", "check", "qa:squad")
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.split())
    for part in (
        "qa:squad mirror:rajpurkar/squad plain_text/validation",
        "rows 4; the whole split has 10,570",
        "pinned no; pin it with: mmbench data pin qa:squad",
        "licence CC BY-SA 4.0",
        "README.md licence cc-by-4.0; 10,570 rows in validation",
        "answers: {text: list of str, answer_start: list of int} -> answers",
        "Question: Which number? Answer with words from the text",
        "=> 2",
    ):
        assert part in text
    assert "prompt 3" in text
    assert "prompt 4" not in text


def test_pin_then_check_then_a_change_is_refused_everywhere(here, mirror, tmp_path):
    pinned = here("data", "pin", "qa:squad")
    assert pinned.returncode == 0, pinned.stderr
    assert "new" in pinned.stdout
    entries = json.loads((tmp_path / "datasets.lock").read_text())["datasets"]
    assert entries["qa:squad @mirror"]["rows"] == 4
    assert "as before" in here("data", "pin", "qa:squad").stdout
    assert "yes, unchanged" in here("data", "check", "qa:squad").stdout
    assert "mirror" in next(line for line in here("list", "datasets").stdout.splitlines() if "qa:squad " in line)

    path = mirror / "rajpurkar/squad/validation.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)
    for command in (("data", "check", "qa:squad"), ("run", "-m", "oracle", "-t", "qa:squad")):
        refused = here(*command)
        assert refused.returncode == 2
        assert "validation.parquet changed (sha256" in " ".join(refused.stderr.split())
    assert "changed" in here("data", "pin", "qa:squad").stdout
    assert here("run", "-m", "oracle", "-t", "qa:squad", "--no-report").returncode == 0


def test_pull_makes_a_mirror_that_runs_without_a_network(here, tmp_path):
    done = here("data", "pull", "qa:squad", "--to", "away")
    assert done.returncode == 0, done.stderr
    assert "MMBENCH_DATA_DIR=away mmbench run" in done.stdout
    away = tmp_path / "away"
    assert sorted(path.name for path in away.rglob("*.parquet")) == ["train.parquet", "validation.parquet"]
    run = ("run", "-m", "oracle", "-t", "qa:squad", "--shots", "2", "--json", "--no-report")
    outcomes = [here(*run, MMBENCH_DATA_DIR=folder) for folder in (str(tmp_path / "hub"), str(away))]
    assert outcomes[1].returncode == 0, outcomes[1].stderr
    assert outcomes[0].stdout == outcomes[1].stdout
    assert json.loads(outcomes[1].stdout)["results"][0]["value"] == 100.0


def test_all_pins_what_can_be_had_and_names_the_rest(here, tmp_path):
    done = here("data", "pin", "qa:squad", "qa:boolq", "--lock", "mine.lock")
    assert done.returncode == 3
    assert "qa:squad" in done.stdout
    assert "error: dataset 'qa:boolq': " in done.stderr
    assert "Traceback" not in done.stderr
    assert list(json.loads((tmp_path / "mine.lock").read_text())["datasets"]) == ["qa:squad @mirror"]


def test_export_writes_plain_files_that_run_with_the_same_scores(here, tmp_path):
    done = here("data", "export", "vqa", "--to", "plain", "--limit", "6")
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "plain" / "croissant.json").read_text())
    assert record["version"] in done.stdout
    run = ("run", "-m", "majority", "--limit", "6", "--json", "--no-report")
    scores = [
        [
            (entry["metric"], entry["slice"], entry["value"])
            for entry in json.loads(here(*run, "-t", task).stdout)["results"]
        ]
        for task in ("vqa", "vqa:plain/rows.jsonl")
    ]
    assert scores[0] == scores[1]
    again = here("data", "check", "vqa:plain/rows.jsonl")
    assert record["version"] in again.stdout
    assert "croissant.json" in again.stdout


def test_all_that_cannot_be_had_is_told_in_a_few_lines(here, tmp_path):
    done = here("data", "pin", "--all", "--lock", "all.lock")
    assert done.returncode == 3
    assert list(json.loads((tmp_path / "all.lock").read_text())["datasets"]) == ["qa:squad @mirror"]
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 6
    assert lines[-1].endswith("more that could not be had.")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "qa:sqad"], "task 'qa' has no dataset 'sqad'. Did you mean 'squad'?"),
        (["check", "squad"], "unknown task 'squad'. Did you mean 'qa:squad'?"),
        (["check", "qa:boolq"], "dataset 'qa:boolq': "),
        (["check", "qa:squad", "--set", "splt=x"], "Did you mean 'split'?"),
        (["check", "qa:squad", "--set", "split=dev"], "Bad split: dev."),
        (["check", "nothing.csv"], "there is no file 'nothing.csv'"),
        (["check", "qa:taken"], "cannot read 'taken': the ending must be one of .jsonl"),
        (["pin"], "name a dataset to pin, or use --all."),
        (["pin", "qa:squad", "--lock", "no/such/folder.lock"], "cannot write no/such/folder.lock"),
        (["export", "qa:*", "--to", "away"], "datasets; export one at a time."),
        (["pull", "qa:stories", "--to", "away"], "'qa:stories' does not come from the Hub"),
        (["pull", "qa:squad", "--to", "taken"], "cannot write the mirror taken"),
    ],
)
def test_mistakes_get_one_clear_line_and_exit_code_2(here, tmp_path, arguments, message):
    (tmp_path / "taken").touch()
    done = here("data", *arguments)
    assert message in " ".join(done.stderr.split())
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
