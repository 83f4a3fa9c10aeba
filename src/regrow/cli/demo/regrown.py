"""What the demo tells of the text that it had written again, read from what is on record of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from regrow.cli import output
from regrow.cli.demo import descent, gates, written_again
from regrow.cli.demo.acts import Act, Stage
from regrow.cli.demo.descent import Text
from regrow.cli.demo.gates import Gate
from regrow.cli.demo.regrowth import Deed, Regrown, Standing, Words
from regrow.cli.demo.written_again import Tried
from regrow.domain import content as rules
from regrow.domain import differences, prose
from regrow.kit import clock

if TYPE_CHECKING:
    from regrow.cli.demo.story import Story
    from regrow.store.tables.circuits import ContentRegenerationEvent
    from regrow.store.tables.content import Variant
    from regrow.store.tenancy import Session

MOST_DEEDS = 200
STANDINGS = {"": "runs", "loser": "lost", "winner": "won", "left": "left"}
STATES = {"loser": "lost", "winner": "won", "live": "may be shown", "draft": "a draft", "superseded": "replaced"}


def told(stage: Stage, _story: Story) -> Regrown | None:
    """Read in one transaction; None when there was no experiment."""
    tried: Tried | None = stage.made["regeneration"]
    if tried is None:
        return None
    with stage.home.reading(stage.workspace_id) as session:
        return _regrown(session, tried)


def _regrown(session: Session, tried: Tried) -> Regrown:
    from regrow.services import circuit_registering, experiments
    from regrow.store import experiments as store

    test = experiments.found(session, tried.experiment_id)
    rows = _variants(session, test.piece_id)
    event = _event(session, tried.event_id) if tried.event_id else None
    shape = _whole(event) if event is not None else None
    lost, new = rows[tried.variant_id], rows.get(event.new_variant_id or "") if event is not None else None
    parts = differences.between(lost.body, new.body) if new is not None else ()
    lines = _lines(session, list(rows))
    arms = store.arms(session, [tried.experiment_id])[tried.experiment_id]
    return Regrown(
        tried=tried,
        event=shape,
        reason=circuit_registering.reason(event) if event is not None else "",
        test_status=test.status,
        gates=gates.told(shape) if shape is not None else (),
        lost=lost,
        new=new,
        others=tuple(rows[arm.variant_id] for arm in arms if arm.variant_id not in (lost.id, new.id if new else "")),
        parts=parts,
        counts=differences.counts(parts),
        boxes=descent.drawn([_boxed(each, lines) for each in rows.values()], lines),
        depth=_depth(new, lines),
        standings=_standings(session, tried.next_id or tried.experiment_id, rows),
        trail=_trail(session, tried.since),
    )


def _event(session: Session, id: str) -> ContentRegenerationEvent:
    from regrow.services import editing
    from regrow.store.tables.circuits import ContentRegenerationEvent

    return editing.found(session, ContentRegenerationEvent, id, "regeneration")


def _whole(event: ContentRegenerationEvent) -> dict[str, Any]:
    from regrow.services import circuit_lineage

    return circuit_lineage.whole(event)


def _variants(session: Session, piece_id: str) -> dict[str, Words]:
    """Every text that the article ever had, the first ones first."""
    from regrow.store import content

    found = sorted(content.variants_of(session, [piece_id]), key=lambda row: (row.version, row.label))
    return {row.id: _words(row) for row in found}


def _words(row: Variant) -> Words:
    body = prose.readable(str(row.content.get("body", "")))
    return Words(row.id, row.label, row.version, row.status, rules.title_of(row.content), body)


def _lines(session: Session, variant_ids: Sequence[str]) -> dict[str, str]:
    """What each text came of, as the lineage has it."""
    from regrow.store import circuits

    rows = [row for id in variant_ids for row in circuits.ancestry(session, id)]
    return {row.child_variant_id: row.parent_variant_id for row in rows}


def _depth(new: Words | None, lines: Mapping[str, str]) -> int:
    """How often texts were written again to come to this one."""
    depth, at = 0, new.id if new is not None else ""
    while at in lines:
        depth, at = depth + 1, lines[at]
    return depth


def _boxed(words: Words, lines: Mapping[str, str]) -> Text:
    how = "written again" if words.id in lines else "as first written"
    return Text(words.id, words.label, words.version, STATES.get(words.status, words.status), how)


def _standings(session: Session, experiment_id: str, rows: Mapping[str, Words]) -> tuple[Standing, ...]:
    from regrow.services import experiment_pictures, experiments
    from regrow.store import experiments as store

    test = experiments.found(session, experiment_id)
    lines = {each.variant_id: each.points for each in experiment_pictures.courses(session, [test])[experiment_id]}
    return tuple(
        Standing(
            text=rows[arm.variant_id],
            outcome=STANDINGS.get(arm.outcome, arm.outcome),
            joined_at=arm.joined_at,
            seen=lines[arm.variant_id][-1].n if lines.get(arm.variant_id) else 0,
        )
        for arm in store.arms(session, [experiment_id])[experiment_id]
    )


def _trail(session: Session, since: datetime) -> tuple[Deed, ...]:
    """Everything that was written since then, oldest first."""
    from regrow.store import audit

    rows = [row for row in audit.page(session, MOST_DEEDS).items if clock.aware(row.at) >= since]
    return tuple(Deed(row.at, row.actor_id, row.action, row.subject_id, row.outcome) for row in reversed(rows))


def as_json(_stage: Stage, found: Regrown) -> dict[str, Any]:
    tried, event = found.tried, found.event or {}
    return {
        "event_id": tried.event_id or None,
        "status": found.status or None,
        "success": found.status == "registered",
        "reason": found.reason or tried.trouble or (tried.refusal.error if tried.refusal is not None else ""),
        "ab_test_id": tried.experiment_id,
        "losing_variant_id": tried.variant_id if found.has_lost else None,
        "circuit_execution_id": tried.decision_id if found.has_lost else None,
        "generated_by": event.get("generated_by"),
        "eligibility": dict(tried.eligibility),
        "violations": list(tried.refusal.violations) if tried.refusal is not None else [],
        "gates": {each.key: _gate(each) for each in found.gates},
        "similarity": found.similarity,
        "score": event.get("cx05_validation_score"),
        "new_variant_id": found.new.id if found.new is not None else None,
        "lineage_depth": found.depth,
        "approved": tried.is_approved,
        "notes": list(tried.notes),
        "test_status": found.test_status,
        "next_test_id": tried.next_id or None,
        "afterwards": dict(tried.afterwards),
    }


def _gate(gate: Gate) -> dict[str, Any]:
    checks = {each.name: each.is_well for each in gate.looked}
    return {"name": gate.name, "passed": gate.has_passed, "found": list(gate.found), "checks": checks}


def show(found: Regrown) -> None:
    head = "The text that lost, written again through every gate" if found.has_lost else "What may not be written again"
    output.line(f"\n{head}; the demo plays the people who ask and approve:")
    output.fields(_told_of(found))
    if found.new is not None:
        output.line(output.safe(found.follows))
    if found.traffic:
        output.line(output.safe(found.traffic))


def _told_of(found: Regrown) -> dict[str, str]:
    tried = found.tried
    fields = {"came to": found.verdict, "eligible": str(tried.eligibility["reason"])}
    if tried.refusal is not None:
        fields["asked all the same"] = tried.refusal.error
    fields |= {each.name: "; ".join((each.mark, *filter(None, (each.words,)), *each.found)) for each in found.gates}
    if found.event is not None:
        fields["regeneration"] = f"{found.event['id']}: {found.reason}"
    if tried.is_approved:
        fields["approved"] = "; ".join(("by the demo, where a person would", *tried.notes))
    if tried.trouble:
        fields["trouble"] = tried.trouble
    return fields


ACT = Act(
    *("regeneration", "Written again", "regeneration", "report_regeneration.html.j2"),
    *(written_again.play, told, as_json, show),
)
