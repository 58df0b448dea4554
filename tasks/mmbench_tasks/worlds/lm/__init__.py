"""Language modelling: little stories from a probabilistic grammar without ambiguity.

Every text has one derivation, so its probability, a fraction, is known exactly, and what a model pays beyond it is
the model's fault. See ``docs/worlds/lm.md``.
"""

from mmbench_tasks.worlds.lm.rows import VERSION, lm_rows

__all__ = ["VERSION", "lm_rows"]
