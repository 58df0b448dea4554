"""Datasets of the task ``qa``."""

from mmbench.dataset import Dataset, Embedded, Hub

DATASETS: dict[str, Dataset] = {
    "stories": Dataset(
        Embedded("mmbench_tasks.worlds.stories:qa_rows"),
        defaults={"unanswerable": True},
        license="Apache-2.0",
        notes="Made from a seed: no model can have seen it. Some questions have no answer.",
    ),
    "squad": Dataset(
        Hub("rajpurkar/squad", "plain_text", "validation"),
        columns={"answers": "answers.text"},
        shots=Hub("rajpurkar/squad", "plain_text", "train"),
        license="CC BY-SA 4.0",
        citation="Rajpurkar et al. 2016, SQuAD: 100,000+ Questions for Machine Comprehension of Text (EMNLP)",
        size=10570,
    ),
    "squad_v2": Dataset(
        Hub("rajpurkar/squad_v2", "squad_v2", "validation"),
        columns={"answers": "answers.text"},
        defaults={"unanswerable": True},
        shots=Hub("rajpurkar/squad_v2", "squad_v2", "train"),
        license="CC BY-SA 4.0",
        citation="Rajpurkar et al. 2018, Know What You Don't Know (ACL)",
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
}
