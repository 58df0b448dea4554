"""Quality gates: may this model go in? A policy, one or two runs, a verdict a rule."""

from mmbench.gate.judge import Outcome, Verdict, gate
from mmbench.gate.policy import Policy, load_policy
from mmbench.gate.sequential import Early, gate_sequential

__all__ = ["Early", "Outcome", "Policy", "Verdict", "gate", "gate_sequential", "load_policy"]
