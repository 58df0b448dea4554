"""What can be gained on vqa:scenes without the picture: a learner on words against the most frequent answer.

Per type of question, logistic regression on words and pairs of words learns from 20,000 training questions and
answers 20,000 test questions (plain ones: what is held out is never learnt from). The most frequent answer is
taken from the test questions themselves, as the baseline ``majority`` does.

    python benchmarks/worlds_blind.py [--train 20000] [--test 20000] [--seed 0]
"""

import argparse
from collections import Counter
from itertools import islice
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import BernoulliNB

from mmbench_tasks.worlds.scenes.kinds import KINDS
from mmbench_tasks.worlds.scenes.rows import asked_scenes

MANY = 60
"""With more answers than this, naive Bayes takes the place of logistic regression."""


def questions(split: str, count: int, seed: int) -> list[dict[str, Any]]:
    drawn = asked_scenes(split, seed=seed, holdout="never")
    return [row for _, rows in islice(drawn, count // 4) for row in rows]


def blind_accuracy(train: list[dict[str, Any]], test: list[dict[str, Any]]) -> float:
    """Return the share of test questions of one type that the learner answers rightly from their words."""
    words = CountVectorizer(ngram_range=(1, 2), binary=True, min_df=3, token_pattern=r"\S+")
    seen = words.fit_transform(row["question"].lower() for row in train)
    answers = [row["answers"][0] for row in train]
    learner = BernoulliNB() if len(set(answers)) > MANY else LogisticRegression(C=0.05, max_iter=500)
    said = learner.fit(seen, answers).predict(words.transform(row["question"].lower() for row in test))
    return float(np.mean(said == np.array([row["answers"][0] for row in test])))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--train", type=int, default=20_000)
    parser.add_argument("--test", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    train = questions("train", options.train, options.seed)
    test = questions("test", options.test, options.seed)
    print(f"{'type':18s} {'n':>6s} {'answers':>7s} {'chance':>7s} {'majority':>8s} {'blind':>7s}  gain")
    totals = np.zeros(3)
    for kind in KINDS:
        asked = [row for row in test if row["type"] == kind.type]
        truth = Counter(row["answers"][0] for row in asked)
        chance, majority = 1 / len(kind.answers), truth.most_common(1)[0][1] / len(asked)
        blind = blind_accuracy([row for row in train if row["type"] == kind.type], asked)
        totals += len(asked) * np.array([chance, majority, blind])
        shares = f"{100 * chance:7.1f} {100 * majority:8.1f} {100 * blind:7.1f} {100 * (blind - majority):+5.1f}"
        print(f"{kind.type:18s} {len(asked):6d} {len(kind.answers):7d} {shares}")
    chance, majority, blind = totals / len(test)
    shares = f"{100 * chance:7.1f} {100 * majority:8.1f} {100 * blind:7.1f} {100 * (blind - majority):+5.1f}"
    error = 100 * (blind * (1 - blind) / len(test)) ** 0.5
    print(f"{'all':18s} {len(test):6d} {'':7s} {shares}  (standard error {error:.1f})")


if __name__ == "__main__":
    main()
