"""Datasets of the task ``translation``; ``src`` and ``tgt`` choose the columns."""

from mmbench.dataset import Dataset, Embedded, Hub

_PATH = "bentrevett/multi30k"
_COLUMNS = {"source": "{src}", "references": "{tgt}"}
_LICENCE = "none stated; public research corpus"
_VALIDATION = Hub(_PATH, "en_de_fr_cs", "validation")


def _multi30k(config: str, split: str, languages: str, size: int, citation: str) -> Dataset:
    return Dataset(
        Hub(_PATH, config, split),
        columns=_COLUMNS,
        shots=_VALIDATION,
        license=_LICENCE,
        citation=citation,
        size=size,
        notes=f"Only from a mirror: the Hub repository has no config {config}. Languages: {languages}.",
    )


_2016 = "Elliott et al. 2016, Multi30K (VL workshop)"
_2017 = "Elliott et al. 2017, Second Shared Task on Multimodal Machine Translation (WMT)"
_2018 = "Barrault et al. 2018, Third Shared Task on Multimodal Machine Translation (WMT)"

DATASETS: dict[str, Dataset] = {
    "phrases": Dataset(
        Embedded("mmbench_tasks.worlds.phrases:translation_rows"),
        license="Apache-2.0",
        notes="Made from a seed: no model can have seen it. English to and from German, French and Chinese.",
    ),
    "multi30k": Dataset(
        Hub(_PATH),
        columns=_COLUMNS,
        shots=Hub(_PATH, split="validation"),
        license=_LICENCE,
        citation=_2016,
        size=1000,
        notes="Test 2016 (Flickr), English and German. Captions without their pictures.",
    ),
    "multi30k_2016": _multi30k("en_de_fr_cs", "test_2016_flickr", "en, de, fr, cs", 1000, _2016),
    "multi30k_2017": _multi30k("en_de_fr", "test_2017_flickr", "en, de, fr", 1000, _2017),
    "multi30k_2017_coco": _multi30k("en_de_fr", "test_2017_mscoco", "en, de, fr", 461, _2017),
    "multi30k_2018": _multi30k("en_de_fr_cs", "test_2018_flickr", "en, de, fr, cs", 1071, _2018),
}
