"""The reference programs of the text metrics: sacreBLEU, rouge-score, jiwer, pycocoevalcap and its Java tokeniser.

They are development dependencies; only tests and the makers of frozen vectors import this module.
"""

import contextlib
import io
import os
import shutil
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

Corpus = Sequence[tuple[str, Sequence[str]]]
Triple = tuple[float, float, float]

BLEU_OPTIONS: dict[str, dict[str, Any]] = {
    "bleu": {},
    "bleu-lc": {"lowercase": True},
    **{f"bleu-{name}": {"tokenize": name} for name in ("none", "intl", "char", "zh")},
    "bleu-floor": {"smooth_method": "floor"},
    "bleu-add-k": {"smooth_method": "add-k", "smooth_value": 2.0},
    "bleu-unsmoothed": {"smooth_method": "none"},
    "bleu-effective": {"effective_order": True},
    "bleu2": {"max_ngram_order": 2},
}
CHRF_OPTIONS: dict[str, dict[str, Any]] = {
    "chrf": {},
    "chrf++": {"word_order": 2},
    "chrf-lc": {"lowercase": True, "whitespace": True},
    "chrf3-eps": {"beta": 3, "eps_smoothing": True, "char_order": 4},
}
TER_OPTIONS: dict[str, dict[str, Any]] = {
    "ter": {},
    "ter-norm-asian": {"normalized": True, "asian_support": True},
    "ter-nopunct-cs": {"no_punct": True, "case_sensitive": True},
}


def translation(name: str) -> Any:
    """Return the sacreBLEU metric of that name."""
    from sacrebleu.metrics import BLEU, CHRF, TER

    if name in BLEU_OPTIONS:
        return BLEU(**BLEU_OPTIONS[name], force=True)
    return CHRF(**CHRF_OPTIONS[name]) if name in CHRF_OPTIONS else TER(**TER_OPTIONS[name])


def translation_score(name: str, corpus: Corpus) -> float:
    """Score a corpus whose segments may have different numbers of references (None where one is missing)."""
    most = max(len(refs) for _, refs in corpus)
    streams = [[refs[place] if place < len(refs) else None for _, refs in corpus] for place in range(most)]
    return float(translation(name).corpus_score([said for said, _ in corpus], streams).score)


ROUGE_KINDS = ("1", "2", "L", "Lsum")


@lru_cache(maxsize=4096)
def _rouge(said: str, wanted: tuple[str, ...], stemmer: bool, kinds: tuple[str, ...]) -> dict[str, Triple]:
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer([f"rouge{kind}" for kind in kinds], use_stemmer=stemmer)
    found = scorer.score_multi(list(wanted), said)
    scores = {kind: found[f"rouge{kind}"] for kind in kinds}
    return {kind: (score.fmeasure, score.precision, score.recall) for kind, score in scores.items()}


def rouge_scores(
    hypothesis: str, references: Sequence[str], stemmer: bool, kinds: tuple[str, ...] = ROUGE_KINDS
) -> dict[str, Triple]:
    """Return (F, precision, recall) by kind."""
    return _rouge(hypothesis, tuple(references), stemmer, kinds)


def speech_scores(heard: Sequence[str], said: Sequence[str]) -> dict[str, float]:
    """Return jiwer's four rates of a corpus."""
    import jiwer

    words = jiwer.process_words(list(said), list(heard))
    cer = jiwer.cer(list(said), list(heard))
    return {"wer": words.wer, "mer": words.mer, "wil": words.wil, "cer": cer}


def coco_scores(corpus: Corpus, rouge: bool = True) -> dict[str, float]:
    """Return the COCO scorer's BLEU-1..4, ROUGE-L and "CIDEr" (CIDEr-D) of captions tokenised before.

    Its ROUGE-L can be left out, for it fills a table of all pairs of words.
    """
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge

    wanted = {place: list(refs) for place, (_, refs) in enumerate(corpus)}
    said = {place: [text] for place, (text, _) in enumerate(corpus)}
    with contextlib.redirect_stdout(io.StringIO()):
        bleu, _ = Bleu(4).compute_score(wanted, said)
    scores = {f"coco-bleu{order}": float(value) for order, value in enumerate(bleu, 1)}
    if rouge:
        scores["coco-rouge-l"] = float(Rouge().compute_score(wanted, said)[0])
    words = any(ref.split() for _, refs in corpus for ref in refs)  # without any the program raises a ValueError
    scores["cider-d"] = float(Cider().compute_score(wanted, said)[0]) if words else 0.0
    return scores


def has_java() -> bool:
    """Whether the Java programs can run."""
    return shutil.which("java") is not None


def java_ptb(captions: Sequence[str]) -> list[str]:
    """Tokenise with Stanford's PTBTokenizer as pycocoevalcap calls it, each caption followed by a neutral one.

    The program reads all captions as one text, and at "B." or "No." looks at the beginning of the next line.
    """
    from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

    lines = {place: [{"caption": caption}, {"caption": "x"}] for place, caption in enumerate(captions)}
    before = os.environ.get("JAVA_TOOL_OPTIONS")
    os.environ["JAVA_TOOL_OPTIONS"] = "-Dfile.encoding=UTF-8"
    try:
        tokens = PTBTokenizer().tokenize(lines)
    finally:
        if before is None:
            del os.environ["JAVA_TOOL_OPTIONS"]
        else:
            os.environ["JAVA_TOOL_OPTIONS"] = before
    return [tokens[place][0] for place in range(len(captions))]


def whisper_english(text: str) -> str:
    """Normalise with transformers' copy of Whisper's English normaliser, and with Whisper's list of spellings."""
    import json
    from importlib.resources import files

    from transformers.models.whisper.english_normalizer import EnglishTextNormalizer

    spelling = json.loads((files("whisper_normalizer") / "normalizers" / "english.json").read_text())
    return str(EnglishTextNormalizer(spelling)(text))


def plain_cider(corpus: Corpus) -> float:
    """Compute CIDEr (not CIDEr-D) by loops over its definition."""
    import math

    def grams(text: str, order: int) -> list[tuple[str, ...]]:
        words = text.split()
        return [tuple(words[start : start + order]) for start in range(len(words) - order + 1)]

    def weight(gram: tuple[str, ...], order: int) -> float:
        documents = sum(any(gram in grams(ref, order) for ref in refs) for _, refs in corpus)
        return math.log(len(corpus)) - math.log(max(1, documents))

    def cosine(left: list[tuple[str, ...]], right: list[tuple[str, ...]], order: int) -> float:
        known = {gram: weight(gram, order) for gram in {*left, *right}}
        product = sum(left.count(gram) * right.count(gram) * known[gram] ** 2 for gram in known)
        norms = [math.sqrt(sum((side.count(gram) * known[gram]) ** 2 for gram in known)) for side in (left, right)]
        return product / (norms[0] * norms[1]) if product else 0.0

    total = 0.0
    for said, refs in corpus:
        for order in (1, 2, 3, 4):
            total += sum(cosine(grams(said, order), grams(ref, order), order) for ref in refs) / len(refs)
    return 10 * total / (4 * len(corpus))


def java_meteor(corpus: Corpus, function_words: Iterable[str]) -> tuple[float, list[float]]:
    """Score tokens with METEOR 1.5, modules exact and stem; return the whole's score and each one's.

    The program answers line by line: statistics of each segment; then their scores, that of the whole at the end.
    """
    import subprocess
    import tempfile
    from importlib.resources import files

    folder = str(files("pycocoevalcap") / "meteor")
    with tempfile.NamedTemporaryFile("w", suffix=".words", encoding="utf-8") as listed:
        listed.write("\n".join(sorted(function_words)) + "\n")
        listed.flush()
        options = ["-stdio", "-l", "en", "-m", "exact stem", "-w", "1.0 0.6", "-p", "0.85 0.2 0.6 0.75"]
        command = ["java", "-Dfile.encoding=UTF-8", "-Xmx1G", "-jar", "meteor-1.5.jar", "-", "-", *options]

        def ask(lines: list[str]) -> list[str]:
            text = "".join(f"{line}\n" for line in lines)
            ran = subprocess.run(
                [*command, "-s", listed.name],
                input=text,
                cwd=folder,
                capture_output=True,
                encoding="utf-8",
                check=True,
            )
            return ran.stdout.splitlines()

        counts = ask([" ||| ".join(["SCORE", *refs, said]) for said, refs in corpus])
        scores = ask([" ||| ".join(["EVAL", *counts])])
    return float(scores[-1]), [float(score) for score in scores[:-1]]
