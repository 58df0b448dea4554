"""Answer scorers written again from their published definitions, independent of mmbench: for tests.

They are meant to be plain, not fast: leave-one-out is written as leave-one-out, edit distance as a table.
"""

import re
import string
from itertools import combinations

# --- SQuAD (Rajpurkar et al. 2016, 2018)


def squad_tokens(text):
    kept = [letter for letter in text.lower() if letter not in string.punctuation]
    words = re.split(r"\b(?:a|an|the)\b", "".join(kept))
    return " ".join(words).split()


def squad_em(prediction, references):
    return 100.0 * any(squad_tokens(prediction) == squad_tokens(reference) for reference in references)


def _overlap_f1(ours, theirs):
    left, same = list(theirs), 0
    for word in ours:
        if word in left:
            left.remove(word)
            same += 1
    return 2 * same / (len(ours) + len(theirs)) if same else 0.0


def squad_f1(prediction, references):
    ours = squad_tokens(prediction)
    return 100.0 * max(_overlap_f1(ours, squad_tokens(reference)) for reference in references)


def squad2(prediction, references):
    """Return exact match and F1 of SQuAD 2.0, 0..100."""
    golds = [squad_tokens(reference) for reference in references]
    golds = [gold for gold in golds if gold] or [[]]
    ours = squad_tokens(prediction)
    exact = any(ours == gold for gold in golds)
    f1 = max(float(ours == gold) if not ours or not gold else _overlap_f1(ours, gold) for gold in golds)
    return 100.0 * exact, 100.0 * f1


def squad2_best(rows):
    """Best score over thresholds; rows are (probability of no answer, score 0..1, answerable, answered)."""
    thresholds = [-1.0, *sorted({row[0] for row in rows})]
    totals = []
    for threshold in thresholds:
        total = 0.0
        for probability, score, answerable, answered in rows:
            kept = probability <= threshold
            total += (score if kept else 0.0) if answerable else float(not (kept and answered))
        totals.append(total)
    return 100.0 * max(totals) / len(rows)


# --- VQA v2 (Antol et al. 2015, Goyal et al. 2017)

VQA_CONTRACTIONS = {
    "dont": "don't",
    "wont": "won't",
    "isnt": "isn't",
    "couldnt've": "couldn't've",
    "couldn'tve": "couldn't've",
    "somebody'd": "somebodyd",
}
VQA_NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
VQA_MARKS = [
    ";",
    "/",
    "[",
    "]",
    '"',
    "{",
    "}",
    "(",
    ")",
    "=",
    "+",
    "\\",
    "_",
    "-",
    ">",
    "<",
    "@",
    "`",
    ",",
    "?",
    "!",
]


def vqa_process(text):
    numbers_with_comma = re.findall(r"\d,\d", text)
    result = ""
    for letter in text:
        if letter not in VQA_MARKS:
            result += letter
        elif not (numbers_with_comma or f"{letter} " in text or f" {letter}" in text):
            result += " "
    pieces, removed = [], 0
    for place, letter in enumerate(result):
        following = result[place + 1 : place + 2]
        if letter == "." and not re.fullmatch(r"\d", following) and removed < 32:
            removed += 1
        else:
            pieces.append(letter)
    words = []
    for word in "".join(pieces).lower().split():
        if word == "none":
            word = "0"
        elif word in VQA_NUMBERS:
            word = str(VQA_NUMBERS.index(word))
        if word not in ("a", "an", "the"):
            words.append(VQA_CONTRACTIONS.get(word, word))
    return " ".join(words)


def _vqa_clean(text):
    return re.sub(r"[\n\t]", " ", text).strip()


def _leave_one_out(prediction, people):
    scores = []
    for others in combinations(range(len(people)), len(people) - 1):
        scores.append(min(1.0, sum(people[one] == prediction for one in others) / 3))
    return 100.0 * sum(scores) / len(scores)


def vqa_official(prediction, people):
    prediction, people = _vqa_clean(prediction), [_vqa_clean(one) for one in people]
    if any(one != people[0] for one in people):
        prediction, people = vqa_process(prediction), [vqa_process(one) for one in people]
    return _leave_one_out(prediction, people)


def vqa_evalai(prediction, people):
    def process(text):
        text = re.sub("[,?]", "", text.lower())
        return vqa_process(_vqa_clean(" 's".join(text.split("'s"))))

    return _leave_one_out(process(prediction), [process(one) for one in people])


# --- ANLS (Biten et al. 2019), relaxed accuracy (Masry et al. 2022), POPE (Li et al. 2023)


def edits(ours, theirs):
    row = list(range(len(theirs) + 1))
    for i, one in enumerate(ours, 1):
        above, row = row, [i] + [0] * len(theirs)
        for j, other in enumerate(theirs, 1):
            row[j] = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (one != other))
    return row[-1]


def anls(prediction, references, threshold=0.5, official=True):
    best = 0.0
    for reference in references:
        ours, theirs = (
            re.sub(r"\s+", " ", prediction.strip().lower()),
            re.sub(r"\s+", " ", reference.strip().lower()),
        )
        lengths = (prediction.upper(), reference.upper()) if official else (ours, theirs)
        longest = max(map(len, lengths))
        similarity = 1 - edits(ours, theirs) / longest if longest else 1.0
        good = similarity >= threshold if official else similarity > threshold
        best = max(best, similarity if good else 0.0)
    return best


def relaxed(prediction, reference):
    numbers = []
    for text in (prediction, reference):
        try:
            numbers.append(float(text.rstrip("%")) / 100 if text[-1:] == "%" else float(text))
        except ValueError:
            numbers.append(None)
    ours, theirs = numbers
    if ours is None or theirs is None or theirs == 0:
        return float(prediction.lower() == reference.lower())
    return float(abs(ours - theirs) / abs(theirs) <= 0.05)


def pope_says_no(text):
    sentence = text.split(".")[0] if "." in text else text
    return any(word in ("No", "not", "no") for word in sentence.replace(",", "").split(" "))


def yes_no_table(said, true):
    """Return accuracy, precision, recall, F1 of "yes" and the yes-rate; said has None where nothing was read."""
    pairs = list(zip(said, true, strict=True))
    hit, miss = pairs.count(("yes", "yes")), sum(t == "yes" and s != "yes" for s, t in pairs)
    false = pairs.count(("yes", "no"))
    precision = hit / (hit + false) if hit + false else 0.0
    recall = hit / (hit + miss) if hit + miss else float("nan")
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {
        "yes-no-accuracy": (hit + pairs.count(("no", "no"))) / len(pairs),
        "yes-no-precision": precision,
        "yes-no-recall": recall,
        "yes-no-f1": f1,
        "yes-rate": sum(s == "yes" for s in said) / len(pairs),
    }
