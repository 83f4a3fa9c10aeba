"""Experiments: decisions that hold however often one looks, and no database needed for them.

`decide(facts)` judges one experiment; the rooms beside it hold each method alone.
"""

from regrow.domain.experiments.deciding import DECIDES_AT, decide
from regrow.domain.experiments.facts import Arm, ArmDecision, Batches, ExperimentFacts, Reached

__all__ = ["DECIDES_AT", "Arm", "ArmDecision", "Batches", "ExperimentFacts", "Reached", "decide"]
