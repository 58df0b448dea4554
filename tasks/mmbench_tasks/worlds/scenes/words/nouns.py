"""Noun phrases for things: "the small red ball", "striped cubes", "a green object with spots"."""

from mmbench_tasks.worlds.scenes.model import Filter
from mmbench_tasks.worlds.streams import Stream

NOUNS: dict[str, tuple[tuple[str, str], ...]] = {
    "ball": (("ball", "balls"), ("ball", "balls"), ("sphere", "spheres")),
    "cube": (("cube", "cubes"), ("cube", "cubes"), ("block", "blocks")),
    "cylinder": (("cylinder", "cylinders"),),
    "cone": (("cone", "cones"),),
    "pyramid": (("pyramid", "pyramids"),),
    "ring": (("ring", "rings"), ("ring", "rings"), ("hoop", "hoops")),
    "star": (("star", "stars"),),
    "heart": (("heart", "hearts"),),
    "": (("thing", "things"), ("object", "objects"), ("item", "items")),
}
SIZE_WORDS = {"large": ("large", "big", "large"), "small": ("small", "little", "small")}
TEXTURE_WORDS = {
    "plain": ("plain",),
    "striped": ("striped", "striped", "stripy"),
    "spotted": ("spotted", "spotted", "dotted"),
    "checked": ("checked", "checked", "chequered"),
}
PATTERN_NOUNS = {
    "striped": ("stripes",),
    "spotted": ("spots", "dots"),
    "checked": ("checks", "a check pattern"),
}


def phrase(
    wanted: Filter, chance: Stream, *, plural: bool = False, article: str = "the", generic: int | None = None
) -> str:
    """Return a noun phrase for things that have the wanted values.

    Args:
        wanted: the values to name; without a shape the noun is "thing", "object" or "item".
        chance: chooses among synonyms and places for the adjectives.
        plural: whether the noun is in the plural.
        article: "the", "a" (becomes "an" where it must) or "" for none.
        generic: which of the nouns to use where there is no shape; None for any.
    """
    before: list[str] = []
    after = ""
    if "size" in wanted:
        before.append(chance.choice(SIZE_WORDS[wanted["size"]]))
    if "colour" in wanted:
        before.append(wanted["colour"])
    if "texture" in wanted:
        after = _textured(wanted["texture"], before, chance)
    if not after and len(before) > 1 and chance.chance(0.08):
        after = f" that {'are' if plural else 'is'} {before.pop()}"
    nouns = NOUNS[wanted.get("shape", "")]
    noun = nouns[generic] if generic is not None and "shape" not in wanted else chance.choice(nouns)
    text = " ".join([*before, noun[plural]]) + after
    if article == "a":
        article = "an" if text[0] in "aeiou" else "a"
    return f"{article} {text}".strip()


def _textured(texture: str, before: list[str], chance: Stream) -> str:
    """Put the texture among the adjectives, or return it as words that follow the noun."""
    if texture in PATTERN_NOUNS and chance.chance(0.3):
        return f" with {chance.choice(PATTERN_NOUNS[texture])}"
    word = chance.choice(TEXTURE_WORDS[texture])
    coloured = bool(before) and before[-1] not in ("large", "big", "small", "little")
    before.insert(len(before) - (coloured and chance.chance(0.4)), word)
    return ""
