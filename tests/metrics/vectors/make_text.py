"""Writes the frozen vectors of the text metrics: texts of our own and what the reference programs say of them.

    python tests/metrics/vectors/make_text.py     # needs sacrebleu, rouge-score, jiwer, pycocoevalcap and Java

The files beside it make the conformance of these metrics testable with none of them installed.
"""

import json
import random
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "conformance"))

import own_sentences  # noqa: E402
import ref_text  # noqa: E402

from mmbench.metrics.meteor import FUNCTION_WORDS  # noqa: E402

ODD = (
    "",
    " ",
    "!!!",
    "a",
    "the the the the the",
    "你好 世界",
    "مرحبا",
    "😀 😀",
    "Ａ１",
    "e\u0301te\u0301",
    "a\tb",
)


def write(name: str, programs: list[str], cases: list[Any]) -> None:
    """Write one file."""
    made_by = {program: version(program) for program in programs}
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    text = f'{{"programs": {json.dumps(made_by)}, "cases": [\n{lines}\n]}}\n'
    (HERE / f"{name}.json").write_text(text, encoding="utf-8")


def odd_pairs() -> list[tuple[str, list[str]]]:
    """Pair odd texts with themselves and with one another."""
    following = (*ODD[1:], ODD[0])
    return [
        pair
        for text, other in zip(ODD, following, strict=True)
        for pair in ((text, [text]), (text, [other, text]))
    ]


def translation() -> list[Any]:
    """Corpora of one to six segments, under all options."""
    corpora = [*own_sentences.corpora(1, 40), *([pair] for pair in odd_pairs())]
    names = (*ref_text.BLEU_OPTIONS, *ref_text.CHRF_OPTIONS, *ref_text.TER_OPTIONS)
    return [
        {"corpus": corpus, "values": {name: ref_text.translation_score(name, corpus) for name in names}}
        for corpus in corpora
    ]


def summarization() -> list[Any]:
    """Single pairs, with and without stemmer."""
    pairs = [*own_sentences.texts(2, 50), *own_sentences.pairs(3, 20), *odd_pairs()]
    cases = []
    for said, wanted in pairs:
        values = {}
        for stemmer in (False, True):
            for kind, scores in ref_text.rouge_scores(said, wanted, stemmer).items():
                values[f"rouge{kind}" + "-stem" * stemmer] = scores
        cases.append({"said": said, "wanted": wanted, "values": values})
    return cases


def speech() -> list[Any]:
    """Corpora of one to four utterances, some of them silence."""
    chance = random.Random(4)
    pairs = own_sentences.transcripts(4, 160)
    cases = []
    while pairs:
        corpus = [pairs.pop() for _ in range(min(chance.randint(1, 4), len(pairs)))]
        heard, said = zip(*corpus, strict=True)
        cases.append({"heard": heard, "said": said, "values": ref_text.speech_scores(heard, said)})
    return cases


def whisper() -> list[Any]:
    """Texts as Whisper's English normaliser writes them."""
    texts = sorted({text for pair in own_sentences.transcripts(5, 60) for text in pair})
    return [[text, ref_text.whisper_english(text)] for text in texts]


def ptb() -> list[Any]:
    """Captions and odd texts as the Java tokeniser parts them."""
    chance = random.Random(6)
    texts = [own_sentences.odd_text(chance) for _ in range(420)] + [
        own_sentences.sentence(chance) for _ in range(80)
    ]
    texts = list(dict.fromkeys(texts))
    return [[text, tokens] for text, tokens in zip(texts, ref_text.java_ptb(texts), strict=True)]


def captioning() -> list[Any]:
    """Corpora of captions, tokenised by Java and scored by the COCO scorer."""
    corpora = [*own_sentences.corpora(7, 45, references=5, english=0.95), odd_pairs()]
    flat = sorted({text for corpus in corpora for said, wanted in corpus for text in (said, *wanted)})
    tokens = dict(zip(flat, ref_text.java_ptb(flat), strict=True))
    cases = []
    for corpus in corpora:
        tokenised = [(tokens[said], [tokens[text] for text in wanted]) for said, wanted in corpus]
        cases.append({"corpus": corpus, "values": ref_text.coco_scores(tokenised)})
    return cases


def meteor() -> list[Any]:
    """Corpora of captions, tokenised and scored by Java with the modules exact and stem."""
    corpora = own_sentences.corpora(8, 60, references=4, english=1.0)
    flat = sorted({text for corpus in corpora for said, wanted in corpus for text in (said, *wanted)})
    tokens = dict(zip(flat, ref_text.java_ptb(flat), strict=True))
    cases = []
    for corpus in corpora:
        tokenised = [(tokens[said], [tokens[text] for text in wanted]) for said, wanted in corpus]
        cases.append({"corpus": corpus, "value": ref_text.java_meteor(tokenised, FUNCTION_WORDS)[0]})
    return cases


def main() -> None:
    """Write all files."""
    write("translation", ["sacrebleu"], translation())
    write("summarization", ["rouge-score", "nltk"], summarization())
    write("speech", ["jiwer", "rapidfuzz"], speech())
    write("whisper", ["transformers", "whisper-normalizer"], whisper())
    write("ptb", ["pycocoevalcap"], ptb())
    write("captioning", ["pycocoevalcap"], captioning())
    write("meteor", ["pycocoevalcap"], meteor())


if __name__ == "__main__":
    main()
