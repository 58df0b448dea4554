"""Every combination of backbone, fusion and positions computes, learns and writes."""

from itertools import product

import pytest
import torch
import transformers
from tiny_reference import media_prompt, padded, pixels, sounds, tiny_config, tiny_model

from mmbench_reference_models.configuration import BACKBONES, FUSIONS, POSITIONS

EVERY = [case for case in product(BACKBONES, FUSIONS, POSITIONS) if case[:2] != ("lstm", "attention")]
WRITERS = [case for case in EVERY if case[0] != "span"]
FRAMES = (9, 14)
GREEDY = {"max_new_tokens": 5, "do_sample": False, "eos_token_id": None, "suppress_tokens": [3, 4]}
"""Placeholders written by an untrained model would stand for no medium."""


def _inputs(config):
    rows = [media_prompt(config, 2, (9,), (9, 10, 11)), media_prompt(config, 0, (14,), (12, 13, 14, 15, 5, 16))]
    return padded(rows, left=True) | {"pixel_values": pixels(config, 2)} | sounds(config, FRAMES)


def _logits(model, inputs):
    if model.config.backbone == "encoder-decoder":
        inputs = inputs | {"decoder_input_ids": torch.tensor([[1, 8, 9]] * len(inputs["input_ids"]))}
    outputs = model(**inputs)
    return outputs.start_logits if model.config.backbone == "span" else outputs.logits


def _loss(model, inputs):
    if model.config.backbone == "span":
        length = inputs["input_ids"].shape[1]
        first, last = torch.tensor([length - 3, length - 2]), torch.tensor([length - 1, length - 1])
        return model(**inputs, start_positions=first, end_positions=last).loss
    labels = inputs["input_ids"].masked_fill(inputs["attention_mask"] == 0, -100)
    return model(**inputs, labels=labels).loss


@pytest.mark.parametrize(("backbone", "fusion", "positions"), EVERY)
def test_gradient_reaches_every_weight(backbone, fusion, positions):
    model = tiny_model(backbone=backbone, fusion=fusion, positions=positions).train()
    _loss(model, _inputs(model.config)).backward()
    still = {name for name, weight in model.named_parameters() if weight.grad is None or not weight.grad.any()}
    assert not still


@pytest.mark.parametrize(("backbone", "fusion", "positions"), WRITERS)
def test_cached_generation_is_uncached_generation(backbone, fusion, positions):
    model = tiny_model(backbone=backbone, fusion=fusion, positions=positions)
    options = {"return_dict_in_generate": True, "output_logits": True}
    cached, plain = (
        model.generate(**_inputs(model.config), **GREEDY, **options, use_cache=use) for use in (True, False)
    )
    assert cached.sequences.tolist() == plain.sequences.tolist()
    torch.testing.assert_close(torch.stack(cached.logits), torch.stack(plain.logits), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("backbone", "fusion", "positions"), EVERY)
def test_a_row_does_not_see_its_batch_nor_its_padding(backbone, fusion, positions):
    model = tiny_model(backbone=backbone, fusion=fusion, positions=positions)
    config = model.config
    first, second = media_prompt(config, 2, (9,), (9, 10, 11)), media_prompt(config, 1, (), (12, 13, 14))
    third = [1, 5, 9]
    images, heard = pixels(config, 3), sounds(config, (9,))
    alone = [
        _logits(model, {"input_ids": torch.tensor([first]), "pixel_values": images[:2]} | heard),
        _logits(model, {"input_ids": torch.tensor([second]), "pixel_values": images[2:]}),
        _logits(model, {"input_ids": torch.tensor([third])}),
    ]
    for left in (True, False):
        batch = padded([first, second, third], left=left)
        together = _logits(model, batch | {"pixel_values": images} | heard)
        for row, (tokens, expected) in enumerate(zip((first, second, third), alone, strict=True)):
            length = together.shape[1] if backbone == "encoder-decoder" else len(tokens)
            got = together[row, -length:] if left else together[row, :length]
            torch.testing.assert_close(got, expected[0], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("backbone", "fusion"), sorted({case[:2] for case in EVERY}))
def test_media_order_and_content_matter(backbone, fusion):
    model = tiny_model(backbone=backbone, fusion=fusion)
    inputs = _inputs(model.config)
    before = _logits(model, inputs)
    swapped = _logits(model, inputs | {"pixel_values": inputs["pixel_values"].flip(0)})
    silent = _logits(model, inputs | {"input_features": inputs["input_features"] * 0})
    assert (before[0] - swapped[0]).abs().max() > 1e-4
    assert (before[1] - silent[1]).abs().max() > 1e-4
    if backbone != "span":  # whose least logits are at padding
        torch.testing.assert_close(before[1], swapped[1])


@pytest.mark.parametrize(("backbone", "fusion"), sorted({case[:2] for case in EVERY}))
def test_loss_falls_on_a_toy(backbone, fusion):
    model = tiny_model(backbone=backbone, fusion=fusion, initializer_range=0.1, dropout=0.05).train()
    inputs = _inputs(model.config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
    torch.manual_seed(0)
    losses = []
    for _ in range(30):
        loss = _loss(model, inputs)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize(("backbone", "fusion"), sorted({case[:2] for case in EVERY}))
def test_bfloat16_is_finite_and_near(backbone, fusion):
    model = tiny_model(backbone=backbone, fusion=fusion, initializer_range=0.1)
    inputs = _inputs(model.config)
    exact = _logits(model, inputs)
    rounded = {name: value.bfloat16() if value.is_floating_point() else value for name, value in inputs.items()}
    half = _logits(model.bfloat16(), rounded).float()
    shown = exact > torch.finfo(torch.float32).min
    assert half.isfinite().all()
    assert (half - exact)[shown].abs().max() < 0.2


@pytest.mark.parametrize(("backbone", "fusion"), sorted({case[:2] for case in WRITERS}))
def test_beams_keep_their_caches_and_media_apart(backbone, fusion):
    if backbone == "lstm":
        pytest.skip("beams need a state that can be taken back")
    model = tiny_model(backbone=backbone, fusion=fusion)
    config = model.config
    rows = [media_prompt(config, 2, (9, 6), (9, 10)), media_prompt(config, 0, (14,), (12, 13)), [1, 9]]
    inputs = padded(rows, left=True) | {"pixel_values": pixels(config, 2)} | sounds(config, (9, 6, 14))
    beams, plain = (model.generate(**inputs, **GREEDY, num_beams=3, use_cache=use) for use in (True, False))
    assert beams.tolist() == plain.tolist()
    first = {"input_ids": torch.tensor(rows[:1]), "pixel_values": pixels(config, 2)}
    heard = {name: part[:2] for name, part in sounds(config, (9, 6, 14)).items()}
    alone = model.generate(**first, **heard, **GREEDY, num_beams=3)
    assert beams[0, -5:].tolist() == alone[0, -5:].tolist()


def test_conv_stem_sees():
    model = tiny_model(stem="conv", image_size=16, patch_size=8)
    config = model.config
    ids = torch.tensor([media_prompt(config, 1, (), (9, 10))])
    images = pixels(config, 2)
    one, other = (model(input_ids=ids, pixel_values=images[at : at + 1]).logits[0, -1] for at in (0, 1))
    assert (one - other).abs().max() > 1e-4


@pytest.mark.parametrize(("backbone", "fusion"), sorted({case[:2] for case in EVERY}))
def test_mixed_precision_trains(backbone, fusion):
    model = tiny_model(backbone=backbone, fusion=fusion, initializer_range=0.1).train()
    inputs = _inputs(model.config)
    exact = _loss(model, inputs).item()
    with torch.autocast("cpu", torch.bfloat16):
        loss = _loss(model, inputs)
    loss.backward()
    assert loss.item() == pytest.approx(exact, rel=0.05)
    assert all(weight.grad.isfinite().all() for weight in model.parameters())


@pytest.mark.parametrize(("backbone", "fusion"), sorted({case[:2] for case in EVERY}))
@pytest.mark.parametrize("tied", [True, False])
def test_a_checkpoint_comes_back_as_it_was(backbone, fusion, tied, tmp_path):
    model = tiny_model(backbone=backbone, fusion=fusion, tie_word_embeddings=tied)
    model.save_pretrained(tmp_path)
    auto = transformers.AutoModelForQuestionAnswering if backbone == "span" else transformers.AutoModelForCausalLM
    loaded, report = auto.from_pretrained(tmp_path, output_loading_info=True)
    assert type(loaded) is type(model)
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    inputs = _inputs(model.config)
    torch.testing.assert_close(_logits(loaded.eval(), inputs), _logits(model, inputs), atol=0, rtol=0)
    if backbone != "span":
        assert (loaded.lm_head.weight is loaded.get_input_embeddings().weight) == tied


def test_a_checkpoint_in_pieces_of_half_precision(tmp_path):
    model = tiny_model(backbone="encoder-decoder", fusion="attention").bfloat16()
    model.save_pretrained(tmp_path, max_shard_size="10KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 2
    loaded = transformers.AutoModelForSeq2SeqLM.from_pretrained(tmp_path, dtype=torch.float32)
    for name, weight in model.state_dict().items():
        assert loaded.state_dict()[name].equal(weight.float())


@pytest.mark.parametrize("fusion", FUSIONS)
def test_a_model_without_encoders_reads_text(fusion):
    model = tiny_model(fusion=fusion, vision_layers=0, audio_layers=0)
    assert model(input_ids=torch.tensor([[1, 9, 10]])).logits.shape == (1, 3, 48)
    with pytest.raises(ValueError, match="sees nothing"):
        model(input_ids=torch.tensor([[1, 3]]), pixel_values=pixels(model.config, 1))
    with pytest.raises(ValueError, match="hears nothing"):
        model(input_ids=torch.tensor([[1, 4]]), **sounds(model.config, (5,)))


def test_features_of_pictures_stand_for_pixels():
    model = tiny_model()
    inputs = _inputs(model.config)
    features = model.get_image_features(inputs["pixel_values"])
    expected = model(**inputs).logits
    del inputs["pixel_values"]
    torch.testing.assert_close(model(**inputs, mm_encoder_outputs={"image": features}).logits, expected)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_placeholders_must_be_as_many_as_media(fusion):
    model = tiny_model(fusion=fusion)
    ids = torch.tensor([media_prompt(model.config, 1, (), (9, 10))])
    with pytest.raises(ValueError, match="placeholders"):
        model(input_ids=ids, pixel_values=pixels(model.config, 2))


def test_more_pictures_than_the_config_allows():
    model = tiny_model(fusion="mean")
    ids = torch.tensor([media_prompt(model.config, 4, (), (9, 10))])
    with pytest.raises(ValueError, match="over 3 pictures"):
        model(input_ids=ids, pixel_values=pixels(model.config, 4))


def test_logits_to_keep_and_items():
    model = tiny_model()
    ids = torch.tensor([[1, 9, 10, 11]])
    whole = model(input_ids=ids, labels=ids)
    torch.testing.assert_close(model(input_ids=ids, logits_to_keep=2).logits, whole.logits[:, -2:])
    torch.testing.assert_close(model(input_ids=ids, labels=ids, num_items_in_batch=6).loss, whole.loss / 2)
    by_hand = torch.nn.functional.cross_entropy(whole.logits[0, :-1], ids[0, 1:])
    torch.testing.assert_close(whole.loss, by_hand)


def test_training_scores_only_what_is_labelled():
    model = tiny_model().train()
    ids = torch.tensor([[1, 9, 10, 11], [1, 12, 13, 0]])
    labels = torch.tensor([[-100, -100, 10, 11], [-100, 12, -100, -100]])
    outputs = model(input_ids=ids, labels=labels)
    assert outputs.logits.shape == (3, 48)
    torch.testing.assert_close(outputs.loss, model.eval()(input_ids=ids, labels=labels).loss)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fusion": "sum"}, "fusion should be one of"),
        ({"positions": "alibi"}, "positions should be one of"),
        ({"backbone": "lstm", "fusion": "attention"}, "lstm"),
        ({"hidden_size": 18, "num_attention_heads": 4}, "even multiple"),
        ({"image_size": 10, "patch_size": 4}, "multiple of patch_size"),
        ({"stem": "conv", "image_size": 12, "patch_size": 6}, "power of 2"),
    ],
)
def test_settings_that_contradict_each_other(changes, said):
    with pytest.raises(ValueError, match=said) as caught:
        tiny_config(**changes)
    assert "\n" not in str(caught.value)


def test_a_class_refuses_anothers_backbone():
    from mmbench_reference_models import (
        ReferenceForConditionalGeneration,
        ReferenceForQuestionAnswering,
        ReferenceLSTM,
    )

    for model, backbone in (
        (ReferenceForConditionalGeneration, "span"),
        (ReferenceForQuestionAnswering, "lstm"),
        (ReferenceLSTM, "decoder"),
    ):
        with pytest.raises(ValueError, match="of another class"):
            model(tiny_config(backbone=backbone))


def test_learned_positions_end_somewhere():
    model = tiny_model(positions="learned", max_position_embeddings=4)
    with pytest.raises(ValueError, match="longer than 4 tokens"):
        model(input_ids=torch.ones(1, 5, dtype=torch.long))
