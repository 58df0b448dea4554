"""Read an answer out of what a model wrote: strictly or leniently, but never by guessing.

A strict extractor accepts a text that is the answer and nothing else, case, white space and outer punctuation
apart. A lenient one also finds it in a sentence, after "the answer is", in a box, or as the only candidate named.
Where candidates compete, where an answer is denied or where there is none, both return None: there is no random
fallback and no default. Metrics count None as wrong, and :class:`UnparsedRate` tells how often that happened.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Protocol, runtime_checkable

from mmbench.errors import did_you_mean
from mmbench.metrics._reading import clauses, marked, mentions, negated, only, read
from mmbench.metrics._text import Mean, score_and_one, signature
from mmbench.metrics.base import Vector, prediction_text
from mmbench.metrics.reasoning import without_reasoning
from mmbench.schema import Prediction, Sample


@runtime_checkable
class Extractor(Protocol):
    """Reads an answer out of a text.

    Attributes:
        name: goes into the signature of every metric that uses it; ends in ``-strict`` or ``-lenient``.
    """

    @property
    def name(self) -> str: ...  # noqa: D102

    def __hash__(self) -> int: ...

    def __call__(self, text: str, choices: Sequence[str]) -> str | None:
        """Return the answer, spelt as in ``choices`` where there are any, or None if none can be read."""
        ...


@lru_cache(maxsize=4096)
def read_answer(extractor: Extractor, text: str, choices: tuple[str, ...]) -> str | None:
    """Return what an extractor reads: several scores read the same answer with the same one, so read it once."""
    return extractor(text, choices)


def named(metric: str, extractor: Extractor) -> str:
    """Return a metric's name, with the manner of its extractor unless that is strict.

    >>> named("accuracy", Label(lenient=True))
    'accuracy-lenient'
    """
    manner = extractor.name.rpartition("-")[2]
    return metric if manner == "strict" else f"{metric}-{manner}"


def tidy(text: str) -> str:
    """Fold case, collapse white space and drop punctuation at both ends.

    >>> tidy("  **Yes!** ")
    'yes'
    """
    return " ".join(re.sub(r"^[\W_]+|[\W_]+$", "", text).casefold().split())


def spelled(text: str, choices: Sequence[str]) -> str | None:
    """Return the one choice that ``text`` is, exactly or else after :func:`tidy`; None if none or several."""
    stripped = text.strip()
    if stripped in choices:
        return stripped
    return _spellings(tuple(choices)).get(tidy(text))


@lru_cache(maxsize=1024)
def _spellings(choices: tuple[str, ...]) -> dict[str, str | None]:
    """Map tidied choices to choices; to None where several are tidied to the same."""
    found: dict[str, str | None] = {}
    for choice in dict.fromkeys(choices):
        key = tidy(choice)
        found[key] = None if key in found else choice
    found.pop("", None)
    return found


@dataclass(frozen=True)
class _Manner:
    """Attributes: lenient, look for the answer inside the text too."""

    lenient: bool = False
    kind = ""

    @property
    def name(self) -> str:
        """The kind of answer, then ``strict`` or ``lenient``."""
        return f"{self.kind}-{'lenient' if self.lenient else 'strict'}"


@dataclass(frozen=True)
class Label(_Manner):
    """One of ``choices``; without choices any text that is not empty."""

    kind = "label"

    def __call__(self, text: str, choices: Sequence[str]) -> str | None:
        """Return the label as ``choices`` spells it.

        >>> Label()("Positive.", ("negative", "positive"))
        'positive'
        """
        if not choices:
            return text.strip() or None
        if not self.lenient:
            return spelled(text, choices)
        return read(text, lambda part: spelled(part, choices), lambda part: only(mentions(part, choices)))


_YES, _NO = ("yes", "yeah", "yep", "yup"), ("no", "nope", "nah")
_EITHER = re.compile(r"\byes\s*(?:or|/|and)\s*no\b|\bno\s*(?:or|/|and)\s*yes\b", re.IGNORECASE)
_YES_NO = re.compile(
    r"\b(?:(?P<yes>yes|yeah|yep|yup)|(?P<no>nope|nah|no(?=\W*$|[*_]*[^\w\s*_-]|\s*\n|\s+[—–-]"
    r"|\s+(?:it|there|this|that|the|these|those|i|he|she|they|we|because|since|as|based)\b)))\b",
    re.IGNORECASE,
)


def _plain_yes_no(text: str) -> str | None:
    word = tidy(text)
    return "yes" if word in _YES else "no" if word in _NO else None


def _search_yes_no(text: str) -> str | None:
    text = _EITHER.sub(" ", text)
    found = [match for match in _YES_NO.finditer(text) if not negated(text, match.start())]
    return only("yes" if match["yes"] else "no" for match in found)


@dataclass(frozen=True)
class YesNo(_Manner):
    """Yes or no. "No" before a noun ("no dogs") is not an answer; statements are not turned into answers."""

    kind = "yes-no"

    def __call__(self, text: str, choices: Sequence[str]) -> str | None:
        """Return "yes" or "no", or the choice that is spelt so but for case.

        >>> YesNo(lenient=True)("Yes, there are no clouds.", ())
        'yes'
        """
        if self.lenient:
            word = read(text, _plain_yes_no, _search_yes_no)
        else:
            word = word if (word := tidy(text)) in ("yes", "no") else None
        return spelled(word, choices) if word and choices else word


_LETTERS = "ABCDEFGHIJ"
_LETTER = re.compile(
    r"\(([A-Ja-j])\)|\[([A-J])\]|(?:^|\n)\W*([A-J])(?:[.,):]|\s*$|\s*\n|\s+(?:because|since|as)\b)"
    r"|\b(?i:option|choice|letter)\s+\W?([A-J])\b|\*\*([A-J])\b[.):]?|[\"'“‘]([A-J])[\"'”’]"
    r"|\b([A-J])\s+(?:remains|is\s+(?:the\s+)?(?:correct|right|best|answer))\b"
    r"|\b(?:is|it['’]s|answer|correct|about|choose|pick|select)\W+([A-J])(?:[.,;):*]|\s*$|\s*\n|\s+(?:because|since|as)\b)"
)
_RIVAL = re.compile(r"\b([B-HJ]|[AI](?!\s+[a-z]))\b(?!['’])")
_OPTION_LINE = re.compile(r"^\W*[A-J][.):]\s.*$", re.MULTILINE)


def _choices_of(pattern: re.Pattern[str], text: str, choices: Sequence[str]) -> list[str]:
    """Return the choices whose letters a pattern finds and the text does not deny."""
    found = []
    for match in pattern.finditer(text):
        group = match.lastindex or 0
        place = _LETTERS.index(match[group].upper())
        if place < len(choices) and not negated(text, match.start(group)):
            found.append(choices[place])
    return found


def _search_letter(text: str, choices: Sequence[str]) -> str | None:
    """Return the choice that a text names by letter or words; None if it names several."""
    found = _choices_of(_LETTER, text, choices)
    if found:
        found += _choices_of(_RIVAL, text, choices)
    return only(found + mentions(text, choices))


def _without_echo(text: str) -> str:
    """Drop the list of options, if the text repeats it."""
    return _OPTION_LINE.sub("", text) if len(_OPTION_LINE.findall(text)) > 1 else text


def _plain_letter(text: str, choices: Sequence[str]) -> str | None:
    """Return the choice of a text that is a letter, or a letter followed by its choice, or a choice."""
    match = re.fullmatch(r"\W*(?:option\s+)?([A-J])(?:\W+(.*?))?\W*", text.strip(), re.DOTALL | re.IGNORECASE)
    if match and _LETTERS.index(match[1].upper()) < len(choices):
        choice = choices[_LETTERS.index(match[1].upper())]
        if match[2] is None or tidy(match[2]) in ("", tidy(choice)):
            return choice
    return spelled(text, choices)


@dataclass(frozen=True)
class Option(_Manner):
    """The letter of an option (A is the first choice), its words, or both; they must not contradict."""

    kind = "option"

    def __call__(self, text: str, choices: Sequence[str]) -> str | None:
        """Return the choice itself, not its letter.

        >>> Option()("(B)", ("cat", "dog"))
        'dog'
        """
        if not self.lenient:
            return _plain_letter(text, choices)
        whole = _plain_letter(text, choices)
        if whole is not None:
            return whole
        return read(
            _without_echo(text),
            lambda part: None if part.strip() == "a" else _plain_letter(part, choices),
            lambda part: _search_letter(part, choices),
        )


@dataclass(frozen=True)
class OptionText(_Manner):
    """The words of an option; letters are not read."""

    kind = "option-text"

    def __call__(self, text: str, choices: Sequence[str]) -> str | None:
        """Return the choice that the text is or, if lenient, the only one it names."""
        return Label(self.lenient)(text, choices)


_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_DECADES = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: value for value, word in enumerate([*_ONES.split(), "seventeen", "eighteen", "nineteen"])}
_TENS = {word: 10 * ten for ten, word in enumerate(_DECADES.split(), 2)}
_NUMBER = re.compile(
    r"(?<![\w.,])(?<!\d[:/])[$€£]?(?P<digits>[-−+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+|(?<=\d)))(?P<percent>\s?%)?"
    r"(?=\s*(?:cm|mm|km|m|kg|g|lbs?|ft|px|s|h|min)?(?![\w%]|[.,:/]\d))"
    rf"|\b(?:(?P<tens>{'|'.join(_TENS)})(?:[ -](?P<ones>{'|'.join(list(_SMALL)[1:10])}))?"
    rf"|(?P<small>{'|'.join(word for word in _SMALL if word != 'one')}))\b"
    r"(?!\s+(?:hundred|thousand|million|dozen))"
    r"|(?:^|\b(?:is|are|only|just|exactly|has|have|see|count|shows?)\s+)(?P<one>one)\b(?!\s+of\b)",
    re.IGNORECASE,
)


def _canonical(match: re.Match[str]) -> str:
    words = [match[group].lower() for group in ("tens", "ones", "small", "one") if match[group]]
    if words:
        return str(sum(_TENS.get(word) or _SMALL[word] for word in words))
    number = Decimal(match["digits"].replace(",", "").replace("−", "-"))
    text = format(number.normalize(), "f")
    return ("0" if number == 0 else text) + ("%" if match["percent"] else "")


def _plain_number(text: str) -> str | None:
    match = _NUMBER.fullmatch(re.sub(r"^[\s*_`\"'(]+|[\s*_`\"').]+$", "", text))
    return _canonical(match) if match else None


def _search_number(text: str) -> str | None:
    found = only(_canonical(match) for match in _NUMBER.finditer(text) if not negated(text, match.start()))
    if found is None and "=" in text:
        return _search_number(text.rpartition("=")[2])
    return found


@dataclass(frozen=True)
class Number(_Manner):
    """A number, in digits or (zero to twenty) in words, written plainly: no separators, no trailing zeros.

    A percent sign that stands at the number stays. Ranges, fractions and clock times are not numbers.
    """

    kind = "number"

    def __call__(self, text: str, choices: Sequence[str]) -> str | None:
        """Return the number as a string, or the choice that is that number.

        >>> Number(lenient=True)("There are 1,200 birds.", ())
        '1200'
        """
        number = read(text, _plain_number, _search_number) if self.lenient else _plain_number(text)
        if number is None or not choices:
            return number
        return only(choice for choice in choices if _plain_number(choice) == number)


def _unwrapped(text: str) -> str:
    """Drop a final full stop, asterisks and back ticks at the ends, and quotes that enclose the whole text."""
    while True:
        before = text
        text = re.sub(r"\.$", "", text.strip()).strip("*`")
        text = re.sub(r"^[\"'“‘]([^\"”]*)[\"'”’]$", r"\1", text)
        if text == before:
            return text


@dataclass(frozen=True)
class ShortAnswer(_Manner):
    """A few words. Strict: the whole text, if it is one line. Lenient: the marked answer, else the first line."""

    kind = "short-answer"

    def __call__(self, text: str, choices: Sequence[str]) -> str | None:
        """Return the answer without outer white space, quotes, emphasis and final full stop.

        >>> ShortAnswer(lenient=True)("The answer is **a red bus**.", ())
        'a red bus'
        """
        if self.lenient:
            text = without_reasoning(text).strip()
            stated = marked(text)
            text = clauses(text if stated is None else stated)[0]
        text = text.strip()
        if "\n" in text:
            return None
        text = _unwrapped(text)
        return (spelled(text, choices) if choices else text) or None


_KINDS = {kind.kind: kind for kind in (Label, YesNo, Option, OptionText, Number, ShortAnswer)}


def load_extractor(name: str) -> Extractor:
    """Return an extractor by its name, so that text can name it: ``accuracy:extractor=label-lenient``.

    Raises:
        ValueError: no extractor is called so.

    >>> load_extractor("number-lenient")("about 12 of them", ())
    '12'
    """
    known = [f"{kind}-{manner}" for kind in _KINDS for manner in ("strict", "lenient")]
    if name not in known:
        raise ValueError(f"unknown extractor {name!r}.{did_you_mean(name, known)}")
    kind, _, manner = name.rpartition("-")
    return _KINDS[kind](lenient=manner == "lenient")


@dataclass(frozen=True)
class UnparsedRate(Mean):
    """The share of answers that an extractor could not read, 0..1; report it beside every extracted score."""

    extractor: Extractor = field(default_factory=Label)
    higher_is_better = False
    range = (0.0, 1.0)

    @property
    def name(self) -> str:
        """``unparsed-rate``, with ``-lenient`` after a lenient extractor."""
        return named("unparsed-rate", self.extractor)

    @property
    def signature(self) -> str:
        """Names the extractor."""
        return signature("unparsed-rate", extractor=self.extractor.name)

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [1 if unread, 1]."""
        text = prediction_text(self.name, prediction, sample)
        return score_and_one(float(read_answer(self.extractor, text, tuple(sample.choices)) is None))
