"""All metrics by name. A name is imported when it is first used, so importing this package loads nothing heavy."""

from importlib import import_module
from typing import Any

_MODULES = {
    "accumulate": ("Accumulator",),
    "calibration": ("AURC", "ECE", "Brier", "ChoiceNLL", "SelectiveAccuracy"),
    "captioning": ("CIDEr", "CIDErD", "CocoBLEU", "CocoRougeL"),
    "classification": (
        "F1",
        "Accuracy",
        "BalancedAccuracy",
        "CohenKappa",
        "MacroF1",
        "MatthewsCorrelation",
        "Precision",
        "Recall",
    ),
    "diagnostics": ("AnswerLength", "Distinct", "EmptyRate", "RefusalRate"),
    "evaluate_bridge": ("EvaluateMetric", "as_evaluate"),
    "extraction": ("Label", "Number", "Option", "OptionText", "ShortAnswer", "UnparsedRate", "YesNo"),
    "facts": ("FactF1", "FactPrecision", "FactRecall", "HallucinationRate"),
    "meteor": ("MeteorExactStem",),
    "perplexity": ("NLL", "BitsPerByte", "ExcessBits", "Perplexity"),
    "qa": ("ExactMatch", "MultipleChoiceAccuracy", "SquadV2", "SquadV2Best", "TokenF1"),
    "ranking": ("AUROC", "TopK"),
    "speech": ("CER", "MER", "WER", "WIL"),
    "summarization": ("Compression", "Coverage", "Density", "Repetition", "Rouge"),
    "translation": ("BLEU", "TER", "ChrF", "SentenceBLEU", "SentenceChrF", "SentenceTER"),
    "vqa": ("ANLS", "RelaxedAccuracy", "VQAAccuracy"),
    "windows": ("rolling_windows",),
    "yes_no": ("PopeParser", "YesNoAccuracy", "YesNoF1", "YesNoPrecision", "YesNoRecall", "YesRate"),
}
_WHERE = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_WHERE)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'mmbench.metrics' has no attribute '{name}'")
    return getattr(import_module(f"mmbench.metrics.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
