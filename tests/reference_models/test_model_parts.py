"""Positions, masks, encoders: the properties that the family rests on."""

import pytest
import torch
from tiny_reference import media_prompt, pixels, sounds, tiny_config, tiny_model

from mmbench_reference_models.attention import causal_mask, full_mask
from mmbench_reference_models.configuration import sound_tokens
from mmbench_reference_models.encoders import SoundEncoder, conv_stem
from mmbench_reference_models.fusion import owners
from mmbench_reference_models.positions import grid, rotary, rotate, sinusoidal, token_positions


def test_rotary_products_depend_on_distance_only():
    generator = torch.Generator().manual_seed(0)
    q, k = torch.randn(2, 1, 2, 6, 8, generator=generator)
    products = []
    for shift in (0, 100):
        turn = rotary(torch.arange(6)[None] + shift, 8)
        products.append(rotate(q, turn) @ rotate(k, turn).transpose(-1, -2))
    torch.testing.assert_close(products[0], products[1], atol=1e-4, rtol=1e-4)
    still = q @ k.transpose(-1, -2)
    assert (products[0] - still).abs().max() > 0.1


@pytest.mark.parametrize(("positions", "relative"), [("rotary", True), ("sinusoidal", False), ("learned", False)])
def test_a_shift_of_all_positions(positions, relative):
    model = tiny_model(positions=positions)
    ids = torch.tensor([[1, 9, 10, 11, 12]])
    here, there = (model(input_ids=ids, position_ids=torch.arange(5)[None] + shift).logits for shift in (0, 40))
    assert ((here - there).abs().max() < 1e-4) == relative


def test_order_of_words_matters_to_every_kind():
    for positions in ("rotary", "sinusoidal", "learned"):
        model = tiny_model(positions=positions, num_hidden_layers=1)
        one, other = model(input_ids=torch.tensor([[1, 9, 10, 11], [1, 10, 9, 11]])).logits[:, -1]
        assert (one - other).abs().max() > 1e-3


def test_sinusoidal_by_hand():
    table = sinusoidal(torch.tensor([3]), 4)[0]
    angles = torch.tensor([3.0, 3 / 100])
    torch.testing.assert_close(table, torch.cat([angles.sin(), angles.cos()]))


def test_a_grid_by_hand():
    table = grid(3, 8)
    assert table.shape == (9, 8)
    torch.testing.assert_close(table[5], torch.cat([sinusoidal(torch.tensor(place), 4) for place in (1, 2)]))
    position = tiny_model().decoder.embedding.pictures.position
    torch.testing.assert_close(position.data, grid(2, 16))


def test_positions_count_tokens_only():
    mask = torch.tensor([[0, 0, 1, 1], [1, 1, 0, 1]])
    assert token_positions(mask, 4).tolist() == [[0, 0, 0, 1], [0, 1, 1, 2]]
    assert token_positions(mask, 1).tolist() == [[1], [2]]


def test_masks_by_hand():
    exists = torch.tensor([[False, True, True]])
    assert causal_mask(exists, 3)[0, 0].int().tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 1]]
    assert causal_mask(exists, 1)[0, 0].int().tolist() == [[0, 1, 1]]
    assert full_mask(exists)[0, 0].int().tolist() == [[1, 1, 1], [0, 1, 1], [0, 1, 1]]


@pytest.mark.parametrize("fusion", ["concat", "attention"])
def test_the_future_is_hidden(fusion):
    model = tiny_model(fusion=fusion)
    prompt = media_prompt(model.config, 1, (), (9, 10, 11))
    images = pixels(model.config, 1)
    one, other = (
        model(input_ids=torch.tensor([[*prompt, *rest]]), pixel_values=images).logits
        for rest in ([12, 13], [14, 15])
    )
    torch.testing.assert_close(one[:, : len(prompt)], other[:, : len(prompt)])
    assert (one[:, -1] - other[:, -1]).abs().max() > 1e-3


def test_a_mask_that_hides_nothing_changes_nothing():
    model = tiny_model()
    ids = torch.tensor([[1, 9, 10, 11]])
    torch.testing.assert_close(
        model(input_ids=ids).logits, model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
    )


@pytest.mark.parametrize("backbone", ["decoder", "lstm"])
def test_several_tokens_after_a_cache(backbone):
    model = tiny_model(backbone=backbone)
    ids = torch.tensor([[1, 9, 10, 11, 12, 13]])
    start = model(input_ids=ids[:, :3], use_cache=True)
    rest = model(input_ids=ids[:, 3:], past_key_values=start.past_key_values, use_cache=True)
    torch.testing.assert_close(rest.logits, model(input_ids=ids).logits[:, 3:])
    assert rest.past_key_values.get_seq_length() == 6


def test_sounds_do_not_see_their_padding():
    config = tiny_config()
    torch.manual_seed(0)
    encoder = SoundEncoder(config)
    batch = sounds(config, (9, 14, 5))
    together, exists = encoder(batch["input_features"], batch["input_features_mask"])
    for row, frames in enumerate((9, 14, 5)):
        alone, _ = encoder(batch["input_features"][row : row + 1, :, :frames], torch.ones(1, frames))
        assert exists[row].sum() == alone.shape[1] == sound_tokens(frames)
        torch.testing.assert_close(together[row, : alone.shape[1]], alone[0], atol=1e-5, rtol=1e-5)


def test_conv_stem_leaves_one_position_a_patch():
    stem = conv_stem(32, 8)
    assert stem(torch.zeros(2, 3, 64, 48)).shape == (2, 32, 8, 6)
    assert sum(1 for layer in stem if isinstance(layer, torch.nn.Conv2d) and layer.stride == (2, 2)) == 3


def test_owners_of_media():
    marks = torch.tensor([[0, 1, 1], [0, 0, 0], [1, 0, 0]]).bool()
    assert owners(marks, torch.ones(3, dtype=torch.long)).tolist() == [0, 0, 2]
    assert owners(marks, torch.tensor([2, 1])).tolist() == [0, 2]
    with pytest.raises(ValueError, match="placeholders"):
        owners(marks, torch.ones(2, dtype=torch.long))


def test_dropout_is_for_training_only():
    model = tiny_model(dropout=0.5)
    ids = torch.tensor([[1, 9, 10, 11]])
    assert model(input_ids=ids).logits.equal(model(input_ids=ids).logits)
    model.train()
    torch.manual_seed(0)
    assert not model(input_ids=ids, labels=ids).logits.equal(model(input_ids=ids, labels=ids).logits)


def test_weights_are_drawn_as_configured():
    model = tiny_model(hidden_size=64, vocab_size=400, initializer_range=0.02, num_hidden_layers=8)
    assert model.decoder.embedding.tokens.weight.std().item() == pytest.approx(0.02, rel=0.05)
    block = model.decoder.blocks[0]
    assert block.down.weight.std().item() == pytest.approx(0.02 / 4, rel=0.1)
    assert block.self_attention.out.weight.std().item() == pytest.approx(0.02 / 4, rel=0.1)
    assert block.up.weight.std().item() == pytest.approx(0.02, rel=0.1)


def test_weights_are_drawn_to_suit_the_width_where_nothing_is_configured():
    for width in (64, 256):
        model = tiny_model(hidden_size=width, vocab_size=400, initializer_range=0.0)
        assert model.config.initializer_range == width**-0.5
        drawn = model.decoder.blocks[0].self_attention.query.weight.std().item()
        assert drawn == pytest.approx(width**-0.5, rel=0.1)


def test_a_picture_may_come_after_a_cache():
    model = tiny_model(fusion="attention")
    config, images = model.config, pixels(model.config, 2)
    first = torch.tensor([media_prompt(config, 1, (), (9, 10))])
    later = torch.tensor([media_prompt(config, 1, (), (11, 12))])
    cache = model(input_ids=first, pixel_values=images[:1], use_cache=True).past_key_values
    step = model(input_ids=later, pixel_values=images[1:], past_key_values=cache, use_cache=True)
    blank = model(input_ids=first, pixel_values=images[1:], use_cache=True).past_key_values
    other = model(input_ids=later, pixel_values=images[1:], past_key_values=blank, use_cache=True)
    assert (step.logits - other.logits).abs().max() > 1e-4  # the first picture is still seen
    last = torch.tensor([[13]])
    seen = model(input_ids=last, past_key_values=step.past_key_values, use_cache=True)
    assert seen.logits.isfinite().all()
    assert seen.past_key_values.cross_attention_cache.get_seq_length(0) == 2 * config.picture_tokens


def test_attention_is_exact_on_a_cpu_even_where_all_else_is_bfloat16(monkeypatch):
    seen = []
    kernel = torch.nn.functional.scaled_dot_product_attention

    def spy(q, k, v, *rest, **options):
        seen.append({part.dtype for part in (q, k, v)})
        return kernel(q, k, v, *rest, **options)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", spy)
    with torch.autocast("cpu", torch.bfloat16):
        assert tiny_model()(input_ids=torch.tensor([[1, 9, 10]])).logits.dtype == torch.bfloat16
    assert seen == [{torch.float32}] * 2


def test_attention_switches_no_other_device_to_lower_precision(monkeypatch):
    asked = []
    autocast = torch.autocast

    class Spy(autocast):
        def __init__(self, device, *rest, **options):
            asked.append((device, options.get("enabled", True)))
            super().__init__(device, *rest, **options)

    monkeypatch.setattr(torch, "autocast", Spy)
    model = tiny_model().to("meta")
    assert model(input_ids=torch.ones(1, 3, dtype=torch.long, device="meta")).logits.shape == (1, 3, 48)
    assert set(asked) == {("cpu", False)}
