"""Visual question answering: VQA v2 soft accuracy, ANLS, relaxed accuracy.

VQA v2 scores an answer against ten people's: leave one person out, count how many of the others agree, three are
enough for full marks, and average over who is left out. Two programs that differ in when they normalise answers
are in use, and both are here (``variant``); the signature says which.
"""

from dataclasses import dataclass
from typing import Literal

from mmbench.errors import UsageError
from mmbench.metrics import _vqa_answers as answers
from mmbench.metrics._text import Mean, check_option, score_and_one, signature, texts
from mmbench.metrics.base import Vector
from mmbench.metrics.extraction import Extractor, named
from mmbench.metrics.qa import Percent, extracted, manner
from mmbench.schema import Prediction, Sample

_ENOUGH = 3


def soft_accuracy(matches: int, people: int) -> float:
    """Return VQA v2's accuracy in 0..1 when ``matches`` of ``people`` gave the predicted answer.

    With ten people, 0, 1, 2, 3, 4 matches give 0, 0.3, 0.6, 0.9, 1. Where fewer than four were asked, all the
    others must agree in place of three of them, so that an answer all gave is worth 1; with one, a match is.

    >>> [round(soft_accuracy(m, 10), 3) for m in range(5)]
    [0.0, 0.3, 0.6, 0.9, 1.0]
    """
    if people == 1:
        return float(matches)
    enough = min(_ENOUGH, people - 1)
    left_out_agreed = matches * min(1.0, (matches - 1) / enough)
    left_out_differed = (people - matches) * min(1.0, matches / enough)
    return (left_out_agreed + left_out_differed) / people


def _normalised(variant: str, answer: str, people: tuple[str, ...]) -> tuple[str, list[str]]:
    if variant == "evalai":
        return answers.evalai(answer), [answers.evalai(given) for given in people]
    ours, theirs = answers.strip_space(answer), [answers.strip_space(given) for given in people]
    if len(people) == 1 or len(set(theirs)) > 1:
        return answers.official(ours), [answers.official(given) for given in theirs]
    return ours, theirs


@dataclass(frozen=True)
class VQAAccuracy(Percent):
    """VQA v2 accuracy, 0..100, leaving out each annotator in turn.

    The target is the list of the annotators' answers, usually ten; see :func:`soft_accuracy` for fewer.

    Attributes:
        variant: "official" is the published program, which normalises both sides only if the ten answers are not
            all the same, so that "Yes" against ten times "yes" is wrong (a single reference is always normalised:
            the program would never accept it). "evalai" always normalises, with the EvalAI processor.
        extractor: reads the answer out of the text first; None takes the text as it is.
    """

    variant: Literal["official", "evalai"] = "official"
    extractor: Extractor | None = None
    higher_is_better = True
    range = (0.0, 100.0)

    def __post_init__(self) -> None:
        check_option("vqa-accuracy", "variant", self.variant, ("official", "evalai"))

    @property
    def name(self) -> str:
        """``vqa-accuracy``, ``vqa-accuracy-evalai``, with ``-lenient`` after a lenient extractor."""
        name = "vqa-accuracy" if self.variant == "official" else f"vqa-accuracy-{self.variant}"
        return named(name, self.extractor) if self.extractor else name

    @property
    def signature(self) -> str:
        """Names the variant and the extractor."""
        return signature("vqa-accuracy", variant=self.variant, extractor=manner(self.extractor))

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [accuracy, 1]."""
        _, people = texts(self.name, prediction, sample)
        answer = extracted(self.name, prediction, sample, self.extractor)
        if answer is None:
            return score_and_one(0.0)
        ours, theirs = _normalised(self.variant, answer, people)
        return score_and_one(soft_accuracy(theirs.count(ours), len(theirs)))


def _squeeze(text: str) -> str:
    return " ".join(text.lower().split())


def anls(prediction: str, reference: str, threshold: float = 0.5, variant: str = "official") -> float:
    """Return the normalised Levenshtein similarity of two answers, 0 if too low.

    Case and white space are folded before the distance. "official" then divides by the longer *raw* string in
    upper case (in which "ß" is two letters) and keeps similarities of at least ``threshold``, as the evaluator of
    the Robust Reading Competition does; "paper" divides by the longer folded string and keeps those above it
    (Biten et al. 2019). Two empty answers have 1.

    >>> anls("gray", "grey"), anls("cat  ", "dog")
    (0.75, 0.0)
    """
    ours, theirs = _squeeze(prediction), _squeeze(reference)
    from rapidfuzz.distance import Levenshtein

    distance = Levenshtein.distance(ours, theirs)
    if variant == "official":
        longest = max(len(prediction.upper()), len(reference.upper()))
        similarity = 1 - distance / longest if longest else 1.0
        return similarity if similarity >= threshold else 0.0
    longest = max(len(ours), len(theirs))
    similarity = 1 - distance / longest if longest else 1.0
    return similarity if similarity > threshold else 0.0


@dataclass(frozen=True)
class ANLS(Mean):
    """Average normalised Levenshtein similarity, 0..1: the best over the references, averaged over questions.

    Attributes:
        threshold: similarities below it count as 0.
        variant: "official" or "paper", see :func:`anls`.
        extractor: reads the answer out of the text first; None takes the text as it is.
    """

    threshold: float = 0.5
    variant: Literal["official", "paper"] = "official"
    extractor: Extractor | None = None
    higher_is_better = True
    range = (0.0, 1.0)

    def __post_init__(self) -> None:
        check_option("anls", "variant", self.variant, ("official", "paper"))
        if not 0 <= self.threshold <= 1:
            raise UsageError(f"anls: threshold must be in 0..1, not {self.threshold}")

    @property
    def name(self) -> str:
        """``anls`` or ``anls-paper``, with ``-lenient`` after a lenient extractor."""
        name = "anls" if self.variant == "official" else f"anls-{self.variant}"
        return named(name, self.extractor) if self.extractor else name

    @property
    def signature(self) -> str:
        """Names variant, threshold and extractor."""
        return signature("anls", variant=self.variant, tau=self.threshold, extractor=manner(self.extractor))

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [best similarity, 1]."""
        _, refs = texts(self.name, prediction, sample)
        answer = extracted(self.name, prediction, sample, self.extractor)
        if answer is None:
            return score_and_one(0.0)
        return score_and_one(max(anls(answer, ref, self.threshold, self.variant) for ref in refs))


def as_number(text: str) -> float | None:
    """Return the number that the whole text is, as Python's ``float`` reads it; "5%" is 0.05."""
    try:
        return float(text.rstrip("%")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return None


def relaxed_match(prediction: str, reference: str, tolerance: float = 0.05) -> bool:
    """Return whether two numbers differ by at most ``tolerance`` of the reference, or two texts but for case.

    A reference of 0 is compared as text, as no relative distance exists (Methani et al. 2020; ChartQA's scorer).

    >>> relaxed_match("104", "100"), relaxed_match("0.0", "0")
    (True, False)
    """
    ours, theirs = as_number(prediction), as_number(reference)
    if ours is not None and theirs:
        return abs(ours - theirs) / abs(theirs) <= tolerance
    return prediction.lower() == reference.lower()


@dataclass(frozen=True)
class RelaxedAccuracy(Mean):
    """ChartQA's relaxed accuracy, 0..1: numbers within 5 %, texts equal but for case; any reference will do.

    Attributes:
        tolerance: the largest relative distance.
        extractor: reads the answer out of the text first; None takes the text as it is.
    """

    tolerance: float = 0.05
    extractor: Extractor | None = None
    higher_is_better = True
    range = (0.0, 1.0)

    @property
    def name(self) -> str:
        """``relaxed-accuracy``, with ``-lenient`` after a lenient extractor."""
        return named("relaxed-accuracy", self.extractor) if self.extractor else "relaxed-accuracy"

    @property
    def signature(self) -> str:
        """Names tolerance and extractor."""
        return signature("relaxed-accuracy", tolerance=self.tolerance, extractor=manner(self.extractor))

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [1 if any reference matches, 1]."""
        _, refs = texts(self.name, prediction, sample)
        answer = extracted(self.name, prediction, sample, self.extractor)
        matched = answer is not None and any(relaxed_match(answer, ref, self.tolerance) for ref in refs)
        return score_and_one(float(matched))
