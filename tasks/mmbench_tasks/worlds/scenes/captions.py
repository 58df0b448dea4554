"""Captions: five ways to describe one scene, the first of them complete."""

from mmbench_tasks.worlds.scenes.model import ATTRIBUTES, Filter, Scene, Thing
from mmbench_tasks.worlds.scenes.nouns import phrase
from mmbench_tasks.worlds.scenes.surface import realise
from mmbench_tasks.worlds.streams import Stream

_FRAMES = (
    "[There are|We see|The picture shows|This scene holds] <all>.",
    "<all> [stand|are] on the floor.",
    "[A room with|A picture of|A scene with] <all>.",
)


def captions(scene: Scene, chance: Stream) -> list[str]:
    """Return five different captions; the first names every value of every thing."""
    written: list[str] = []
    while len(written) < 5:
        text = _caption(scene.things, chance, complete=not written)
        if text not in written:
            written.append(text)
    return written


def _caption(things: tuple[Thing, ...], chance: Stream, *, complete: bool) -> str:
    parts = [phrase(_told(thing, chance, complete=complete), chance, article="a") for thing in things]
    listed = ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]
    return realise(chance.choice(_FRAMES), {"all": listed}, chance)


def _told(thing: Thing, chance: Stream, *, complete: bool) -> Filter:
    return {
        name: getattr(thing, name)
        for name in ATTRIBUTES
        if complete or name == "shape" or chance.chance(0.8 if name == "colour" else 0.4)
    }
