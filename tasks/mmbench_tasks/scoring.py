"""Which metrics belong together: every strict score has a lenient one beside it, and the share left unread."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mmbench.metric import Metric
from mmbench.metrics.captioning import CIDErD, CocoBLEU, CocoRougeL
from mmbench.metrics.classification import Accuracy, MacroF1
from mmbench.metrics.diagnostics import AnswerLength, Distinct, EmptyRate, RefusalRate
from mmbench.metrics.extraction import Extractor, Label, Option, ShortAnswer, UnparsedRate, YesNo, tidy
from mmbench.metrics.qa import ExactMatch, MultipleChoiceAccuracy, SquadV2, TokenF1
from mmbench.metrics.summarization import Compression, Coverage, Density, Repetition, Rouge
from mmbench.metrics.vqa import ANLS, RelaxedAccuracy, VQAAccuracy
from mmbench.metrics.yes_no import (
    PopeParser,
    YesNoAccuracy,
    YesNoF1,
    YesNoPrecision,
    YesNoRecall,
    YesRate,
)

UNANSWERABLE = "unanswerable"
"""What a model is told to say when a text does not answer the question; scored as the empty answer."""

_LABEL: Any = Label(lenient=True)
_SHORT: Any = ShortAnswer(lenient=True)
_OPTION: Any = Option(lenient=True)
_YES_NO: Any = YesNo(lenient=True)


@dataclass(frozen=True)
class _Either:
    """The option where there are options, else the words."""

    lenient: bool = False

    @property
    def name(self) -> str:
        """``option-or-words-strict`` or ``-lenient``."""
        return f"option-or-words-{'lenient' if self.lenient else 'strict'}"

    def __call__(self, text: str, choices: Sequence[str]) -> str | None:
        """Return the choice or the answer, None if it cannot be read."""
        reader: Extractor = Option(self.lenient) if choices else ShortAnswer(self.lenient)
        return reader(text, choices)


_EITHER: Any = _Either(lenient=True)

SHORT_TEXT: tuple[Metric, ...] = (EmptyRate(), RefusalRate())
"""What goes wrong with short answers."""

LONG_TEXT: tuple[Metric, ...] = (AnswerLength(), Distinct(2), *SHORT_TEXT)
"""What goes wrong with sentences and texts."""

CLOSED: tuple[Metric, ...] = (
    Accuracy(),
    Accuracy(extractor=_LABEL),
    MacroF1(),
    UnparsedRate(_LABEL),
    *SHORT_TEXT,
)
"""Answers from a closed set."""

LETTERED: tuple[Metric, ...] = (
    Accuracy(extractor=Option()),
    Accuracy(extractor=_OPTION),
    UnparsedRate(_OPTION),
    *SHORT_TEXT,
)
"""Multiple choice by letter; the words of an option are understood too."""

OPTION_OR_WORDS: tuple[Metric, ...] = (
    ExactMatch(_Either()),
    ExactMatch(_EITHER),
    UnparsedRate(_EITHER),
    *SHORT_TEXT,
)
"""A set with both lettered and open questions."""

ENDINGS: tuple[Metric, ...] = (
    MultipleChoiceAccuracy("chars"),
    MultipleChoiceAccuracy(),
    MultipleChoiceAccuracy("tokens"),
)
"""Continuations of a text, compared by likelihood: first a character's, which papers call ``acc_norm``."""

CHARTS: tuple[Metric, ...] = (
    RelaxedAccuracy(),
    RelaxedAccuracy(extractor=_SHORT),
    UnparsedRate(_SHORT),
    *SHORT_TEXT,
)
"""Numbers within 5 %, words but for case."""

DOCUMENTS: tuple[Metric, ...] = (ANLS(), ANLS(extractor=_SHORT), UnparsedRate(_SHORT), *SHORT_TEXT)
"""Words read off a page."""

CAPTION: tuple[Metric, ...] = (
    CIDErD(),
    CocoBLEU(order=4),
    CocoBLEU(order=3),
    CocoBLEU(order=2),
    CocoBLEU(order=1),
    CocoRougeL(),
    *LONG_TEXT,
)
"""The COCO caption scorer's measures that need no Java."""

SUMMARY: tuple[Metric, ...] = (
    Rouge("1"),
    Rouge("2"),
    Rouge("L"),
    Rouge("Lsum"),
    Coverage(),
    Density(),
    Compression(),
    Repetition(),
    *LONG_TEXT,
)
"""Overlap with references, and how much is copied from the document or said twice."""

OPEN: tuple[Metric, ...] = (
    ExactMatch(),
    ExactMatch(_SHORT),
    TokenF1(),
    TokenF1(_SHORT),
    UnparsedRate(_SHORT),
    *SHORT_TEXT,
)
"""Short answers in free words."""

YES_OR_NO: tuple[Metric, ...] = (
    YesNoAccuracy(),
    YesNoAccuracy(_YES_NO),
    YesNoF1(),
    YesNoF1(_YES_NO),
    YesNoF1(PopeParser()),
    YesNoPrecision(),
    YesNoRecall(),
    YesRate(),
    UnparsedRate(_YES_NO),
    *SHORT_TEXT,
)
"""Yes/no questions about objects; ``yes-no-f1-pope`` reads answers as the published program does."""

TEN_PEOPLE: tuple[Metric, ...] = (
    VQAAccuracy(),
    VQAAccuracy(extractor=_SHORT),
    VQAAccuracy(variant="evalai"),
    UnparsedRate(_SHORT),
    *SHORT_TEXT,
)
"""Open questions with ten people's answers."""


@dataclass(frozen=True)
class SpanOrNone:
    """A lenient short answer that may also say, in so many words or by silence, that there is none."""

    name: str = "span-or-none-lenient"

    def __call__(self, text: str, choices: Any) -> str | None:
        """Return the answer, "" for none, or None if it cannot be read."""
        answer = _SHORT(text, choices) if text.strip() else ""
        return "" if answer is not None and tidy(answer) == UNANSWERABLE else answer


_SPAN: Extractor = SpanOrNone()

SPAN_OR_NONE: tuple[Metric, ...] = (
    SquadV2("f1"),
    SquadV2("em"),
    SquadV2("f1", extractor=_SPAN),
    SquadV2("em", extractor=_SPAN),
    SquadV2("f1", part="has-answer"),
    SquadV2("f1", part="no-answer"),
    UnparsedRate(_SPAN),
    RefusalRate(),
)
"""Spans of a text that may hold no answer."""
