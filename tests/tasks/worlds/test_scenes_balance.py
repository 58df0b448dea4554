"""Neither the type nor the words of a question tell its answer."""

from collections import Counter, defaultdict
from itertools import islice

import numpy as np
import pytest

from mmbench_tasks.worlds.scenes.kinds import KINDS
from mmbench_tasks.worlds.scenes.rows import asked_scenes

ANSWERS = {kind.type: kind.answers for kind in KINDS}


def test_no_answer_is_a_word_that_metrics_drop():
    dropped = {"a", "an", "the", ""}
    assert not dropped & {answer for answers in ANSWERS.values() for answer in answers}


def questions(split, scenes, **options):
    drawn = islice(asked_scenes(split, holdout="never", **options), scenes)
    return [row for _, rows in drawn for row in rows]


@pytest.fixture(scope="module")
def train():
    return questions("train", 900)


def test_types_are_asked_about_equally_often(train):
    counts = Counter(row["type"] for row in train)
    assert set(counts) == set(ANSWERS)
    assert max(counts.values()) < 1.6 * min(counts.values())


def test_answers_of_a_type_are_equally_likely(train):
    by_type = defaultdict(list)
    for row in train:
        by_type[row["type"]].append(row["answers"][0])
    for name, given in by_type.items():
        chance, n = 1 / len(ANSWERS[name]), len(given)
        share = Counter(given).most_common(1)[0][1] / n
        # Four standard errors for the largest of all answers.
        assert share < chance + 4 * (chance * (1 - chance) / n) ** 0.5 + 2 / n, (name, share)
        assert set(given) <= set(ANSWERS[name])


def test_words_of_yes_no_questions_are_as_often_right_as_wrong(train):
    counts = defaultdict(Counter)
    for row in train:
        if row["answer_type"] == "yes/no":
            for word in set(row["question"].lower().strip("?.").split()):
                counts[word][row["answers"][0]] += 1
    tilted = []
    for answers in counts.values():
        n = answers.total()
        if n >= 40:
            tilted.append(abs(answers["yes"] - n / 2) / (n / 4) ** 0.5)
    assert len(tilted) > 60
    assert max(tilted) < 4.2
    assert np.mean(np.square(tilted)) < 1.35  # 1 if words and answers are independent


@pytest.mark.slow
def test_a_blind_learner_gains_at_most_two_points():
    text = pytest.importorskip("sklearn.feature_extraction.text")
    linear = pytest.importorskip("sklearn.linear_model")
    train, test = questions("train", 2500, seed=1), questions("test", 1500, seed=1)
    right = most = 0.0
    for name in ANSWERS:
        known = [row for row in train if row["type"] == name]
        asked = [row for row in test if row["type"] == name]
        words = text.CountVectorizer(ngram_range=(1, 2), binary=True, min_df=3, token_pattern=r"\S+")
        seen = words.fit_transform(row["question"].lower() for row in known)
        learner = linear.LogisticRegression(C=0.05, max_iter=300).fit(seen, [row["answers"][0] for row in known])
        said = learner.predict(words.transform(row["question"].lower() for row in asked))
        truth = [row["answers"][0] for row in asked]
        right += float(np.sum(said == np.array(truth)))
        most += Counter(truth).most_common(1)[0][1]
    assert right / len(test) <= most / len(test) + 0.02
