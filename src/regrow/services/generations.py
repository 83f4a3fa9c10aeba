"""Generations: asked for from a topic, briefed from its notes, saved with all their pieces at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from regrow.domain import content, functions
from regrow.domain import personas as voices
from regrow.domain.functions import Function
from regrow.domain.workspaces import Actor, Role
from regrow.domain.writing import Answer, Brief, Draft, Source, Voice
from regrow.kit import clock, ids
from regrow.services import editing, judging, personas, runs, saving, topics
from regrow.services.runs import Plan
from regrow.store import audit, notes, records
from regrow.store import topics as topic_store
from regrow.store.tables.campaigns import Campaign
from regrow.store.tables.content import Generation
from regrow.store.tables.personas import Persona
from regrow.store.tables.runs import Run
from regrow.store.tables.topics import Topic
from regrow.store.tenancy import Session

NAME = "generate"


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
    price = price_of(persona, calls, request.variants, len(request.platforms))
    stored = content.as_json(request)
    return Plan(NAME, calls, stored, price, {**stored, "note_ids": topic.note_ids}, len(topic.note_ids))


def price_of(persona: Persona, calls: Iterable[Function], variants: int, posts: int) -> int:
    """Credits for the calls, at the length that the persona writes."""
    return sum(call.price(_words(persona, call), variants, posts) for call in calls)


def _words(persona: Persona, call: Function) -> int:
    return _voice(persona, call).words


def _voice(persona: Persona, call: Function) -> Voice:
    return voices.voice_for(persona.name, persona.voice, persona.guidelines, call.medium, persona.learned)


def brief(session: Session, run: Run, function: Function) -> Brief:
    """What the call may know: the topic's notes as they are now, without anything private."""
    return briefing(session, content.from_json(run.request))(function)


def briefing(session: Session, request: content.Request) -> Callable[[Function], Brief]:
    """Reads once what the calls for a request may know; gives back what briefs each of them."""
    topic = editing.found(session, Topic, request.topic_id, "topic")
    persona = editing.found(session, Persona, request.persona_id, "persona")
    sources = notes.sources(session, topic.note_ids)
    said = Said(topic.title, topic.summary, sources, request.instructions, request.variants, request.platforms)
    return lambda function: briefed(said, persona, function)


@dataclass(frozen=True, slots=True)
class Said:
    """What a writer is told besides the voice, whichever function it is called for."""

    title: str
    summary: str
    sources: tuple[Source, ...]
    instructions: str
    variants: int
    platforms: tuple[str, ...]


def briefed(said: Said, persona: Persona, function: Function) -> Brief:
    """The brief of one call, in the persona's voice as it is now."""
    return Brief(
        topic_title=said.title,
        topic_summary=said.summary,
        sources=said.sources,
        voice=_voice(persona, function),
        instructions=said.instructions,
        labels=content.LABELS[: said.variants],
        platforms=said.platforms if function.medium == "social" else (),
    )


def parse(session: Session, run: Run, answers: Mapping[str, Answer]) -> dict[str, Draft]:
    """The draft in each answer; Invalid when one is none, before anything is written."""
    briefed = briefing(session, content.from_json(run.request))
    drafts: dict[str, Draft] = {}
    for name, answer in answers.items():
        function = functions.called(name)
        drafts[name] = function.parse(briefed(function), answer.output or {})
    return drafts


def save(session: Session, run: Run, answers: Mapping[str, Answer], drafts: Mapping[str, Draft]) -> dict[str, Any]:
    """Stores the generation with its pieces and variants, once, and marks its seed note as used."""
    request = content.from_json(run.request)
    topic = editing.found(session, Topic, request.topic_id, "topic")
    generation = _generation(session, run, request, topic)
    persona = editing.found(session, Persona, request.persona_id, "persona")
    opened = runs.call_contexts(session, run)
    made: list[str] = []
    for name, answer in answers.items():
        function = functions.BY_NAME[name]
        placed = [saving.Placed(new, new.sequence) for new in drafted(persona, function, drafts[name])]
        call = saving.Call(function, answer, opened.get(name), runs.actor_of(run), more={"persona_id": persona.id})
        made += saving.add(session, generation, placed, call)
    if topic.seed_note_id:
        topic_store.mark_used(session, topic.seed_note_id, generation.id)
    audit.add(session, runs.actor_of(run), "generation.created", generation.id, topic_id=topic.id)
    return {"generation_id": generation.id, **judging.pending(session, made)}


def drafted(persona: Persona, function: Function, draft: Draft) -> tuple[content.NewPiece, ...]:
    """The pieces that a draft stands for, in the language of the persona's voice."""
    return content.pieces_of(draft, _voice(persona, function).language)


def _generation(session: Session, run: Run, request: content.Request, topic: Topic) -> Generation:
    id = ids.new("gen")
    row = Generation(
        id=id,
        line_id=id,
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


def outcome(session: Session, task_id: str) -> Generation | None:
    """The generation of a finished run; None while it runs. Raises what made it fail."""
    result = runs.outcome(session, task_id)
    if result is None:
        return None
    return editing.found(session, Generation, str(result["generation_id"]), "generation")
