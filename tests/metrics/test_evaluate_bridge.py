"""Modules of evaluate as metrics, on small modules written to a folder (nothing is fetched), and the way back."""

import textwrap

import numpy as np
import pytest

from mmbench.errors import MetricError, UsageError
from mmbench.metrics.calibration import ECE
from mmbench.metrics.classification import F1, Accuracy
from mmbench.metrics.evaluate_bridge import EvaluateMetric, as_evaluate
from mmbench.metrics.qa import TokenF1
from mmbench.metrics.vqa import VQAAccuracy
from mmbench.schema import Prediction

pytest.importorskip("evaluate")

TEXT = '{"predictions": datasets.Value("string"), "references": datasets.Value("string")}'
TEXTS = '{"predictions": datasets.Value("string"), "references": datasets.Sequence(datasets.Value("string"))}'
LABEL = '{"predictions": datasets.Value("int32"), "references": datasets.Value("int32")}'
STRUCT = '{"predictions": {"id": datasets.Value("string")}, "references": datasets.Value("string")}'


@pytest.fixture
def module(tmp_path):
    """Write a module of evaluate and return its path."""

    def write(name, features, body):
        folder = tmp_path / name
        folder.mkdir()
        code = f"""
            import datasets
            import evaluate

            class {name.title()}(evaluate.Metric):
                def _info(self):
                    return evaluate.MetricInfo(
                        description="", citation="", inputs_description="", features=datasets.Features({features})
                    )

                def _compute(self, predictions, references, **options):
                    {body}
        """
        (folder / f"{name}.py").write_text(textwrap.dedent(code), encoding="utf-8")
        return str(folder)

    return write


SAME = "return {'same': sum(p == r for p, r in zip(predictions, references)) / len(predictions)}"
ANY = "return {'any': sum(p in r for p, r in zip(predictions, references)) / len(predictions)}"
POOLED = (
    "a = [set(p.split()) & set(r.split()) for p, r in zip(predictions, references)];"
    " return {'pooled': sum(map(len, a)) / sum(len(p.split()) for p in predictions)}"
)


def test_a_module_that_is_a_mean_is_a_metric(module, score):
    metric = EvaluateMetric(module("same", TEXT, SAME))
    assert score(metric, ["a", "b", "c"], ["a", "b", "d"]) == pytest.approx(2 / 3)
    assert metric.name.startswith("evaluate:")
    for part in ("key:only", "form:mean|", "code:", "options:none", "evaluate:"):
        assert part in metric.signature


def test_several_references(module, score):
    assert score(EvaluateMetric(module("among", TEXTS, ANY)), ["a", "b"], [["x", "a"], ["x"]]) == 0.5


def test_labels_are_indices_into_choices_and_an_unparsed_answer_is_none_of_them(module, score):
    metric = EvaluateMetric(module("labels", LABEL, SAME))
    assert score(metric, ["yes", "No.", "hm", ""], ["yes", "no", "yes", "no"], ("no", "yes")) == 0.5


def test_a_module_that_is_no_mean_is_refused_and_says_why(module, make_sample):
    metric = EvaluateMetric(module("pooled", TEXT, POOLED))
    with pytest.raises(UsageError, match=r"is no mean over samples: tried on 5 .* mean_of_samples=True"):
        metric.statistics(Prediction(text="a"), make_sample("a"))


def test_the_mean_of_samples_can_be_asked_for_and_is_signed(module, score):
    metric = EvaluateMetric(module("pooled", TEXT, POOLED), mean_of_samples=True)
    assert score(metric, ["a b", "c"], ["a", "c"]) == 0.75
    assert "form:mean-of-samples" in metric.signature


def test_which_entry_of_several_must_be_said(module, score, make_sample):
    both = "return {'one': 1.0, 'two': [2.0] if len(predictions) == 1 else 2.0, 'text': 'x'}"
    path = module("both", TEXT, both)
    with pytest.raises(UsageError, match=r"which entry of its result\? It has one, two"):
        EvaluateMetric(path).statistics(Prediction(text="a"), make_sample("a"))
    assert score(EvaluateMetric(path, "two"), ["a"], ["a"]) == 2.0


def test_options_reach_the_module(module, score):
    path = module("scaled", TEXT, "return {'scaled': 1.0 * options.get('by', 1)}")
    metric = EvaluateMetric(path, options={"by": 3})
    assert score(metric, ["a"], ["a"]) == 3.0
    assert "options:by=3" in metric.signature


def test_a_module_of_structures_is_refused(module, make_sample):
    with pytest.raises(UsageError, match="compares neither texts nor labels"):
        EvaluateMetric(module("struct", STRUCT, SAME)).statistics(Prediction(text="a"), make_sample("a"))


def test_what_a_module_cannot_score_is_told_with_the_sample(module, make_sample):
    path = module("picky", TEXT, "return {'picky': float(sum(p == p for p in predictions) / len(references[0]))}")
    metric = EvaluateMetric(path, mean_of_samples=True)
    with pytest.raises(MetricError, match="sample 'x': the module failed: "):
        metric.statistics(Prediction(text="a"), make_sample(""))
    with pytest.raises(MetricError, match="sample 'x': target must be one reference"):
        metric.statistics(Prediction(text="a"), make_sample(["a", "b"]))


def test_offline_the_error_is_plain(monkeypatch, make_sample, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("socket.socket.connect", _no_network)
    monkeypatch.setattr("socket.getaddrinfo", _no_network)
    with pytest.raises(
        UsageError, match=r"evaluate:no_such_metric_here cannot be loaded \(offline, give the path"
    ):
        EvaluateMetric("no_such_metric_here").statistics(Prediction(text="a"), make_sample("a"))


def _no_network(*_, **__):
    raise OSError("no network in tests")


def test_a_metric_as_a_module():
    accuracy = as_evaluate(Accuracy())
    assert accuracy.compute(predictions=["a", "b"], references=["a", "a"]) == {"accuracy": 0.5}
    people = [["yes"] * 9 + ["no"]]
    assert as_evaluate(VQAAccuracy()).compute(predictions=["Yes"], references=people) == {"vqa-accuracy": 100.0}


def test_batches_are_added_as_evaluate_does():
    module = as_evaluate(TokenF1())
    module.add_batch(predictions=["a b"], references=["b"])
    module.add(prediction="b", reference="b")
    assert module.compute() == {"token-f1": 100.0}
    assert "token-f1|" in module.description


def test_a_trainers_compute_metrics_takes_class_indices():
    """As in compute_metrics(EvalPrediction): argmax of the logits against label ids."""
    macro_f1 = as_evaluate(F1(), choices=("negative", "positive"))
    logits, labels = np.array([[2.0, 1.0], [0.0, 3.0], [1.0, 4.0], [2.0, 0.0]]), np.array([0, 1, 0, 0])
    result = macro_f1.compute(predictions=logits.argmax(-1), references=labels)
    assert result == {"macro-f1": pytest.approx((2 / 3 + 4 / 5) / 2)}


def test_a_trainer_evaluates_with_our_metric(tmp_path):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    macro_f1 = as_evaluate(F1(), choices=("negative", "positive"))

    class Sign(torch.nn.Module):
        """Says positive above 0."""

        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(1))

        def forward(self, x, labels):
            logits = self.scale * torch.stack([-x, x], dim=-1)
            return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}

    def compute_metrics(prediction):
        return macro_f1.compute(predictions=prediction.predictions.argmax(-1), references=prediction.label_ids)

    rows = [{"x": float(x), "labels": int(label)} for x, label in [(1, 1), (-1, 0), (2, 0), (-3, 0)]]
    options = transformers.TrainingArguments(str(tmp_path), use_cpu=True, report_to=[], disable_tqdm=True)
    trainer = transformers.Trainer(Sign(), options, eval_dataset=rows, compute_metrics=compute_metrics)
    assert trainer.evaluate()["eval_macro-f1"] == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_a_metric_that_needs_scores_says_so():
    with pytest.raises(MetricError, match=r"ece: sample '0': prediction\.option_logprobs"):
        as_evaluate(ECE()).compute(predictions=["a"], references=["a"])
