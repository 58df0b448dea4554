"""Pixels and samples to arrays, with NumPy and Pillow alone."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import PIL.Image
from transformers import BatchFeature, SequenceFeatureExtractor
from transformers.audio_utils import mel_filter_bank
from transformers.image_processing_utils import BaseImageProcessor
from transformers.image_utils import load_image

Floats = np.ndarray[Any, np.dtype[np.float32]]


class ReferenceImageProcessor(BaseImageProcessor):
    """Resizes pictures to a square, and scales their pixels to -1..1."""

    model_input_names = ("pixel_values",)

    def __init__(self, image_size: int = 64, **kwargs: Any) -> None:
        """``image_size``: side of the square, in pixels."""
        super().__init__(**kwargs)
        self.image_size = image_size

    def __call__(self, images: Any, return_tensors: str | None = None, **_: Any) -> BatchFeature:
        """Return ``pixel_values``, (pictures, 3, image_size, image_size).

        images: Pillow's, arrays (height, width, 3) of bytes, or paths; one or a list.
        """
        pictures = images if isinstance(images, list | tuple) else [images]
        pixels = np.stack([self._prepare(picture) for picture in pictures])
        return BatchFeature({"pixel_values": pixels}, tensor_type=return_tensors)

    def _prepare(self, picture: Any) -> Floats:
        if isinstance(picture, str):
            picture = load_image(picture)
        elif not isinstance(picture, PIL.Image.Image):
            picture = PIL.Image.fromarray(np.asarray(picture))
        side = self.image_size
        small = picture.convert("RGB").resize((side, side), PIL.Image.Resampling.BILINEAR)
        return np.asarray(small, dtype=np.float32).transpose(2, 0, 1) / 127.5 - 1


class ReferenceFeatureExtractor(SequenceFeatureExtractor):
    """Turns sounds into log-mel spectrograms, scaled as Whisper's: the loudest 80 dB of a sound, about -1..1."""

    model_input_names = ("input_features", "input_features_mask")

    def __init__(
        self,
        feature_size: int = 64,
        sampling_rate: int = 8000,
        hop_length: int = 80,
        padding_value: float = 0.0,
        **kwargs: Any,
    ) -> None:
        """``feature_size``: bands; ``hop_length``: samples between two frames, each of which sees 2.5 hops."""
        super().__init__(feature_size, sampling_rate, padding_value, **kwargs)
        self.hop_length = hop_length

    def __call__(
        self,
        raw_speech: Any,
        sampling_rate: int | None = None,
        return_tensors: str | None = None,
        **_: Any,
    ) -> BatchFeature:
        """Return ``input_features``, (sounds, bands, frames), and ``input_features_mask``, (sounds, frames).

        Args:
            raw_speech: samples of a sound, or a list of such.
            sampling_rate: theirs, to be sure.
            return_tensors: "pt" for torch's.

        Raises:
            ValueError: the sounds have another sampling rate.
        """
        if sampling_rate not in (None, self.sampling_rate):
            raise ValueError(f"sounds should have {self.sampling_rate} samples a second, not {sampling_rate}.")
        alone = not isinstance(raw_speech, list | tuple) or np.isscalar(raw_speech[0])
        waves = [raw_speech] if alone else raw_speech
        mels = [self._log_mel(np.asarray(wave, dtype=np.float32).reshape(-1)) for wave in waves]
        longest = max(mel.shape[1] for mel in mels)
        features = np.zeros((len(mels), self.feature_size, longest), dtype=np.float32)
        mask = np.zeros((len(mels), longest), dtype=np.int64)
        for row, mel in enumerate(mels):
            features[row, :, : mel.shape[1]] = mel
            mask[row, : mel.shape[1]] = 1
        return BatchFeature({"input_features": features, "input_features_mask": mask}, tensor_type=return_tensors)

    def frames(self, samples: int) -> int:
        """Return how many frames a sound of so many samples has."""
        return 1 + samples // self.hop_length

    def _log_mel(self, wave: Floats) -> Floats:
        """(samples,) to (bands, frames)."""
        window, bank = _window(self.hop_length), _bank(self.feature_size, self.sampling_rate, self.hop_length)
        padded = np.pad(wave, len(window) // 2 + 1)
        frames = np.lib.stride_tricks.sliding_window_view(padded, len(window))[:: self.hop_length]
        power = np.abs(np.fft.rfft(frames[: self.frames(len(wave))] * window)) ** 2
        log = np.log10(np.maximum(power @ bank, 1e-10)).T
        scaled: Floats = ((np.maximum(log, log.max() - 8) + 4) / 4).astype(np.float32)
        return scaled


@cache
def _window(hop: int) -> Floats:
    return np.hanning(hop * 5 // 2 + 1)[:-1].astype(np.float32)


@cache
def _bank(bands: int, rate: int, hop: int) -> Floats:
    """(frequencies, bands)."""
    bins = (hop * 5 // 2) // 2 + 1
    bank: Floats = mel_filter_bank(bins, bands, 0.0, rate / 2, rate, norm="slaney", mel_scale="slaney")
    return bank


def flat(media: Any) -> list[Any]:
    """Return media in order, whether they come alone, in a list, or in a list for each prompt.

    >>> flat("a.png"), flat([["a.png"], ["b.png", "c.png"]]), flat([0.5, 0.25])
    (['a.png'], ['a.png', 'b.png', 'c.png'], [[0.5, 0.25]])
    """
    if media is None:
        return []
    if isinstance(media, str) or not isinstance(media, Sequence) or (media and isinstance(media[0], int | float)):
        return [media]
    return [one for part in media for one in flat(part)]
