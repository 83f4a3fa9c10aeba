"""What topic discovery reads of notes, links and tags, and which seeds are used up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from regrow.domain import topics as rules
from regrow.domain.topics import Neighbourhood, NoteFacts
from regrow.kit import clock
from regrow.store.notes import chunks
from regrow.store.tables.notes import Note, NoteLink, NoteTag
from regrow.store.tables.topics import UsedSeed
from regrow.store.tenancy import Session

NEAREST = 200
"""Links out of the seed, and links to it, that are looked at."""
STRONGEST, EMBED = 3.0, 2.0
"""Most that the links from one note to another weigh together, and what one embed weighs against a link."""
WIDEST_TAG = 2_000
"""A tag on more notes says too little about any two of them."""
LONGEST_ALIKE = 20_000
"""Words beyond which a note is not compared by its text."""


def seeds(session: Session, start: str, least_words: int, most: int) -> tuple[str, ...]:
    """Ids of unused notes that may be a seed, in the order of their content digests from `start` on and around.

    Reads about `most` rows per source of notes, however many there are.
    """
    found: list[tuple[bool, str, str, str]] = []
    for source in _sources(session):
        for is_behind in (False, True):
            place = Note.digest < start if is_behind else Note.digest >= start
            wanted = (
                select(Note.digest, Note.identity, Note.id)
                .where(Note.source == source, place, *_usable(Note), Note.word_count >= least_words, ~_is_used())
                .order_by(Note.digest, Note.identity)
                .limit(most)
            )
            rows = [(is_behind, digest, identity, id) for digest, identity, id in session.execute(wanted)]
            found += rows
            if len(rows) == most:
                break
    return tuple(id for *_, id in sorted(found)[:most])


def is_empty(session: Session) -> bool:
    """Whether no note may enter a topic at all."""
    return session.execute(select(Note.id).where(*_usable(Note)).limit(1)).first() is None


def neighbourhood(session: Session, seed_id: str) -> Neighbourhood | None:
    """The notes at most two links from a seed with their links among each other; None when the seed may not be used.

    Five statements. What is read is bounded by how many notes are near, never by how many link to an index page.
    """
    links = _links_of(session, seed_id)
    near_ids = {id for pair in links for id in pair} | {seed_id}
    near = {note.id: note for note in facts(session, near_ids)}
    if seed_id not in near:
        return None
    weights = {pair: weight for pair, weight in links.items() if pair[0] in near and pair[1] in near}
    seed = near.pop(seed_id)
    inner = Neighbourhood(seed, tuple(near.values()), weights)
    weights = weights | _links_around(session, rules.frontier(inner))
    shares = rules.outer(inner, weights)
    beyond = rules.nearest(facts(session, shares), shares)
    return Neighbourhood(seed, (*inner.notes, *beyond), weights)


def facts(session: Session, note_ids: Iterable[str]) -> list[NoteFacts]:
    """What is known of these notes but their text; private and archived ones are left out."""
    rows: list[NoteFacts] = []
    for part in chunks(sorted(note_ids)):
        rows += _noted(session, _columns(_degree()).where(Note.id.in_(part)))
    return rows


def all_if_few(session: Session, most: int) -> tuple[NoteFacts, ...] | None:
    """Every note that may enter a topic, or None when there are more than `most`."""
    rows = _noted(session, _columns().where(Note.word_count <= LONGEST_ALIKE).limit(most + 1))
    return tuple(rows) if len(rows) <= most else None


def alike(session: Session, seed: NoteFacts, most: int) -> tuple[NoteFacts, ...]:
    """Notes that share a tag with the seed or stand in its folder, at most `most` of each."""
    found: dict[str, NoteFacts] = {}
    for condition in (_with_tags(session, seed), _in_folder(session, seed)):
        if condition is not None:
            wanted = _columns().where(condition, Note.word_count <= LONGEST_ALIKE, Note.id != seed.id)
            ordered = wanted.order_by(Note.digest, Note.identity).limit(most)
            found.update((note.id, note) for note in _noted(session, ordered))
    return tuple(found.values())


def used(session: Session, note_ids: Iterable[str]) -> frozenset[str]:
    """Which of these notes have been the seed of a saved generation."""
    found: set[str] = set()
    for part in chunks(note_ids):
        found.update(session.scalars(select(UsedSeed.note_id).where(UsedSeed.note_id.in_(part))))
    return frozenset(found)


def mark_used(session: Session, note_id: str, generation_id: str) -> None:
    """Remembers a seed; a seed marked before keeps its first generation."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {"note_id": note_id, "generation_id": generation_id, "at": clock.now()}
    session.execute(dialect.insert(UsedSeed).on_conflict_do_nothing(), [row])


def _sources(session: Session) -> Iterator[str]:
    """The sources of notes, each found by one step along the index."""
    last = session.scalar(select(func.min(Note.source)))
    while last is not None:
        yield last
        last = session.scalar(select(func.min(Note.source)).where(Note.source > last))


def _usable(note: type[Note]) -> tuple[ColumnElement[bool], ...]:
    return (note.archived_at.is_(None), note.is_private.is_(False))


def _is_used() -> ColumnElement[bool]:
    return exists(select(UsedSeed.note_id).where(UsedSeed.note_id == Note.id))


def _links_of(session: Session, seed_id: str) -> dict[tuple[str, str], float]:
    """Links out of the seed as they stand in it, and links to it in the order of the linking notes' digests."""
    out = (
        select(NoteLink.note_id, NoteLink.to_note_id, NoteLink.kind)
        .where(NoteLink.note_id == seed_id, NoteLink.to_note_id.is_not(None))
        .order_by(NoteLink.position)
        .limit(NEAREST)
    )
    to = (
        select(NoteLink.note_id, NoteLink.to_note_id, NoteLink.kind)
        .join(Note, Note.id == NoteLink.note_id)
        .where(NoteLink.to_note_id == seed_id, *_usable(Note))
        .order_by(Note.digest, Note.identity, NoteLink.position)
        .limit(NEAREST)
    )
    return _weighed([*session.execute(out), *session.execute(to)])


def _links_around(session: Session, note_ids: Sequence[str]) -> dict[tuple[str, str], float]:
    """All links from and to these notes; the caller leaves out those with too many."""
    wanted = select(NoteLink.note_id, NoteLink.to_note_id, NoteLink.kind).where(
        or_(NoteLink.note_id.in_(note_ids), NoteLink.to_note_id.in_(note_ids)), NoteLink.to_note_id.is_not(None)
    )
    return _weighed(session.execute(wanted)) if note_ids else {}


def _weighed(rows: Iterable[Any]) -> dict[tuple[str, str], float]:
    weights: dict[tuple[str, str], float] = {}
    for start, end, kind in rows:
        if start != end:
            weight = weights.get((start, end), 0.0) + (EMBED if kind == "embed" else 1.0)
            weights[start, end] = min(weight, STRONGEST)
    return weights


def _degree() -> ColumnElement[int]:
    """How many links leave and reach a note."""
    out, to = aliased(NoteLink), aliased(NoteLink)
    leaving = select(func.count()).select_from(out).where(out.note_id == Note.id, out.to_note_id.is_not(None))
    reaching = select(func.count()).select_from(to).where(to.to_note_id == Note.id)
    return leaving.correlate(Note).scalar_subquery() + reaching.correlate(Note).scalar_subquery()


def _columns(*more: ColumnElement[int]) -> Select[Any]:
    columns = (Note.id, Note.digest, Note.identity, Note.title, Note.path, Note.tags, *more)
    wanted: Select[Any] = select(*columns).where(*_usable(Note))
    return wanted


def _noted(session: Session, wanted: Select[Any]) -> list[NoteFacts]:
    return [
        NoteFacts(id, f"{digest} {identity}", title, path, frozenset(tag.casefold() for tag in tags), *degree)
        for id, digest, identity, title, path, tags, *degree in session.execute(wanted)
    ]


def _with_tags(session: Session, seed: NoteFacts) -> ColumnElement[bool] | None:
    own = select(NoteTag.tag).where(NoteTag.note_id == seed.id)
    counted = select(NoteTag.tag, func.count()).where(NoteTag.tag.in_(own)).group_by(NoteTag.tag)
    telling = [tag for tag, count in session.execute(counted) if count <= WIDEST_TAG]
    return Note.id.in_(select(NoteTag.note_id).where(NoteTag.tag.in_(telling))) if telling else None


def _in_folder(session: Session, seed: NoteFacts) -> ColumnElement[bool] | None:
    place = rules.folder(seed.path)
    if not place:
        return None
    if session.get_bind().dialect.name == "sqlite":
        # LIKE ignores case here and so cannot use the index; its text order is that of code points.
        after = place[:-1] + chr(ord(place[-1]) + 1)
        source = select(Note.source).where(Note.id == seed.id).scalar_subquery()
        return and_(Note.source == source, Note.path >= place, Note.path < after)
    return Note.path.startswith(place, autoescape=True)
