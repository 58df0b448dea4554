"""Writes answers.json: inputs of our own and the value that the reference gives them, one vector a line.

    python tests/metrics/vectors/make_answers.py

References are scikit-learn and the scorers of ``tests/metrics/conformance/ref_*.py``, which were written from the
published definitions without looking at mmbench. Run it only when a reference changes; the tests read the file.
"""

import json
import math
import random
import sys
import warnings
from pathlib import Path

import sklearn.metrics as skl

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "conformance"))

import own_text  # noqa: E402
import ref_answers as ref  # noqa: E402
import ref_numbers as numbers  # noqa: E402

SEED = 20_000


def vector(metric, value, rows, **args):
    return {"metric": metric, "args": args, "rows": rows, "value": value}


def row(text="", target="", **more):
    return {"text": text, "target": target, **more}


def short(people):
    chance = random.Random(people[-1])
    pairs = own_text.answered(SEED + people[0], 60, people) + own_text.overlapping(SEED + people[0], 60)
    pairs += chance.sample(own_text.adversarial(2 * (people[-1] // 2)), 30)
    return [pair for pair in pairs if max(map(len, [pair[0], *pair[1]])) < 300]


def question_answering():
    for text, people in short((1, 2, 3)):
        yield vector("ExactMatch", ref.squad_em(text, people), [row(text, people)])
        yield vector("TokenF1", ref.squad_f1(text, people), [row(text, people)])
    for place, (text, people) in enumerate(short((2, 3))):
        people = [] if place % 3 == 0 else people
        exact, f1 = ref.squad2(text, people)
        yield vector("SquadV2", exact, [row(text, people)], of="em")
        yield vector("SquadV2", f1, [row(text, people)], of="f1")


def visual_questions():
    for text, people in [pair for pair in short((5, 10)) if len(pair[1]) > 3]:
        yield vector("VQAAccuracy", ref.vqa_official(text, people), [row(text, people)], variant="official")
        yield vector("VQAAccuracy", ref.vqa_evalai(text, people), [row(text, people)], variant="evalai")
    for text, people in short((1, 2)):
        yield vector("ANLS", ref.anls(text, people), [row(text, people)], variant="official")
        yield vector("ANLS", ref.anls(text, people, official=False), [row(text, people)], variant="paper")
    values = ("5", "5%", "0", "0.0", "100", "105", "105.1", "-3", "nan", "1e3", "1,000", "Abc", "abc", "")
    for one in values:
        for other in values[::3]:
            yield vector("RelaxedAccuracy", ref.relaxed(one, other), [row(one, other)])


def yes_no():
    chance = random.Random(SEED)
    for _ in range(6):
        rows = [row(chance.choice(("yes", "no", "Yes.", "hm")), chance.choice(("yes", "no"))) for _ in range(12)]
        said = [{"yes": "yes", "Yes.": "yes", "no": "no", "hm": None}[one["text"]] for one in rows]
        table = ref.yes_no_table(said, [one["target"] for one in rows])
        for name, value in table.items():
            metric = "".join(part.title() for part in name.split("-"))
            yield vector(metric, value, rows)


def classification():
    for seed, labels in enumerate((("no", "yes"), ("a", "b", "c"), ("w", "x", "y", "z")) * 3):
        targets, answers = own_text.labelled(SEED + seed, 15, labels)
        rows = [row(text, target) for text, target in zip(answers, targets, strict=True)]
        seen = [label for label in labels if label in targets or label in answers]
        yield vector("Accuracy", skl.accuracy_score(targets, answers), rows, labels=labels)
        for name, official in (
            ("F1", skl.f1_score),
            ("Precision", skl.precision_score),
            ("Recall", skl.recall_score),
        ):
            for average in ("macro", "micro", "weighted"):
                value = official(targets, answers, labels=seen, average=average, zero_division=0)
                yield vector(name, value, rows, labels=labels, average=average)
        for name, official in (
            ("BalancedAccuracy", skl.balanced_accuracy_score),
            ("MatthewsCorrelation", skl.matthews_corrcoef),
            ("CohenKappa", skl.cohen_kappa_score),
        ):
            yield vector(name, official(targets, answers), rows, labels=labels)


def scores():
    for options in (2, 3, 5):
        names = [f"option {index}" for index in range(options)]
        for seed in range(5):
            targets, given = own_text.scored(SEED + seed, 12, options, 1.0)
            rows = [
                row("", names[target], scores=[round(one, 6) for one in shown], choices=names)
                for target, shown in zip(targets, given, strict=True)
            ]
            shown = [one["scores"] for one in rows]
            judged = [numbers.judged(one, target) for one, target in zip(shown, targets, strict=True)]
            pairs = list(zip(shown, targets, strict=True))
            yield vector("ECE", numbers.ece(judged, 10), rows, bins=10)
            yield vector("Brier", sum(numbers.brier(*pair) for pair in pairs) / len(pairs), rows)
            yield vector("ChoiceNLL", sum(numbers.log_loss(*pair) for pair in pairs) / len(pairs), rows)
            top = skl.top_k_accuracy_score(targets, shown, k=2, labels=range(options)) if options > 2 else 1.0
            yield vector("TopK", float(top), rows, k=2)
            best = sum(one.index(max(one)) == target for one, target in pairs) / len(pairs)
            yield vector("MultipleChoiceAccuracy", best, rows)


def language():
    texts = [text for text in own_text.ADVERSARIAL if text and len(text) < 300]
    for place, text in enumerate(texts):
        nll, tokens = 1.7 * (len(text) + place), 1 + len(text) // 3
        rows = [row("", text, logprob=-nll, tokens=tokens, info={"bits": 2.0 * len(text)})]
        words, size = numbers.words_as_the_harness_counts_them(text), len(text.encode())
        yield vector("Perplexity", math.exp(nll / words), rows, per="word")
        yield vector("Perplexity", math.exp(nll / tokens), rows, per="token")
        yield vector("BitsPerByte", nll / size / math.log(2), rows)
        yield vector("ExcessBits", (nll / math.log(2) - 2.0 * len(text)) / words, rows, per="word")


def main():
    warnings.simplefilter("ignore")
    parts = (question_answering, visual_questions, yes_no, classification, scores, language)
    vectors = [one for part in parts for one in part()]
    lines = ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in vectors)
    (HERE / "answers.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
