"""Examples that begin alike are learnt in one row: what is learnt stays the same."""

import pytest
import small_recipe
import torch

from mmbench_reference_models.training.batches import Buckets
from mmbench_reference_models.training.build import build_new
from mmbench_reference_models.training.encoding import IGNORED, Encoded, ExampleEncoder, collate, share
from mmbench_reference_models.training.examples import Stream
from mmbench_reference_models.training.objective import Objective
from mmbench_reference_models.training.recipe import Source, load_recipe


@pytest.mark.parametrize(
    "changes", [{}, {"fusion": "attention", "positions": "learned"}, {"positions": "sinusoidal"}]
)
@pytest.mark.parametrize("balance", [0.0, 0.75])
def test_rows_that_share_their_beginning_have_the_loss_and_gradient_of_separate_rows(tmp_path, changes, balance):
    model = small_recipe.content()["model"] | changes | {"dropout": 0.0}
    recipe = load_recipe(small_recipe.write(tmp_path, model=model))
    network, processor = build_new(recipe)
    network.train()
    encoder = ExampleEncoder(processor, seq2seq=False, learn="answer")
    apart = [
        item
        for task in ("vqa", "qa", "sentiment")
        for item in encoder.encode(Stream(Source(task=task), seed=1).read(0, 6))
    ]
    together = share(apart, most=900)
    assert len(together) < len(apart) - 6
    objective = Objective("decoder", balance=balance)
    found = []
    for items in (apart, together):
        batch = collate(items, encoder.padding)
        network.zero_grad()
        loss = objective(network, batch)
        loss.backward()
        gradient = torch.cat([weight.grad.flatten() for weight in network.parameters() if weight.grad is not None])
        found.append((float(loss.detach()), objective.learnt(batch), gradient))
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-5)
    assert found[0][1] == pytest.approx(found[1][1], rel=1e-9)
    assert torch.allclose(found[0][2], found[1][2], atol=1e-4 * float(found[0][2].abs().max()))


def row(ids: list[int], learnt: int) -> Encoded:
    return Encoded(ids, [IGNORED] * (len(ids) - learnt) + ids[-learnt:])


def test_a_row_holds_the_beginning_once():
    (joined,) = share([row([1, 2, 3, 4, 5, 6], 1), row([1, 2, 3, 4, 8, 9], 1)], most=20)
    assert joined.ids == [1, 2, 3, 4, 5, 6, 8, 9]
    assert joined.branches == [0, 0, 0, 0, 1, 1, 2, 2]
    assert joined.labels == [IGNORED] * 5 + [6, IGNORED, 9]


def test_the_token_that_the_reply_follows_is_never_shared():
    (joined,) = share([row([1, 2, 3, 4, 5], 1), row([1, 2, 3, 4, 6], 1)], most=20)
    assert joined.branches == [0, 0, 0, 1, 1, 2, 2]  # 4 stands twice: what it predicts differs


@pytest.mark.parametrize(
    ("second", "most"),
    [([9, 2, 3, 4, 5, 6], 20), ([1, 2, 7, 7, 7, 7], 20), ([1, 2, 3, 4, 8, 9], 7)],
    ids=["begins otherwise", "less than half alike", "too long together"],
)
def test_other_rows_stay_apart(second, most):
    assert len(share([row([1, 2, 3, 4, 5, 6], 1), row(second, 1)], most)) == 2


def test_other_pictures_stay_apart():
    rows = [row([1, 2, 3, 4, 5, 6], 1) for _ in range(2)]
    rows[0].media["pixel_values"], rows[1].media["pixel_values"] = torch.zeros(1, 3, 2, 2), torch.ones(1, 3, 2, 2)
    assert len(share(rows, 20)) == 2


def test_a_decoder_reads_each_picture_once(tmp_path):
    plan = {"examples": 8, "bucket": 2, "workers": 0}
    stages = [{"name": "one", "steps": 2, "mix": [{"task": "vqa"}]}]
    recipe = load_recipe(small_recipe.write(tmp_path, batch=plan, stages=stages))
    _, processor = build_new(recipe)
    pictures = {}
    for backbone in ("decoder", "lstm"):
        made = Buckets(recipe.stages[0], recipe.batch, processor, 1, backbone)[0]
        pictures[backbone] = sum(len(batch["pixel_values"]) for batch in made)
    assert pictures == {"decoder": 4, "lstm": 16}  # four questions a scene
