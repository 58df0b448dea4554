"""Frozen inputs and the values that reference scorers gave them (tests/metrics/vectors/make_answers.py)."""

import json
import math
from collections import Counter
from pathlib import Path

import mmbench.metrics as metrics
from mmbench.schema import Prediction, Sample

VECTORS = json.loads((Path(__file__).parent / "vectors" / "answers.json").read_text(encoding="utf-8"))


def value(vector):
    args = {key: tuple(arg) if isinstance(arg, list) else arg for key, arg in vector["args"].items()}
    metric, total = getattr(metrics, vector["metric"])(**args), 0.0
    for row in vector["rows"]:
        sample = Sample(
            id="x",
            messages=(),
            target=row["target"],
            answer="",
            choices=tuple(row.get("choices", ())),
            info=row.get("info", {}),
        )
        prediction = Prediction(
            text=row["text"],
            option_logprobs=tuple(row.get("scores", ())),
            logprob=row.get("logprob"),
            tokens=row.get("tokens", 0),
        )
        total = total + metric.statistics(prediction, sample)
    return float(metric.aggregate(total))


def test_every_vector_has_its_official_value():
    wrong = [
        (vector, value(vector))
        for vector in VECTORS
        if not (
            math.isclose(value(vector), vector["value"], rel_tol=1e-9, abs_tol=1e-12)
            or (math.isnan(value(vector)) and math.isnan(vector["value"]))
        )
    ]
    assert wrong == []


def test_there_are_enough_vectors_and_they_differ():
    counts = Counter(vector["metric"] for vector in VECTORS)
    assert len(VECTORS) >= 800
    assert len(counts) >= 20
    for metric in ("ExactMatch", "TokenF1", "SquadV2", "VQAAccuracy", "ANLS"):
        assert counts[metric] >= 80
    for metric in ("TokenF1", "SquadV2", "VQAAccuracy", "ANLS"):
        partial = [one for one in VECTORS if one["metric"] == metric and one["value"] not in (0.0, 1.0, 100.0)]
        assert len(partial) >= 30, metric
