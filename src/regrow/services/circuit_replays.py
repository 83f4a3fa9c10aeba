"""Regenerations run through the rules once more, from what was recorded of them: the same answers, or what differs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from regrow.domain.circuits import gates, registering
from regrow.domain.circuits.guardrails import RUNNING
from regrow.domain.circuits.registering import RegisteringFacts
from regrow.kit import errors
from regrow.services import editing
from regrow.store.tables.circuits import ContentRegenerationEvent as Event
from regrow.store.tenancy import Session

Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Replayed:
    """One gate: what it found then and what its rules find now; `differences` names each value that is another."""

    gate: str
    recorded: bool
    computed: bool
    differences: dict[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Replay:
    """`computed` is the status that the gates add up to."""

    event_id: str
    status: str
    computed: str
    gates: tuple[Replayed, ...]

    @property
    def is_same(self) -> bool:
        return self.status == self.computed and not any(each.differences for each in self.gates)


def replay(session: Session, event_id: str) -> Replay:
    """Conflict while it still runs."""
    event = editing.found(session, Event, event_id, "regeneration")
    if event.status in RUNNING:
        raise errors.Conflict(f"this regeneration still runs, it is {event.status}: look again later", "still_running")
    signal = event.cx08_approval_signal or {}
    writing, validation = event.cx06_generation_result, event.cx05_validation_result
    found = [
        _compared("eligibility", signal["eligibility"], gates.asked_again, "violations", lambda told: not told),
    ]
    if "facts" in signal:
        found.append(_compared("review", signal, gates.reviewed_again, "approved", bool, ("checks", "vetoes")))
    if writing is not None:
        found.append(_compared("writing", writing, gates.generated_again, "is_new", bool, ("similarity",)))
    if validation is not None:
        again = gates.validated_again(validation)
        found.append(_differing("brand guard", gates.told(validation), again, "passed", bool))
        if "registering" in validation:
            refusal = registering.refusal(RegisteringFacts(**validation["registering"]))
            found.append(Replayed("registration", event.status == "registered", refusal is None, {}))
    is_registered = event.status == "registered"
    computed = gates.status_of({"cx08": signal, "cx06": writing, "cx05": validation}, is_registered)
    return Replay(event.id, event.status, computed, tuple(_checked(each) for each in found))


def _compared(
    gate: str,
    recorded: Found,
    again: Callable[[Found], Found],
    verdict: str,
    passed: Callable[[Any], bool],
    more: tuple[str, ...] = (),
) -> Replayed:
    computed = again(recorded)
    names = (verdict, *more)
    return _differing(gate, {n: recorded[n] for n in names}, {n: computed[n] for n in names}, verdict, passed)


def _differing(gate: str, recorded: Found, computed: Found, verdict: str, passed: Callable[[Any], bool]) -> Replayed:
    """Both as plain JSON, which knows no tuples."""
    one, other = _plain(recorded), _plain(computed)
    differences = {name: (one[name], other[name]) for name in one if one[name] != other[name]}
    return Replayed(gate, passed(one[verdict]), passed(other[verdict]), differences)


def _checked(each: Replayed) -> Replayed:
    if each.recorded == each.computed or each.differences:
        return each
    return Replayed(each.gate, each.recorded, each.computed, {"passed": (each.recorded, each.computed)})


def _plain(value: Found) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(value))
    return found
