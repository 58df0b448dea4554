"""Tokenizers, trained on texts: BPE, WordPiece and Unigram, all over bytes, so that no text is lost."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

Kind = Literal["bpe", "wordpiece", "unigram"]

PAD, BOS, EOS, IMAGE, AUDIO, SEP, MASK = "<pad>", "<bos>", "<eos>", "<image>", "<audio>", "<sep>", "<mask>"
SPECIAL = (PAD, BOS, EOS, IMAGE, AUDIO, SEP, MASK, "<system>", "<user>", "<assistant>")
"""Special tokens, in the order of their ids from 0."""
CONTINUES = "\u2581"
"""What WordPiece marks the later pieces of a word with; byte-level text never holds it."""
LONGEST_WORD = 1 << 20
_MARK = "\ua66e"
_SPARE = 200
"""Pieces that are trained in excess, for those that the mark spoils."""

CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<{{ message['role'] }}>"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>{% elif part['type'] == 'audio' %}<audio>"
    "{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}"
    "{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


def train_tokenizer(texts: Iterable[str], kind: Kind, vocab_size: int) -> PreTrainedTokenizerFast:
    """Train a tokenizer of at most ``vocab_size`` tokens; digits stand alone, any Unicode comes back as it was.

    Raises:
        ValueError: there is no such kind, or no room for all bytes.
    """
    if kind not in _TRAIN:
        raise ValueError(f"a tokenizer is one of {', '.join(_TRAIN)}, not '{kind}'.")
    least = len(SPECIAL) + len(_BYTES) * (2 if kind == "wordpiece" else 1)
    if vocab_size < least:
        raise ValueError(f"vocab_size should be at least {least}, not {vocab_size}: all bytes need a token.")
    tokenizer = _TRAIN[kind](texts, vocab_size)
    ids = {token: tokenizer.token_to_id(token) for token in (BOS, SEP, EOS)}
    marks = processors.TemplateProcessing(
        single=f"{BOS} $A", pair=f"{BOS} $A {SEP} $B:1 {EOS}:1", special_tokens=list(ids.items())
    )
    offsets = processors.ByteLevel(add_prefix_space=False, trim_offsets=True)  # a word's space is no part of it
    tokenizer.post_processor = processors.Sequence([offsets, marks])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        bos_token=BOS,
        eos_token=EOS,
        sep_token=SEP,
        mask_token=MASK,
        extra_special_tokens={"image_token": IMAGE, "audio_token": AUDIO},
        model_input_names=["input_ids", "attention_mask"],
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast


_BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())


def _over_bytes(model: Any) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _bpe(texts: Iterable[str], size: int) -> Tokenizer:
    """Sennrich et al.: merge the most frequent pair, again and again."""
    tokenizer = _over_bytes(models.BPE())
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=size, special_tokens=list(SPECIAL), initial_alphabet=_BYTES, show_progress=False
        ),
    )
    return tokenizer


def _unigram(texts: Iterable[str], size: int) -> Tokenizer:
    """Kudo: a large set of pieces is pruned to those that make the texts likeliest.

    The trainer looks for pieces that several different words hold, which a frequent word as a whole need not be.
    So each word is shown once more with a letter behind it that no text has; pieces with that letter are dropped.
    """
    trained = _over_bytes(models.Unigram())
    trained.train_from_iterator(
        _with_marked_words(texts, trained.pre_tokenizer),
        trainers.UnigramTrainer(
            vocab_size=size + _SPARE,
            special_tokens=list(SPECIAL),
            initial_alphabet=_BYTES,
            unk_token=PAD,  # never met, since every byte is known; the model wants one
            show_progress=False,
        ),
    )
    pieces = json.loads(trained.to_str())["model"]["vocab"]
    mark = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(_MARK)[0][0]  # three bytes
    needed = {*SPECIAL, *_BYTES}
    spoilt = {piece for piece, _ in pieces if mark[:2] in piece or mark[1:] in piece or piece[-1] == mark[0]}
    optional = [piece for piece, _ in pieces if piece not in needed and piece not in spoilt]
    kept = needed.union(optional[: size - len(needed)])  # the trainer's order is from likely to unlikely
    tokenizer = _over_bytes(models.Unigram([(piece, score) for piece, score in pieces if piece in kept], 0))
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


def _with_marked_words(texts: Iterable[str], splitter: Any) -> Iterator[str]:
    words: set[str] = set()
    for text in texts:
        yield text
        words.update(text[begin:end] for _, (begin, end) in splitter.pre_tokenize_str(text))
    yield from (word + _MARK for word in sorted(words) if word[-1].isalpha())


def _wordpiece(texts: Iterable[str], size: int) -> Tokenizer:
    """Schuster and Nakajima, as in BERT: the longest known piece first, later pieces of a word marked."""
    trained = _over_bytes(models.WordPiece(unk_token=PAD))
    trained.train_from_iterator(
        texts,
        trainers.WordPieceTrainer(
            vocab_size=size - len(_BYTES),
            special_tokens=list(SPECIAL),
            initial_alphabet=_BYTES,
            continuing_subword_prefix=CONTINUES,
            show_progress=False,
        ),
    )
    vocabulary = trained.get_vocab()
    for byte in _BYTES:  # a byte that no word of the texts goes on with may still be met
        vocabulary.setdefault(CONTINUES + byte, len(vocabulary))
    model = models.WordPiece(
        vocabulary, unk_token=PAD, continuing_subword_prefix=CONTINUES, max_input_chars_per_word=LONGEST_WORD
    )
    tokenizer = _over_bytes(model)
    tokenizer.decoder = decoders.Sequence([decoders.Replace(CONTINUES, ""), decoders.ByteLevel()])
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


_TRAIN = {"bpe": _bpe, "wordpiece": _wordpiece, "unigram": _unigram}
