"""The first 1,000 rows of every world, bytes of scenes and sounds included, never change.

A change here means that the same seed gives other rows: raise the world's VERSION with it.
"""

import hashlib
import json
from functools import partial
from importlib import import_module
from itertools import islice

import pytest

from mmbench.schema import Media
from mmbench_tasks.worlds import lm, phrases, reviews, scenes, sounds, stories

GOLDEN = {
    "vqa": "646932921882fada73562d332259580124fe7574429cb53b438ff16be5aa136d",
    "choice": "2441398fe31f4371db003f879eddea05df9023bbf82bbe0b528ae740642ea78c",
    "caption": "396d571657222026c4d3942468015350706d2b477fe38142a082598d3d582745",
    "inventory": "6d2ec2837f3554212bd182c020446b2b11661f539b4eefdeb21fd792b86268d6",
    "speech": "6f5c880d30311e99a9d683352b8f4a2211a279ec2d179cee40d67630488ae7ad",
    "en-de": "9cd34e062174a32d64e451345a54ff83a92f33a5a68363bfb43bf144cc8f8875",
    "de-en": "6f279b24c8ef59ac2877c1075fd90eefbcc80b2667b44fb886af69f513527c4b",
    "en-fr": "7ab7c9a0d7eb7b5d3587b823c06e91e7b9d39072322d74723bf9d9c89af60958",
    "fr-en": "a605a187416953e4b953b31b61161304f7a1a8f0504031e952424026aac08866",
    "en-zh": "7cece75d4af9306b425b24faf098a1c27138d5318b964ea7af742ab575eeac29",
    "zh-en": "07a6119fd82938864bfeed5c28a84012fc4cacdcf44c16b84c23b10a89e78bad",
    "pictured": "d0f9bebdf24d275226a6a0cee5177440d2be3e249afe22d3f4b80caa8a15d155",
    "summarization": "8137f451a1119deca4d6663d87885204856cffb1e2d982f1c11552c6a7600988",
    "qa": "f2e6c4a7e6b2ef13221c0fc043ddafb2c3b7ba6df8dc59f2c191fb8926d69378",
    "sentiment": "6197a99ecfe203d14fa8e2b1abc472d5a52bc049b7fb46931ba02fb2b9f715bc",
    "lm": "7b9524e9902b6dd5c4e51a5726dd68feaff186f32523c161df12324efdb12913",
}


def _translation(pair):
    src, tgt = pair.split("-")
    return partial(phrases.translation_rows, "test", src=src, tgt=tgt)


ROWS = {
    "vqa": lambda: scenes.vqa_rows("test"),
    "choice": lambda: scenes.vqa_rows("train", form="choice"),
    "caption": lambda: scenes.caption_rows("test"),
    "inventory": lambda: scenes.inventory_rows("test"),
    "speech": lambda: sounds.speech_rows("test"),
    **{name: _translation(name) for name in ("en-de", "de-en", "en-fr", "fr-en", "en-zh", "zh-en")},
    "pictured": lambda: phrases.translation_rows("test", pictures="only"),
    "summarization": lambda: stories.summarization_rows("test"),
    "qa": lambda: stories.qa_rows("test"),
    "sentiment": lambda: reviews.sentiment_rows("test"),
    "lm": lambda: lm.lm_rows("test"),
}
DRAWN_BY_PILLOW = ("pictured",)
"""Their pictures' bytes depend on Pillow's version, so only what is written in the rows counts."""


@pytest.mark.parametrize("name", list(GOLDEN))
def test_the_first_thousand_rows_are_these(name):
    digest = hashlib.sha256()
    for row in islice(ROWS[name](), 1000):
        if name in DRAWN_BY_PILLOW:
            row = {key: value for key, value in row.items() if key != "image"}
        plain = {key: value.digest if isinstance(value, Media) else value for key, value in row.items()}
        digest.update(json.dumps(plain, sort_keys=True).encode())
    assert digest.hexdigest() == GOLDEN[name]


@pytest.mark.parametrize(
    ("world", "version"),
    [("scenes", "1"), ("sounds", "1"), ("phrases", "2"), ("stories", "2"), ("reviews", "2"), ("lm", "1")],
)
def test_versions_belong_to_these_rows(world, version):
    assert version == import_module(f"mmbench_tasks.worlds.{world}").VERSION
