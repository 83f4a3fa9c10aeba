"""The acts of the demo in the order in which they are played and told; one more is a module and a line here."""

from __future__ import annotations

from regrow.cli.demo import published, regrown, review, trial
from regrow.cli.demo.acts import Act

ACTS: tuple[Act, ...] = (
    review.ACT,
    published.ACT,
    trial.ACT,
    regrown.ACT,
)
