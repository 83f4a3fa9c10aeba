"""Generations: asked for from a topic, briefed from its notes, saved with all their pieces at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from regrow.domain import content, functions
from regrow.domain import personas as voices
from regrow.domain.functions import Function
from regrow.domain.workspaces import Actor, Role
from regrow.domain.writing import Answer, Brief, Draft, Voice
from regrow.kit import clock, errors, ids
from regrow.services import editing, mail, personas, runs, topics
from regrow.services.runs import Plan
from regrow.store import audit, notes, records
from regrow.store import content as content_store
from regrow.store import runs as run_store
from regrow.store import topics as topic_store
from regrow.store.tables.campaigns import Campaign
from regrow.store.tables.content import Generation
from regrow.store.tables.personas import Persona
from regrow.store.tables.runs import Run
from regrow.store.tables.topics import Topic
from regrow.store.tenancy import Session

NAME = "generate"
Drafts = Draft


def ask(
    session: Session,
    actor: Actor,
    topic_id: str | None = None,
    persona_id: str | None = None,
    campaign_id: str | None = None,
    media: Iterable[str] = ("blog", "social"),
    variants: int = 2,
    social_count: int = 5,
    instructions: str = "",
    task_id: str | None = None,
) -> Run:
    """Begins a generation; without a topic one is discovered first. The same `task_id` begins nothing twice."""
    actor.must(Role.EDITOR)
    if task_id is not None and (begun := records.get(session, Run, task_id)) is not None:
        return begun
    persona = personas.chosen(session, persona_id)
    if campaign_id is not None:
        editing.refuse_archived(editing.found(session, Campaign, campaign_id, "campaign"), "campaign")
    request = content.requested(topic_id or "", persona.id, campaign_id, media, variants, social_count, instructions)
    topic = _topic(session, actor, topic_id)
    request = content.requested(topic.id, persona.id, campaign_id, media, variants, social_count, instructions)
    return runs.begin(session, actor, _plan(request, persona, topic), task_id)


def _topic(session: Session, actor: Actor, topic_id: str | None) -> Topic:
    if topic_id is None:
        return topics.discover(session, actor)
    topic = editing.found(session, Topic, topic_id, "topic")
    editing.refuse_archived(topic, "topic")
    return topic


def _plan(request: content.Request, persona: Persona, topic: Topic) -> Plan:
    calls = [functions.BY_MEDIUM[medium] for medium in request.media]
    price = sum(call.price(_words(persona, call), request.variants, len(request.platforms)) for call in calls)
    stored = content.as_json(request)
    return Plan(NAME, calls, stored, price, {**stored, "note_ids": topic.note_ids}, len(topic.note_ids))


def _words(persona: Persona, call: Function) -> int:
    return _voice(persona, call).words


def _voice(persona: Persona, call: Function) -> Voice:
    return voices.voice_for(persona.name, persona.voice, persona.guidelines, call.medium)


def brief(session: Session, run: Run, function: Function) -> Brief:
    """What the call may know: the topic's notes as they are now, without anything private."""
    return _briefing(session, run)(function)


def _briefing(session: Session, run: Run) -> Callable[[Function], Brief]:
    """Reads once what the calls of a run may know; gives back what briefs each of them."""
    request = content.from_json(run.request)
    topic = editing.found(session, Topic, request.topic_id, "topic")
    persona = editing.found(session, Persona, request.persona_id, "persona")
    sources = notes.sources(session, topic.note_ids)

    def told(function: Function) -> Brief:
        return Brief(
            topic_title=topic.title,
            topic_summary=topic.summary,
            sources=sources,
            voice=_voice(persona, function),
            instructions=request.instructions,
            labels=content.LABELS[: request.variants],
            platforms=request.platforms if function.medium == "social" else (),
        )

    return told


def parse(session: Session, run: Run, answers: Mapping[str, Answer]) -> dict[str, Drafts]:
    """The draft in each answer; Invalid when one is none, before anything is written."""
    briefed = _briefing(session, run)
    drafts: dict[str, Drafts] = {}
    for name, answer in answers.items():
        function = functions.BY_NAME[name]
        drafts[name] = function.parse(briefed(function), answer.output or {})
    return drafts


def save(session: Session, run: Run, answers: Mapping[str, Answer], drafts: Mapping[str, Drafts]) -> dict[str, Any]:
    """Stores the generation with its pieces and variants, once, and marks its seed note as used."""
    request = content.from_json(run.request)
    topic = editing.found(session, Topic, request.topic_id, "topic")
    generation = _generation(session, run, request, topic)
    opened = runs.call_contexts(session, run)
    persona = editing.found(session, Persona, request.persona_id, "persona")
    for name, answer in answers.items():
        function = functions.BY_NAME[name]
        drafted = content.pieces_of(drafts[name], _voice(persona, function).language)
        _add_pieces(session, generation, drafted, _provenance(function, answer), answer, opened.get(name))
    if topic.seed_note_id:
        topic_store.mark_used(session, topic.seed_note_id, generation.id)
    audit.add(session, runs.actor_of(run), "generation.created", generation.id, topic_id=topic.id)
    return {"generation_id": generation.id}


def _generation(session: Session, run: Run, request: content.Request, topic: Topic) -> Generation:
    row = Generation(
        id=ids.new("gen"),
        task_id=run.id,
        topic_id=topic.id,
        persona_id=request.persona_id,
        campaign_id=request.campaign_id,
        seed_note_id=topic.seed_note_id,
        cluster_note_ids=topic.note_ids,
        topic_summary=topic.summary,
        status="draft",
        warnings=[],
        context_id=run.context_id,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def _provenance(function: Function, answer: Answer) -> dict[str, Any]:
    costs = [attempt.cost_micros for attempt in answer.attempts]
    return {
        "function": function.name,
        "template": answer.template,
        "template_version": answer.template_version,
        "model": answer.model,
        "settings": answer.settings,
        "cost": "unknown" if None in costs else sum(cost or 0 for cost in costs) / 1_000_000,
        "patterns": [],
    }


def _add_pieces(
    session: Session,
    generation: Generation,
    drafted: Sequence[content.NewPiece],
    provenance: dict[str, Any],
    answer: Answer,
    context_id: str | None,
) -> None:
    # Sorted, because ids made within one millisecond are in no order, and lists show pieces by id.
    piece_ids = sorted(ids.new("pie") for _ in drafted)
    named = list(zip(piece_ids, drafted, strict=True))
    shared = {
        "generation_id": generation.id,
        "campaign_id": generation.campaign_id,
        "origin": answer.origin,
        "context_id": context_id,
    }
    pieces = [{**_piece(id, new, provenance), **shared} for id, new in named]
    variants = [_variant(id, new, variant, answer.origin) for id, new in named for variant in new.variants]
    content_store.add_pieces(session, pieces, variants)


def _piece(id: str, new: content.NewPiece, provenance: dict[str, Any]) -> dict[str, Any]:
    now = clock.now()
    cited = dict.fromkeys(note_id for variant in new.variants for note_id in variant.source_note_ids)
    return {
        "id": id,
        "medium": new.medium,
        "sequence": new.sequence,
        "status": "draft",
        "version": 1,
        "meta": new.meta,
        "provenance": {**provenance, "sources": list(cited)},
        "created_at": now,
        "updated_at": now,
    }


def _variant(piece_id: str, new: content.NewPiece, variant: content.NewVariant, by: str) -> dict[str, Any]:
    held = {**variant.content, "sources": list(variant.source_note_ids)}
    return {
        "id": ids.new("var"),
        "piece_id": piece_id,
        "label": variant.label,
        "version": 1,
        "content": mail.with_html(new.medium, held, mail.language_of(new.meta)),
        "status": "draft",
        "by": by,
        "created_at": clock.now(),
    }


def outcome(session: Session, task_id: str) -> Generation | None:
    """The generation of a finished run; None while it runs. Raises what made it fail."""
    end = run_store.last(session, task_id)
    if end is None or end.phase != "DONE":
        return None
    if end.status != "success":
        raise failure(end.error or {})
    return editing.found(session, Generation, str((end.result or {})["generation_id"]), "generation")


def failure(error: dict[str, Any]) -> errors.RegrowError:
    """What a failed run raises to whoever waited for it."""
    detail, code = str(error.get("detail", "the run failed")), str(error.get("code", "failed"))
    if code == "not_enough_source":
        return errors.Conflict(detail, code)
    return errors.Unavailable(detail, code, error.get("retry_after_seconds"), is_permanent=True)
