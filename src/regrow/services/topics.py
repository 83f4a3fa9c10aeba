"""Topics: discovered among the notes, put together by hand, changed, archived."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from regrow.domain import topics as rules
from regrow.domain import workspaces as workspace_rules
from regrow.domain.topics import Cluster, Limits, NoteFacts, Terms
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids
from regrow.services import editing
from regrow.store import audit, workspaces
from regrow.store import notes as note_store
from regrow.store import topics as store
from regrow.store.tables.topics import Topic
from regrow.store.tenancy import Session

SEEDS = 50
"""Seeds tried before saying that no topic is large enough."""
ENOUGH_WORDS, ANY_WORDS = 30, 3
"""A seed has this many words; where no note has, this many."""
SMALL = 5_000
"""Notes up to which the whole workspace is searched for similar ones."""
SHORTLIST, READ_AT_ONCE = 200, 50
MOST_READ = 3_000
"""Notes whose text one discovery compares at most."""
LONGEST = {"title": 500, "summary": 10_000}


def discover(
    session: Session,
    actor: Actor,
    seed_note_id: str | None = None,
    random_seed: int | None = None,
    max_notes: int | None = None,
    min_notes: int | None = None,
) -> Topic:
    """Grows a topic from the seed given, or from one drawn among the unused notes.

    The same notes and `random_seed` (0 to 2**31 - 1) give the same topic. Conflict `no_unused_seed` when none is left
    or the one given is used, `topic_too_small` when too few notes belong together.
    """
    actor.must(Role.EDITOR)
    limits = rules.limits(min_notes, max_notes, _usual(session))
    drawn = secrets.randbelow(rules.LARGEST_RANDOM_SEED + 1) if random_seed is None else random_seed
    drawn = rules.checked_random_seed(drawn)
    seeds = (_given(session, seed_note_id),) if seed_note_id is not None else _drawn(session, drawn)
    cluster = _grown(session, seeds, limits)
    note_ids = [note.id for note in cluster.notes]
    topic = _save(
        session,
        seed_note_id=cluster.seed.id,
        note_ids=note_ids,
        title=rules.title(cluster.notes),
        summary=_summary(session, note_ids),
        why=rules.why(cluster),
        random_seed=drawn,
    )
    audit.add(session, actor, "topic.discovered", topic.id, seed_note_id=cluster.seed.id, notes=len(note_ids))
    return topic


def _usual(session: Session) -> Limits:
    """The workspace's own sizes."""
    values = workspaces.settings(session).values
    return Limits(*(workspace_rules.setting(values, name) for name in ("topic_min_notes", "topic_max_notes")))


def create(
    session: Session, actor: Actor, note_ids: Sequence[str], title: str | None = None, summary: str | None = None
) -> Topic:
    """A topic put together by hand; title and summary come from the notes when not given."""
    actor.must(Role.EDITOR)
    wanted = list(dict.fromkeys(note_ids))
    given = _checked({name: text for name, text in (("title", title), ("summary", summary)) if text is not None})
    if not 1 <= len(wanted) <= rules.MOST_NOTES:
        raise errors.Invalid(f"a topic holds 1 to {rules.MOST_NOTES} notes: give that many note_ids", "bad_topic_size")
    notes = {note.id: note for note in store.facts(session, wanted)}
    missing = [id for id in wanted if id not in notes]
    if missing:
        raise errors.NotFound(f"there is no note {missing[0][:60]!r} that a topic may use", "note_not_found")
    topic = _save(
        session,
        seed_note_id=None,
        note_ids=wanted,
        title=given["title"] if "title" in given else rules.title([notes[id] for id in wanted]),
        summary=given["summary"] if "summary" in given else _summary(session, wanted),
        why=rules.by_hand(len(wanted)),
        random_seed=0,
    )
    audit.add(session, actor, "topic.created", topic.id, notes=len(wanted))
    return topic


def change(session: Session, actor: Actor, id: str, expected_version: int | None, values: dict[str, Any]) -> Topic:
    """Changes `title` and `summary`; what was found stays as it was."""
    actor.must(Role.EDITOR)
    row = editing.found(session, Topic, id, "topic")
    editing.change(session, actor, row, "topic", expected_version, **_checked(values))
    return row


def archive(session: Session, actor: Actor, id: str) -> Topic:
    row = editing.found(session, Topic, id, "topic")
    editing.archive(session, actor, row, "topic")
    return row


def hold_private(session: Session) -> bool:
    """True while topics still speak of notes that became private; an import that was cut short may leave some."""
    return bool(store.holding_private(session))


def forget_private(session: Session, actor: Actor) -> int:
    """Tells topics anew without the notes that became private since; gives back how many.

    What such a topic said of itself may have been a private note's title or sentences.
    """
    told = store.holding_private(session)
    for topic in told:
        left = store.visible(session, topic.note_ids)
        facts = {note.id: note for note in store.facts(session, left)}
        known = [facts[id] for id in left if id in facts]
        topic.title = rules.title(known) if known else "A topic of private notes"
        topic.summary = _summary(session, left) if known else "All notes of this topic have become private."
        topic.why = f"Told anew: {len(topic.note_ids) - len(left)} of its {len(topic.note_ids)} notes became private."
        topic.note_ids = left
        topic.version += 1
        topic.updated_at = clock.now()
        audit.add(session, actor, "topic.told_anew", topic.id)
    return len(told)


def _checked(values: dict[str, Any]) -> dict[str, str]:
    checked = {}
    for name, value in values.items():
        if name not in LONGEST:
            raise errors.Invalid(f"a topic's {name[:60]!r} cannot be set: set title or summary", "bad_topic")
        if not isinstance(value, str) or not value.strip() or "\x00" in value or len(value) > LONGEST[name]:
            raise errors.Invalid(f"{name} is a text of 1 to {LONGEST[name]} characters, not blank", "bad_topic")
        checked[name] = value.strip()
    return checked


def _save(session: Session, **values: Any) -> Topic:
    now = clock.now()
    topic = Topic(id=ids.new("top"), kind="notes", version=1, created_at=now, updated_at=now, **values)
    session.add(topic)
    session.flush()
    return topic


def _summary(session: Session, note_ids: Sequence[str]) -> str:
    return rules.summary(note_store.sources(session, note_ids[: rules.SUMMED_UP]))


def _given(session: Session, note_id: str) -> str:
    """The seed asked for; a private note is answered like one that does not exist."""
    note = note_store.find(session, note_id)
    if note is None or note.is_private:
        raise errors.NotFound(f"there is no note {note_id[:60]!r} that a topic may start from", "note_not_found")
    editing.refuse_archived(note, "note")
    if store.used(session, [note_id]):
        raise errors.Conflict(
            "this note has been the seed of a generation already: name another seed note, leave it out to have one "
            "drawn, or regenerate that generation",
            "no_unused_seed",
        )
    return note_id


def _drawn(session: Session, random_seed: int) -> tuple[str, ...]:
    start = rules.starting_point(random_seed)
    found = store.seeds(session, start, ENOUGH_WORDS, SEEDS)
    if len(found) < SEEDS:
        short = store.seeds(session, start, ANY_WORDS, 2 * SEEDS)
        found = tuple(dict.fromkeys((*found, *short)))[:SEEDS]
    if found:
        return found
    if store.is_empty(session):
        raise errors.Conflict("there are no notes to find a topic in: import notes first", "no_unused_seed")
    raise errors.Conflict(
        "every note with enough text has been the seed of a generation already: import more notes, or regenerate "
        "one of the generations there are",
        "no_unused_seed",
    )


def _grown(session: Session, seeds: Sequence[str], limits: Limits) -> Cluster:
    """The first seed's cluster that is large enough: by links alone if any is, else widened."""
    thin: list[Cluster] = []
    for seed_id in seeds:
        near = store.neighbourhood(session, seed_id)
        if near is not None:
            walked = rules.walk(near, limits)
            if len(walked.notes) >= limits.minimum:
                return walked
            thin.append(walked)
    reader = _Reader(session)
    largest = 0
    for walked in thin:
        cluster = reader.widened(walked, limits)
        if len(cluster.notes) >= limits.minimum:
            return cluster
        largest = max(largest, len(cluster.notes))
    raise _too_small(len(seeds), largest, limits)


def _too_small(tried: int, largest: int, limits: Limits) -> errors.Conflict:
    around = "this seed note" if tried == 1 else f"{tried} seed notes"
    return errors.Conflict(
        f"around {around} at most {largest} of the {limits.minimum} notes that a topic needs belong together: link or "
        "tag related notes and import them again, import more, or name another seed note",
        "topic_too_small",
        found=largest,
        needed=limits.minimum,
    )


class _Reader:
    """Finds notes like a seed, reading each text once however many seeds are tried."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._all = store.all_if_few(session, SMALL)
        self._terms: dict[str, Terms] = {}

    def widened(self, cluster: Cluster, limits: Limits) -> Cluster:
        seed = cluster.seed
        self._read([seed.id])
        if seed.id not in self._terms:
            return cluster
        pool = self._all if self._all is not None else store.alike(self._session, seed, SHORTLIST)
        listed = rules.shortlist(seed, self._terms[seed.id], pool, SHORTLIST)
        self._read([note.id for note in listed])
        return rules.widen(cluster, listed, self._known(seed, listed), limits)

    def _known(self, seed: NoteFacts, listed: Sequence[NoteFacts]) -> dict[str, Terms]:
        return {note.id: self._terms[note.id] for note in (seed, *listed) if note.id in self._terms}

    def _read(self, note_ids: Sequence[str]) -> None:
        unread = [id for id in note_ids if id not in self._terms][: max(MOST_READ - len(self._terms), 0)]
        for part in note_store.chunks(unread, READ_AT_ONCE):
            for source in note_store.sources(self._session, part):
                self._terms[source.note_id] = rules.terms(source.title, source.text)
