"""Datasets of the task ``sentiment``."""

from typing import Any

from mmbench.dataset import Dataset, Embedded, Hub
from mmbench.errors import DataError

_TWO = ("negative", "positive")
_THREE = ("negative", "neutral", "positive")


def _polar(row: dict[str, Any]) -> dict[str, Any]:
    """Labels 0 and 1 become words."""
    if row["label"] not in (0, 1):
        raise DataError(f"label {row['label']} is neither 0 nor 1; the labels of this split are hidden")
    return row | {"label": _TWO[row["label"]], "choices": list(_TWO)}


def _three(row: dict[str, Any]) -> dict[str, Any]:
    """Labels 0, 1 and 2 become words."""
    return row | {"label": _THREE[row["label"]], "choices": list(_THREE)}


DATASETS: dict[str, Dataset] = {
    "reviews": Dataset(
        Embedded("mmbench_tasks.worlds.reviews:sentiment_rows"),
        license="Apache-2.0",
        notes="Made from a seed: no model can have seen it. Three classes; negation and contrast matter.",
    ),
    "sst2": Dataset(
        Hub("stanfordnlp/sst2", split="validation"),
        columns={"id": "idx", "text": "sentence"},
        convert=_polar,
        shots=Hub("stanfordnlp/sst2", split="train"),
        license="none stated; public research corpus",
        citation="Socher et al. 2013, Recursive Deep Models for Semantic Compositionality (EMNLP)",
        published="94.9, test, BERT-large (arXiv 1810.04805)",
        size=872,
        notes="The GLUE form; test labels are hidden, so papers report the validation split.",
    ),
    "uci": Dataset(
        Hub("uci/sentiment-labelled-sentences"),
        columns={"text": "sentence", "type": "source"},
        convert=_polar,
        license="CC BY 4.0",
        citation="Kotzias et al. 2015, From Group to Individual Labels using Deep Features (KDD)",
        size=3000,
        notes="Only from a mirror. Sentences from Amazon, IMDB and Yelp, which are slices.",
    ),
    "imdb": Dataset(
        Hub("stanfordnlp/imdb"),
        convert=_polar,
        shots=Hub("stanfordnlp/imdb", split="train"),
        license="none stated; public research corpus",
        citation="Maas et al. 2011, Learning Word Vectors for Sentiment Analysis (ACL)",
        published="95.4, ULMFiT (arXiv 1801.06146)",
        size=25000,
        notes="Rows are sorted by label: a --limit sees one class only.",
    ),
    "tweet_eval": Dataset(
        Hub("cardiffnlp/tweet_eval", "sentiment"),
        convert=_three,
        shots=Hub("cardiffnlp/tweet_eval", "sentiment", "train"),
        license="none stated; tweets of SemEval 2017 task 4",
        citation="Barbieri et al. 2020, TweetEval (Findings of EMNLP)",
        size=12284,
        notes="Papers report the macro-averaged recall of the three classes.",
    ),
    "yelp": Dataset(
        Hub("fancyzhx/yelp_polarity"),
        convert=_polar,
        shots=Hub("fancyzhx/yelp_polarity", split="train"),
        license="terms of the Yelp dataset challenge (non-commercial)",
        citation="Zhang et al. 2015, Character-level Convolutional Networks (NeurIPS)",
        published="97.84, ULMFiT (arXiv 1801.06146)",
        size=38000,
    ),
}
