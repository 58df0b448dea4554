"""Facts about a scene as short canonical phrases, and the same facts read out of free text.

A fact is a shape (``"ball"``) or a shape with one attribute (``"red ball"``, ``"large ball"``,
``"striped ball"``). So a text is scored by what it says, not by how it says it.
"""

import re

from mmbench_tasks.worlds.scenes.model import COLOURS, SHAPES, SIZES, TEXTURES, Scene
from mmbench_tasks.worlds.scenes.nouns import NOUNS, SIZE_WORDS

_SHAPE_OF = {word: shape for shape in SHAPES for pair in NOUNS[shape] for word in pair}
_VALUE_OF = {value: value for values in (COLOURS, SIZES, TEXTURES) for value in values}
_VALUE_OF |= {word: size for size, words in SIZE_WORDS.items() for word in words}
_PATTERN_OF = {"stripes": "striped", "spots": "spotted", "check": "checked"}
_WORD = re.compile(r"[a-z]+|[,.;]")


def scene_facts(scene: Scene) -> list[str]:
    """Return everything that a complete caption says, sorted."""
    facts = set()
    for thing in scene.things:
        values = (thing.size, thing.colour, thing.texture)
        facts |= {thing.shape} | {f"{value} {thing.shape}" for value in values}
    return sorted(facts)


def extract_facts(text: str) -> set[str]:
    """Return the facts that a text states.

    >>> sorted(extract_facts("A large red ball and two blue cubes with stripes."))
    ['ball', 'blue cube', 'cube', 'large ball', 'red ball', 'striped cube']
    """
    facts: set[str] = set()
    values: list[str] = []
    shape = ""
    words = _WORD.findall(text.lower())
    for word in words:
        if word in _SHAPE_OF:
            shape = _SHAPE_OF[word]
            facts |= {shape} | {f"{value} {shape}" for value in values}
            values = []
        elif word in _VALUE_OF:
            values.append(_VALUE_OF[word])
        elif word in _PATTERN_OF and shape:
            facts.add(f"{_PATTERN_OF[word]} {shape}")
        elif word in {",", ".", ";"}:
            values = [] if word != "," else values
    return facts
