"""A regeneration as it runs: briefed from what stands, parsed, and saved so that no text is lost by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from regrow.domain import content, functions
from regrow.domain import regenerating as rules
from regrow.domain.functions import Function
from regrow.domain.regenerating import Cluster, Request, Scope
from regrow.domain.writing import Answer, Brief, Draft, Earlier, Source
from regrow.kit import clock, errors, ids
from regrow.services import editing, generations, regenerating, runs, saving
from regrow.store import audit, records
from regrow.store import content as content_store
from regrow.store.tables.campaigns import Campaign
from regrow.store.tables.content import Generation, Piece
from regrow.store.tables.personas import Persona
from regrow.store.tables.runs import Run
from regrow.store.tables.topics import Topic
from regrow.store.tenancy import Session

MOST_TRIED = 10
"""Earlier texts of each label, besides those replaced, that a new one is kept away from."""
NEW_CAMPAIGN = "its campaign is archived: what is new belongs to none"


@dataclass(frozen=True, slots=True)
class Stands:
    """The pieces whose texts a run writes again: `lines` by the piece that was seen, `pieces` by line as they are."""

    lines: dict[str, str]
    pieces: dict[str, Piece]

    def because(self, line_id: str, wanted: Request) -> str | None:
        """Why the piece of a line stays, in words; None when it may be replaced."""
        piece = self.pieces[line_id]
        return rules.kept_because(rules.Standing(piece.id, piece.status, piece.version, wanted.seen.get(piece.id)))


def brief(session: Session, run: Run, function: Function) -> Brief:
    """The same notes and summary, the voice as it is now, and the texts to keep away from.

    Conflict, before anything is paid, when too few notes are left or nothing may be replaced any more.
    """
    wanted = rules.from_json(run.request)
    generation = editing.found(session, Generation, wanted.generation_id, "generation")
    cluster, sources = regenerating.cluster_of(session, generation)
    rules.refuse_thin(cluster)
    stands = _stands(session, wanted)
    reasons = [stands.because(line, wanted) for line in stands.lines.values()]
    if wanted.scope != Scope.GENERATION and reasons and all(reasons):
        raise errors.Conflict(f"nothing was written: {reasons[0]}", "changed_meanwhile")
    told = _told(session, wanted, generation, sources, summary_of(session, generation, cluster), function)
    of_medium = [piece for piece in stands.pieces.values() if piece.medium == function.medium]
    return replace(
        told, replaced=_newest_texts(session, of_medium), tried=_tried(session, wanted, generation, of_medium)
    )


def parse(session: Session, run: Run, answers: Mapping[str, Answer]) -> dict[str, Any]:
    """The draft in each answer; Invalid when one is none or repeats what it replaces.

    Notes that went away since the call was made may be named as sources all the same, and what will not be replaced
    need not be kept away from.
    """
    wanted = rules.from_json(run.request)
    generation = editing.found(session, Generation, wanted.generation_id, "generation")
    stands = _stands(session, wanted)
    known = tuple(Source(id, "", "") for id in generation.cluster_note_ids)
    drafts: dict[str, Any] = {}
    for name, answer in answers.items():
        function = functions.BY_NAME[name]
        replaced = [
            piece
            for line, piece in stands.pieces.items()
            if piece.medium == function.medium
            and (wanted.scope == Scope.GENERATION or stands.because(line, wanted) is None)
        ]
        told = _told(session, wanted, generation, known, "", function)
        told = replace(told, replaced=_newest_texts(session, replaced))
        drafts[name] = function.parse(told, answer.output or {})
    return drafts


def save(session: Session, run: Run, answers: Mapping[str, Answer], drafts: Mapping[str, Any]) -> dict[str, Any]:
    """Puts the new pieces where the old ones stood, in one go; what somebody changed meanwhile stays, and the new text
    for it is set aside.
    """
    wanted = rules.from_json(run.request)
    source = content_store.lock_generation(session, wanted.generation_id)
    if source is None:
        raise errors.Bug(f"the generation {wanted.generation_id} of the run {run.id} is gone")
    cluster, _sources = regenerating.cluster_of(session, source)
    warnings = [told for told in (rules.warning(cluster),) if told]
    if wanted.scope == Scope.GENERATION:
        return _save_generation(session, run, source, cluster, warnings, answers, drafts)
    source.warnings = list(dict.fromkeys([*source.warnings, *warnings]))
    stands = _stands(session, wanted)
    made: list[str] = []
    aside: list[dict[str, str]] = []
    opened = runs.call_contexts(session, run)
    for name, answer in answers.items():
        placed = _placed(session, source, wanted, stands, _drafted(session, wanted, name, drafts[name]))
        content_store.supersede(session, [piece.id for each in placed if (piece := _replaced(each))], clock.now())
        new = saving.add(session, source, placed, _call(run, name, answer, opened.get(name), wanted))
        for id, each in zip(new, placed, strict=True):
            _record(session, run, id, each)
            if each.set_aside and each.parent:
                aside.append({"piece_id": each.parent.id, "set_aside_id": id, "reason": each.set_aside})
            else:
                made.append(id)
    statuses = [piece.status for piece in content_store.pieces_of(session, [source.id])]
    source.status = content.generation_status(statuses)
    return {"generation_id": source.id, "piece_ids": made, "set_aside": aside}


def summary_of(session: Session, generation: Generation, cluster: Cluster) -> str:
    """Word for word as it was, unless one of the notes became private: then as the topic tells it since."""
    if not cluster.private:
        return generation.topic_summary
    return editing.found(session, Topic, generation.topic_id, "topic").summary


def _told(
    session: Session,
    wanted: Request,
    generation: Generation,
    sources: tuple[Source, ...],
    summary: str,
    function: Function,
) -> Brief:
    persona = editing.found(session, Persona, wanted.persona_id, "persona")
    topic = editing.found(session, Topic, generation.topic_id, "topic")
    said = generations.Said(topic.title, summary, sources, wanted.instructions, wanted.variants, wanted.platforms)
    return generations.briefed(said, persona, function)


def _stands(session: Session, wanted: Request) -> Stands:
    seen = {row.id: row for row in content_store.pieces(session, list(wanted.seen))}
    if wanted.scope == Scope.GENERATION:
        return Stands({id: id for id in wanted.seen}, {id: seen[id] for id in wanted.seen})
    lines = {id: seen[id].line_id for id in wanted.seen}
    return Stands(lines, content_store.current_of_lines(session, lines.values()))


def _newest_texts(session: Session, pieces: Sequence[Piece]) -> tuple[Earlier, ...]:
    variants = content_store.newest_variants(session, [row.id for row in pieces])
    return tuple(_earlier(row, each.content) for row in pieces for each in variants[row.id])


def _earlier(piece: Piece, text: Mapping[str, Any]) -> Earlier:
    return Earlier(str(text.get("body", "")), str(piece.meta.get("platform", "")))


def _tried(session: Session, wanted: Request, generation: Generation, stands: Sequence[Piece]) -> tuple[Earlier, ...]:
    """Texts that stood before, or stand in other tries at the same generation, newest first."""
    if wanted.scope == Scope.GENERATION:
        line = content_store.generations_of_line(session, generation.line_id)
        others = [row.id for row in line if row.id != generation.id][-MOST_TRIED:]
        media = {piece.medium for piece in stands}
        kin = [row for row in content_store.pieces_of(session, others) if row.medium in media]
    else:
        kin = content_store.of_lines(session, [piece.line_id for piece in stands])
    by_id = {row.id: row for row in (*kin, *stands)}
    newest = {each.id for each in _newest(session, stands)}
    older = [row for row in content_store.variants_of(session, list(by_id)) if row.id not in newest]
    older.sort(key=lambda row: row.id, reverse=True)
    labels = max(wanted.variants, 1) * max(len(stands), 1)
    return tuple(_earlier(by_id[row.piece_id], row.content) for row in older[: MOST_TRIED * labels])


def _newest(session: Session, pieces: Sequence[Piece]) -> Iterator[Any]:
    for rows in content_store.newest_variants(session, [row.id for row in pieces]).values():
        yield from rows


def _placed(
    session: Session, generation: Generation, wanted: Request, stands: Stands, new: Sequence[content.NewPiece]
) -> list[saving.Placed]:
    """Pairs each new piece with the one that it writes again: posts by their platform, the rest in order."""
    media = {each.medium for each in new}
    there = [row for row in content_store.pieces_of(session, [generation.id]) if row.medium in media]
    numbers = rules.continued((row.sequence for row in there), len(new))
    waiting = list(stands.lines.values())
    placed = []
    for each, number in zip(new, numbers, strict=True):
        platform = each.meta.get("platform")
        line = next((id for id in waiting if stands.pieces[id].meta.get("platform") == platform), None)
        if line is None:
            placed.append(saving.Placed(each, number))
            continue
        waiting.remove(line)
        placed.append(saving.Placed(each, number, stands.pieces[line], stands.because(line, wanted) or ""))
    return placed


def _drafted(session: Session, wanted: Request, name: str, draft: Draft) -> tuple[content.NewPiece, ...]:
    persona = editing.found(session, Persona, wanted.persona_id, "persona")
    return generations.drafted(persona, functions.BY_NAME[name], draft)


def _replaced(placed: saving.Placed) -> Piece | None:
    return None if placed.set_aside else placed.parent


def _call(run: Run, name: str, answer: Answer, context_id: str | None, wanted: Request) -> saving.Call:
    more: dict[str, Any] = {"persona_id": wanted.persona_id}
    if wanted.instructions:
        more["instructions"] = wanted.instructions
    return saving.Call(functions.BY_NAME[name], answer, context_id, runs.actor_of(run), "regenerated", more)


def _record(session: Session, run: Run, id: str, placed: saving.Placed) -> None:
    actor = runs.actor_of(run)
    if placed.parent is None:
        audit.add(session, actor, "piece.added", id)
    elif placed.set_aside:
        audit.add(session, actor, "piece.set_aside", id, instead_of=placed.parent.id, reason=placed.set_aside)
    else:
        audit.add(session, actor, "piece.replaced", placed.parent.id, by=id)


def _save_generation(
    session: Session,
    run: Run,
    source: Generation,
    cluster: Cluster,
    warnings: list[str],
    answers: Mapping[str, Answer],
    drafts: Mapping[str, Any],
) -> dict[str, Any]:
    wanted = rules.from_json(run.request)
    campaign = records.get(session, Campaign, source.campaign_id) if source.campaign_id else None
    is_over = campaign is not None and campaign.archived_at is not None
    generation = Generation(
        id=ids.new("gen"),
        line_id=source.line_id,
        task_id=run.id,
        topic_id=source.topic_id,
        persona_id=wanted.persona_id,
        campaign_id=None if is_over else source.campaign_id,
        seed_note_id=source.seed_note_id,
        cluster_note_ids=source.cluster_note_ids,
        topic_summary=summary_of(session, source, cluster),
        status="draft",
        regeneration_of=source.id,
        warnings=[*warnings, *((NEW_CAMPAIGN,) if is_over else ())],
        context_id=run.context_id,
        created_at=clock.now(),
    )
    session.add(generation)
    session.flush()
    opened = runs.call_contexts(session, run)
    for name, answer in answers.items():
        placed = [saving.Placed(new, new.sequence) for new in _drafted(session, wanted, name, drafts[name])]
        saving.add(session, generation, placed, _call(run, name, answer, opened.get(name), wanted))
    audit.add(session, runs.actor_of(run), "generation.regenerated", generation.id, regeneration_of=source.id)
    return {"generation_id": generation.id}
