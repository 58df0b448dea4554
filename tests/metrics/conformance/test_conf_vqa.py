"""VQA v2 accuracy, ANLS, relaxed accuracy and POPE against scorers written again, worked cases and real rows."""

import random

import ref_answers as ref
from conformance_table import compares, hub, run_all
from own_text import adversarial, answered, overlapping

from mmbench.metrics.extraction import YesNo
from mmbench.metrics.vqa import ANLS, RelaxedAccuracy, VQAAccuracy
from mmbench.metrics.yes_no import (
    PopeParser,
    YesNoAccuracy,
    YesNoF1,
    YesNoPrecision,
    YesNoRecall,
    YesRate,
)
from mmbench.schema import Prediction, Sample

AGAIN = "written again from the program (tests/metrics/conformance/ref_answers.py)"
YES_NO = (YesNoAccuracy, YesNoPrecision, YesNoRecall, YesNoF1, YesRate)


def value(metric, prediction, target):
    totals = metric.statistics(Prediction(text=prediction), Sample(id="x", messages=(), target=target, answer=""))
    return float(metric.aggregate(totals))


@compares(
    "vqa-accuracy",
    definition="100 x the mean of min(1, matches / 3) over leaving out each of ten annotators",
    source="Antol et al. 2015; vqaEval.py of GT-Vision-Lab/VQA",
    reference=AGAIN,
    pitfalls=(
        '(a) both sides are normalised only if the ten answers differ: "Yes" against ten times "yes" is 0',
        '(b) the full stop after a number goes too: "2." is "2"',
        "(c) only the first 32 full stops go",
        "(d) the number table grows while scoring, without effect",
        "(e) a comma between digits makes all punctuation vanish instead of turning into spaces",
    ),
)
def vqa_official():
    for prediction, people in answered(11, 3000) + adversarial():
        yield value(VQAAccuracy("official"), prediction, people), ref.vqa_official(prediction, people)


@compares(
    "vqa-accuracy-evalai",
    definition="as vqa-accuracy; both sides are always normalised, with the EvalAI processor",
    source="EvalAI; m4c_evaluators.py of facebookresearch/mmf",
    reference=AGAIN,
    pitfalls=("commas and question marks go before anything else, and 's becomes a word",),
)
def vqa_evalai():
    for prediction, people in answered(12, 3000) + adversarial():
        yield value(VQAAccuracy("evalai"), prediction, people), ref.vqa_evalai(prediction, people)


@compares("vqa-accuracy")
def vqa_by_number_of_agreeing_people():
    """The published table: 0, 1, 2, 3, 4 agreeing people of ten give 0, 30, 60, 90, 100."""
    for agreeing, official in enumerate((0.0, 30.0, 60.0, 90.0, 100.0, 100.0)):
        people = ["blue"] * agreeing + [f"other {index}" for index in range(10 - agreeing)]
        yield value(VQAAccuracy(), "blue", people), official


@compares("vqa-accuracy", data=True)
def vqa_on_real_answers():
    for place, people in enumerate(vqa_rows()):
        guess = (people[0], people[-1], people[0].upper(), f"the {people[3]}.", "yes")[place % 5]
        yield value(VQAAccuracy("official"), guess, people), ref.vqa_official(guess, people)


@compares("vqa-accuracy-evalai", data=True)
def evalai_on_real_answers():
    for place, people in enumerate(vqa_rows()):
        guess = (people[0], people[-1], people[0].upper(), f"the {people[3]}.", "yes")[place % 5]
        yield value(VQAAccuracy("evalai"), guess, people), ref.vqa_evalai(guess, people)


def vqa_rows():
    import pyarrow.parquet as parquet

    table = parquet.read_table(
        hub() / "HuggingFaceM4/VQAv2/data/train-00000-of-00001.parquet", columns=["answers"]
    )
    return [[answer["answer"] for answer in row] for row in table["answers"].to_pylist()]


def short(pairs):
    """The plain edit distance of the reference is quadratic."""
    return [(text, people) for text, people in pairs if max(map(len, [text, *people])) < 700]


@compares(
    "anls",
    definition="mean over questions of the best 1 - distance / longer length over references; below 0.5 it is 0",
    source="Biten et al. 2019; evaluator of the Robust Reading Competition",
    reference=AGAIN,
    pitfalls=(
        "the distance is of folded texts, the length of raw ones: outer spaces raise the score",
        'lengths are of upper-case texts, where "ß" is two letters',
    ),
)
def anls_official():
    for prediction, people in short(overlapping(13, 1500) + answered(13, 1500, (1, 2, 3)) + adversarial(2)):
        yield value(ANLS(), prediction, people), ref.anls(prediction, people)


@compares(
    "anls-paper",
    definition="as anls with lengths of the folded texts and a similarity of exactly 0.5 worth 0",
    source="Biten et al. 2019, equation 1",
    reference=AGAIN,
)
def anls_paper():
    for prediction, people in short(overlapping(14, 1500) + answered(14, 1500, (1, 2, 3)) + adversarial(2)):
        yield value(ANLS(variant="paper"), prediction, people), ref.anls(prediction, people, official=False)


_NUMBERS = "5 5% 0 0.0 104 105 106 100 95 1e3 nan inf -inf -3 -3.1 abc Abc 1_000 1,000 % 5% .5 0.52 ٥ yes"
NUMBERS = _NUMBERS.split()


@compares(
    "relaxed-accuracy",
    definition="share of answers within 5 % of a numeric reference, or equal to a text but for case",
    source="Methani et al. 2020, Masry et al. 2022; metrics.py of google-research/pix2struct",
    reference=AGAIN,
    pitfalls=('a reference of 0 is compared as text, so "0.0" is wrong', '"5%" is 0.05', '"1,000" is no number'),
)
def relaxed_accuracy():
    for prediction in [*NUMBERS, " 5", ""]:
        for reference in [*NUMBERS, "5 ", ""]:
            yield value(RelaxedAccuracy(), prediction, reference), ref.relaxed(prediction, reference)


def yes_no_answers(seed, count):
    chance = random.Random(seed)
    says = (
        "yes",
        "Yes, it is.",
        "no",
        "No, it is not.",
        "There is no dog.",
        "It is not.",
        "maybe",
        "",
        "Noted. no",
    )
    return [chance.choice(says) for _ in range(count)], [chance.choice(("yes", "no")) for _ in range(count)]


def yes_no_value(metric, answers, targets):
    rows = zip(answers, targets, strict=True)
    return float(
        metric.aggregate(
            sum(
                metric.statistics(Prediction(text=text), Sample(id="x", messages=(), target=target, answer=""))
                for text, target in rows
            )
        )
    )


POPE = {
    "yes-no-accuracy": "share of right answers; one that says neither is wrong",
    "yes-no-precision": 'share of "yes" answers that are right; 0 without any',
    "yes-no-recall": 'share of targets "yes" that were answered so',
    "yes-no-f1": 'F1 of "yes"',
    "yes-rate": 'share of answers that are "yes"',
}


def _compare(name, metric):
    @compares(
        name,
        definition=POPE[name],
        source="Li et al. 2023; evaluate.py of AoiDragon/POPE",
        reference=AGAIN,
        pitfalls=("the published parser reads all that is not a no as a yes, an empty answer too (PopeParser)",),
    )
    def pope():
        for seed in range(30):
            answers, targets = yes_no_answers(seed, 50)
            for extractor, said in (
                (YesNo(), [YesNo()(text, ()) for text in answers]),
                (PopeParser(), ["no" if ref.pope_says_no(text) else "yes" for text in answers]),
            ):
                ours = yes_no_value(metric(extractor=extractor), answers, targets)
                yield ours, ref.yes_no_table(said, targets)[name]

    @compares(name, data=True)
    def pope_on_real_questions():
        import pyarrow.parquet as parquet

        table = parquet.read_table(
            hub() / "lmms-lab/POPE/data/test-00000-of-00001.parquet", columns=["answer", "question", "category"]
        ).to_pylist()
        for category in ("random", "popular", "adversarial"):
            rows = [row for row in table if row["category"] == category]
            answers, targets = [], [row["answer"] for row in rows]
            for row in rows:
                length = len(row["question"])
                answers.append(("Yes.", "No, there is none.", row["answer"], "It is not.", "")[length % 5])
            if rows:
                said = ["no" if ref.pope_says_no(text) else "yes" for text in answers]
                ours = yes_no_value(metric(extractor=PopeParser()), answers, targets)
                yield ours, ref.yes_no_table(said, targets)[name]

    return pope, pope_on_real_questions


for _name, _metric in zip(POPE, YES_NO, strict=True):
    _compare(_name, _metric)

test_comparisons = run_all(__name__)
