"""New texts of a piece that is out: drafts beside what readers see, and the piece a draft until somebody decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from regrow.domain import content, functions
from regrow.domain.content import NewVariant
from regrow.domain.writing import Answer
from regrow.kit import clock, ids
from regrow.services import experiment_decisions, guarding, judging, mail, runs, saving, trigger_facts
from regrow.services.saving import Call
from regrow.store import audit
from regrow.store import content as content_store
from regrow.store import experiments as experiment_store
from regrow.store.tables.content import Generation, Piece, PieceVersion, Variant
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session

HOW = "trigger"


@dataclass(frozen=True, slots=True)
class New:
    """Texts for some labels of a locked piece, the call that gave them, and what else their provenance tells."""

    locked: tuple[Piece, Generation]
    texts: Sequence[NewVariant]
    call: Call
    more: dict[str, Any]


def call(run: Run, name: str, answer: Answer, context_id: str | None) -> Call:
    return Call(functions.BY_NAME[name], answer, context_id, runs.actor_of(run), HOW)


def save(session: Session, new: New) -> dict[str, Any]:
    """Adds the drafts, ends what experiments the piece has, and tells the variants, their judges and the verdict.

    Nothing of the rows before is changed: what is out stays out, and a winner stays what it is.
    """
    piece, generation = new.locked
    actor, now = new.call.actor, clock.now()
    ended = _end_experiments(session, new)
    before = _replaced(session, piece.id)
    cited = list(dict.fromkeys(id for text in new.texts for id in text.source_note_ids))
    provenance = {**saving.provenance_of(new.call), **new.more, "sources": cited}
    piece.status, piece.version, piece.updated_at = "draft", piece.version + 1, now
    piece.origin, piece.provenance, piece.guard = new.call.answer.origin, provenance, None
    made = [_variant(piece, text, before.get(text.label), new.call) for text in new.texts]
    session.add_all(made)
    session.add(
        PieceVersion(
            piece_id=piece.id,
            version=piece.version,
            how=HOW,
            by=new.call.function.name,
            origin=piece.origin,
            provenance=provenance,
            at=now,
        )
    )
    session.flush()
    verdict = guarding.check(session, actor, piece, generation)
    session.flush()
    statuses = [each.status for each in content_store.pieces_of(session, [generation.id])]
    generation.status = content.generation_status(statuses)
    labels = [text.label for text in new.texts]
    audit.add(session, actor, "piece.rewritten", piece.id, version=piece.version, labels=labels, ended=ended)
    told = {"variant_ids": [row.id for row in made], "ended_experiments": ended, "guard_passed": verdict["passed"]}
    return {**told, **judging.pending(session, [piece.id])}


def _replaced(session: Session, piece_id: str) -> dict[str, str]:
    """The text that a new one replaces, by label: what readers see of it, else the newest."""
    newest = content_store.newest_variants(session, [piece_id])[piece_id]
    return {row.label: row.id for row in (*newest, *trigger_facts.live_of(session, piece_id))}


def _end_experiments(session: Session, new: New) -> list[str]:
    """Those that run on the piece: what they compare is about to change."""
    running = experiment_store.of_piece(session, new.locked[0].id, "running")
    for row in running:
        experiment_decisions.end(session, new.call.actor, row.id)
    return [row.id for row in running]


def _variant(piece: Piece, text: NewVariant, parent_id: str | None, call: Call) -> Variant:
    held = {**text.content, "sources": list(text.source_note_ids)}
    return Variant(
        id=ids.new("var"),
        piece_id=piece.id,
        label=text.label,
        version=piece.version,
        content=mail.with_html(piece.medium, held, mail.language_of(piece.meta)),
        status="draft",
        parent_variant_id=parent_id,
        by=call.answer.origin,
        created_at=clock.now(),
    )
