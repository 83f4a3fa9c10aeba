"""Asking for another try on the same notes: for a whole generation, one medium of it, or one piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from regrow.domain import content, functions
from regrow.domain import regenerating as rules
from regrow.domain import workspaces as workspace_rules
from regrow.domain.regenerating import Cluster, Request, Scope
from regrow.domain.workspaces import Actor, Role
from regrow.domain.writing import DEFAULT_PLATFORMS
from regrow.kit import clock, errors
from regrow.services import editing, generations, personas, runs
from regrow.services import pieces as piece_services
from regrow.services.runs import Plan
from regrow.store import content as content_store
from regrow.store import notes, records, workspaces
from regrow.store import regenerating as store
from regrow.store.tables.content import Generation, Piece
from regrow.store.tables.personas import Persona
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session

NAME = "regenerate"


@dataclass(frozen=True, slots=True)
class Wish:
    """How another try is to be: what to do differently, and in whose voice if not in the same.

    The same `task_id` begins nothing twice.
    """

    instructions: str = ""
    persona_id: str | None = None
    task_id: str | None = None


def ask_generation(session: Session, actor: Actor, generation_id: str, wish: Wish = Wish()) -> Run:
    """Begins a new generation from the notes of this one, which stays as it is.

    Conflict when it is approved or published or its notes are too few; LimitReached past the day's limit.
    """
    if (begun := _begun(session, actor, wish)) is not None:
        return begun
    generation = _locked(session, generation_id)
    pieces = _current(session, generation)
    media = tuple(dict.fromkeys(piece.medium for piece in pieces if piece.medium in functions.BY_MEDIUM))
    wanted = _wanted(session, Scope.GENERATION, generation, pieces, media, wish)
    return _begin(session, actor, generation, wanted, wish.task_id)


def ask_medium(session: Session, actor: Actor, generation_id: str, medium: str, wish: Wish = Wish()) -> Run:
    """Begins new pieces of one medium in place of its drafts and rejected ones; the first ones when it has none yet."""
    if (begun := _begun(session, actor, wish)) is not None:
        return begun
    generation = _locked(session, generation_id)
    rules.refuse_medium(medium)
    pieces = [piece for piece in _current(session, generation) if piece.medium == medium]
    rules.refuse_decided(generation.status)
    # What was set back to draft is still out, and has its new text already.
    out = {piece.id for piece in pieces if piece_services.is_set_back(session, piece)}
    rules.refuse_all_decided(medium, ["published" if piece.id in out else piece.status for piece in pieces])
    targets = [piece for piece in pieces if piece.status in rules.REPLACEABLE and piece.id not in out]
    wanted = _wanted(session, Scope.MEDIUM, generation, targets, (medium,), wish)
    return _begin(session, actor, generation, wanted, wish.task_id)


def ask_piece(session: Session, actor: Actor, piece_id: str, wish: Wish = Wish()) -> Run:
    """Begins a new piece in place of this one."""
    if (begun := _begun(session, actor, wish)) is not None:
        return begun
    piece = editing.found(session, Piece, piece_id, "piece")
    generation = _locked(session, piece.generation_id)
    session.refresh(piece)
    stands = content_store.current_of_lines(session, [piece.line_id]).get(piece.line_id)
    rules.refuse_piece(piece.status, stands.id if stands else "none")
    rules.refuse_set_back(piece_services.is_set_back(session, piece))
    rules.refuse_medium(piece.medium)
    wanted = _wanted(session, Scope.PIECE, generation, [piece], (piece.medium,), wish)
    return _begin(session, actor, generation, wanted, wish.task_id)


def _begun(session: Session, actor: Actor, wish: Wish) -> Run | None:
    actor.must(Role.EDITOR)
    return None if wish.task_id is None else records.get(session, Run, wish.task_id)


def _locked(session: Session, generation_id: str) -> Generation:
    generation = content_store.lock_generation(session, generation_id)
    if generation is None:
        raise errors.NotFound(f"there is no generation {generation_id[:60]!r} here")
    return generation


def _current(session: Session, generation: Generation) -> list[Piece]:
    found = content_store.pieces_of(session, [generation.id])
    return [piece for piece in found if piece.status in content.CURRENT]


def _wanted(
    session: Session,
    scope: Scope,
    generation: Generation,
    pieces: Sequence[Piece],
    media: tuple[str, ...],
    wish: Wish,
) -> Request:
    """What is to be written, as far as it is known when it is asked for."""
    labels = content_store.most_labels(session, [piece.id for piece in pieces])
    asked = None if labels else records.get(session, Run, generation.task_id)
    usual = int(asked.request.get("variants", 2)) if asked else 2
    platforms = tuple(piece.meta.get("platform", "") for piece in pieces if piece.medium == "social")
    if "social" in media and not platforms:
        platforms = DEFAULT_PLATFORMS
    return Request(
        scope=scope.value,
        generation_id=generation.id,
        persona_id=personas.chosen(session, wish.persona_id or generation.persona_id).id,
        media=media,
        variants=labels or usual,
        platforms=platforms,
        instructions=rules.checked_instructions(wish.instructions),
        seen={piece.id: piece.version for piece in pieces},
    )


def _begin(session: Session, actor: Actor, generation: Generation, wanted: Request, task_id: str | None) -> Run:
    rules.refuse_decided(generation.status)
    now = clock.now()
    day = rules.day_of(now)
    limit = setting(session, "regenerations_per_day")
    rules.refuse_past_limit(rules.Day(*store.counts(session, generation.id, day), limit, now))
    cluster = cluster_of(session, generation)
    rules.refuse_thin(cluster)
    calls = [functions.BY_MEDIUM[medium] for medium in wanted.media]
    persona = editing.found(session, Persona, wanted.persona_id, "persona")
    price = generations.price_of(persona, calls, wanted.variants, len(wanted.platforms))
    stored = rules.as_json(wanted)
    inputs = {**stored, "note_ids": generation.cluster_note_ids}
    run = runs.begin(session, actor, Plan(NAME, calls, stored, price, inputs, cluster.left), task_id)
    store.add(session, run.id, generation.id, day)
    return run


def setting(session: Session, name: str) -> int:
    return workspace_rules.setting(workspaces.settings(session).values, name)


def cluster_of(session: Session, generation: Generation) -> Cluster:
    """What is left of the notes that the generation was written from."""
    note_ids = generation.cluster_note_ids
    left, private = notes.standing(session, note_ids)
    # Only what has lost notes can have become too small.
    least = setting(session, "topic_min_notes") if left < len(note_ids) else 1
    return Cluster(len(note_ids), left, private, least)
