"""Quality gates: may this model go in? A policy, one or two runs, a verdict a rule."""

from mmbench.gate.judge import Outcome, Verdict, gate
from mmbench.gate.policy import Policy, load_policy

__all__ = ["Outcome", "Policy", "Verdict", "gate", "load_policy"]
