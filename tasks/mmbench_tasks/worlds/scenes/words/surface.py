"""Templates with alternatives, so that one line stands for many sentences.

``[a|b|]`` picks one alternative (here also nothing), alternatives nest, and ``<name>`` is filled in by the caller.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from mmbench_tasks.worlds.streams import Stream

_Node = str | list["_Node"] | tuple["_Node", ...]


def say(templates: Sequence[str], slots: Mapping[str, str], chance: Stream) -> str:
    """Realise one of several templates."""
    return realise(chance.choice(templates), slots, chance)


def realise(template: str, slots: Mapping[str, str], chance: Stream) -> str:
    """Choose among the alternatives, fill the slots, tidy spaces and start with a capital letter."""
    text = _expand(_parsed(template), chance)
    for name, value in slots.items():
        text = text.replace(f"<{name}>", value)
    text = " ".join(text.split())
    for mark in ",.?!:;":
        text = text.replace(f" {mark}", mark)
    return text[:1].upper() + text[1:]


def forms(template: str) -> int:
    """Return how many different expansions a template has.

    >>> forms("[is|was] [it|this [one|two]]")
    6
    """
    return _count(_parsed(template))


def _expand(node: _Node, chance: Stream) -> str:
    if isinstance(node, str):
        return node
    if isinstance(node, tuple):
        return _expand(chance.choice(node), chance)
    return "".join(_expand(part, chance) for part in node)


def _count(node: _Node) -> int:
    if isinstance(node, str):
        return 1
    if isinstance(node, tuple):
        return sum(map(_count, node))
    total = 1
    for part in node:
        total *= _count(part)
    return total


@lru_cache(maxsize=4096)
def _parsed(template: str) -> _Node:
    node, end = _sequence(template, 0)
    if end != len(template):
        raise ValueError(f"unbalanced brackets in template: {template}")
    return node


def _sequence(text: str, start: int) -> tuple[list[_Node], int]:
    parts: list[_Node] = []
    plain = start
    at = start
    while at < len(text) and text[at] not in "|]":
        if text[at] == "[":
            parts.append(text[plain:at])
            group, at = _group(text, at + 1)
            parts.append(group)
            plain = at
        else:
            at += 1
    parts.append(text[plain:at])
    return parts, at


def _group(text: str, start: int) -> tuple[tuple[_Node, ...], int]:
    options: list[_Node] = []
    at = start
    while True:
        option, at = _sequence(text, at)
        options.append(option)
        if at >= len(text):
            raise ValueError(f"unbalanced brackets in template: {text}")
        at += 1
        if text[at - 1] == "]":
            return tuple(options), at
