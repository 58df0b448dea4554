"""Small classifiers that are really trained, within seconds, and the same with noise on their weights."""

from itertools import islice
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from mmbench_tasks.worlds.reviews import sentiment_rows

LABELS = ("negative", "neutral", "positive")
ROWS, EPOCHS, BATCH, LENGTH = 1500, 6, 32, 96


def _tokenizer(texts: list[str]) -> Any:
    words = Tokenizer(models.WordLevel(unk_token="<unk>"))
    words.normalizer = normalizers.Lowercase()
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.WordLevelTrainer(special_tokens=["<pad>", "<unk>", "<cls>"], min_frequency=2)
    words.train_from_iterator(texts, trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", unk_token="<unk>", cls_token="<cls>", model_max_length=LENGTH
    )


def sentiment_classifier(folder: Path, seed: int) -> Path:
    """Train a one-layer encoder on the train stream of ``sentiment:reviews`` (level 1), and save it.

    Initial weights and the order of rows come from the seed.
    """
    rows = list(islice(sentiment_rows("train", difficulty=1), ROWS))
    texts = [row["text"] for row in rows]
    tokenizer = _tokenizer(texts)
    labels = torch.tensor([LABELS.index(row["label"]) for row in rows])
    inputs = tokenizer(texts, padding=True, truncation=True, max_length=LENGTH, return_tensors="pt")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = _train(_model(len(tokenizer)), inputs, labels)
    for part in (model, tokenizer):
        part.save_pretrained(folder)
    return folder


def _model(vocabulary: int) -> Any:
    config = transformers.DistilBertConfig(
        vocab_size=vocabulary,
        dim=48,
        hidden_dim=96,
        n_layers=1,
        n_heads=4,
        max_position_embeddings=LENGTH,
        dropout=0.0,
        attention_dropout=0.0,
        seq_classif_dropout=0.0,
        pad_token_id=0,
        num_labels=len(LABELS),
        id2label=dict(enumerate(LABELS)),
        label2id={name: index for index, name in enumerate(LABELS)},
    )
    return transformers.DistilBertForSequenceClassification(config)


def _train(model: Any, inputs: Any, labels: torch.Tensor) -> Any:
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(EPOCHS):
        for part in torch.randperm(len(labels)).split(BATCH):
            loss = model(
                input_ids=inputs.input_ids[part],
                attention_mask=inputs.attention_mask[part],
                labels=labels[part],
            ).loss
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()


@torch.no_grad()
def damaged(source: Path, folder: Path, share: float, seed: int = 0) -> Path:
    """Save a copy with noise on each weight matrix, ``share`` times as strong as its own spread."""
    model = transformers.AutoModelForSequenceClassification.from_pretrained(source)
    noise = torch.Generator().manual_seed(seed)
    for weights in model.parameters():
        if weights.ndim > 1:
            weights += share * weights.std() * torch.randn(weights.shape, generator=noise)
    model.save_pretrained(folder)
    transformers.AutoTokenizer.from_pretrained(source).save_pretrained(folder)
    return folder
