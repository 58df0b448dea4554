"""Datasets of the task ``translation``; ``src`` and ``tgt`` choose the columns."""

from mmbench.dataset import Dataset, Embedded, Hub, Join
from mmbench.metrics.translation import ChrF
from mmbench_tasks.scoring import LONG_TEXT
from mmbench_tasks.senses import SenseAccuracy

_PATH = "bentrevett/multi30k"
_COLUMNS = {"source": "{src}", "references": "{tgt}"}
_PAIR = {"source": "translation.{src}", "references": "translation.{tgt}"}
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


def _wmt14(language: str) -> Dataset:
    path, config, bleu = "wmt/wmt14", f"{language}-en", {"de": "27.3", "fr": "38.1"}.get(language)
    return Dataset(
        Hub(path, config),
        columns=_PAIR,
        defaults={"tgt": language},
        shots=Hub(path, config, "validation"),
        license="none stated; news texts, public research corpus",
        citation="Bojar et al. 2014, Findings of the 2014 Workshop on Statistical Machine Translation",
        published=f"{bleu} BLEU (tokenised), base Transformer (arXiv 1706.03762)" if bleu else "",
        size=3003,
        notes=f"newstest2014, {language} and en, both ways.",
    )


def _opus100(language: str) -> Dataset:
    path, config = "Helsinki-NLP/opus-100", "-".join(sorted(("en", language)))
    return Dataset(
        Hub(path, config),
        columns=_PAIR,
        defaults={"tgt": language},
        shots=Hub(path, config, "validation"),
        license="none stated; public corpus of OPUS",
        citation="Zhang et al. 2020, Improving Massively Multilingual Neural Machine Translation (ACL)",
        size=2000,
        notes="Mixed and partly noisy texts, both ways.",
    )


_FLORES = "openlanguagedata/flores_plus"
_2016 = "Elliott et al. 2016, Multi30K (VL workshop)"
_2017 = "Elliott et al. 2017, Second Shared Task on Multimodal Machine Translation (WMT)"
_2018 = "Barrault et al. 2018, Third Shared Task on Multimodal Machine Translation (WMT)"

DATASETS: dict[str, Dataset] = {
    "phrases": Dataset(
        Embedded("mmbench_tasks.worlds.phrases:translation_rows"),
        license="Apache-2.0",
        notes="Made from a seed: no model can have seen it. English to and from German, French and Chinese.",
    ),
    "pictured": Dataset(
        Embedded("mmbench_tasks.worlds.phrases:translation_rows", parameters={"pictures": "only"}),
        metrics=(SenseAccuracy(), ChrF(), *LONG_TEXT),
        license="Apache-2.0",
        notes="Made from a seed. The picture tells which of two translations fits; --blind leaves it out.",
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
    **{f"wmt14_{language}": _wmt14(language) for language in ("cs", "de", "fr")},
    **{f"opus100_{language}": _opus100(language) for language in ("de", "fr", "zh")},
    "flores": Dataset(
        Hub(_FLORES, "{src}", "devtest"),
        join=Join(Hub(_FLORES, "{tgt}", "devtest"), key="id", other="id", columns={"translation": "text"}),
        columns={"source": "text", "references": "translation", "type": "domain"},
        defaults={"src": "eng_Latn", "tgt": "deu_Latn"},
        license="CC BY-SA 4.0",
        citation="NLLB Team 2022, No Language Left Behind (arXiv 2207.04672)",
        size=1012,
        notes="FLORES+, any pair of its languages: --set tgt=fra_Latn and so on. Gated: accept its terms first.",
    ),
}
