"""The kinds of questions, one class a kind; see :class:`Kind` for how they stay blind-proof."""

from mmbench_tasks.worlds.scenes.kinds.amounts import Amounts, Counting, Existence, Negation
from mmbench_tasks.worlds.scenes.kinds.attributes import Attribution, Bigness, Label, Sameness
from mmbench_tasks.worlds.scenes.kinds.base import Asking, Kind, Mode, Proposal, Structure, View
from mmbench_tasks.worlds.scenes.kinds.relations import MultiHop, Occlusion, Spatial
from mmbench_tasks.worlds.scenes.kinds.wall import (
    ChartCheck,
    ChartExtreme,
    ChartValue,
    Reading,
    ReadingCheck,
    Telling,
    TellingCheck,
)

KINDS: tuple[Kind, ...] = (
    Existence(),
    Counting(),
    Attribution("colour"),
    Attribution("shape"),
    Attribution("texture"),
    Attribution("size"),
    Amounts(),
    Bigness(),
    Sameness(),
    Spatial(),
    Occlusion(),
    Negation(),
    MultiHop("colour"),
    MultiHop("shape"),
    Label(),
    Reading(),
    ReadingCheck(),
    Telling(),
    TellingCheck(),
    ChartValue(),
    ChartExtreme(),
    ChartCheck(),
)

__all__ = ["KINDS", "Asking", "Kind", "Mode", "Proposal", "Structure", "View"]
