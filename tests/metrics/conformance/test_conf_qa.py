"""SQuAD 1.1, SQuAD 2.0 and multiple choice against scorers written again from their definitions, and real rows."""

import random

import numpy as np
import ref_answers as ref
from conformance_table import compares, hub, run_all
from own_text import adversarial, answered, overlapping

from mmbench.metrics.qa import ExactMatch, MultipleChoiceAccuracy, SquadV2, SquadV2Best, TokenF1
from mmbench.schema import Prediction, Sample

SQUAD1 = "Rajpurkar et al. 2016; evaluate-v1.1.py"
SQUAD2 = "Rajpurkar et al. 2018; evaluate-v2.0.py"
AGAIN = "written again from the program (tests/metrics/conformance/ref_answers.py)"


def sample(target, **more):
    return Sample(id="x", messages=(), target=target, answer="", **more)


def value(metric, prediction, target):
    totals = metric.statistics(Prediction(text=prediction), sample(target))
    return float(metric.aggregate(totals))


@compares(
    "exact-match",
    definition="100 x the share of questions whose answer equals a reference once both are normalised",
    source=SQUAD1,
    reference=AGAIN,
    pitfalls=(
        "only ASCII punctuation is removed",
        "an article is removed as a word, never inside one",
        "a missing prediction counts 0 (SQuAD 2.0 drops it)",
    ),
)
def exact_match():
    for prediction, people in answered(1, 1500, (1, 2, 3)) + adversarial(2):
        yield value(ExactMatch(), prediction, people), ref.squad_em(prediction, people)


@compares(
    "token-f1",
    definition="100 x the mean over questions of the best F1 of the two bags of normalised tokens",
    source=SQUAD1,
    reference=AGAIN,
    pitfalls=(
        "bags, not sets: a set-based F1 is DROP-like",
        "two texts without tokens have F1 0 (1 in SQuAD 2.0)",
    ),
)
def token_f1():
    for prediction, people in overlapping(2, 3000) + answered(2, 1500, (1, 2, 3)) + adversarial(2):
        yield value(TokenF1(), prediction, people), ref.squad_f1(prediction, people)


def squad2_pairs():
    """Answer pairs of which every fourth question cannot be answered."""
    for place, (prediction, people) in enumerate(
        overlapping(3, 2000) + answered(3, 1500, (1, 2, 3)) + adversarial(2)
    ):
        yield prediction if place % 5 else "", [] if place % 4 == 0 else people


@compares(
    "squad2-em",
    definition="as exact-match; a question without references is right if the answer has no words",
    source=SQUAD2,
    reference=AGAIN,
    pitfalls=(
        "references that normalise to nothing are ignored",
        "the published denominator drops missing answers",
    ),
)
def squad2_em():
    for prediction, people in squad2_pairs():
        yield value(SquadV2("em"), prediction, people), ref.squad2(prediction, people)[0]


@compares(
    "squad2-f1",
    definition="as token-f1; if a side has no tokens, 1 if both have none, else 0",
    source=SQUAD2,
    reference=AGAIN,
    pitfalls=("on unanswerable questions F1 is exact match",),
)
def squad2_f1():
    for prediction, people in squad2_pairs():
        yield value(SquadV2("f1"), prediction, people), ref.squad2(prediction, people)[1]


@compares("squad2-f1")
def squad2_parts():
    """HasAns and NoAns: the mean over questions of one part."""
    rows = list(squad2_pairs())
    for part, kept in (("has-answer", True), ("no-answer", False)):
        metric = SquadV2("f1", part)
        totals = sum(metric.statistics(Prediction(text=text), sample(people)) for text, people in rows)
        scores = [ref.squad2(text, people)[1] for text, people in rows if bool(people) == kept]
        yield float(metric.aggregate(totals)), sum(scores) / len(scores)


def thresholded(seed, count):
    """Questions with distinct, well separated probabilities of having no answer."""
    chance = random.Random(seed)
    odds = [-4 + 8 * place / count for place in range(count)]
    chance.shuffle(odds)
    for (text, people), one in zip(overlapping(seed, count), odds, strict=True):
        yield text, ([] if chance.random() < 0.4 else people), one


@compares(
    "squad2-best-f1",
    definition="squad2-f1 at the best threshold on the probability that there is no answer",
    source=SQUAD2,
    reference=AGAIN,
    pitfalls=("the published loop also tries thresholds inside groups of equal probabilities, by file order",),
)
def squad2_best():
    options = ("answerable", "unanswerable")
    for seed in range(20):
        rows = list(thresholded(seed, 25))
        metric = SquadV2Best("f1")
        totals = sum(
            metric.statistics(Prediction(text=text, option_logprobs=(0.0, one)), sample(people, choices=options))
            for text, people, one in rows
        )
        plain = [
            (1 / (1 + np.exp(-one)), ref.squad2(text, people)[1] / 100, bool(people), bool(text))
            for text, people, one in rows
        ]
        yield float(metric.aggregate(totals)), ref.squad2_best(plain)


@compares("exact-match", data=True)
def exact_match_on_squad():
    for metric, official in ((ExactMatch(), ref.squad_em), (TokenF1(), ref.squad_f1)):
        for text, people in squad_rows("rajpurkar/squad/plain_text/validation-00000-of-00001.parquet", 3000):
            if people:
                yield value(metric, text, people), official(text, people)


@compares("squad2-f1", data=True)
def squad2_on_real_questions():
    for text, people in squad_rows("rajpurkar/squad_v2/squad_v2/validation-00000-of-00001.parquet", 3000):
        yield value(SquadV2("f1"), text, people), ref.squad2(text, people)[1]


@compares("token-f1", data=True)
def token_f1_on_xquad():
    for language in ("de", "es", "zh"):
        for text, people in squad_rows(f"google/xquad/xquad.{language}/validation-00000-of-00001.parquet", 400):
            yield value(TokenF1(), text, people), ref.squad_f1(text, people)


def squad_rows(path, limit):
    """Real references; the prediction is a cut of one, the reference of another question, or nothing."""
    import pyarrow.parquet as parquet

    answers = [row["text"] for row in parquet.read_table(hub() / path)["answers"].to_pylist()][:limit]
    for place, people in enumerate(answers):
        near = people[0] if people else ""
        other = next((one[0] for one in answers[place + 1 :] if one), "")
        yield (near, " ".join(near.split()[1:]), f"The {near}.", other, "")[place % 5], people


def choice_rows(seed, count):
    chance = random.Random(seed)
    options = ("a cat", "two dogs 你好", "x", "the long way home at night")
    for _ in range(count):
        scores = tuple(-chance.uniform(0.1, 9) * len(option) ** 0.5 for option in options)
        tokens = tuple(chance.randint(1, 9) for _ in options)
        priors = tuple(-chance.uniform(0.1, 9) for _ in options)
        yield sample(chance.choice(options), choices=options), scores, tokens, priors


@compares(
    "choice-accuracy",
    definition="share of samples whose option of the largest (normalised) log-probability is the target",
    source="Brown et al. 2020; lm-evaluation-harness acc, acc_norm, acc_bytes, acc_mutual_info",
    reference="per-sample maximum in plain Python",
    pitfalls=("acc_norm of the harness divides by characters, not by tokens", "the first option wins a tie"),
)
def choice_accuracy():
    for kind in ("none", "tokens", "chars", "bytes", "pmi"):
        for one, scores, tokens, priors in choice_rows(4, 200):
            shown = Prediction(option_logprobs=scores, option_tokens=tokens, option_priors=priors)
            ours = MultipleChoiceAccuracy(kind).statistics(shown, one)[0]
            ranked = {
                "none": list(scores),
                "tokens": [score / length for score, length in zip(scores, tokens, strict=True)],
                "chars": [score / len(text) for score, text in zip(scores, one.choices, strict=True)],
                "bytes": [
                    score / len(bytes(text, "utf8")) for score, text in zip(scores, one.choices, strict=True)
                ],
                "pmi": [score - prior for score, prior in zip(scores, priors, strict=True)],
            }[kind]
            yield ours, float(one.choices[ranked.index(max(ranked))] == one.target)


test_comparisons = run_all(__name__)
