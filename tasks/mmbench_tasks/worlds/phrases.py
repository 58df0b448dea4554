"""Phrases: sentence pairs in English, German, French and Chinese from one synchronous grammar."""

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

from mmbench.errors import UsageError
from mmbench_tasks.worlds.streams import Stream, draw, sample_id, stream

WORLD, VERSION = "phrases", "0"
LANGUAGES = ("en", "de", "fr", "zh")

_PEOPLE = (
    ("The teacher", "Die Lehrerin", "La professeure", "老师"),
    ("The boy", "Der Junge", "Le garçon", "男孩"),
    ("The girl", "Das Mädchen", "La fille", "女孩"),
    ("My sister", "Meine Schwester", "Ma sœur", "我姐姐"),
    ("My brother", "Mein Bruder", "Mon frère", "我哥哥"),
    ("Our neighbour", "Unser Nachbar", "Notre voisin", "我们的邻居"),
    ("The doctor", "Der Arzt", "Le médecin", "医生"),
    ("Anna", "Anna", "Anna", "安娜"),
    ("Paul", "Paul", "Paul", "保罗"),
)
_VERBS = (
    ("buys", "kauft", "achète", "买"),
    ("sees", "sieht", "voit", "看到"),
    ("draws", "zeichnet", "dessine", "画"),
    ("looks for", "sucht", "cherche", "找"),
)
_THINGS = (
    ("a {} book", "ein {}es Buch", "un livre {m}", "一本{}书"),
    ("a {} table", "einen {}en Tisch", "une table {f}", "一张{}桌子"),
    ("a {} lamp", "eine {}e Lampe", "une lampe {f}", "一盏{}灯"),
    ("a {} bicycle", "ein {}es Fahrrad", "un vélo {m}", "一辆{}自行车"),
    ("a {} jacket", "eine {}e Jacke", "une veste {f}", "一件{}外套"),
    ("a {} hat", "einen {}en Hut", "un chapeau {m}", "一顶{}帽子"),
)
_ADJECTIVES = (
    ("red", "rot", ("rouge", "rouge"), "红色的"),
    ("green", "grün", ("vert", "verte"), "绿色的"),
    ("blue", "blau", ("bleu", "bleue"), "蓝色的"),
    ("black", "schwarz", ("noir", "noire"), "黑色的"),
    ("white", "weiß", ("blanc", "blanche"), "白色的"),
    ("grey", "grau", ("gris", "grise"), "灰色的"),
)
_TIMES = (
    (" today", " heute", " aujourd'hui", "今天"),
    (" every day", " jeden Tag", " tous les jours", "每天"),
    (" on Saturdays", " samstags", " le samedi", "星期六"),
)


class _Meaning(NamedTuple):
    who: int
    verb: int
    thing: int
    adjective: int
    time: int


def _meaning(chance: Stream) -> _Meaning:
    sizes = (len(_PEOPLE), len(_VERBS), len(_THINGS), len(_ADJECTIVES), len(_TIMES))
    return _Meaning(*(chance.below(size) for size in sizes))


def _say(meaning: _Meaning, language: str) -> str:
    column = LANGUAGES.index(language)
    who, verb, time = _PEOPLE[meaning.who], _VERBS[meaning.verb], _TIMES[meaning.time]
    adjective = _ADJECTIVES[meaning.adjective]
    thing = _THINGS[meaning.thing][column]
    if language == "fr":
        thing = thing.format(m=adjective[2][0], f=adjective[2][1])
    else:
        thing = thing.format(adjective[column])
    if language == "zh":
        return f"{who[3]}{time[3]}{verb[3]}{thing}。"
    if language == "de":
        return f"{who[1]} {verb[1]}{time[1]} {thing}."
    return f"{who[column]} {verb[column]} {thing}{time[column]}."


def translation_rows(
    split: str, *, src: str = "en", tgt: str = "de", start: int = 0, seed: int = 0
) -> Iterator[dict[str, Any]]:
    """Yield sentences to translate from ``src`` to ``tgt``, without end.

    Raises:
        UsageError: an unknown split or pair of languages.
    """
    if src == tgt or "en" not in (src, tgt) or {src, tgt} - set(LANGUAGES):
        raise UsageError(
            f"phrases cannot be translated from '{src}' to '{tgt}'. One side is en, the other de, fr or zh."
        )
    for index in itertools.count(start):
        chance = stream(WORLD, VERSION, split, seed, index)
        meaning = draw(chance, split, _meaning, str)
        yield {
            "id": sample_id(f"{WORLD}-{src}-{tgt}", split, seed, index),
            "source": _say(meaning, src),
            "references": [_say(meaning, tgt)],
            "type": "agreement",
            "image": None,
        }
