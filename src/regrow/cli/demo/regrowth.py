"""A text that was written again, as the demo tells it: beside the one that lost, with its gates, its line and trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regrow.cli.demo.descent import Box
from regrow.cli.demo.gates import Gate
from regrow.cli.demo.written_again import Tried
from regrow.domain.circuits import guardrails
from regrow.domain.differences import Counts, Part


@dataclass(frozen=True, slots=True)
class Words:
    """A text for reading."""

    id: str
    label: str
    version: int
    status: str
    title: str
    body: str

    @property
    def name(self) -> str:
        return f"{self.label}, version {self.version}"


@dataclass(frozen=True, slots=True)
class Standing:
    """One arm of the experiment as it stands now."""

    text: Words
    outcome: str
    joined_at: datetime
    seen: int


@dataclass(frozen=True, slots=True)
class Deed:
    """One row of the audit trail."""

    at: datetime
    by: str
    action: str
    subject_id: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Regrown:
    """`event` is the regeneration as it is on record, None where nothing was begun. `parts` is the difference of the
    two bodies, empty without a new text. `standings` are the arms of the experiment that the new text is in now.
    """

    tried: Tried
    event: Mapping[str, Any] | None
    reason: str
    test_status: str
    gates: tuple[Gate, ...]
    lost: Words
    new: Words | None
    others: tuple[Words, ...]
    parts: tuple[Part, ...]
    counts: Counts
    boxes: tuple[Box, ...]
    depth: int
    standings: tuple[Standing, ...]
    trail: tuple[Deed, ...]

    @property
    def has_lost(self) -> bool:
        """Whether there was anybody to write again."""
        return bool(self.tried.eligibility["cx09_termination_found"])

    @property
    def status(self) -> str:
        return str(self.event["status"]) if self.event is not None else ""

    @property
    def similarity(self) -> Mapping[str, float] | None:
        """How alike the new text is to the one that `lost` and to what `won`, 0 to 1."""
        writing = self.event["cx06_generation_result"] if self.event is not None else None
        return writing["similarity"] if writing is not None else None

    @property
    def verdict(self) -> str:
        """How it came out, in a few words."""
        if self.event is None:
            return "Not written again" if self.has_lost else "Nothing lost, so nothing is written again"
        if self.new is None:
            return f"No new text: {self.status.replace('_', ' ')}"
        if not self.tried.is_approved:
            return f"{self.new.name}, is a draft"
        return f"{self.new.name}, took the place of version {self.lost.version}"

    @property
    def limit(self) -> str:
        """What the guardrails leave of a test, in words."""
        may = self.tried.eligibility
        left = guardrails.MOST_PER_TEST - may["regenerations_count"]
        hours = guardrails.COOLDOWN.total_seconds() / 3600
        most = guardrails.MOST_PER_TEST
        return f"{left} of the test's {most} regenerations were left, which are {hours:g} hours apart at least"

    @property
    def follows(self) -> str:
        """What becomes of the test."""
        if self.tried.next_id:
            return (
                f"The first experiment has ended, and what it decided stays. The demo began a new one, "
                f"{self.tried.next_id}, on the site: it has its readers from whoever comes there, for a week at least."
            )
        if self.test_status == "running":
            return "The next readers decide between them; nobody has to begin a new experiment."
        return "It has ended, so that no text can join it: a new experiment is needed to try the new one."

    @property
    def traffic(self) -> str:
        """What those see who ask for the page now; empty when nobody looked."""
        seen = self.tried.afterwards
        if not seen:
            return ""
        texts = [self.lost, *self.others, *([self.new] if self.new is not None else [])]
        told = ", ".join(f"{seen[each.id]} were shown {each.name}" for each in texts if each.id in seen)
        return f"Of {sum(seen.values())} who asked for the page afterwards, {told}."
