"""To and from Hugging Face ``evaluate``: its modules as metrics here, and metrics here as its modules.

A module of ``evaluate`` sees all predictions at once. It can be a sum only if its value over many samples is the
mean of its values on single samples, so a module is tried on a few made-up samples first, and refused where it is
not.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from mmbench.errors import MetricError, UsageError
from mmbench.metric import Fitted, Metric
from mmbench.metrics._text import Mean, score_and_one, signature
from mmbench.metrics.accumulate import Accumulator
from mmbench.metrics.base import Vector, prediction_text, references, wrong_type
from mmbench.metrics.extraction import Label
from mmbench.schema import Prediction, Sample

if TYPE_CHECKING:
    import evaluate

_PROBE = (
    ("a red bus on the road", "a red bus is on the street"),
    ("two dogs", "three dogs sleep on the old sofa by the door"),
    ("the sky is blue", "the sky is blue"),
    ("no", "yes"),
    ("a man rides a horse along the beach at dawn", "a man on a horse"),
)
_PROBE_LABELS = ((0, 0), (1, 1), (1, 0), (0, 1), (1, 1), (0, 0), (1, 0))


def _package() -> Any:
    try:
        import evaluate
    except ImportError as error:
        message = "the package 'evaluate' is not installed: pip install 'mmbench[evaluate]'"
        raise UsageError(message) from error
    return evaluate


@cache
def _module(path: str, config: str | None) -> Any:
    """Load a module of ``evaluate``.

    Raises:
        UsageError: it does not exist, its requirements are missing, or the network does not answer.
    """
    package = _package()
    try:
        return package.load(path, config, module_type="metric", keep_in_memory=True)
    except (OSError, ImportError, TypeError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        hint = "offline, give the path of a folder that holds the module"
        raise UsageError(f"evaluate:{path} cannot be loaded ({hint}): {reason}") from error


def _form(module: Any) -> str:
    """Return what the module compares: "texts" (one with several), "text" (one with one) or "label".

    Raises:
        UsageError: it takes something else.
    """
    from datasets import List, Value

    forms = set()
    options = module.features if isinstance(module.features, list) else [module.features]
    for features in options:
        if set(features) != {"predictions", "references"}:
            continue
        ours, theirs = features["predictions"], features["references"]
        nested = (
            isinstance(theirs, List) and isinstance(theirs.feature, Value) and theirs.feature.dtype == "string"
        )
        dtypes = [feature.dtype if isinstance(feature, Value) else "" for feature in (ours, theirs)]
        if dtypes[0] == "string" and nested:
            forms.add("texts")
        elif dtypes == ["string", "string"]:
            forms.add("text")
        elif all(dtype.startswith("int") for dtype in dtypes):
            forms.add("label")
    for form in ("texts", "text", "label"):
        if form in forms:
            return form
    raise UsageError(
        f"evaluate:{module.name} compares neither texts nor labels. Use one of mmbench's own metrics in its place"
    )


def _numbers(result: Mapping[str, Any] | None) -> dict[str, float]:
    """Return the entries of a result that are one number; a list of one number counts as that number."""
    found = {}
    for key, value in (result or {}).items():
        one = value[0] if isinstance(value, list) and len(value) == 1 else value
        if isinstance(one, int | float) or getattr(one, "shape", None) == ():
            found[key] = float(one)
    return found


@dataclass(frozen=True)
class EvaluateMetric(Mean):
    """A module of Hugging Face ``evaluate`` as a metric: the mean of its values on single samples.

    A module whose value on many samples is something else (F1, corpus BLEU, a correlation) is refused with the
    reason, unless ``mean_of_samples`` asks for the mean of sample values all the same; the signature then says so.
    Text modules get ``Prediction.text`` and the target; label modules get indices into ``Sample.choices``, and an
    answer that is no choice gets -1.

    Attributes:
        path: a module's name on the Hub, or a folder that holds one.
        key: which entry of the module's result; empty if there is only one, or one with the module's name.
        config: the module's configuration.
        options: further arguments of ``compute``.
        mean_of_samples: take the mean of sample values although the module's own value may differ.
        higher_is_better: what the module does not tell.
    """

    path: str
    key: str = ""
    config: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    mean_of_samples: bool = False
    higher_is_better: bool = True
    range = (-math.inf, math.inf)

    @property
    def name(self) -> str:
        """``evaluate:PATH``, with the key if one was given."""
        return f"evaluate:{self.path}" + (f":{self.key}" if self.key else "")

    @property
    def signature(self) -> str:
        """Names the module, the hash of its code, its options, the form of the sum and evaluate's version."""
        module = _module(self.path, self.config)
        options = ",".join(f"{key}={value}" for key, value in sorted(self.options.items())) or "none"
        return signature(
            f"evaluate:{self.path}",
            key=self.key or "only",
            config=self.config or "default",
            options=options,
            form="mean-of-samples" if self.mean_of_samples else "mean",
            code=str(module._hash)[:12],
            evaluate=_package().__version__,
        )

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [the module's value on this sample, 1].

        Raises:
            MetricError: the module cannot score this sample.
            UsageError: it cannot be loaded, its result has no such key, or it is not a mean over samples.
        """
        form = self._ready()
        ours, theirs = self._inputs(form, prediction, sample)
        try:
            value = self._compute([ours], [theirs])
        except (ValueError, TypeError, KeyError, ZeroDivisionError) as error:
            raise MetricError(f"{self.name}: sample '{sample.id}': the module failed: {error}") from error
        return score_and_one(value)

    def _compute(self, ours: Sequence[Any], theirs: Sequence[Any]) -> float:
        module = _module(self.path, self.config)
        numbers = _numbers(module.compute(predictions=list(ours), references=list(theirs), **self.options))
        key = self.key or (next(iter(numbers)) if len(numbers) == 1 else module.name)
        if key not in numbers:
            known = ", ".join(numbers) or "no numbers"
            raise UsageError(f"{self.name}: which entry of its result? It has {known}. Give key=...")
        return numbers[key]

    def _ready(self) -> str:
        """Load the module and try, once, whether it is a mean over samples; return its form."""
        asked = (self.path, self.config, self.key, repr(sorted(self.options.items())), self.mean_of_samples)
        if asked not in _CHECKED:
            form = _form(_module(self.path, self.config))
            if not self.mean_of_samples:
                self._check_mean(form)
            _CHECKED[asked] = form
        return _CHECKED[asked]

    def _check_mean(self, form: str) -> None:
        pairs: Sequence[tuple[Any, Any]] = _PROBE_LABELS if form == "label" else _PROBE
        pairs = [(ours, [theirs]) for ours, theirs in pairs] if form == "texts" else pairs
        ours, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        whole = self._compute(ours, theirs)
        mean = math.fsum(self._compute([one], [other]) for one, other in pairs) / len(pairs)
        if not math.isclose(whole, mean, rel_tol=1e-6, abs_tol=1e-9):
            raise UsageError(
                f"{self.name} is no mean over samples: tried on {len(pairs)} of them it gives {whole:.4g}, but the"
                f" mean of its values on each is {mean:.4g}. Use mmbench's own metric of that kind, or"
                f" mean_of_samples=True"
            )

    def _inputs(self, form: str, prediction: Prediction, sample: Sample) -> tuple[Any, Any]:
        text = prediction_text(self.name, prediction, sample)
        if form == "label":
            if sample.target not in sample.choices:
                raise wrong_type(self.name, sample, "target", "one of the sample's choices", sample.target)
            answer = Label()(text, sample.choices)
            ours = -1 if answer is None else sample.choices.index(answer)
            return ours, sample.choices.index(str(sample.target))
        refs = references(self.name, sample)
        if form == "texts":
            return text, refs
        if len(refs) != 1:
            raise wrong_type(
                self.name, sample, "target", "one reference, as the module takes no more", sample.target
            )
        return text, refs[0]


_CHECKED: dict[tuple[Any, ...], str] = {}


def as_evaluate(metric: Metric, choices: Sequence[str] = ()) -> "evaluate.EvaluationModule":
    """Return a metric as a module of ``evaluate``, for instance for a Trainer's ``compute_metrics``.

    ``compute(predictions=..., references=...)`` takes texts, and for references also lists of texts; with
    ``choices`` also their indices, as a classifier's argmax gives them. It returns ``{name: value}``. A metric
    that must be fitted is fitted to the references of the call. Metrics that need more than a text and a target
    (scored options, ``Sample.info``) cannot be had this way: they raise a MetricError that says what is missing.

    Args:
        metric: any metric.
        choices: the label set, put into every sample.

    Raises:
        UsageError: ``evaluate`` is not installed.
    """
    package = _package()
    from datasets import Features, List, Value

    text, label = Value("string"), Value("int64")
    forms = [Features(predictions=text, references=text), Features(predictions=text, references=List(text))]
    if choices:
        forms.append(Features(predictions=label, references=label))

    class Bridge(package.EvaluationModule):  # type: ignore[misc, name-defined]
        """A metric of mmbench."""

        def _info(self) -> Any:
            description = f"mmbench metric {metric.signature}"
            return package.MetricInfo(description=description, citation="", inputs_description="", features=forms)

        def _compute(self, predictions: Sequence[Any], references: Sequence[Any]) -> dict[str, float]:
            named = [_spelled(one, choices) for one in predictions]
            targets = [_spelled(one, choices) for one in references]
            samples = [
                Sample(id=str(i), messages=(), target=target, answer="", choices=tuple(choices))
                for i, target in enumerate(targets)
            ]
            total = Accumulator(metric, samples if isinstance(metric, Fitted) else ())
            total.update([Prediction(text=one) for one in named], samples)
            return {metric.name: total.compute()}

    return Bridge(keep_in_memory=True)


def _spelled(value: Any, choices: Sequence[str]) -> Any:
    """Return the choice that an index means; texts and lists of texts as they are."""
    return choices[int(value)] if isinstance(value, int) else value
