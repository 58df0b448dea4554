"""What hangs on the wall of a scene: what the goals need, and now and then what nobody asks about."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mmbench_tasks.worlds.scenes.kinds import Proposal, View
from mmbench_tasks.worlds.scenes.levels import Level
from mmbench_tasks.worlds.scenes.model import CHART_LETTERS, CHART_STYLES, Chart, Clock, Look, Scene, Sign
from mmbench_tasks.worlds.scenes.words.signs import SIGN_WORDS
from mmbench_tasks.worlds.streams import Stream

if TYPE_CHECKING:
    from mmbench_tasks.worlds.scenes.planning import Goal

ITEMS = ("sign", "clock", "chart")
_BARE = Scene(1, (), Look(0, 0, 1, 0, 0, (0, 0, 0), 0))


def furnish(
    goals: Sequence["Goal"], proposals: Sequence[Proposal], extras: Sequence[str], rules: Level, chance: Stream
) -> Scene:
    """Return a scene of sign, clock and chart that serve all the goals; ``extras`` hang there anyway."""
    words = [proposal.sign for proposal in proposals if proposal.sign]
    clocks = [proposal.clock for proposal in proposals if proposal.clock]
    charts = [goal for goal, proposal in zip(goals, proposals, strict=True) if proposal.charts]
    styles = [proposal.charts for proposal in proposals if proposal.charts]
    scene = _BARE
    if words or "sign" in extras:
        fixed = [word for word in words if word != "?"]
        scene = replace(scene, sign=Sign(fixed[0] if fixed else chance.choice(SIGN_WORDS), chance.below(63)))
    if clocks or "clock" in extras:
        shown = clocks[0] if clocks else Clock(chance.between(1, 12), 5 * chance.below(12))
        scene = replace(scene, clock=replace(shown, style=chance.below(5)))
    if charts:
        while True:
            scene = replace(scene, chart=_chart(styles[0], rules.bars, chance))
            if all(goal.askable(View(scene)) for goal in charts):
                return scene
    if "chart" in extras:
        scene = replace(scene, chart=_chart(CHART_STYLES, rules.bars, chance))
    return scene


def _chart(styles: tuple[str, ...], bars: int, chance: Stream) -> Chart:
    style = chance.choice(styles)
    labels = tuple(chance.sample(CHART_LETTERS, bars))
    least = 2 if style == "pie" else 1
    return Chart(style, labels, tuple(chance.between(least, 9) for _ in labels), chance.below(12))


def slots(wall: Scene, rules: Level, chance: Stream) -> tuple[str, ...]:
    """Return what hangs where; free places are filled with windows and art, more of them on harder levels."""
    hung = [name for name in ITEMS if getattr(wall, name) is not None]
    while len(hung) < 3:
        hung.append(chance.choice(("window", "art")) if chance.below(100) < rules.clutter else "")
    return tuple(chance.shuffled(hung))
