"""What topic discovery reads of notes, links and tags, and which seeds are used up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from regrow.domain import topics as rules
from regrow.domain.topics import Neighbourhood, NoteFacts
from regrow.kit import clock
from regrow.store.notes import chunks
from regrow.store.tables.notes import Note, NoteLink, NoteTag
from regrow.store.tables.topics import Topic, UsedSeed
from regrow.store.tenancy import Session

NEAREST = 200
"""Links out of the seed, and links to it, that are looked at."""
STRONGEST, EMBED = 3.0, 2.0
"""Most that the links from one note to another weigh together, and what one embed weighs against a link."""
WIDEST_TAG = 2_000
"""A tag on more notes says too little about any two of them."""
LONGEST_ALIKE = 20_000
"""Words beyond which a note is not compared by its text."""


def _usable(note: type[Note]) -> tuple[ColumnElement[bool], ...]:
    return (note.archived_at.is_(None), note.is_private.is_(False))


def _degree() -> ColumnElement[int]:
    """How many links leave and reach a note."""
    out, to = aliased(NoteLink), aliased(NoteLink)
    leaving = select(func.count()).select_from(out).where(out.note_id == Note.id, out.to_note_id.is_not(None))
    reaching = select(func.count()).select_from(to).where(to.to_note_id == Note.id)
    return leaving.correlate(Note).scalar_subquery() + reaching.correlate(Note).scalar_subquery()


# The statements of every discovery are built once: building one takes ten times as long as running it.
_COLUMNS: tuple[Any, ...] = (Note.id, Note.digest, Note.identity, Note.title, Note.path, Note.tags)
_NOTES = select(*_COLUMNS).where(*_usable(Note))
_FACTS = select(*_COLUMNS, _degree()).where(*_usable(Note), Note.id.in_(bindparam("note_ids", expanding=True)))
_LINKS = select(NoteLink.note_id, NoteLink.to_note_id, NoteLink.kind)
_LEAVING_SEED = (
    _LINKS.where(NoteLink.note_id == bindparam("seed_id"), NoteLink.to_note_id.is_not(None))
    .order_by(NoteLink.position)
    .limit(NEAREST)
)
_REACHING_SEED = _LINKS.where(NoteLink.to_note_id == bindparam("seed_id")).limit(NEAREST + 1)
_LEAVING = _LINKS.where(NoteLink.note_id.in_(bindparam("note_ids", expanding=True)), NoteLink.to_note_id.is_not(None))
_REACHING = _LINKS.where(NoteLink.to_note_id.in_(bindparam("note_ids", expanding=True)))
_FIRST_SOURCE = select(func.min(Note.source))
_NEXT_SOURCE = _FIRST_SOURCE.where(Note.source > bindparam("last"))
_UNUSED = (
    select(Note.digest, Note.identity, Note.id)
    .where(
        Note.source == bindparam("source"),
        *_usable(Note),
        Note.word_count >= bindparam("least_words"),
        ~exists(select(UsedSeed.note_id).where(UsedSeed.note_id == Note.id)),
    )
    .order_by(Note.digest, Note.identity)
    .limit(bindparam("most"))
)
_UNUSED_AHEAD = _UNUSED.where(Note.digest >= bindparam("start"))
_UNUSED_BEHIND = _UNUSED.where(Note.digest < bindparam("start"))


def seeds(session: Session, start: str, least_words: int, most: int) -> tuple[str, ...]:
    """Ids of unused notes that may be a seed, in the order of their content digests from `start` on and around.

    Reads about `most` rows per source of notes, however many there are.
    """
    found: list[tuple[bool, str, str, str]] = []
    asked = {"start": start, "least_words": least_words, "most": most}
    for source in _sources(session):
        ahead = session.execute(_UNUSED_AHEAD, asked | {"source": source}).all()
        found += [(False, *row) for row in ahead]
        if len(ahead) < most:
            found += [(True, *row) for row in session.execute(_UNUSED_BEHIND, asked | {"source": source})]
    return tuple(id for *_, id in sorted(found)[:most])


def newest(session: Session) -> Topic | None:
    """The topic made last, of those in use."""
    wanted = select(Topic).where(Topic.archived_at.is_(None)).order_by(Topic.id.desc()).limit(1)
    return session.scalars(wanted).first()


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
        rows += _noted(session.execute(_FACTS, {"note_ids": part}))
    return rows


def all_if_few(session: Session, most: int) -> tuple[NoteFacts, ...] | None:
    """Every note that may enter a topic, or None when there are more than `most`."""
    rows = _noted(session.execute(_NOTES.where(Note.word_count <= LONGEST_ALIKE).limit(most + 1)))
    return tuple(rows) if len(rows) <= most else None


def alike(session: Session, seed: NoteFacts, most: int) -> tuple[NoteFacts, ...]:
    """Notes that share a tag with the seed or stand in its folder, at most `most` of each."""
    found: dict[str, NoteFacts] = {}
    for condition in (_with_tags(session, seed), _in_folder(session, seed)):
        if condition is not None:
            wanted = _NOTES.where(condition, Note.word_count <= LONGEST_ALIKE, Note.id != seed.id)
            ordered = wanted.order_by(Note.digest, Note.identity).limit(most)
            found.update((note.id, note) for note in _noted(session.execute(ordered)))
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
    last = session.scalar(_FIRST_SOURCE)
    while last is not None:
        yield last
        last = session.scalar(_NEXT_SOURCE, {"last": last})


def _links_of(session: Session, seed_id: str) -> dict[tuple[str, str], float]:
    """Links out of the seed as they stand in it, and links to it; of too many, those of the notes first by digest."""
    weights = _weighed(session.execute(_LEAVING_SEED, {"seed_id": seed_id}))
    reaching = session.execute(_REACHING_SEED, {"seed_id": seed_id}).all()
    if len(reaching) > NEAREST:
        linking = select(NoteLink.note_id).where(NoteLink.to_note_id == seed_id)
        first = select(Note.id).where(Note.id.in_(linking), *_usable(Note)).order_by(Note.digest, Note.identity)
        note_ids = session.scalars(first.limit(NEAREST)).all()
        reaching = session.execute(_REACHING.where(NoteLink.note_id.in_(note_ids)), {"note_ids": [seed_id]}).all()
    return weights | _weighed(reaching)


def _links_around(session: Session, note_ids: Sequence[str]) -> dict[tuple[str, str], float]:
    """All links from and to these notes; the caller leaves out those with too many.

    Two statements, since no index serves both directions at once.
    """
    if not note_ids:
        return {}
    leaving = _weighed(session.execute(_LEAVING, {"note_ids": note_ids}))
    # What both find is found whole by both, so either weight will do.
    return leaving | _weighed(session.execute(_REACHING, {"note_ids": note_ids}))


def _weighed(rows: Iterable[Any]) -> dict[tuple[str, str], float]:
    """Pairs (from, to) with the weight of all links from the one to the other."""
    weights: dict[tuple[str, str], float] = {}
    for start, end, kind in rows:
        if start != end:
            weight = weights.get((start, end), 0.0) + (EMBED if kind == "embed" else 1.0)
            weights[start, end] = min(weight, STRONGEST)
    return weights


def _noted(rows: Iterable[Any]) -> list[NoteFacts]:
    return [
        NoteFacts(id, f"{digest} {identity}", title, path, frozenset(tag.casefold() for tag in tags), *degree)
        for id, digest, identity, title, path, tags, *degree in rows
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


def holding_private(session: Session) -> list[Topic]:
    """Topics that were told before one of their notes became private."""
    private = set(session.scalars(select(Note.id).where(Note.is_private)))
    if not private:
        return []
    held = [id for id, note_ids in session.execute(select(Topic.id, Topic.note_ids)) if private & set(note_ids)]
    return list(session.scalars(select(Topic).where(Topic.id.in_(held)).order_by(Topic.id)))


def visible(session: Session, note_ids: Sequence[str]) -> list[str]:
    """Those of the notes that are not private, in the order given."""
    hidden = set(session.scalars(select(Note.id).where(Note.id.in_(note_ids), Note.is_private)))
    return [id for id in note_ids if id not in hidden]
