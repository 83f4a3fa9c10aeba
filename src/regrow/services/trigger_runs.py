"""A trigger's run: why it was met, then new texts in the light of that, saved in one go or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from regrow.domain import content, functions
from regrow.domain.functions import ANALYSE, Function
from regrow.domain.triggers import analysing, words
from regrow.domain.triggers import facts as fact_rules
from regrow.domain.triggers.facts import Facts
from regrow.domain.writing import Analysis, Answer, Brief, Earlier, Measured, Source, Voice
from regrow.kit import clock, errors, plain
from regrow.services import editing, generations, runs, trigger_facts, trigger_texts, triggers
from regrow.store import content as content_store
from regrow.store import notes, records
from regrow.store import triggers as store
from regrow.store.tables.content import Generation, Piece, Variant
from regrow.store.tables.personas import Persona
from regrow.store.tables.runs import Run
from regrow.store.tables.topics import Topic
from regrow.store.tables.triggers import Trigger
from regrow.store.tenancy import Session

NAME = "trigger"
MOST_TRIED = 10
"""Earlier texts, besides those that are out, that new ones are kept away from."""
FIRST_WAIT = timedelta(minutes=15)
LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Request:
    """What fired: the piece as it was then, the labels that get a new text, and the facts, as JSON.

    `analysis` is added by the run itself once there is one; `written_by` says by what.
    """

    trigger_id: str
    piece_id: str
    generation_id: str
    version: int
    persona_id: str
    medium: str
    platform: str
    labels: tuple[str, ...]
    facts: dict[str, Any]
    analysis: dict[str, Any] = field(default_factory=dict)
    written_by: str = ""
    model: str = ""

    @property
    def known(self) -> Facts:
        return fact_rules.from_json(self.facts)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What saving goes on from, locked in the same transaction."""

    wanted: Request
    piece: Piece
    generation: Generation
    trigger: Trigger
    persona: Persona
    new: content.NewPiece


def as_json(wanted: Request) -> dict[str, Any]:
    return plain.as_json(wanted)


def asked(run: Run) -> Request:
    return Request(**{**run.request, "labels": tuple(run.request["labels"])})


def calls(run: Run) -> list[str]:
    """The analysis, then the medium's own writing function."""
    return [ANALYSE.name, functions.BY_MEDIUM[asked(run).medium].name]


def brief(session: Session, run: Run, function: Function) -> Brief:
    """Conflict, before anything is paid, when the piece or its trigger changed meanwhile."""
    wanted = asked(run)
    piece = editing.found(session, Piece, wanted.piece_id, "piece")
    _refuse_changed(session, run, wanted, piece, records.get(session, Trigger, wanted.trigger_id))
    persona = editing.found(session, Persona, wanted.persona_id, "persona")
    if function.name == ANALYSE.name:
        return _analyst(session, wanted, persona)
    generation = editing.found(session, Generation, wanted.generation_id, "generation")
    topic = editing.found(session, Topic, generation.topic_id, "topic")
    sources = notes.sources(session, generation.cluster_note_ids)
    told = _writer(wanted, persona, generations.Said(topic.title, generation.topic_summary, sources, "", 1, ()))
    rows = content_store.newest_variants(session, [piece.id])[piece.id]
    out = trigger_facts.live_of(session, piece.id)
    replaced = list({row.id: row for row in (*out, *rows)}.values())
    latest = content_store.latest_variants(session, [piece.id], MOST_TRIED + len(replaced))
    ids = {row.id for row in replaced}
    tried = [row for row in latest if row.id not in ids][:MOST_TRIED]
    return replace(
        told,
        replaced=tuple(_earlier(row, wanted.platform) for row in replaced),
        tried=tuple(_earlier(row, wanted.platform) for row in tried),
        analysis=analysing.told(Analysis(**wanted.analysis)) if wanted.analysis else "",
    )


def _analyst(session: Session, wanted: Request, persona: Persona) -> Brief:
    """The facts as they were when it fired, and the texts that are out."""
    facts = wanted.known
    out = trigger_facts.live_of(session, wanted.piece_id)
    texts = tuple((row.label, _read(row)) for row in out)
    measured = Measured(fact_rules.sentences(facts), texts, words.analysis(facts), facts.condition.prompt)
    told = generations.briefed(generations.Said("", "", (), "", 1, ()), persona, functions.BY_MEDIUM[wanted.medium])
    return replace(told, labels=wanted.labels, platforms=(), measured=measured)


def _writer(wanted: Request, persona: Persona, said: generations.Said) -> Brief:
    platforms = (wanted.platform,) if wanted.platform else ()
    prompted = replace(said, instructions=wanted.known.condition.prompt, platforms=platforms)
    return replace(generations.briefed(prompted, persona, functions.BY_MEDIUM[wanted.medium]), labels=wanted.labels)


def _read(row: Variant) -> str:
    title, body = content.title_of(row.content), str(row.content.get("body", ""))
    return f"Title: {title}\n\n{body}" if title else body


def _earlier(row: Variant, platform: str) -> Earlier:
    return Earlier(str(row.content.get("body", "")), platform, content.title_of(row.content))


def keep(session: Session, run: Run, answers: Mapping[str, Answer]) -> None:
    """Keeps the analysis with the run, for the call that comes next; Invalid when it says what no fact bears out."""
    answer = answers[ANALYSE.name]
    made = _analysis(asked(run), answer)
    by = "template" if answer.origin == "offline-extractive" else "model"
    run.request = {**run.request, "analysis": asdict(made), "written_by": by, "model": answer.model}


def _analysis(wanted: Request, answer: Answer) -> Analysis:
    facts = wanted.known
    measured = Measured(fact_rules.sentences(facts), (), words.analysis(facts))
    return analysing.parsed(Brief("", "", (), Voice(""), measured=measured), answer.output or {})


def parse(session: Session, run: Run, answers: Mapping[str, Answer]) -> Parsed:
    """The new texts; Conflict when the piece or its trigger changed meanwhile, Invalid for what is no draft."""
    wanted = asked(run)
    locked = content_store.locked_piece(session, wanted.piece_id)
    if locked is None:
        raise errors.Bug(f"the piece {wanted.piece_id} of the run {run.id} is gone")
    piece, generation = locked
    session.refresh(piece)
    trigger = store.locked(session, wanted.trigger_id)
    _refuse_changed(session, run, wanted, piece, trigger)
    assert trigger is not None
    persona = editing.found(session, Persona, wanted.persona_id, "persona")
    function = functions.BY_MEDIUM[wanted.medium]
    sources = tuple(Source(id, "", "") for id in generation.cluster_note_ids)
    told = _writer(wanted, persona, generations.Said("", "", sources, "", 1, ()))
    out = trigger_facts.live_of(session, piece.id)
    told = replace(told, replaced=tuple(_earlier(row, wanted.platform) for row in out))
    draft = function.parse(told, answers[function.name].output or {})
    (new,) = generations.drafted(persona, function, draft)
    return Parsed(wanted, piece, generation, trigger, persona, new)


def _refuse_changed(session: Session, run: Run, wanted: Request, piece: Piece, trigger: Trigger | None) -> None:
    if trigger is None or trigger.status != "firing" or trigger.task_id != run.id:
        raise errors.Conflict("its trigger was cleared or replaced meanwhile: nothing was written", "trigger_cleared")
    labels, _winner = trigger_facts.to_write(session, piece)
    is_same = piece.version == wanted.version and labels == wanted.labels
    if not is_same or piece.status not in ("approved", "published"):
        told = f"the piece is {piece.status}, at version {piece.version}" if is_same else "its texts were changed"
        raise errors.Conflict(f"{told} since its trigger fired: nothing was written", "changed_meanwhile")


def save(session: Session, run: Run, answers: Mapping[str, Answer], parsed: Parsed) -> dict[str, Any]:
    """Everything of it at once: the drafts, the piece's status, the end of its experiments and of the trigger."""
    wanted, actor = parsed.wanted, runs.actor_of(run)
    name = functions.BY_MEDIUM[wanted.medium].name
    saved = trigger_texts.save(
        session,
        trigger_texts.New(
            locked=(parsed.piece, parsed.generation),
            texts=parsed.new.variants,
            call=trigger_texts.call(run, name, answers[name], runs.call_contexts(session, run).get(name)),
            more=_provenance(wanted, run),
        ),
    )
    parsed.trigger.status, parsed.trigger.ended_at = "fired", clock.now()
    triggers.record(session, actor, parsed.trigger, "written", version=parsed.piece.version, task_id=run.id)
    analysis = {**wanted.analysis, "written_by": wanted.written_by, "model": wanted.model}
    analysis["facts"] = list(fact_rules.sentences(wanted.known))
    fired = {"trigger_id": wanted.trigger_id, "triggered_variants": list(wanted.known.triggered)}
    return {"piece_id": wanted.piece_id, "version": parsed.piece.version, **fired, **saved, "analysis": analysis}


def _provenance(wanted: Request, run: Run) -> dict[str, Any]:
    facts = wanted.known
    return {
        "persona_id": wanted.persona_id,
        "trigger": {
            "trigger_id": wanted.trigger_id,
            "task_id": run.id,
            "condition": facts.condition.told,
            "triggered": list(facts.triggered),
        },
        "analysis": {**wanted.analysis, "written_by": wanted.written_by, "model": wanted.model},
        **({"instructions": facts.condition.prompt} if facts.condition.prompt else {}),
    }


def failed(session: Session, run: Run, error: Mapping[str, Any]) -> None:
    """The trigger stands as before, unless somebody cleared it; it fires again no sooner than is said of it."""
    row = store.locked(session, asked(run).trigger_id)
    if row is None or row.status != "firing" or row.task_id != run.id:
        return
    row.status, row.failures = "set", row.failures + 1
    row.retry_at = _again_at(row.failures, clock.now())
    again = clock.iso(row.retry_at) if row.failures < triggers.MOST_FAILURES else None
    triggers.record(session, runs.actor_of(run), row, "failed", code=error["code"], task_id=run.id, retry_at=again)


def _again_at(failures: int, now: datetime) -> datetime:
    """A quarter of an hour after the first failure, then four times as long after each, a day at most."""
    return now + min(FIRST_WAIT * float(4 ** (failures - 1)), LONGEST_WAIT)
