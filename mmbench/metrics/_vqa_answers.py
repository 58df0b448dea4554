"""How VQA v2 normalises an answer: punctuation, number words, articles, contractions.

Sources: ``vqaEval.py`` of GT-Vision-Lab/VQA, and the EvalAI processor as Pythia/MMF published it. Their oddities
are part of the metric and kept:

* a comma between digits makes *all* punctuation vanish; without one, a mark becomes a space unless it stands next
  to a space;
* a full stop goes unless a digit follows it (a look-behind for the digit before it is misspelt in the original),
  and only the first 32 of them (a flag passed as a count);
* "none" is the number 0;
* the contractions that begin with a capital I can never match, as words are lower case by then.
"""

import re
from functools import lru_cache

_MARKS = ';/[]"{}()=+\\_-><@`,?!'
_STOP = re.compile(r"\.(?!\d)")
_STOPS_REMOVED = 32
_DIGIT_COMMA = re.compile(r"\d,\d")
_NUMBERS = {"none": "0", "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
_NUMBERS |= {"six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10"}
_ARTICLES = frozenset({"a", "an", "the"})

_CONTRACTED = """
    ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't haven't
    he'd he'd've he's how'd how'll how's isn't it'd it'd've it'll ma'am mightn't mightn't've might've
    mustn't must've needn't not've o'clock oughtn't 'ow's'at shan't she'd've should've shouldn't
    shouldn't've somebody'd've somebody'll somebody's someone'd someone'd've someone'll someone's
    something'd something'd've something'll that's there'd there'd've there're there's they'd they'd've
    they'll they're they've 'twas wasn't we'd've we've weren't what'll what're what's what've when's where'd
    where's where've who'd who'd've who'll who's who've why'll why're why's won't would've wouldn't
    wouldn't've y'all y'all'll y'all'd've you'd you'd've you'll you're you've
"""


def _contractions() -> dict[str, str]:
    """Map each contraction with one of its apostrophes missing to the whole; "somebody'd" goes the wrong way."""
    table = {"somebody'd": "somebodyd"}
    for word in _CONTRACTED.split():
        for place, letter in enumerate(word):
            if letter == "'":
                table[word[:place] + word[place + 1 :]] = word
    return table


CONTRACTIONS = _contractions()


def strip_space(text: str) -> str:
    """Turn newlines and tabs into spaces and drop white space at both ends."""
    return text.replace("\n", " ").replace("\t", " ").strip()


def drop_marks(text: str) -> str:
    """Remove punctuation or turn it into spaces; see the module's text for the rules."""
    vanish = _DIGIT_COMMA.search(text) is not None
    out = text
    for mark in _MARKS:
        if mark in text:
            loose = vanish or f"{mark} " in text or f" {mark}" in text
            out = out.replace(mark, "" if loose else " ")
    return _STOP.sub("", out, count=_STOPS_REMOVED)


def fold_words(text: str) -> str:
    """Lower the case, write number words as digits, drop articles, put apostrophes back."""
    words = (_NUMBERS.get(word, word) for word in text.lower().split())
    return " ".join(CONTRACTIONS.get(word, word) for word in words if word not in _ARTICLES)


@lru_cache(maxsize=8192)
def official(text: str) -> str:
    """Normalise as the published VQA program does where it does, after :func:`strip_space`.

    >>> official("Two, the dogs.")
    '2 dogs'
    """
    return fold_words(drop_marks(text))


@lru_cache(maxsize=8192)
def evalai(text: str) -> str:
    """Normalise as the EvalAI processor: commas and question marks go first, "'s" becomes a word of its own.

    >>> evalai("The dog's")
    "dog 's"
    """
    text = text.lower().replace(",", "").replace("?", "").replace("'s", " 's")
    return fold_words(drop_marks(strip_space(text.strip())))
