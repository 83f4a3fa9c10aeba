"""What the models of a regeneration are told, each from what stands now."""

from __future__ import annotations

from dataclasses import replace

from regrow.domain import functions, models
from regrow.domain import personas as voices
from regrow.domain import regenerating as rules
from regrow.domain.functions import Function
from regrow.domain.writing import Brief, Earlier, Examined, Source, Voice
from regrow.services import circuit_judging, circuit_lessons, circuits, editing, judging, regenerating
from regrow.services.circuits import Wanted
from regrow.store import content as content_store
from regrow.store import notes, workspaces
from regrow.store.tables.circuits import ContentRegenerationEvent as Event
from regrow.store.tables.content import Generation
from regrow.store.tables.personas import Persona
from regrow.store.tables.runs import Run
from regrow.store.tables.topics import Topic
from regrow.store.tenancy import Session

MOST_TRIED = 10
"""Other texts of the piece that a new one had better differ from too."""
EMPTY = Brief("", "", (), Voice(""))
"""For answers that are read without knowing what was asked."""


def calls(run: Run) -> list[str]:
    """Every model call of a regeneration, in order."""
    wanted = Wanted.of(run)
    review = [functions.REVIEW.name] if wanted.has_review else []
    return [*review, writing_call(wanted), *(circuit_judging.calls(wanted) if wanted.has_judge else [])]


def writing_call(wanted: Wanted) -> str:
    return functions.call_name(functions.REGENERATE_VARIANT, wanted.medium)


def candidates(session: Session, run: Run, function: Function) -> str:
    """Whom to ask: opinions only come from models that the workspace named for them."""
    if function.name == functions.REVIEW.name:
        return circuits.reviewers(session)
    if function.name == functions.JUDGE.name:
        return circuit_judging.candidates(session, _event(session, run))
    return models.for_function(workspaces.settings(session).values, function.name)


def brief(session: Session, run: Run, function: Function) -> Brief:
    if function.name == functions.REVIEW.name:
        return reviewing(session, run)
    if function.name == functions.JUDGE.name:
        return circuit_judging.brief(session, run, _event(session, run), function)
    return writing(session, run, function)


def reviewing(session: Session, run: Run) -> Brief:
    """The text that lost, why, what did better, and what the writer would be asked."""
    told = writing(session, run, circuits.writer_of(Wanted.of(run).medium), is_parsing=True)
    lost = circuit_lessons.recalled(session, _event(session, run)).lost
    return replace(told, sources=(), replaced=(), tried=(), examined=Examined(judging.texts_of(lost.content), ()))


def writing(session: Session, run: Run, function: Function, is_parsing: bool = False) -> Brief:
    """The same notes, the voice as it is now, the texts to differ from, and what the test showed.

    Conflict, before anything is paid, when too few notes are left. An answer may name notes that went away since.
    """
    wanted, event = Wanted.of(run), _event(session, run)
    generation = editing.found(session, Generation, wanted.generation_id, "generation")
    note_ids = generation.cluster_note_ids
    if not is_parsing:
        rules.refuse_thin(regenerating.cluster_of(session, generation))
    persona = editing.found(session, Persona, wanted.persona_id, "persona")
    topic = editing.found(session, Topic, generation.topic_id, "topic")
    lesson = circuit_lessons.recalled(session, event)
    known = {row.id for row in (lesson.lost, *lesson.won)}
    latest = content_store.latest_variants(session, [wanted.piece_id], MOST_TRIED + len(known))
    return Brief(
        topic_title=topic.title,
        topic_summary=topic.summary,
        sources=tuple(Source(id, "", "") for id in note_ids) if is_parsing else notes.sources(session, note_ids),
        voice=voices.voice_for(persona.name, persona.voice, persona.guidelines, wanted.medium, persona.learned),
        instructions=event.regeneration_instructions or "",
        labels=(wanted.label,),
        platforms=(wanted.platform,) if wanted.medium == "social" else (),
        replaced=lesson.replaced(wanted.platform),
        tried=tuple(
            Earlier(str(row.content.get("body", "")), wanted.platform) for row in latest if row.id not in known
        ),
        rewriting=lesson.rewriting,
    )


def _event(session: Session, run: Run) -> Event:
    return editing.found(session, Event, Wanted.of(run).event_id, "regeneration")
