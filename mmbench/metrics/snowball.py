"""The English Snowball stemmer ("Porter2"), written from its published description; the stemmer of METEOR."""

from collections.abc import Callable
from functools import lru_cache

_VOWELS = "aeiouy"
_EXCEPTIONS = {
    "skis": "ski",
    "skies": "sky",
    "dying": "die",
    "lying": "lie",
    "tying": "tie",
    "idly": "idl",
    "gently": "gentl",
    "ugly": "ugli",
    "early": "earli",
    "only": "onli",
    "singly": "singl",
    **{word: word for word in ("sky", "news", "howe", "atlas", "cosmos", "bias", "andes")},
}
_KEPT_AFTER_PLURAL = frozenset(
    ("inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed")
)
_STEP2 = {
    "tional": "tion",
    "enci": "ence",
    "anci": "ance",
    "abli": "able",
    "entli": "ent",
    "izer": "ize",
    "ization": "ize",
    "ational": "ate",
    "ation": "ate",
    "ator": "ate",
    "alism": "al",
    "aliti": "al",
    "alli": "al",
    "fulness": "ful",
    "ousli": "ous",
    "ousness": "ous",
    "iveness": "ive",
    "iviti": "ive",
    "biliti": "ble",
    "bli": "ble",
    "fulli": "ful",
    "lessli": "less",
    "ogi": "og",
    "li": "",
}
_STEP3 = {
    "tional": "tion",
    "ational": "ate",
    "alize": "al",
    "icate": "ic",
    "iciti": "ic",
    "ical": "ic",
    "ful": "",
    "ness": "",
    "ative": "",
}
_STEP4 = dict.fromkeys(
    (
        *("al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment"),
        *("ent", "ism", "ate", "iti", "ous", "ive", "ize", "ion"),
    ),
    "",
)


def _after_vowel_and_consonant(word: str, start: int) -> int:
    """Return the place behind the first consonant that follows a vowel, from ``start`` on."""
    for place in range(start + 1, len(word)):
        if word[place] not in _VOWELS and word[place - 1] in _VOWELS:
            return place + 1
    return len(word)


def _regions(word: str) -> tuple[int, int]:
    """Return where the regions R1 and R2 begin."""
    prefix = next((prefix for prefix in ("gener", "commun", "arsen") if word.startswith(prefix)), None)
    first = len(prefix) if prefix else _after_vowel_and_consonant(word, 0)
    return first, _after_vowel_and_consonant(word, first)


def _ends_short(word: str) -> bool:
    """Whether a word ends in a short syllable."""
    if len(word) == 2:
        return word[0] in _VOWELS and word[1] not in _VOWELS
    return (
        len(word) > 2
        and word[-1] not in _VOWELS
        and word[-1] not in "wxY"
        and word[-2] in _VOWELS
        and word[-3] not in _VOWELS
    )


def _longest(word: str, rules: dict[str, str]) -> str | None:
    return max((suffix for suffix in rules if word.endswith(suffix)), key=len, default=None)


def _replace(word: str, rules: dict[str, str], region: int, holds: Callable[[str, str], bool]) -> str:
    """Apply the rule of the longest suffix, if that lies in the region and the condition holds."""
    suffix = _longest(word, rules)
    if suffix is None or len(word) - len(suffix) < region:
        return word
    stem = word[: -len(suffix)]
    return stem + rules[suffix] if holds(stem, suffix) else word


def _possessive(word: str) -> str:
    for suffix in ("'s'", "'s", "'"):
        if word.endswith(suffix):
            return word[: -len(suffix)]
    return word


def _plural(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith(("ied", "ies")):
        return word[:-2] if len(word) > 4 else word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")) and any(letter in _VOWELS for letter in word[:-2]):
        return word[:-1]
    return word


def _past(word: str, first: int) -> str:
    for suffix in ("eedly", "eed"):
        if word.endswith(suffix):
            return word[: -len(suffix)] + "ee" if len(word) - len(suffix) >= first else word
    for suffix in ("ingly", "edly", "ing", "ed"):
        if word.endswith(suffix):
            stem = word[: -len(suffix)]
            return _mend(stem, first) if any(letter in _VOWELS for letter in stem) else word
    return word


def _mend(stem: str, first: int) -> str:
    if stem.endswith(("at", "bl", "iz")):
        return stem + "e"
    if stem[-2:] in ("bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt"):
        return stem[:-1]
    return stem + "e" if first >= len(stem) and _ends_short(stem) else stem


def _final_y(word: str) -> str:
    return word[:-1] + "i" if len(word) > 2 and word[-1] in "yY" and word[-2] not in _VOWELS else word


def _step2_holds(stem: str, suffix: str) -> bool:
    if suffix == "ogi":
        return stem.endswith("l")
    return suffix != "li" or stem[-1:] in tuple("cdeghkmnrt")


def _tidy(word: str, first: int, second: int) -> str:
    last = len(word) - 1
    if word.endswith("e"):
        gone = last >= second or (last >= first and not _ends_short(word[:-1]))
        return word[:-1] if gone else word
    return word[:-1] if word.endswith("ll") and last >= second else word


@lru_cache(maxsize=2**16)
def stem(word: str) -> str:
    """Return the stem of a lower-case word.

    >>> stem("generously"), stem("hopping"), stem("skies")
    ('generous', 'hop', 'sky')
    """
    if word in _EXCEPTIONS or len(word) <= 2:
        return _EXCEPTIONS.get(word, word)
    word = word.removeprefix("'")
    marked = ""
    for letter in word:
        marked += "Y" if letter == "y" and (not marked or marked[-1] in _VOWELS) else letter
    first, second = _regions(marked)
    word = _plural(_possessive(marked))
    if word not in _KEPT_AFTER_PLURAL:
        word = _final_y(_past(word, first))
        word = _replace(word, _STEP2, first, _step2_holds)
        word = _replace(word, _STEP3, first, lambda stem, suffix: suffix != "ative" or len(stem) >= second)
        word = _replace(word, _STEP4, second, lambda stem, suffix: suffix != "ion" or stem[-1:] in ("s", "t"))
        word = _tidy(word, first, second)
    return word.replace("Y", "y")
