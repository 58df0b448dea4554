"""Tiny, seeded, untrained checkpoints of real architectures with real (trained on a few lines) tokenizers.

Each builder writes a complete checkpoint folder, as ``save_pretrained`` lays it out. Weights are drawn wide, so
that answers depend strongly on every token and picture. ``python tests/support/tiny_models.py DIR`` writes all.
"""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

CORPUS = (
    "What colour is the ball? The ball is red. How many cubes are there? There are two blue cubes.",
    "Is the small green cone left of the large yellow cylinder? Answer with yes or no.",
    "A man in a blue shirt is standing on a ladder cleaning a window. Ein Mann steht auf einer Leiter.",
    "Question: Which city hosted the games in 1896? Answer: Athens. Positive. Negative. Neutral.",
    "Summarise the dialogue. Anna: Are you coming? Ben: Yes, at seven, with José and the children!",
    "the film is a wonderful, moving story; it was dull and far too long, a waste of time",
)
CHAT = (
    "{% for message in messages %}<|start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}"
    "<|end|>\n{% endfor %}{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
)
SEED = 7


def train_tokenizer(special: list[str], *, bytes_level: bool, **names: Any) -> Any:
    """Train a BPE over bytes (GPT-2 style) or over characters with a space mark (Llama style) on ``CORPUS``."""
    if bytes_level:
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
    else:
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        tokenizer.decoder = decoders.Metaspace()
        alphabet = []
    trainer = trainers.BpeTrainer(vocab_size=480, special_tokens=special, initial_alphabet=sorted(alphabet))
    tokenizer.train_from_iterator(CORPUS, trainer)
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names)


def write(folder: Path, build: Callable[[], Any], *parts: Any) -> Path:
    """Build a model from the fixed seed, widen its weights and save it beside its tokenizer or processor."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        model = build().eval()
    for part in (model, *parts):
        part.save_pretrained(folder)
    return folder


def llama_config(vocab: int, **changes: Any) -> Any:
    sizes: dict[str, Any] = {
        "vocab_size": vocab,
        "hidden_size": 48,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
        "initializer_range": 0.2,
    }
    return transformers.LlamaConfig(**(sizes | changes))


def causal_lm(folder: Path, *, chat: bool = False) -> Path:
    """Write a Llama-like decoder with a byte-level BPE; with a ChatML-like template if ``chat``."""
    special = ["<s>", "</s>", "<pad>", "<|start|>", "<|end|>"]
    tokenizer = train_tokenizer(special, bytes_level=True, bos_token="<s>", eos_token="</s>", pad_token="<pad>")
    if chat:
        tokenizer.chat_template = CHAT
    end = tokenizer.convert_tokens_to_ids("<|end|>" if chat else "</s>")
    config = llama_config(len(tokenizer), bos_token_id=0, eos_token_id=end, pad_token_id=2)
    return write(folder, lambda: transformers.LlamaForCausalLM(config), tokenizer)


def seq2seq(folder: Path) -> Path:
    """Write a T5-like encoder-decoder with a SentencePiece-like tokenizer that ends texts with ``</s>``."""
    from tokenizers.processors import TemplateProcessing

    special = ["<pad>", "</s>", "<unk>"]
    tokenizer = train_tokenizer(special, bytes_level=False, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")
    ends = TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    tokenizer.backend_tokenizer.post_processor = ends
    config = transformers.T5Config(
        vocab_size=len(tokenizer),
        d_model=48,
        d_kv=12,
        d_ff=96,
        num_layers=2,
        num_heads=4,
        feed_forward_proj="gated-gelu",
        decoder_start_token_id=0,
        pad_token_id=0,
        eos_token_id=1,
    )

    def build() -> Any:
        """Quieten T5's tied embeddings, which outweigh all layers and make it repeat its last token for ever."""
        model = transformers.T5ForConditionalGeneration(config)
        with torch.no_grad():
            model.shared.weight.mul_(0.05)
            model.decoder.final_layer_norm.weight.fill_(60)
            for name, weight in model.named_parameters():
                if name.endswith((".o.weight", ".wo.weight")):
                    weight.mul_(8)
        return model

    return write(folder, build, tokenizer)


def image_text_to_text(folder: Path) -> Path:
    """Write a LLaVA-like model: CLIP tower of 16 patches, Llama decoder, tokenizer that begins texts with BOS."""
    from tokenizers.processors import TemplateProcessing

    special = ["<s>", "</s>", "<pad>", "<unk>", "<image>"]
    tokenizer = train_tokenizer(
        special,
        bytes_level=False,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        extra_special_tokens={"image_token": "<image>"},
    )
    begins = TemplateProcessing(single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 0)])
    tokenizer.backend_tokenizer.post_processor = begins
    vision = transformers.CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=32,
        patch_size=8,
        initializer_range=0.2,
        initializer_factor=4.0,
    )
    config = transformers.LlavaConfig(
        vision_config=vision,
        text_config=llama_config(len(tokenizer), bos_token_id=0, eos_token_id=1, pad_token_id=2),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        initializer_range=0.2,
    )
    pictures = transformers.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    processor = transformers.LlavaProcessor(
        pictures,
        tokenizer,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
    )
    return write(folder, lambda: transformers.LlavaForConditionalGeneration(config), processor)


def image_text_chat(folder: Path) -> Path:
    """Write an Idefics3-like model: pictures split into tiles, nested pixel tensors, a chat template."""
    special = ["<|start|>", "<|end|>", "<pad>", "<image>", "<fake_token_around_image>", "<end_of_utterance>"]
    tiles = [f"<row_{row}_col_{column}>" for row in range(1, 7) for column in range(1, 7)]
    tokenizer = train_tokenizer(
        [*special, "<global-img>", *tiles],
        bytes_level=True,
        bos_token="<|start|>",
        eos_token="<|end|>",
        pad_token="<pad>",
    )
    vision = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "image_size": 32,
        "patch_size": 8,
        "initializer_range": 0.2,
    }
    config = transformers.Idefics3Config(
        vision_config=vision,
        text_config=llama_config(len(tokenizer), bos_token_id=0, eos_token_id=1, pad_token_id=2),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        pad_token_id=2,
        initializer_range=0.2,
    )
    pictures = transformers.Idefics3ImageProcessor(size={"longest_edge": 64}, max_image_size={"longest_edge": 32})
    processor = transformers.Idefics3Processor(pictures, tokenizer, image_seq_len=4, chat_template=CHAT)
    return write(folder, lambda: transformers.Idefics3ForConditionalGeneration(config), processor)


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "causal-lm": causal_lm,
    "causal-lm-chat": lambda folder: causal_lm(folder, chat=True),
    "seq2seq": seq2seq,
    "image-text-to-text": image_text_to_text,
    "image-text-chat": image_text_chat,
}


def main(arguments: Iterable[str] | None = None) -> None:
    """Write every tiny checkpoint under the folder named on the command line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    root = parser.parse_args(arguments if arguments is None else list(arguments)).folder
    for name, build in BUILDERS.items():
        print(build(root / name))


if __name__ == "__main__":
    main()
