"""The new text as rows: a draft of the same piece, its version, its lineage and the end of its event."""

from __future__ import annotations

from typing import Any

from regrow.domain import functions
from regrow.domain.circuits import registering
from regrow.domain.circuits.guardrails import GUARD_PASSES_AT
from regrow.domain.circuits.registering import RegisteringFacts
from regrow.domain.writing import Answer
from regrow.kit import clock, errors, ids
from regrow.services import circuit_briefs, circuit_gates, mail, runs, saving
from regrow.services.circuits import Wanted
from regrow.store import audit
from regrow.store import content as content_store
from regrow.store.tables.circuits import ContentRegenerationEvent as Event
from regrow.store.tables.circuits import ContentVariantLineage as Lineage
from regrow.store.tables.content import Piece, PieceVersion, Variant
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session

HOW = "circuit"
"""How the version of a piece came that a regeneration adds."""


def register(session: Session, run: Run, answer: Answer) -> dict[str, Any]:
    """Adds the draft that every gate has let pass, in the transaction of the last look; nothing that stands changes.

    What the event found, and the verdict of the guard, go with the version, so that whoever approves it can tell.
    """
    wanted, event = Wanted.of(run), circuit_gates.under_way(session, run)
    locked = content_store.locked_piece(session, wanted.piece_id)
    if event.status != "cx05_passed" or locked is None or event.new_variant_content is None:
        raise errors.Bug(f"the regeneration {event.id} is registered out of turn, it is {event.status}")
    piece, now = locked[0], clock.now()
    piece.version += 1
    piece.updated_at = now
    variant = Variant(
        id=ids.new("var"),
        piece_id=piece.id,
        label=wanted.label,
        version=piece.version,
        content=_held(event, piece),
        status="draft",
        parent_variant_id=event.parent_variant_id,
        by=answer.origin,
        created_at=now,
    )
    version = {"version": piece.version, "how": HOW, "by": functions.REGENERATE_VARIANT.name, "at": now}
    provenance = _provenance(session, run, event, answer)
    session.add_all([variant, PieceVersion(piece_id=piece.id, **version, origin=answer.origin, provenance=provenance)])
    session.flush()
    _line(session, event, variant)
    event.new_variant_id = variant.id
    circuit_gates.ended(event, "registered")
    told = {"parent_variant_id": event.parent_variant_id, "ab_test_id": event.ab_test_id, "event_id": event.id}
    audit.add(session, runs.actor_of(run), "variant.regenerated", variant.id, **told)
    session.flush()
    return {"regeneration_event_id": event.id, "new_variant_id": variant.id, "piece_id": piece.id}


def reason(event: Event) -> str:
    """How a regeneration came out, in words."""
    if event.status == "registered":
        found = event.cx05_validation_result or {}
        facts = RegisteringFacts(**found["registering"]) if "registering" in found else None
        note = registering.note(facts) if facts is not None else ""
        told = f"Successfully regenerated variant with brand validation score {event.cx05_validation_score or 0:.2f}"
        return f"{told}; {note}" if note else f"{told}; it is a draft until somebody approves it"
    if event.failure_reason:
        return event.failure_reason
    return f"Still running: it is {event.status}"


def result(event: Event) -> dict[str, Any]:
    """A regeneration in the shape of the contract."""
    return {
        "success": event.status == "registered",
        "regeneration_event_id": event.id,
        "new_variant_id": event.new_variant_id,
        "status": event.status,
        "cx08_approved": bool(event.cx08_approved),
        "cx06_generated": bool(event.cx06_generated),
        "cx05_passed": bool(event.cx05_validation_passed),
        "cx05_score": event.cx05_validation_score,
        "duration_ms": event.duration_ms,
        "reason": reason(event),
    }


def guard_of(event: Event) -> dict[str, Any]:
    """The verdict of the guard in the shape that pieces keep theirs."""
    found = event.cx05_validation_result or {}
    judge = found.get("judge") or {}
    return {
        "score": event.cx05_validation_score,
        "passed": (event.cx05_validation_score or 0) >= GUARD_PASSES_AT,
        "method": found.get("method", "rules"),
        "findings": found.get("findings", []),
        "needs_person": False,
        "judge": "done" if judge.get("judge_score") is not None else "none",
    }


def _held(event: Event, piece: Piece) -> dict[str, Any]:
    sources = (event.cx06_generation_result or {}).get("sources", [])
    held = {**(event.new_variant_content or {}), "sources": sources}
    return mail.with_html(piece.medium, held, mail.language_of(piece.meta))


def _provenance(session: Session, run: Run, event: Event, answer: Answer) -> dict[str, Any]:
    wanted = Wanted.of(run)
    function = functions.called(circuit_briefs.writing_call(wanted))
    found = event.cx06_generation_result or {}
    more: dict[str, Any] = {
        "persona_id": wanted.persona_id,
        "patterns": found.get("patterns", []),
        "sources": found.get("sources", []),
        "regeneration_event_id": event.id,
        "label": wanted.label,
        "guard": guard_of(event),
    }
    if event.regeneration_instructions:
        more["instructions"] = event.regeneration_instructions
    return saving.provenance_of(saving.Call(function, answer, run.context_id, runs.actor_of(run), HOW, more))


def _line(session: Session, event: Event, child: Variant) -> None:
    found = (event.cx05_validation_result or {})["registering"]
    session.add(
        Lineage(
            id=ids.new("lin"),
            ab_test_id=event.ab_test_id,
            parent_variant_id=event.parent_variant_id,
            child_variant_id=child.id,
            depth=int(found["depth"]) + 1,
            regeneration_event_id=event.id,
            is_active=True,
            created_at=child.created_at,
        )
    )
