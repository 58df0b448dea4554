"""Facts about a scene as short canonical phrases, and the same facts read out of any text.

A fact is one of: a shape (``"ball"``); a shape with one attribute (``"red ball"``, ``"large ball"``,
``"striped ball"``; plain is not told); a number of things of one colour and shape (``"2 red ball"``); ``"sign"``,
``"sign: open"``, ``"clock"``, ``"clock: 3:05"``, ``"bar chart"``. So a caption is scored by what it says and
not by how it says it. Where things stand is not scored.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mmbench_tasks.worlds.scenes.model import COLOURS, SIZES, TEXTURES, Scene
from mmbench_tasks.worlds.scenes.words.nouns import NOUNS, PATTERN_NOUNS, SIZE_WORDS, TEXTURE_WORDS

_OTHER_NOUNS = {
    "ball": "orb orbs globe globes",
    "cube": "box boxes",
    "cylinder": "tube tubes drum drums",
    "ring": "torus donut donuts doughnut doughnuts circle circles",
}
_SHAPES = {word: shape for shape, pairs in NOUNS.items() if shape for pair in pairs for word in pair}
_SHAPES |= {word: shape for shape, words in _OTHER_NOUNS.items() for word in words.split()}

_VALUES = {value: value for values in (COLOURS, SIZES, TEXTURES) for value in values}
_VALUES |= {
    word: value for table in (SIZE_WORDS, TEXTURE_WORDS) for value, words in table.items() for word in words
}
_VALUES |= {"huge": "large", "tiny": "small", "checkered": "checked", "violet": "purple", "polka": "spotted"}

_PATTERNS = {word.split()[-1]: texture for texture, words in PATTERN_NOUNS.items() for word in words}
_PATTERNS = {word: texture for word, texture in _PATTERNS.items() if word != "pattern"} | {"check": "checked"}

_NUMBERS = dict(zip("one two three four five six seven eight nine ten".split(), range(1, 11), strict=True))
_NUMBERS |= {"a": 1, "an": 1, "another": 1} | {str(number): number for number in range(1, 11)}

_BETWEEN = frozenset("and white very shiny solid bright dark light dot coloured colored".split())
_IS = frozenset("is are was were looks being".split())
_WORD = re.compile(r"[a-z]+|\d+|[,.;:]")
_SAYS = re.compile(
    r"(?:saying|says?|reading|reads?|words?|labelled|spells|with)[\s:]*[\"'“‘]?(?:the word )?[\"'“‘]?([a-z]+)"
)
_LISTED_THING = re.compile(r"(?P<kind>[a-z ]+) at (?P<x>\d+),\d+, \d+% visible(?P<letter>, letter [a-z])?")
_LISTED_WALL = (
    (re.compile(r"sign: (.+)"), r"a sign says \1"),
    (re.compile(r"clock: (.+)"), r"a clock at \1"),
    (re.compile(r"(\w+ chart): (.+)"), r"a \1, \2"),
)
_TIME = re.compile(r"\b(\d{1,2}:\d{2})\b")
_CHART = re.compile(r"\b(bar|line|pie) (?:chart|graph|plot)")


def scene_facts(scene: Scene) -> list[str]:
    """Return everything that a complete caption says, sorted."""
    facts: set[str] = set()
    for thing in scene.things:
        facts |= {thing.shape, f"{thing.size} {thing.shape}", f"{thing.colour} {thing.shape}"}
        if thing.texture != "plain":
            facts.add(f"{thing.texture} {thing.shape}")
    alike = Counter((thing.colour, thing.shape) for thing in scene.things)
    facts |= {f"{count} {colour} {shape}" for (colour, shape), count in alike.items() if count > 1}
    if scene.sign:
        facts |= {"sign", f"sign: {scene.sign.text}"}
    if scene.clock:
        facts |= {"clock", f"clock: {scene.clock.time}"}
    if scene.chart:
        facts.add(f"{scene.chart.style} chart")
    return sorted(facts)


def listed(scene: Scene) -> list[str]:
    """Return everything that is in a scene, one line each, things from far to near with the pixel they stand on.

    Lines read like ``"small red striped ball at 34,150, 80% visible"`` or ``"bar chart: A=3 B=7 C=5"``.
    """
    lines = []
    for thing, seen in zip(scene.things, scene.visible, strict=True):
        letter = f", letter {thing.label.lower()}" if thing.label else ""
        lines.append(f"{thing.kind} at {thing.x},{thing.y}, {seen}% visible{letter}")
    if scene.sign:
        lines.append(f"sign: {scene.sign.text}")
    if scene.clock:
        lines.append(f"clock: {scene.clock.time}")
    if scene.chart:
        pairs = zip(scene.chart.labels, scene.chart.values, strict=True)
        lines.append(f"{scene.chart.style} chart: " + " ".join(f"{label}={value}" for label, value in pairs))
    return lines


def inventory(scene: Scene) -> str:
    """Return everything that is to be seen in a scene as one text, things from left to right, then the wall.

    It reads like ``"a small red plain ball, letter h; a sign says open; a clock at 3:05; a pie chart, B 3 K 7"``.
    """
    return recounted(listed(scene))


def recounted(lines: Iterable[str]) -> str:
    """Tell some lines of :func:`listed` as :func:`inventory` does.

    >>> recounted(["small red plain ball at 90,150, 80% visible, letter h", "sign: open", "pie chart: B=3 K=7"])
    'a small red plain ball, letter h; a sign says open; a pie chart, B 3 K 7'
    """
    lines = list(lines)
    things = sorted(filter(None, map(_LISTED_THING.match, lines)), key=lambda thing: int(thing["x"]))
    told = [f"a {thing['kind']}{thing['letter'] or ''}" for thing in things]
    for line, words in _LISTED_WALL:
        told += [found.expand(words).replace("=", " ") for found in map(line.fullmatch, lines) if found]
    return "; ".join(told)


def is_thing(line: str) -> bool:
    """Whether a line of :func:`listed` is about a thing, and not about the wall."""
    return _LISTED_THING.match(line) is not None


def extract_facts(text: str) -> set[str]:
    """Return the facts that a text states.

    >>> sorted(extract_facts("A large red ball and two blue cubes with stripes."))
    ['2 blue cube', 'ball', 'blue cube', 'cube', 'large ball', 'red ball', 'striped cube']
    >>> sorted(extract_facts('The star is green. A sign says "OPEN" beside a clock at 3:05.'))
    ['clock', 'clock: 3:05', 'green star', 'sign', 'sign: open', 'star']
    """
    lower = text.lower()
    facts: set[str] = set()
    alike: Counter[tuple[str, str]] = Counter()
    for mention in _mentions(_WORD.findall(lower)):
        facts.add(mention.shape)
        for value in mention.values:
            if value != "plain":
                facts.add(f"{value} {mention.shape}")
            if value in COLOURS:
                alike[value, mention.shape] += mention.count
    facts |= {f"{count} {colour} {shape}" for (colour, shape), count in alike.items() if count > 1}
    return facts | _on_wall(lower)


@dataclass(slots=True)
class _Mention:
    shape: str
    values: list[str] = field(default_factory=list)
    count: int = 0


def _mentions(words: list[str]) -> Iterator[_Mention]:
    """Read noun phrases from left to right; "with stripes" and "is red" still belong to the noun before."""
    last: _Mention | None = None
    values: list[str] = []
    count = 0
    told = False
    for i, word in enumerate(words):
        if word in _SHAPES:
            if last:
                yield last
            last, values, count, told = _Mention(_SHAPES[word], values, count), [], 0, False
        elif word in _VALUES:
            values.append(_VALUES[word])
            told = told or (i > 0 and words[i - 1] in _IS)
        elif word in _PATTERNS and last:
            last.values.append(_PATTERNS[word])
        elif word not in _BETWEEN:
            if told and last:
                last.values += values
            if word not in (",", "a", "an") or told or words[i - 1 : i] != ["and"]:
                values = [] if word != "," or told else values
                told = False
            count = _NUMBERS.get(word, 0)
    if last:
        last.values += values if told else []
        yield last


def _on_wall(text: str) -> set[str]:
    facts: set[str] = set()
    if re.search(r"\bsigns?\b", text):
        facts.add("sign")
        said = _SAYS.search(text, text.index("sign"))
        if said:
            facts.add(f"sign: {said.group(1)}")
    if re.search(r"\bclocks?\b", text):
        facts.add("clock")
        facts |= {f"clock: {time}" for time in _TIME.findall(text)}
    return facts | {f"{style} chart" for style in _CHART.findall(text)}
