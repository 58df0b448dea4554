"""Datasets of the task ``qa``."""

import re
from dataclasses import replace
from typing import Any

from mmbench.dataset import Dataset, Embedded, Hub
from mmbench.errors import DataError
from mmbench_tasks.scoring import CLOSED, ENDINGS, LETTERED

_CHOICES = {"choices": "choices.text", "labels": "choices.label", "answers": "answerKey"}
_WORLD = "Question: {question}\nAnswer with a word or a short phrase.\nAnswer:"
_STORY = (
    "{context}\n\nQuestion: {question}\n"
    "Answer with a name, a place, a time or a number and nothing else.{hint}\nAnswer:"
)


def _keyed(row: dict[str, Any]) -> dict[str, Any]:
    """The answer is the label of a choice; an empty one is hidden."""
    labels = row.pop("labels")
    if row["answers"] not in labels:
        raise DataError(f"answer '{row['answers']}' is none of {labels}; the answers of this split are hidden")
    return row | {"answers": row["choices"][labels.index(row["answers"])]}


def _boolean(row: dict[str, Any]) -> dict[str, Any]:
    question = row["question"].rstrip("?") + "?"
    return row | {"question": question, "answers": "yes" if row["answers"] else "no", "choices": ["yes", "no"]}


def _aliases(row: dict[str, Any]) -> dict[str, Any]:
    canonical = row.pop("canonical")
    return row | {"answers": [canonical, *(alias for alias in row["answers"] if alias != canonical)]}


def _ending(row: dict[str, Any]) -> dict[str, Any]:
    """Clean WikiHow's marks as lm-evaluation-harness does, so that figures compare."""
    endings = [_clean(ending) for ending in row["endings"]]
    return {
        "id": row["id"],
        "question": _clean(f"{row['activity_label']}: {row['ctx_a']} {row['ctx_b'].capitalize()}"),
        "choices": endings,
        "answers": endings[int(row["label"])],
        "type": row["source_id"].partition("~")[0],
    }


def _clean(text: str) -> str:
    text = re.sub(r"\[.*?\]", "", text.strip().replace(" [title]", ". "))
    return text.replace("  ", " ")


def _multiple_choice(
    hub: Hub, citation: str, size: int, license: str, published: str, question: str = "question"
) -> Dataset:
    return Dataset(
        hub,
        columns=_CHOICES | {"question": question},
        convert=_keyed,
        defaults={"style": "letters"},
        metrics=LETTERED,
        shots=replace(hub, split="train"),
        license=license,
        citation=citation,
        published=published,
        size=size,
    )


_LLAMA2 = "Llama 2 7B (arXiv 2307.09288)"
_ARC = "Clark et al. 2018, Think you have Solved Question Answering? (arXiv 1803.05457)"

DATASETS: dict[str, Dataset] = {
    "stories": Dataset(
        Embedded("mmbench_tasks.worlds.stories:qa_rows"),
        defaults={"unanswerable": True, "prompt": _STORY},
        license="Apache-2.0",
        notes="Made from a seed: no model can have seen it. Some questions have no answer.",
    ),
    "squad": Dataset(
        Hub("rajpurkar/squad", "plain_text", "validation"),
        columns={"answers": "answers.text"},
        shots=Hub("rajpurkar/squad", "plain_text", "train"),
        license="CC BY-SA 4.0",
        citation="Rajpurkar et al. 2016, SQuAD: 100,000+ Questions for Machine Comprehension of Text (EMNLP)",
        published="EM 80.8, F1 88.5, BERT-base (arXiv 1810.04805)",
        size=10570,
    ),
    "squad_v2": Dataset(
        Hub("rajpurkar/squad_v2", "squad_v2", "validation"),
        columns={"answers": "answers.text"},
        defaults={"unanswerable": True},
        shots=Hub("rajpurkar/squad_v2", "squad_v2", "train"),
        license="CC BY-SA 4.0",
        citation="Rajpurkar et al. 2018, Know What You Don't Know (ACL)",
        published="EM 78.7, F1 81.9, BERT-large (arXiv 1810.04805)",
        size=11873,
        notes="About half of the questions have no answer; the right reply is then 'unanswerable'.",
    ),
    "xquad": Dataset(
        Hub("google/xquad", "xquad.{language}", "validation"),
        columns={"answers": "answers.text"},
        license="CC BY-SA 4.0",
        citation="Artetxe et al. 2020, On the Cross-lingual Transferability of Monolingual Representations (ACL)",
        size=1190,
        notes="--set language=CODE: ar, de, el, en, es, hi, ro, ru, th, tr, vi, zh. Scores split at spaces, so "
        "F1 is exact match in Chinese and Thai.",
    ),
    "boolq": Dataset(
        Hub("google/boolq", split="validation"),
        columns={"context": "passage", "answers": "answer"},
        convert=_boolean,
        defaults={"closed_prompt": "{context}\n\nQuestion: {question}\nAnswer with yes or no.\nAnswer:"},
        metrics=CLOSED,
        shots=Hub("google/boolq", split="train"),
        license="CC BY-SA 3.0",
        citation="Clark et al. 2019, BoolQ (NAACL)",
        published="62.2, always the commoner answer (the paper, development set)",
        size=3270,
    ),
    "arc_challenge": _multiple_choice(
        Hub("allenai/ai2_arc", "ARC-Challenge"), _ARC, 1172, "CC BY-SA 4.0", f"45.9, {_LLAMA2}"
    ),
    "arc_easy": _multiple_choice(
        Hub("allenai/ai2_arc", "ARC-Easy"), _ARC, 2376, "CC BY-SA 4.0", f"75.2, {_LLAMA2}"
    ),
    "commonsense_qa": _multiple_choice(
        Hub("tau/commonsense_qa", split="validation"),
        "Talmor et al. 2019, CommonsenseQA (NAACL)",
        1221,
        "MIT",
        f"57.8, 7 examples, {_LLAMA2}",
    ),
    "openbookqa": _multiple_choice(
        Hub("allenai/openbookqa", "main"),
        "Mihaylov et al. 2018, Can a Suit of Armor Conduct Electricity? (EMNLP)",
        500,
        "none stated; public research corpus",
        f"58.6, {_LLAMA2}",
        question="question_stem",
    ),
    "hellaswag": Dataset(
        Hub("Rowan/hellaswag", split="validation"),
        columns={"id": "ind"},
        convert=_ending,
        defaults={"style": "cloze", "closed_prompt": "{question}"},
        metrics=ENDINGS,
        license="MIT",
        citation="Zellers et al. 2019, HellaSwag (ACL)",
        published="47.3, BERT-large, test (the paper)",
        size=10042,
        notes="Four endings of a text, compared by likelihood; nothing is asked.",
    ),
    "trivia_qa": Dataset(
        Hub("mandarjoshi/trivia_qa", "rc.nocontext", "validation"),
        columns={"id": "question_id", "answers": "answer.aliases", "canonical": "answer.value"},
        convert=_aliases,
        defaults={"prompt": _WORLD},
        shots=Hub("mandarjoshi/trivia_qa", "rc.nocontext", "train"),
        license="Apache-2.0 (code); questions: none stated",
        citation="Joshi et al. 2017, TriviaQA (ACL)",
        published="64.3, no examples, Wikipedia part, GPT-3 175B (arXiv 2005.14165)",
        size=17944,
        notes="Closed book: no context. Any alias is right.",
    ),
}
