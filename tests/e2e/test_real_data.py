"""Real rows, real Transformers checkpoints: the harness says what an independent loop of a few lines says.

The loops read the Parquet or JSON files themselves, write the prompts out in full, run one row at a time and score
with the reference packages. Nothing in them is mmbench's.
"""

import io
import json
import math
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import tiny_models
import torch
from PIL import Image

import mmbench

N = 24
pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoints")
    tiny_models.causal_lm(folder / "causal")
    tiny_models.seq2seq(folder / "seq2seq")
    tiny_models.image_text_to_text(folder / "vision")
    return folder


def _rows(path: Path, count: int = N) -> list[dict]:
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text().splitlines()[:count]]
    return next(pq.ParquetFile(path).iter_batches(batch_size=count)).to_pylist()


def _evaluate(checkpoint, task, tmp_path, **settings):
    run = mmbench.evaluate(str(checkpoint), task, out=tmp_path, limit=N, batch_size=7, **settings)
    return {entry.metric: entry.value for entry in run.entries if not entry.slice}, run.samples


@torch.no_grad()
def _logprob(model, ids: list[int], start: int, **media) -> float:
    """Sum of log-probabilities of the tokens from ``start`` on, given those before."""
    logits = model(input_ids=torch.tensor([ids]), **media).logits[0].double().log_softmax(-1)
    return sum(logits[at - 1, ids[at]].item() for at in range(start, len(ids)))


def _text_model(folder, kind):
    from transformers import AutoTokenizer

    return kind.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)


def test_sentiment_by_likelihood_with_a_decoder(data_dir, checkpoints, tmp_path):
    from transformers import AutoModelForCausalLM

    model, tokenizer = _text_model(checkpoints / "causal", AutoModelForCausalLM)
    right = 0
    for row in _rows(data_dir / "stanfordnlp/sst2/data/validation-00000-of-00001.parquet"):
        prompt = (
            f"{row['sentence'].strip()}\n\nIs the sentiment of this text negative or positive? "
            "Answer with one word.\nSentiment:"
        )
        start = len(tokenizer(prompt).input_ids)
        scores = [
            _logprob(model, tokenizer(prompt + word).input_ids, start) for word in (" negative", " positive")
        ]
        right += scores.index(max(scores)) == row["label"]
    values, _ = _evaluate(checkpoints / "causal", "sentiment:sst2", tmp_path)
    assert values["accuracy"] == right / N


def test_reading_comprehension_with_a_decoder(data_dir, checkpoints, tmp_path):
    from transformers import AutoModelForCausalLM

    model, tokenizer = _text_model(checkpoints / "causal", AutoModelForCausalLM)
    answers = []
    for row in _rows(data_dir / "rajpurkar/squad/plain_text/validation-00000-of-00001.parquet"):
        prompt = (
            f"{row['context']}\n\nQuestion: {row['question']}\n"
            "Answer with words from the text, as few as possible.\nAnswer:"
        )
        ids = tokenizer(prompt, return_tensors="pt").input_ids
        if ids.shape[1] + 32 > model.config.max_position_embeddings:
            answers.append(None)
            continue
        out = model.generate(ids, max_new_tokens=32, do_sample=False, pad_token_id=2)
        answers.append(tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).split("\n")[0].strip())
    _, samples = _evaluate(checkpoints / "causal", "qa:squad", tmp_path)
    ours = [text.strip() if isinstance(text, str) else None for text in samples.prediction]
    assert ours == answers


@pytest.mark.parametrize("language", ["de", "fr"])
def test_translation_with_an_encoder_decoder(data_dir, checkpoints, tmp_path, language):
    import sacrebleu
    from transformers import AutoModelForSeq2SeqLM

    model, tokenizer = _text_model(checkpoints / "seq2seq", AutoModelForSeq2SeqLM)
    name = {"de": "German", "fr": "French"}[language]
    answers, references = [], []
    for row in _rows(data_dir / "bentrevett/multi30k/all/test_2016_flickr.jsonl"):
        prompt = f"Translate this sentence from English into {name}.\n\nEnglish: {row['en']}\n{name}:"
        out = model.generate(**tokenizer(prompt, return_tensors="pt"), max_new_tokens=128, do_sample=False)
        answers.append(tokenizer.decode(out[0], skip_special_tokens=True).split("\n")[0].strip())
        references.append(row[language])
    values, samples = _evaluate(
        checkpoints / "seq2seq", "translation:multi30k_2016", tmp_path, options={"tgt": language}
    )
    assert [text.strip() for text in samples.prediction] == answers
    assert values["bleu"] == pytest.approx(sacrebleu.corpus_bleu(answers, [references]).score, rel=1e-9)
    assert values["chrf"] == pytest.approx(sacrebleu.corpus_chrf(answers, [references]).score, rel=1e-9)


def test_statements_about_pictures_by_likelihood(data_dir, checkpoints, tmp_path):
    from transformers import AutoModelForImageTextToText, AutoProcessor

    model = AutoModelForImageTextToText.from_pretrained(checkpoints / "vision").eval()
    processor = AutoProcessor.from_pretrained(checkpoints / "vision")
    chosen, right = [], 0
    for row in _rows(data_dir / "lil-lab/nlvr/data/test-00000-of-00001.parquet"):
        picture = Image.open(io.BytesIO(row["image"]["bytes"])).convert("RGB")
        prompt = (
            f"<image>\n{row['sentence'].strip()}\n"
            "Is this statement about the picture true or false? Answer with one word.\nAnswer:"
        )
        scores = []
        for word in ("true", "false"):
            start = processor(images=picture, text=prompt, return_tensors="pt").input_ids.shape[1]
            whole = processor(images=picture, text=f"{prompt} {word}", return_tensors="pt")
            scores.append(_logprob(model, whole.input_ids[0].tolist(), start, pixel_values=whole.pixel_values))
        chosen.append(scores)
        right += ("true", "false")[scores.index(max(scores))] == row["label"]
    values, samples = _evaluate(checkpoints / "vision", "vqa:nlvr", tmp_path)
    ours = [list(responses[0]["logprobs"]) for responses in samples.responses]
    assert ours == [pytest.approx(scores, abs=1e-4) for scores in chosen]
    assert values["accuracy"] == right / N


def test_perplexity_in_rolling_windows(data_dir, checkpoints, tmp_path):
    from transformers import AutoModelForCausalLM

    model, tokenizer = _text_model(checkpoints / "causal", AutoModelForCausalLM)
    text = pq.read_table(data_dir / "karpathy/tiny_shakespeare/data/test-00000-of-00001.parquet")["text"][
        0
    ].as_py()
    (tmp_path / "text.jsonl").write_text(json.dumps({"id": "a", "text": text[:6000]}) + "\n")
    ids = tokenizer(text[:6000], add_special_tokens=False).input_ids
    longest, total = model.config.max_position_embeddings, 0.0
    for start in range(0, len(ids), longest):
        scored = ids[start : start + longest]
        context = ids[max(0, start + len(scored) - longest - 1) : start] or [tokenizer.bos_token_id]
        total += _logprob(model, context + scored, len(context))
    values, samples = _evaluate(checkpoints / "causal", f"lm:{tmp_path / 'text.jsonl'}", tmp_path)
    assert len(samples.responses[0][0]["logprobs"]) == len(ids) > 2 * longest
    assert values["token-perplexity"] == pytest.approx(math.exp(-total / len(ids)), rel=1e-4)
    assert values["word-perplexity"] == pytest.approx(
        math.exp(-total / len(re.split(r"\s+", text[:6000]))), rel=1e-4
    )
