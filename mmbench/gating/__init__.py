"""Quality gates: may this model go in? A policy, one or two runs, a verdict a rule."""

from mmbench.gating.judge import Outcome, Verdict, gate
from mmbench.gating.policy import Policy, load_policy
from mmbench.gating.sequential import Early, gate_sequential

__all__ = ["Early", "Outcome", "Policy", "Verdict", "gate", "gate_sequential", "load_policy"]
