"""What the report tells, collected from the store and put into plain facts."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regrow.cli import content
from regrow.domain import content as rules
from regrow.domain.writing import PLATFORM_LENGTHS

if TYPE_CHECKING:
    from regrow.store.tables.topics import Topic
    from regrow.store.tenancy import Session
    from regrow.wiring import Home

MOST_AUDITED = 500
FIRST = 1
"""The version that a piece begins with."""
SPELLED = {"x": "X", "linkedin": "LinkedIn"}


@dataclass(frozen=True, slots=True)
class Played:
    """What a demo made: its workspace, what the import said, and the ids to tell the story from."""

    workspace_id: str
    slug: str
    imported: dict[str, Any]
    topic_id: str
    generation_id: str
    topics: int
    """How many topics were tried, the one written about included."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers only: names of private or skipped notes are nobody's business."""

    notes: int
    private: int
    skipped: int
    links: int


@dataclass(frozen=True, slots=True)
class NoteRef:
    """A note of the topic; `number` counts from 1 in the topic's order."""

    id: str
    number: int
    title: str
    is_seed: bool


@dataclass(frozen=True, slots=True)
class TopicTold:
    id: str
    title: str
    summary: str
    why: str
    notes: tuple[NoteRef, ...]
    edges: tuple[tuple[int, int], ...]
    """Pairs of note numbers, the smaller first."""


@dataclass(frozen=True, slots=True)
class VariantTold:
    label: str
    title: str
    angle: str
    body: str
    hashtags: tuple[str, ...]
    sources: tuple[NoteRef, ...]
    status: str
    preheader: str = ""
    cta: str = ""
    version: int = FIRST

    @property
    def length(self) -> int:
        return len(self.body) + sum(len(tag) + 2 for tag in self.hashtags)

    @property
    def words(self) -> int:
        return len(self.body.split())


@dataclass(frozen=True, slots=True)
class PieceTold:
    id: str
    medium: str
    sequence: int
    platform: str
    status: str
    origin: str
    provenance: Mapping[str, Any]
    variants: tuple[VariantTold, ...]

    @property
    def platform_name(self) -> str:
        return SPELLED.get(self.platform, self.platform.capitalize())

    @property
    def limit(self) -> int:
        return PLATFORM_LENGTHS.get(self.platform, 0)


@dataclass(frozen=True, slots=True)
class Ledger:
    is_unlimited: bool
    balance: int
    charged: int
    """Credits the work cost, whether or not the budget is unlimited."""


@dataclass(frozen=True, slots=True)
class Story:
    home: Path
    workspace_id: str
    slug: str
    generation_id: str
    seconds: float
    topics: int
    counts: Counts
    topic: TopicTold
    pieces: tuple[PieceTold, ...]
    usage: tuple[Mapping[str, Any], ...]
    ledger: Ledger
    contexts: tuple[Mapping[str, Any], ...]
    audit: tuple[tuple[str, int], ...]
    rewritten: tuple[PieceTold, ...] = ()
    """Pieces with the texts that came later."""

    def of(self, medium: str) -> list[PieceTold]:
        return [piece for piece in self.pieces if piece.medium == medium]


def command(home: Path, slug: str) -> str:
    """How a command on the workspace of a demo begins, from the folder where the demo was run."""
    return f"regrow --home {shlex.quote(os.path.relpath(home))} --workspace {slug}"


def collected(home: Home, played: Played, seconds: float) -> Story:
    """Everything the report shows but its acts, read in one transaction."""
    from regrow.store import records
    from regrow.store.tables.content import Generation
    from regrow.store.tables.topics import Topic

    with home.reading(played.workspace_id) as session:
        generation = records.one(session, Generation, id=played.generation_id)
        topic = records.one(session, Topic, id=played.topic_id)
        assert generation is not None
        assert topic is not None
        told = _topic(session, topic)
        usage = _usage(session)
        first, later = _pieces(session, generation.id)
        return Story(
            home=home.settings.home,
            workspace_id=played.workspace_id,
            slug=played.slug,
            generation_id=generation.id,
            seconds=seconds,
            topics=played.topics,
            counts=_counts(session, played.imported),
            topic=told,
            pieces=tuple(piece_told(piece, told.notes) for piece in first),
            rewritten=tuple(piece_told(piece, told.notes) for piece in later),
            usage=usage,
            ledger=_ledger(session, {generation.task_id, *(row["task_id"] for row in usage if row["task_id"])}),
            contexts=_contexts(session),
            audit=_audit(session),
        )


def _pieces(session: Session, generation_id: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The current ones, each with the texts that it began with; and those to which others came, with these."""
    from regrow.store import content as store

    found = [row for row in store.pieces_of(session, [generation_id]) if row.status in rules.CURRENT]
    texts = store.variants_of(session, [row.id for row in found])
    first = {row.id: [each for each in texts if each.piece_id == row.id and each.version == FIRST] for row in found}
    later = {row.id: [each for each in texts if each.piece_id == row.id and each.version > FIRST] for row in found}
    return (
        [content.piece_shape(row, first[row.id]) for row in found],
        [content.piece_shape(row, later[row.id]) for row in found if later[row.id]],
    )


def _counts(session: Session, imported: Mapping[str, Any]) -> Counts:
    from regrow.store import note_links, notes

    taken = imported["created"] + imported["updated"] + imported["unchanged"]
    return Counts(taken, notes.count_private(session), len(imported["skipped"]), note_links.count(session))


def _topic(session: Session, topic: Topic) -> TopicTold:
    from regrow.store import note_links, notes

    titles = {source.note_id: source.title for source in notes.sources(session, topic.note_ids)}
    refs = tuple(
        NoteRef(id, number, titles[id], id == topic.seed_note_id)
        for number, id in enumerate((id for id in topic.note_ids if id in titles), start=1)
    )
    numbers = {ref.id: ref.number for ref in refs}
    pairs = {
        (min(ref.number, numbers[link.to_note_id]), max(ref.number, numbers[link.to_note_id]))
        for ref in refs
        for link in note_links.of_note(session, ref.id)
        if link.to_note_id in numbers and link.to_note_id != ref.id
    }
    return TopicTold(topic.id, topic.title, topic.summary, topic.why, refs, tuple(sorted(pairs)))


def piece_told(piece: Mapping[str, Any], notes: Sequence[NoteRef]) -> PieceTold:
    """From the shape of a piece; `notes` are those whose titles may be named."""
    refs = {ref.id: ref for ref in notes}
    return PieceTold(
        id=piece["id"],
        medium=piece["medium"],
        sequence=piece["sequence"],
        platform=piece["meta"].get("platform", ""),
        status=piece["status"],
        origin=piece["origin"],
        provenance=piece["provenance"],
        variants=tuple(_variant(each, refs) for each in piece["variants"]),
    )


def _variant(variant: Mapping[str, Any], refs: Mapping[str, NoteRef]) -> VariantTold:
    held = variant["content"]
    return VariantTold(
        label=variant["label"],
        title=rules.title_of(held),
        angle=held.get("angle", ""),
        body=held.get("body", ""),
        hashtags=tuple(held.get("hashtags", ())),
        sources=tuple(refs[id] for id in held.get("sources", ()) if id in refs),
        status=variant["status"],
        preheader=held.get("preheader", ""),
        cta=held.get("cta", ""),
        version=variant["version"],
    )


def _usage(session: Session) -> tuple[Mapping[str, Any], ...]:
    """Every model call, oldest first."""
    from regrow.cli import rows
    from regrow.store import runs

    return tuple(rows.shape(row) for row in reversed(runs.usage(session, 100).items))


def _ledger(session: Session, task_ids: Collection[str]) -> Ledger:
    from regrow.store import credits

    account, holds = credits.account(session), [credits.hold(session, id) for id in task_ids]
    charged = sum(hold.amount for hold in holds if hold is not None and hold.status == "charged")
    return Ledger(account.is_unlimited, account.balance, charged)


def _contexts(session: Session) -> tuple[Mapping[str, Any], ...]:
    from regrow.cli import rows
    from regrow.store import contexts

    return tuple(rows.shape(row) for row in reversed(contexts.page(session, 100).items))


def _audit(session: Session) -> tuple[tuple[str, int], ...]:
    from regrow.store import audit

    actions = Counter(row.action for row in audit.page(session, MOST_AUDITED).items)
    return tuple(sorted(actions.items()))
