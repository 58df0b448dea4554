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
    "vqa": "753ca2f7629ccfc6040740158306f49726c92d7e0dc1f29652cd8c07e3b4bccb",
    "choice": "a17bd636aea27c9cdd3a671de872a6f77f4e67068e94ddf51f67f0d85cf75b14",
    "caption": "396d571657222026c4d3942468015350706d2b477fe38142a082598d3d582745",
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
