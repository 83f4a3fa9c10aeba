"""A regeneration as it runs: briefed from what stands, parsed, and saved so that no text is lost by it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from regrow.domain import content, functions
from regrow.domain import regenerating as rules
from regrow.domain.functions import Function
from regrow.domain.regenerating import Cluster, Request, Scope
from regrow.domain.writing import Answer, Brief, Draft, Earlier, Source
from regrow.kit import clock, errors, ids
from regrow.services import editing, generations, judging, regenerating, runs, saving
from regrow.store import audit, notes, records
from regrow.store import content as content_store
from regrow.store.tables.campaigns import Campaign
from regrow.store.tables.content import Generation, Piece, Variant
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

    def is_replaced(self, line_id: str, wanted: Request) -> bool:
        """Whether the new text takes the place of this one, or stands beside it in another generation."""
        return wanted.scope == Scope.GENERATION or self.because(line_id, wanted) is None


@dataclass(frozen=True, slots=True)
class Parsed:
    """What parsing has read and found; saving goes on from there, in the same transaction."""

    wanted: Request
    source: Generation
    persona: Persona
    stands: Stands
    drafts: dict[str, Draft]


def brief(session: Session, run: Run, function: Function) -> Brief:
    """The same notes and summary, the voice as it is now, and the texts to keep away from.

    Conflict, before anything is paid, when too few notes are left or nothing may be replaced any more.
    """
    wanted = rules.from_json(run.request)
    generation = editing.found(session, Generation, wanted.generation_id, "generation")
    cluster = regenerating.cluster_of(session, generation)
    rules.refuse_thin(cluster)
    stands = _stands(session, wanted)
    reasons = [stands.because(line, wanted) for line in stands.lines.values()]
    if wanted.scope != Scope.GENERATION and reasons and all(reasons):
        raise errors.Conflict(f"nothing was written: {reasons[0]}", "changed_meanwhile")
    topic = editing.found(session, Topic, generation.topic_id, "topic")
    persona = editing.found(session, Persona, wanted.persona_id, "persona")
    summary = _summary(session, generation, cluster)
    sources = notes.sources(session, generation.cluster_note_ids)
    told = generations.briefed(_said(wanted, sources, topic.title, summary), persona, function)
    same = [piece for piece in stands.pieces.values() if piece.medium == function.medium]
    newest = _newest(session, same)
    tried = _tried(session, wanted, generation, same, {variant.id for _piece, variant in newest})
    return replace(told, replaced=_earlier(newest), tried=tried)


def parse(session: Session, run: Run, answers: Mapping[str, Answer]) -> Parsed:
    """The draft in each answer; Invalid when one is none or repeats what it replaces.

    Notes that went away since the call was made may be named as sources all the same, and what will not be replaced
    need not be kept away from.
    """
    wanted = rules.from_json(run.request)
    source = content_store.lock_generation(session, wanted.generation_id)
    if source is None:
        raise errors.Bug(f"the generation {wanted.generation_id} of the run {run.id} is gone")
    persona = editing.found(session, Persona, wanted.persona_id, "persona")
    stands = _stands(session, wanted)
    said = _said(wanted, tuple(Source(id, "", "") for id in source.cluster_note_ids))
    newest = _newest(session, [piece for line, piece in stands.pieces.items() if stands.is_replaced(line, wanted)])
    drafts: dict[str, Draft] = {}
    for name, answer in answers.items():
        function = functions.BY_NAME[name]
        replaced = _earlier([each for each in newest if each[0].medium == function.medium])
        told = replace(generations.briefed(said, persona, function), replaced=replaced)
        drafts[name] = function.parse(told, answer.output or {})
    return Parsed(wanted, source, persona, stands, drafts)


def save(session: Session, run: Run, answers: Mapping[str, Answer], parsed: Parsed) -> dict[str, Any]:
    """Puts the new pieces where the old ones stood, in one go; what somebody changed meanwhile stays, and the new text
    for it is set aside.
    """
    wanted, source = parsed.wanted, parsed.source
    cluster = regenerating.cluster_of(session, source)
    warnings = [told for told in (rules.warning(cluster),) if told]
    if wanted.scope == Scope.GENERATION:
        return _save_generation(session, run, parsed, cluster, warnings, answers)
    source.warnings = list(dict.fromkeys([*source.warnings, *warnings]))
    made: list[str] = []
    aside: list[dict[str, str]] = []
    opened = runs.call_contexts(session, run)
    for name, answer in answers.items():
        placed = _placed(session, parsed, _drafted(parsed, name))
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
    return {"generation_id": source.id, "piece_ids": made, "set_aside": aside, **judging.pending(session, made)}


def _summary(session: Session, generation: Generation, cluster: Cluster) -> str:
    """Word for word as it was, unless one of the notes became private: then as the topic tells it since."""
    if not cluster.private:
        return generation.topic_summary
    return editing.found(session, Topic, generation.topic_id, "topic").summary


def _said(wanted: Request, sources: tuple[Source, ...], title: str = "", summary: str = "") -> generations.Said:
    return generations.Said(title, summary, sources, wanted.instructions, wanted.variants, wanted.platforms)


def _stands(session: Session, wanted: Request) -> Stands:
    seen = {row.id: row for row in content_store.pieces(session, list(wanted.seen))}
    if wanted.scope == Scope.GENERATION:
        return Stands({id: id for id in wanted.seen}, {id: seen[id] for id in wanted.seen})
    lines = {id: seen[id].line_id for id in wanted.seen}
    return Stands(lines, content_store.current_of_lines(session, lines.values()))


def _newest(session: Session, pieces: Sequence[Piece]) -> list[tuple[Piece, Variant]]:
    """Each piece with the newest text of each of its labels."""
    variants = content_store.newest_variants(session, [row.id for row in pieces]) if pieces else {}
    return [(row, each) for row in pieces for each in variants[row.id]]


def standing(session: Session, pieces: Sequence[Piece]) -> tuple[Earlier, ...]:
    """The newest texts of these pieces, as what a new one must differ from."""
    return _earlier(_newest(session, pieces))


def _earlier(texts: Iterable[tuple[Piece, Variant]]) -> tuple[Earlier, ...]:
    return tuple(
        Earlier(
            text=str(variant.content.get("body", "")),
            platform=str(piece.meta.get("platform", "")),
            title=content.title_of(variant.content),
        )
        for piece, variant in texts
    )


def _tried(
    session: Session, wanted: Request, generation: Generation, stands: Sequence[Piece], newest: Collection[str]
) -> tuple[Earlier, ...]:
    """Texts that stood before, or stand in other tries at the same generation, newest first."""
    if wanted.scope == Scope.GENERATION:
        line = content_store.generations_of_line(session, generation.line_id)
        others = [row.id for row in line if row.id != generation.id][-MOST_TRIED:]
        media = {piece.medium for piece in stands}
        kin = [row for row in content_store.pieces_of(session, others) if row.medium in media]
    else:
        kin = content_store.of_lines(session, [piece.line_id for piece in stands])
    by_id = {row.id: row for row in (*kin, *stands)}
    most = MOST_TRIED * max(wanted.variants, 1) * max(len(stands), 1)
    latest = content_store.latest_variants(session, list(by_id), most + len(newest))
    return _earlier([(by_id[row.piece_id], row) for row in latest if row.id not in newest][:most])


def _placed(session: Session, parsed: Parsed, new: Sequence[content.NewPiece]) -> list[saving.Placed]:
    """Pairs each new piece with the one that it writes again: posts by their platform, the rest in order."""
    stands, media = parsed.stands, {each.medium for each in new}
    there = [row for row in content_store.pieces_of(session, [parsed.source.id]) if row.medium in media]
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
        placed.append(saving.Placed(each, number, stands.pieces[line], stands.because(line, parsed.wanted) or ""))
    return placed


def _drafted(parsed: Parsed, name: str) -> tuple[content.NewPiece, ...]:
    return generations.drafted(parsed.persona, functions.BY_NAME[name], parsed.drafts[name])


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
    parsed: Parsed,
    cluster: Cluster,
    warnings: list[str],
    answers: Mapping[str, Answer],
) -> dict[str, Any]:
    source, wanted = parsed.source, parsed.wanted
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
        topic_summary=_summary(session, source, cluster),
        status="draft",
        regeneration_of=source.id,
        warnings=[*warnings, *((NEW_CAMPAIGN,) if is_over else ())],
        context_id=run.context_id,
        created_at=clock.now(),
    )
    session.add(generation)
    session.flush()
    opened = runs.call_contexts(session, run)
    made: list[str] = []
    for name, answer in answers.items():
        placed = [saving.Placed(new, new.sequence) for new in _drafted(parsed, name)]
        made += saving.add(session, generation, placed, _call(run, name, answer, opened.get(name), wanted))
    audit.add(session, runs.actor_of(run), "generation.regenerated", generation.id, regeneration_of=source.id)
    return {"generation_id": generation.id, **judging.pending(session, made)}
