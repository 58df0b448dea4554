"""The first 1,000 rows of the picture and sound worlds, bytes of pictures and sounds included, never change.

A change here means that the same seed gives other rows: raise the world's VERSION with it.
"""

import hashlib
import json
from itertools import islice

import pytest

from mmbench.schema import Media
from mmbench_tasks.worlds import scenes, sounds

GOLDEN = {
    "vqa": "3721a06a7536daf769331e516b5e8cc5e30272c147840560b2932876274effcf",
    "choice": "7cb2995d5faa22229e6504ee7f7725ec0d03d74fb10e235cc13daf3610d58fc6",
    "caption": "a39a8bf551c23237acf2cb574b0c44c1acb047bb6158193ce1f26848495fc1c0",
    "speech": "6f5c880d30311e99a9d683352b8f4a2211a279ec2d179cee40d67630488ae7ad",
}
ROWS = {
    "vqa": lambda: scenes.vqa_rows("test"),
    "choice": lambda: scenes.vqa_rows("train", form="choice"),
    "caption": lambda: scenes.caption_rows("test"),
    "speech": lambda: sounds.speech_rows("test"),
}


@pytest.mark.parametrize("name", list(GOLDEN))
def test_the_first_thousand_rows_are_these(name):
    digest = hashlib.sha256()
    for row in islice(ROWS[name](), 1000):
        plain = {key: value.digest if isinstance(value, Media) else value for key, value in row.items()}
        digest.update(json.dumps(plain, sort_keys=True).encode())
    assert digest.hexdigest() == GOLDEN[name]


def test_versions_belong_to_these_rows():
    assert (scenes.VERSION, sounds.VERSION) == ("1", "1")
