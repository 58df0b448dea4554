import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from mmbench.errors import StoreError, UsageError
from mmbench.training import Outcome, Saved, Stepped, TrainingEvent, Validated
from mmbench_reference_models.training import Trainer, checkpoint
from mmbench_reference_models.training.log import read
from mmbench_reference_models.training.recipe import load_recipe
from mmbench_reference_models.training.trainer import lanes_of
from tests.support import small_recipe

Listener = Callable[[TrainingEvent], None]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A run from beginning to end."""
    folder = tmp_path_factory.mktemp("train")
    return train(small_recipe.write(folder), folder / "run")


def train(recipe: Path | str, out: Path | None, on_event: Listener = lambda _: None, **changes: Any) -> Outcome:
    return Trainer().train(str(recipe), changes=changes, out=out, resume=None, on_event=on_event)


def resume(run: Path) -> Outcome:
    return Trainer().train("", changes={}, out=None, resume=run)


def weights(folder: Path | None) -> dict[str, torch.Tensor]:
    assert folder is not None
    return load_file(folder / "model.safetensors")


def interrupt_at(step: int) -> Listener:
    """Return a listener that presses Ctrl-C."""

    def listen(event: TrainingEvent) -> None:
        if isinstance(event, Stepped) and event.step == step:
            os.kill(os.getpid(), signal.SIGINT)

    return listen


def test_a_run_leaves_a_model_a_log_and_a_record(whole: Outcome) -> None:
    assert (whole.status, whole.step) == ("done", 9)
    lines = read(whole.folder)
    assert [int(line["step"]) for line in lines] == list(range(1, 10))
    assert [line["stage"] for line in lines] == ["pretrain"] * 3 + ["instruct"] * 6
    assert float(lines[2]["loss"]) < float(lines[0]["loss"])
    assert {path.name for path in whole.folder.iterdir()} >= {"model", "run.json", "recipe.yaml", "step-9"}
    assert (whole.folder / "model" / "tokenizer.json").is_file()


@pytest.mark.parametrize("step", [2, 3, 5])
def test_an_interrupted_run_goes_on_bit_for_bit(whole: Outcome, tmp_path: Path, step: int) -> None:
    """Within a bucket, between two stages, and in the second bucket of a stage; with dropout."""
    run = tmp_path / "run"
    stopped = train(small_recipe.write(tmp_path), run, interrupt_at(step))
    assert (stopped.status, stopped.step, stopped.model) == ("interrupted", step, None)
    again = resume(run)
    assert again.status == "done"
    expected, found = weights(whole.model), weights(again.model)
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    columns = ("step", "loss", "gradient", "tokens")
    assert [[line[c] for c in columns] for line in read(run)] == [
        [line[c] for c in columns] for line in read(whole.folder)
    ]


def test_workers_change_nothing(whole: Outcome, tmp_path: Path) -> None:
    found = train(small_recipe.write(tmp_path), tmp_path / "run", **{"batch.workers": 2})
    assert [line["loss"] for line in read(found.folder)] == [line["loss"] for line in read(whole.folder)]


def test_another_seed_is_another_run(whole: Outcome, tmp_path: Path) -> None:
    found = train(small_recipe.write(tmp_path), tmp_path / "run", seed=4)
    assert [line["loss"] for line in read(found.folder)] != [line["loss"] for line in read(whole.folder)]


@pytest.mark.parametrize(
    "changes",
    [
        {"backbone": "encoder-decoder", "fusion": "attention"},
        {"backbone": "lstm", "fusion": "mean"},
        {"fusion": "weighted", "positions": "learned"},
    ],
    ids=lambda changes: "-".join(changes.values()),
)
def test_all_of_the_family_learn(tmp_path: Path, changes: dict[str, str]) -> None:
    stage = {"name": "instruct", "steps": 8, "balance": 0.5, "mix": [{"task": "sentiment"}, {"task": "vqa"}]}
    found = train(
        small_recipe.write(tmp_path, stages=[stage]),
        tmp_path / "run",
        **{f"model.{key}": value for key, value in changes.items()} | {"optim.kind": "adamw"},
    )
    losses = [float(line["loss"]) for line in read(found.folder)]
    assert losses[-1] < losses[0]


def test_a_span_model_learns_where_answers_are(tmp_path: Path) -> None:
    stage = {"name": "mark", "steps": 12, "mix": [{"task": "qa", "set": {"difficulty": 1}}]}
    found = train(small_recipe.write(tmp_path, stages=[stage]), tmp_path / "run", **{"model.backbone": "span"})
    losses = [float(line["loss"]) for line in read(found.folder)]
    assert sum(losses[-4:]) < sum(losses[:4])


def test_validation_and_early_stop(tmp_path: Path) -> None:
    events: list[TrainingEvent] = []
    plan = {"every": 1, "batches": 2, "patience": 2}
    recipe = small_recipe.write(tmp_path, validation=plan, optim={"lr": 0.0, "warmup": 0})
    found = train(recipe, tmp_path / "run", events.append)
    assert (found.status, found.step) == ("stopped", 3)
    assert found.model is not None
    losses = [event.loss for event in events if isinstance(event, Validated)]
    assert len(losses) == 3
    assert len(set(losses)) == 1  # nothing was learnt at rate 0
    assert [line["validation_loss"] != "" for line in read(found.folder)] == [True] * 3


def test_validation_by_the_harness(tmp_path: Path) -> None:
    events: list[TrainingEvent] = []
    plan = {"every": 1, "batches": 1, "tasks": ["sentiment"], "limit": 4}
    stage = {"name": "instruct", "steps": 1, "mix": [{"task": "sentiment"}]}
    train(small_recipe.write(tmp_path, validation=plan, stages=[stage]), tmp_path / "run", events.append)
    (validated,) = [event for event in events if isinstance(event, Validated)]
    assert validated.scores.keys() == {"sentiment.accuracy"}
    assert 0 <= validated.scores["sentiment.accuracy"] <= 1


def test_old_checkpoints_go(tmp_path: Path) -> None:
    events: list[TrainingEvent] = []
    found = train(small_recipe.write(tmp_path, save_every=2, keep=2), tmp_path / "run", events.append)
    assert [event.step for event in events if isinstance(event, Saved)] == [2, 4, 6, 8, 9]
    assert [path.name for path in checkpoint.checkpoints(found.folder)] == ["step-8", "step-9"]


def test_a_folder_that_holds_a_run_is_not_overwritten(whole: Outcome, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"already holds a run. Go on with `mmbench train --resume"):
        train(small_recipe.write(tmp_path), whole.folder)


def test_what_cannot_be_resumed(whole: Outcome, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"is no training run: it has no recipe\.yaml"):
        resume(tmp_path)
    run = tmp_path / "run"
    run.mkdir()
    (run / "recipe.yaml").write_text((whole.folder / "recipe.yaml").read_text())
    with pytest.raises(StoreError, match="there is no checkpoint in"):
        resume(run)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"version": 1', '"version": 0', "is of version 0; this mmbench reads version 1"),
        ('"recipe": "', '"recipe": "x', "was made with another recipe"),
        ("{", "", "cannot be read"),
    ],
)
def test_foreign_checkpoints(whole: Outcome, tmp_path: Path, old: str, new: str, message: str) -> None:
    (newest,) = checkpoint.checkpoints(whole.folder)
    text = (newest / "state.json").read_text()
    assert old in text
    (tmp_path / "state.json").write_text(text.replace(old, new, 1))
    digest = load_recipe(whole.folder / "recipe.yaml").digest
    with pytest.raises(StoreError, match=message):
        checkpoint.read_state(tmp_path, digest)


def test_a_full_disk_is_one_line_and_keeps_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = torch.save

    def full(what: Any, path: Path) -> None:
        if "step-4" in str(path):
            raise OSError(28, "No space left on device")
        real(what, path)

    monkeypatch.setattr(torch, "save", full)
    run = tmp_path / "run"
    with pytest.raises(
        StoreError, match=r"cannot write the checkpoint .*step-4: No space left on device. Free some"
    ):
        train(small_recipe.write(tmp_path, save_every=2), run)
    assert [path.name for path in run.glob("*step-*")] == ["step-2"]
    monkeypatch.undo()
    assert resume(run).status == "done"


def test_a_full_disk_is_told_as_the_system_tells_it() -> None:
    with (
        pytest.raises(StoreError, match=r"^cannot write it: No space left on device. Free some space"),
        checkpoint.told_errors("write it"),
        Path("/dev/full").open("wb") as file,
    ):
        torch.save(torch.zeros(100_000), file)
    told = "Error while serializing: I/O error: No space left on device (os error 28)"
    with (
        pytest.raises(StoreError, match=r"cannot write it: No space left on device. "),
        checkpoint.told_errors("write it"),
    ):
        raise SafetensorError(told)


@pytest.mark.parametrize(
    ("name", "break_", "message"),
    [
        ("optimizer.pt", Path.unlink, r"No such file or directory \(optimizer.pt\). Take an older"),
        ("optimizer.pt", lambda path: os.truncate(path, 999), "cannot be read: "),
        ("model.safetensors", lambda path: os.truncate(path, 999), "cannot be read: Error while deserializing"),
        ("config.json", lambda path: path.write_text('{"backbone": "gru"}'), "cannot be read: backbone should be"),
        ("tokenizer.json", lambda path: path.write_text("{"), "cannot be read: "),
    ],
)
def test_broken_checkpoints_are_one_line(
    whole: Outcome, tmp_path: Path, name: str, break_: Callable[[Path], Any], message: str
) -> None:
    run = shutil.copytree(whole.folder, tmp_path / "run")
    break_(run / "step-9" / name)
    with pytest.raises(StoreError, match=message) as found:
        resume(run)
    assert "\n" not in str(found.value)
    assert len(str(found.value)) < 300


def test_wrong_models_are_told(tmp_path: Path) -> None:
    recipe = small_recipe.write(tmp_path)
    with pytest.raises(UsageError, match=r"unknown key 'model\.fusoin'. Did you mean 'fusion'"):
        train(recipe, tmp_path / "run", **{"model.fusoin": "mean"})
    with pytest.raises(UsageError, match=r"fusion should be one of"):
        train(recipe, tmp_path / "run", **{"model.fusion": "sum"})
    with pytest.raises(UsageError, match="vocab_size should be at least"):
        train(recipe, tmp_path / "run", **{"tokenizer.vocab_size": 10})


def test_processes_share_batches_evenly(tmp_path: Path) -> None:
    recipe = load_recipe(small_recipe.write(tmp_path), {"batch.accumulate": 4})
    assert [lanes_of(recipe, process, 2) for process in (0, 1)] == [[0, 2], [1, 3]]
    with pytest.raises(UsageError, match="3 processes cannot share evenly"):
        lanes_of(recipe, 0, 3)


def test_resume_takes_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--resume goes on with the recipe"):
        Trainer().train("tiny", changes={}, out=None, resume=tmp_path)
    with pytest.raises(UsageError, match=r"name a recipe"):
        Trainer().train("", changes={}, out=None, resume=None)


@pytest.mark.slow
def test_two_processes_learn_as_one(tmp_path: Path) -> None:
    """The same loss curve with the same global batch (up to the order of sums)."""
    recipe = small_recipe.write(tmp_path)
    same = {"batch.accumulate": 2, "model.dropout": 0.0}
    alone = train(recipe, tmp_path / "one", **same)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mmbench", "train", "--recipe", str(recipe), "--out", str(tmp_path / "two")]
    command += [part for key, value in same.items() for part in ("--set", f"{key}={value}")]
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2"}
    ranks = [
        subprocess.Popen(command, env=os.environ | place | {"RANK": rank, "LOCAL_RANK": rank}) for rank in "01"
    ]
    assert [rank.wait(timeout=240) for rank in ranks] == [0, 0]
    one, two = ([float(line["loss"]) for line in read(run)] for run in (alone.folder, tmp_path / "two"))
    assert two == pytest.approx(one, rel=1e-4)
