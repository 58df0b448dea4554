"""Quality gates: may this model go in? A policy, one or two runs, a verdict a rule."""

from mmbench.gating.judge import gate
from mmbench.gating.policy import Policy, load_policy
from mmbench.gating.sequential import Early, gate_sequential
from mmbench.gating.verdict import Judged, Outcome, Verdict

__all__ = ["Early", "Judged", "Outcome", "Policy", "Verdict", "gate", "gate_sequential", "load_policy"]
