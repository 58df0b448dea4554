"""Noun phrases for things: "the small red ball", "two striped cubes", "a green object with spots"."""

from mmbench_tasks.worlds.scenes.model import Filter
from mmbench_tasks.worlds.streams import Stream

NOUNS: dict[str, tuple[tuple[str, str], ...]] = {
    "ball": (("ball", "balls"), ("sphere", "spheres")),
    "cube": (("cube", "cubes"), ("block", "blocks")),
    "cylinder": (("cylinder", "cylinders"), ("drum", "drums")),
    "cone": (("cone", "cones"),),
    "pyramid": (("pyramid", "pyramids"),),
    "ring": (("ring", "rings"),),
    "star": (("star", "stars"),),
    "heart": (("heart", "hearts"),),
    "": (("thing", "things"), ("object", "objects"), ("item", "items")),
}
SIZE_WORDS = {"large": ("large", "big"), "small": ("small", "little")}
_WITH = {"striped": "with stripes", "spotted": "with spots", "checked": "with a check pattern"}


def phrase(wanted: Filter, chance: Stream, *, plural: bool = False, article: str = "the") -> str:
    """Return a noun phrase for things that have the wanted values.

    Args:
        wanted: the values to name; without a shape the noun is "thing", "object" or "item".
        chance: chooses among synonyms.
        plural: whether the noun is in the plural.
        article: "the", "a" (becomes "an" where it must) or "" for none.
    """
    noun = chance.choice(NOUNS[wanted.get("shape", "")])[plural]
    words = []
    if "size" in wanted:
        words.append(chance.choice(SIZE_WORDS[wanted["size"]]))
    if "colour" in wanted:
        words.append(wanted["colour"])
    after = ""
    if "texture" in wanted:
        texture = wanted["texture"]
        if texture in _WITH and chance.chance(0.3):
            after = " " + _WITH[texture]
        else:
            words.insert(len(words) - ("colour" in wanted and chance.chance(0.4)), texture)
    text = " ".join([*words, noun]) + after
    if article == "a":
        article = "an" if text[0] in "aeiou" else "a"
    return f"{article} {text}".strip()
