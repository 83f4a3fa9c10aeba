"""What topic discovery reads from the database, on each kind of it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from regrow.domain import topics as rules
from regrow.kit import clock, ids
from regrow.store import topics
from regrow.store.tables.notes import Note, NoteLink, NoteTag
from regrow.store.tables.topics import UsedSeed
from regrow.store.tenancy import Session
from tests.homes import Tenant


def digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def add(session: Session, names: Iterable[str], **more: Any) -> dict[str, str]:
    """Notes of these names, by name; ids differ each time, digests do not."""
    now = clock.now()
    rows = [
        {
            "id": ids.new("not"), "source": "vault", "identity": name, "path": f"{name}.md", "title": name, "tags": [],
            "body": f"Words on {name}.", "aliases": [], "front_matter": {}, "warnings": [], "digest": digest(name),
            "word_count": 40, "is_private": False, "version": 1, "created_at": now, "updated_at": now,
            "archived_at": None, **more,
        }
        for name in names
    ]  # fmt: skip
    random.shuffle(rows)
    session.execute(insert(Note), rows)
    tags = [{"tag": tag.casefold(), "note_id": row["id"]} for row in rows for tag in row["tags"]]
    if tags:
        session.execute(insert(NoteTag), tags)
    return {row["identity"]: row["id"] for row in rows}


def link(session: Session, pairs: Iterable[tuple[str, str | None]], kind: str = "wikilink", start: int = 0) -> None:
    rows = [
        {
            "note_id": one, "position": start + position, "kind": kind, "target": "t", "name": "t", "heading": None,
            "alias": None, "to_note_id": other,
        }
        for position, (one, other) in enumerate(pairs)
    ]  # fmt: skip
    session.execute(insert(NoteLink), rows)


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """The statements run meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


NAMES = [f"n{number}" for number in range(40)]


def drawn(session: Session, random_seed: int, most: int = 5) -> list[str]:
    names = {id: name for id, name in session.execute(select(Note.id, Note.identity))}
    return [names[id] for id in topics.seeds(session, rules.starting_point(random_seed), 30, most)]


def test_seeds_come_in_the_same_order_in_every_import(alice: Tenant, charlie: Tenant) -> None:
    for tenant in (alice, charlie):
        with tenant.writing() as session:
            add(session, NAMES[:25])
            add(session, NAMES[25:], source="another")
    with alice.reading() as ours, charlie.reading() as theirs:
        for random_seed in range(10):
            assert drawn(ours, random_seed) == drawn(theirs, random_seed)
        start = rules.starting_point(3)
        around = sorted(NAMES, key=lambda name: (digest(name) < start, digest(name)))
        assert drawn(ours, 3, 40) == around
        assert drawn(ours, 3, 7) == around[:7]


def test_seeds_leave_out_what_may_not_be_one(alice: Tenant) -> None:
    with alice.writing() as session:
        kept = add(session, ["kept"])
        used = add(session, ["used"])
        add(session, ["private"], is_private=True)
        add(session, ["gone"], archived_at=clock.now())
        add(session, ["short"], word_count=29)
        topics.mark_used(session, used["used"], "gen_1")
    with alice.reading() as session:
        assert topics.seeds(session, "0", 30, 50) == (kept["kept"],)
        assert not topics.is_empty(session)


def test_a_workspace_without_a_usable_note_is_empty(alice: Tenant, charlie: Tenant) -> None:
    with alice.writing() as session:
        add(session, ["a"])
    with charlie.writing() as session:
        add(session, ["private"], is_private=True)
        assert topics.is_empty(session)
        assert topics.seeds(session, "0", 1, 50) == ()


def test_the_neighbourhood_reaches_two_links_in_both_directions(alice: Tenant) -> None:
    with alice.writing() as session:
        found = add(session, ["seed", "out", "in", "beyond", "before", "third", "island"])
        private = add(session, ["secret"], is_private=True)
        link(session, [(found["seed"], found["out"]), (found["seed"], private["secret"]), (found["seed"], None)])
        link(session, [(found["in"], found["seed"]), (found["in"], found["seed"])], kind="embed")
        link(
            session,
            [(found["out"], found["beyond"]), (found["before"], found["in"]), (found["beyond"], found["third"])],
        )
        link(session, [(private["secret"], found["island"])])
        near = topics.neighbourhood(session, found["seed"])
    assert near is not None
    assert near.seed.title == "seed"
    assert {note.title: note.links for note in near.notes} == {"out": 2, "in": 3, "beyond": 2, "before": 1}
    names = {id: name for name, id in found.items()}
    weights = {
        (names[a], names[b]): weight for (a, b), weight in near.weights.items() if private["secret"] not in (a, b)
    }
    assert weights == {
        ("seed", "out"): 1.0, ("in", "seed"): 3.0, ("out", "beyond"): 1.0, ("before", "in"): 1.0,
    }  # fmt: skip


def test_what_may_not_be_used_has_no_neighbourhood(alice: Tenant, charlie: Tenant) -> None:
    with alice.writing() as session:
        found = add(session, ["a"])
        hidden = add(session, ["b"], is_private=True)
        gone = add(session, ["c"], archived_at=clock.now())
        for id in (*hidden.values(), *gone.values(), "not_unknown"):
            assert topics.neighbourhood(session, id) is None
    with charlie.reading() as session:
        assert topics.neighbourhood(session, found["a"]) is None
        assert topics.facts(session, found.values()) == []


def test_an_index_page_is_read_in_part_and_in_the_same_part_everywhere(alice: Tenant, charlie: Tenant) -> None:
    names = [f"leaf{number}" for number in range(700)]
    seen = []
    for tenant in (alice, charlie):
        with tenant.writing() as session:
            found = add(session, ["index", "leaf_seed", *names])
            link(session, [(found[name], found["index"]) for name in (*names, "leaf_seed")])
            link(session, [(found["index"], found[name]) for name in names])
        with tenant.reading() as session:
            near = topics.neighbourhood(session, found["index"])
            leaf = topics.neighbourhood(session, found["leaf_seed"])
        assert near is not None
        assert leaf is not None
        assert 200 <= len(near.notes) <= 400
        assert [note.title for note in leaf.notes] == ["index"]
        seen.append(sorted(note.title for note in near.notes))
    assert seen[0] == seen[1]


def test_statements_do_not_grow_with_the_notes_around(alice: Tenant) -> None:
    counts = []
    with alice.writing() as session:
        for size in (3, 90):
            found = add(session, [f"seed{size}", *(f"x{size}-{number}" for number in range(size))])
            link(session, [(found[f"seed{size}"], id) for id in found.values() if id != found[f"seed{size}"]])
            with counted(session) as statements:
                topics.neighbourhood(session, found[f"seed{size}"])
            counts.append(len(statements))
    assert counts[1] <= counts[0]


def test_notes_like_a_seed_by_tag_and_folder(alice: Tenant) -> None:
    with alice.writing() as session:
        add(session, ["seed"], tags=["Bread"], path="baking/seed.md")
        add(session, ["tagged"], tags=["bread"])
        add(session, ["nested"], path="baking/deep/nested.md")
        add(session, ["other"], tags=["money"], path="bakingtools/other.md")
        add(session, ["long"], tags=["bread"], word_count=topics.LONGEST_ALIKE + 1)
        add(session, ["hidden"], tags=["bread"], is_private=True)
        (seed,) = topics.facts(session, [session.scalars(select(Note.id).where(Note.identity == "seed")).one()])
        assert {note.title for note in topics.alike(session, seed, 10)} == {"tagged", "nested"}
        assert len(topics.alike(session, seed, 1)) <= 2


def test_a_tag_on_very_many_notes_is_passed_over(alice: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "WIDEST_TAG", 2)
    with alice.writing() as session:
        found = add(session, ["a", "b", "c"], tags=["everywhere"])
        (seed,) = topics.facts(session, [found["a"]])
        assert topics.alike(session, seed, 10) == ()


def test_all_notes_are_given_only_while_they_are_few(alice: Tenant, charlie: Tenant) -> None:
    with alice.writing() as session:
        add(session, NAMES[:5])
        assert topics.all_if_few(session, 4) is None
        assert {note.title for note in topics.all_if_few(session, 5) or ()} == set(NAMES[:5])
    with charlie.reading() as session:
        assert topics.all_if_few(session, 5) == ()


def test_a_seed_is_marked_once_and_keeps_its_first_generation(alice: Tenant, charlie: Tenant) -> None:
    with alice.writing() as session:
        found = add(session, ["a", "b"])
        topics.mark_used(session, found["a"], "gen_1")
    with alice.writing() as session:
        topics.mark_used(session, found["a"], "gen_2")
        assert topics.used(session, found.values()) == {found["a"]}
        assert session.scalars(select(UsedSeed.generation_id)).all() == ["gen_1"]
    with charlie.reading() as session:
        assert topics.used(session, found.values()) == frozenset()
