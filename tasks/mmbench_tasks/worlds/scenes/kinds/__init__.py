"""The kinds of questions, one class a kind; see :class:`Kind` for how they stay blind-proof."""

from mmbench_tasks.worlds.scenes.kinds.amounts import Counting, Existence
from mmbench_tasks.worlds.scenes.kinds.attributes import Attribution
from mmbench_tasks.worlds.scenes.kinds.base import Asking, Kind
from mmbench_tasks.worlds.scenes.kinds.relations import Spatial

KINDS: tuple[Kind, ...] = (
    Existence(),
    Counting(),
    Attribution("colour"),
    Attribution("shape"),
    Attribution("texture"),
    Attribution("size"),
    Spatial(),
)

__all__ = ["KINDS", "Asking", "Kind"]
