"""What extractors share: which part of a text states the answer, and which of its candidates are meant."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from mmbench.metrics.reasoning import without_reasoning

Reader = Callable[[str], str | None]

_BOXED = re.compile(r"\\boxed\{(?:\\text\{)?([^{}]*)\}")
_TAGGED = re.compile(r"<answer>(.*?)</answer>", re.DOTALL | re.IGNORECASE)
_MARKER = re.compile(
    r"(?:\b(?:answer(?: to (?:the|this|your) question)?|choice|option|label|sentiment|result"
    r"|conclusion|verdict|prediction|total)\b[*_]*\s*"
    r"(?:(?:is|was|would be|must be|should be|=)(?!\w)|(?=:))"
    r"|\bI(?:'d| would| will|'ll)?\s+(?:choose|pick|select|say|answer(?: with)?|go with)\b"
    r"|答案(?:是|为|：))[*_:\s]*",
    re.IGNORECASE,
)
_CORRECTION = re.compile(r"\b(?:wait|actually|on second thought|correction|sorry|scratch that)\b", re.IGNORECASE)
_NEGATION = re.compile(
    r"(?:\b(?:not|never|neither|nor|cannot|without|than|rules? out|ruled out|hardly|no|anything but)\b|n['’]t\b)"
    r"(?:\s+(?!but\b|only\b|just\b|merely\b)\w+)?"
    r"(?:\s+(?:an?|the|be|that|say|think|it['’]s|it is|option|choice))*[\s\-*_\"'“(]*$",
    re.IGNORECASE,
)
_LOOK_BACK = 80
"""Letters before a candidate in which a denial is looked for."""
_END = re.compile(
    r"\n|(?<=[.!?;])(?<!\b[A-Za-z]\.)(?<!\b(?:St|Mr|Ms|Dr|Mt|Jr|Sr|vs)\.)(?<!\bMrs\.)\s|(?<=[。！？])",
    re.IGNORECASE,
)


def marked(text: str) -> str | None:
    """Return what stands in the last box or answer tag, or after the last "the answer is"; None without any."""
    for pattern in (_BOXED, _TAGGED):
        found = pattern.findall(text)
        if found:
            return str(found[-1]).strip()
    ends = [match.end() for match in _MARKER.finditer(text)]
    return text[ends[-1] :].strip() if ends else None


def clauses(text: str) -> list[str]:
    """Return the lines and sentences of a text; "B." and "St." do not end one."""
    return [clause for clause in _END.split(text.strip()) if clause.strip()] or [""]


def negated(text: str, start: int) -> bool:
    """Return whether what begins at ``start`` is denied by the words before it."""
    return _NEGATION.search(text, max(0, start - _LOOK_BACK), start) is not None


def only(found: Iterable[str]) -> str | None:
    """Return the one distinct candidate; None if there are none or several."""
    distinct = set(found)
    return distinct.pop() if len(distinct) == 1 else None


def read(text: str, whole: Reader, search: Reader) -> str | None:
    """Find an answer: the whole text, a marked one, the opening clause, or the only candidate anywhere.

    The opening clause does not count if a later one is a different answer and nothing else.

    Args:
        text: what the model wrote.
        whole: reads a text that is an answer and nothing else.
        search: returns the only candidate that a stretch of text mentions.
    """
    text = without_reasoning(text).strip()
    answer = whole(text)
    if answer is not None:
        return answer
    stated = marked(text)
    parts = clauses(text)
    openings = [] if stated is None else [clauses(stated)[0]]
    if not _CORRECTION.search(text):
        openings.append(parts[0])
    for clause in openings:
        answer = whole(clause)
        if answer is None:
            answer = search(clause)
        if answer is not None:
            rivals = {whole(part) for part in parts} - {None, answer}
            return answer if not rivals or clause is not parts[0] else None
    return search(text)


def mentions(text: str, choices: Sequence[str]) -> list[str]:
    """Return the choices that a text names as words of their own and does not deny.

    A choice inside a longer one that is named does not count ("positive" in "very positive"); single letters are
    not looked for.
    """
    found = []
    folded = text.casefold()
    for choice, pattern in _patterns(tuple(choices)):
        for match in pattern.finditer(folded):
            if not negated(folded, match.start()):
                found.append(choice)
        folded = pattern.sub(lambda match: "\x00" * len(match[0]), folded)
    return found


@lru_cache(maxsize=1024)
def _patterns(choices: tuple[str, ...]) -> list[tuple[str, re.Pattern[str]]]:
    """Return the choices that can be looked for, longest first, with what finds them in folded text."""
    patterns = []
    for choice in sorted(choices, key=len, reverse=True):
        word = choice.casefold().strip()
        if len(word) < 2 and not word.isdigit() and word.isascii():
            continue
        guard = (r"(?<![\w-])", r"(?![\w-]|[.,]\d)") if word.isascii() else ("", "")
        patterns.append((choice, re.compile(guard[0] + re.escape(word) + guard[1])))
    return patterns
