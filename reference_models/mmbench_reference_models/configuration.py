"""What a reference model is made of: one flat config for the whole family."""

from typing import Any

from transformers import PretrainedConfig

BACKBONES = ("decoder", "encoder-decoder", "span", "lstm")
FUSIONS = ("concat", "mean", "weighted", "attention")
POSITIONS = ("sinusoidal", "learned", "rotary")
STEMS = ("patch", "conv")


class ReferenceConfig(PretrainedConfig):
    """Settings of a reference model.

    Attributes:
        backbone: ``decoder``; ``encoder-decoder``; ``span``, which marks the answer in the text; ``lstm``.
        fusion: how pictures and sounds meet the text: ``concat`` (their features are tokens of the sequence),
            ``mean`` and ``weighted`` (their average, plain or gated, stands where their placeholders are) or
            ``attention`` (every block attends to their features).
        positions: how the text's blocks know order; ``rotary`` sees distances only.
        max_position_embeddings: the longest sequence.
        image_size: side of the square that pictures are resized to, in pixels; ``patch_size``: side of a patch.
        stem: how pixels become patch features: one linear map a ``patch``, or a small ``conv`` network.
        vision_layers, audio_layers: blocks of the encoders; 0 for none.
        sample_rate: samples a second of a sound; ``n_mels``: bands of its spectrogram; ``hop_length``: samples
            between two of its frames.
        max_images: the most pictures, and the most sounds, of one prompt.
        max_thinking_tokens: how long thoughts before an answer may become; 0 for a model that learnt none.
        initializer_range: the deviation that weights are drawn with; 0 for ``hidden_size ** -0.5``, which keeps
            what goes through a layer as large as it was. GPT-2's 0.02 suits widths in the thousands: narrow models
            that start with it hardly let a picture through, and long do not find out that it is there.

    Raises:
        ValueError: settings contradict each other.
    """

    model_type = "mmbench_reference"
    keys_to_ignore_at_inference = ("past_key_values",)

    vocab_size: int = 2048
    hidden_size: int = 128
    num_hidden_layers: int = 4
    num_attention_heads: int = 4
    intermediate_size: int = 384
    max_position_embeddings: int = 1024
    dropout: float = 0.0
    tie_word_embeddings: bool = True
    backbone: str = "decoder"
    fusion: str = "concat"
    positions: str = "rotary"
    image_size: int = 64
    patch_size: int = 8
    stem: str = "patch"
    vision_layers: int = 2
    sample_rate: int = 8000
    n_mels: int = 64
    hop_length: int = 80
    audio_layers: int = 2
    max_images: int = 8
    max_thinking_tokens: int = 0
    initializer_range: float = 0.0
    use_cache: bool = True
    pad_token_id: int | None = 0
    bos_token_id: int | None = 1
    eos_token_id: int | list[int] | None = 2
    decoder_start_token_id: int | None = 1
    image_token_id: int = 3
    audio_token_id: int = 4
    sep_token_id: int = 5

    def __post_init__(self, **kwargs: Any) -> None:
        """Check that the settings go together."""
        super().__post_init__(**kwargs)
        self.is_encoder_decoder = self.backbone == "encoder-decoder"
        self.initializer_range = self.initializer_range or self.hidden_size**-0.5
        for name, known in _KINDS.items():
            if (value := getattr(self, name)) not in known:
                raise ValueError(f"{name} should be one of {', '.join(known)}, not '{value}'.")
        if self.hidden_size % (2 * self.num_attention_heads):
            raise ValueError(
                f"hidden_size {self.hidden_size} should be an even multiple of "
                f"num_attention_heads {self.num_attention_heads}."
            )
        if self.vision_layers and self.hidden_size % 4:
            raise ValueError(f"hidden_size {self.hidden_size} should be a multiple of 4: pictures have two axes.")
        if self.vision_layers and self.image_size % self.patch_size:
            raise ValueError(f"image_size {self.image_size} should be a multiple of patch_size {self.patch_size}.")
        if self.vision_layers and self.stem == "conv" and self.patch_size & (self.patch_size - 1):
            raise ValueError(f"a conv stem halves: patch_size should be a power of 2, not {self.patch_size}.")
        if self.backbone == "lstm" and self.fusion == "attention":
            raise ValueError("an lstm has no blocks to attend with: choose fusion concat, mean or weighted.")

    @property
    def picture_tokens(self) -> int:
        """How many features a picture has."""
        return int(self.image_size // self.patch_size) ** 2


def sound_tokens(frames: Any) -> Any:
    """How many features a sound of so many frames has: two convolutions halve it, rounding up.

    ``frames`` may be a number or a tensor of them.

    >>> [sound_tokens(n) for n in (1, 4, 5)]
    [1, 1, 2]
    """
    return -(-frames // 4)


_KINDS = {"backbone": BACKBONES, "fusion": FUSIONS, "positions": POSITIONS, "stem": STEMS}
