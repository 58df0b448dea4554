"""The processor: placeholders, pictures, sounds, and the way to a folder and back."""

import numpy as np
import PIL.Image
import pytest
import torch
import transformers
from tiny_reference import TEXTS, picture, tiny_config, wave, write_checkpoint

from mmbench_reference_models import ReferenceProcessor, train_tokenizer
from mmbench_reference_models.features import ReferenceFeatureExtractor, ReferenceImageProcessor, flat


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(TEXTS * 4, "bpe", 400)


def _processor(tokenizer, **changes):
    return ReferenceProcessor.for_config(tiny_config(image_size=16, n_mels=16, **changes), tokenizer)


def test_placeholders_are_repeated_for_each_feature(tokenizer):
    joined, single = (_processor(tokenizer, fusion=fusion) for fusion in ("concat", "attention"))
    text, media = ["<image>x<audio>", "y<image>"], {"images": [[picture()], [picture(1)]], "audio": [wave(0.2)]}
    frames = 1 + 1600 // 80
    for processor, pictures, heard in ((joined, 16, -(-frames // 4)), (single, 1, 1)):
        inputs = processor(text=text, **media, padding=True, padding_side="left", return_tensors="pt")
        assert (inputs["input_ids"] == 3).sum(1).tolist() == [pictures, pictures]
        assert (inputs["input_ids"] == 4).sum(1).tolist() == [heard, 0]
        assert inputs["pixel_values"].shape == (2, 3, 16, 16)
        assert inputs["input_features"].shape == (1, 16, frames)
        assert inputs["attention_mask"][0].all()
        assert not inputs["attention_mask"][1].all()


@pytest.mark.parametrize(
    ("text", "images", "said"),
    [("no mark", 1, "fewer <image>"), ("<image><image>", 1, "more <image>"), ("<audio>", 0, "more <audio>")],
)
def test_media_and_placeholders_must_agree(tokenizer, text, images, said):
    with pytest.raises(ValueError, match=said):
        _processor(tokenizer)(text=text, images=[picture()] * images or None)


def test_what_a_model_does_not_read(tokenizer):
    blind, deaf = _processor(tokenizer, vision_layers=0), _processor(tokenizer, audio_layers=0)
    with pytest.raises(ValueError, match="sees no pictures"):
        blind(text="<image>", images=[picture()])
    with pytest.raises(ValueError, match="hears no sounds"):
        deaf(text="<audio>", audio=[wave()])
    with pytest.raises(ValueError, match="sees no videos"):
        deaf(text="x", videos=[[picture()]])


def test_media_may_come_flat_nested_or_alone(tokenizer):
    processor = _processor(tokenizer)
    text = ["<image><image><audio>", "<image><audio>"]
    three, two = [picture(at) for at in range(3)], [wave(0.1, 1), wave(0.2, 2)]
    flat = processor(text=text, images=three, audio=two)
    nested = processor(text=text, images=[three[:2], three[2:]], audio=[two[:1], two[1:]])
    assert flat["input_ids"] == nested["input_ids"]
    np.testing.assert_array_equal(flat["pixel_values"], nested["pixel_values"])
    np.testing.assert_array_equal(flat["input_features"], nested["input_features"])
    alone = processor(text="<image>", images=three[0])
    np.testing.assert_array_equal(alone["pixel_values"][0], flat["pixel_values"][0])


@pytest.mark.parametrize("changes", [{}, {"vision_layers": 0}, {"audio_layers": 0, "fusion": "mean"}])
def test_round_trip(tokenizer, tmp_path, changes):
    processor = _processor(tokenizer, **changes)
    processor.save_pretrained(tmp_path)
    tiny_config(image_size=16, n_mels=16, **changes).save_pretrained(tmp_path)
    loaded = transformers.AutoProcessor.from_pretrained(tmp_path)
    assert type(loaded) is ReferenceProcessor
    assert (loaded.image_processor is None, loaded.feature_extractor is None) == (
        "vision_layers" in changes,
        "audio_layers" in changes,
    )
    assert hasattr(loaded, "image_token_id") == (loaded.image_processor is not None)
    assert hasattr(loaded, "audio_token_id") == (loaded.feature_extractor is not None)
    parts = [{"type": "text", "text": "What is it?"}]
    if loaded.image_processor is not None:
        parts.insert(0, {"type": "image", "image": picture()})
    if loaded.feature_extractor is not None:
        parts.append({"type": "audio", "audio": wave()})
    before, after = (
        one.apply_chat_template(
            [{"role": "user", "content": parts}],
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
        )
        for one in (processor, loaded)
    )
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_chat(tokenizer):
    processor = _processor(tokenizer)
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What?"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "A ball."}]},
        {"role": "user", "content": [{"type": "text", "text": "And?"}]},
    ]
    text = processor.apply_chat_template(turns, add_generation_prompt=True)
    assert text == ("<bos><system>Be brief.<user><image>What?<assistant>A ball.<eos><user>And?<assistant>")
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert [ids[0], ids[-1]] == tokenizer.convert_tokens_to_ids(["<bos>", "<assistant>"])


def test_pixels_are_scaled_and_colours_kept():
    red = ReferenceImageProcessor(8)(PIL.Image.new("RGB", (30, 10), (255, 0, 0)))["pixel_values"]
    assert red.shape == (1, 3, 8, 8)
    np.testing.assert_array_equal(red[0, :, 0, 0], [1, -1, -1])
    grey = ReferenceImageProcessor(8)(PIL.Image.new("L", (4, 4), 255))["pixel_values"]
    assert (grey == 1).all()


def test_a_picture_may_be_a_path_or_an_array(tmp_path):
    picture().save(tmp_path / "noise.png")
    shown = [picture(), str(tmp_path / "noise.png"), np.asarray(picture())]
    one, two, three = ReferenceImageProcessor(16)(shown)["pixel_values"]
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one, three)
    assert flat([["a.png"], ["b.png", "c.png"]]) == ["a.png", "b.png", "c.png"]
    assert flat("a.png") == ["a.png"]
    assert flat([0.5, 0.25]) == [[0.5, 0.25]]


def test_a_tone_is_heard_at_its_height_and_time():
    extractor = ReferenceFeatureExtractor(64, 8000, 80)
    time = np.arange(8000) / 8000
    tone = np.sin(2 * np.pi * 1000 * time) * (time > 0.5)
    inputs = extractor(tone, sampling_rate=8000)
    mel = inputs["input_features"][0]
    assert mel.shape == (64, 101)
    assert mel[:, 75].max() > mel[:, 25].max() + 1
    tones = [np.sin(2 * np.pi * hertz * time) for hertz in (200, 1000, 3000)]
    height = [extractor(tone)["input_features"][0, :, 50].argmax() for tone in tones]
    assert height == sorted(height)
    assert len(set(height)) == 3


def test_sounds_of_unequal_length_are_padded_and_marked():
    extractor = ReferenceFeatureExtractor(16, 8000, 80)
    short, long = wave(0.1), wave(0.3, 1)
    both = extractor([short, long])
    assert both["input_features_mask"].sum(1).tolist() == [extractor.frames(len(sound)) for sound in (short, long)]
    np.testing.assert_array_equal(both["input_features"][0, :, :11], extractor(short)["input_features"][0])
    assert not both["input_features"][0, :, 11:].any()
    with pytest.raises(ValueError, match="8000 samples"):
        extractor(short, sampling_rate=16000)


def test_loading_in_three_lines(tmp_path):
    folder = write_checkpoint(tmp_path)
    processor = transformers.AutoProcessor.from_pretrained(folder)
    model = transformers.AutoModelForImageTextToText.from_pretrained(folder)
    inputs = processor(text="<bos><user><image>What?<assistant>", images=picture(), return_tensors="pt")
    assert model.generate(**inputs, max_new_tokens=3).shape[1] > inputs["input_ids"].shape[1]
    assert transformers.AutoTokenizer.from_pretrained(folder).eos_token_id == model.config.eos_token_id
    assert type(transformers.AutoImageProcessor.from_pretrained(folder)) is ReferenceImageProcessor
    assert type(transformers.AutoFeatureExtractor.from_pretrained(folder)) is ReferenceFeatureExtractor
