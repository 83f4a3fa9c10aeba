"""What the notes' rows give: pages, sources for writers, and bulk writes that keep to one workspace."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, select

from regrow.domain.workspaces import Role
from regrow.kit import errors, pages
from regrow.services import notes
from regrow.store import note_links
from regrow.store import notes as stored
from regrow.store.tables.notes import Note, NoteLink
from tests.homes import Tenant


def add(tenant: Tenant, title: str, body: str = "text", **more: Any) -> str:
    with tenant.writing() as session:
        return notes.create(session, tenant.owner, title, body, **more).id


def sources(tenant: Tenant, *note_ids: str) -> list[tuple[str, str]]:
    with tenant.reading() as session:
        return [(one.title, one.text) for one in stored.sources(session, note_ids)]


def test_sources_come_in_the_order_asked(alice: Tenant) -> None:
    first, second = add(alice, "One", "1"), add(alice, "Two", "2")
    assert sources(alice, second, first, second, "not_unknown0000") == [("Two", "2"), ("One", "1")]


def test_sources_hold_nothing_private_or_archived(alice: Tenant) -> None:
    secret = add(alice, "Diary", "dear diary", tags=["private"])
    gone = add(alice, "Gone")
    told = add(alice, "Told", "Plain. As in [[Diary]], sadly. End [[Gone]].\n\n- [[diary|my days]]\n- kept\n%%hidden%%")
    with alice.writing() as session:
        notes.archive(session, alice.owner, gone)
    assert sources(alice, secret, gone, told) == [("Told", "Plain. End [[Gone]].\n\n- kept\n")]


def test_a_link_to_a_note_that_becomes_private_is_hidden(alice: Tenant) -> None:
    told = add(alice, "Told", "Plain. As in [[Later]], sadly.")
    assert "Later" in sources(alice, told)[0][1]
    later = add(alice, "Later", "---\npublish: false\n---\nx")
    assert sources(alice, told) == [("Told", "Plain. ")]
    with alice.writing() as session:
        notes.archive(session, alice.owner, later)
    assert sources(alice, told) == [("Told", "Plain. ")], "also when it is gone"


def test_sources_are_read_in_few_statements(alice: Tenant) -> None:
    ids = [add(alice, f"Note {number}", f"[[Note {number + 1}]]") for number in range(20)]
    seen: list[str] = []
    with alice.reading() as session:
        event.listen(session.get_bind().engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        assert len(stored.sources(session, ids)) == 20
    assert len([one for one in seen if one.startswith("SELECT notes") or one.startswith("SELECT note_links")]) == 2


def test_a_stranger_gets_nothing(alice: Tenant, charlie: Tenant) -> None:
    note_id = add(alice, "Mine", "text [[Other]]")
    assert sources(charlie, note_id) == []
    with charlie.reading() as session:
        assert stored.page(session, 10).items == []
        assert note_links.of_note(session, note_id) == []
        with pytest.raises(errors.NotFound, match="there is no note"):
            stored.get(session, note_id)


def test_bulk_writes_keep_to_the_workspace(alice: Tenant, charlie: Tenant) -> None:
    note_id = add(alice, "Mine", "text [[Other]]")
    with charlie.writing() as session:
        stored.change_all(session, [{"id": note_id, "title": "taken"}])
        stored.retire(session, [note_id])
        note_links.lead(session, [(note_id, 0, None)])
        stored.replace_names_and_tags(session, [note_id], [], [])
        assert stored.archive(session, [note_id], alice_time(alice, note_id)) == []
    with alice.reading() as session:
        note = stored.get(session, note_id)
        assert (note.title, note.version, note.archived_at) == ("Mine", 1, None)
        assert [link.target for link in note_links.of_note(session, note_id)] == ["Other"]
        assert note_links.names_of(session, [note_id]) >= {"mine"}


def alice_time(alice: Tenant, note_id: str) -> Any:
    with alice.reading() as session:
        return stored.get(session, note_id).created_at


def test_pages(alice: Tenant) -> None:
    ids = [add(alice, f"Rye 100% {number}") for number in range(5)]
    gone = add(alice, "Gone")
    with alice.writing() as session:
        notes.archive(session, alice.owner, gone)
    with alice.reading() as session:
        first = stored.page(session, 2)
        second = stored.page(session, 10, after=pages.decode(first.next_cursor))
        assert [note.id for note in (*first.items, *second.items)] == sorted(ids)
        assert second.next_cursor is None
        assert [note.id for note in stored.page(session, 10, is_archived=True).items] == [gone]
        assert len(stored.page(session, 10, query="rye 100%").items) == 5
        assert stored.page(session, 10, query="1__%").items == []


def test_waiting_links_come_in_pages(alice: Tenant) -> None:
    for number in range(7):
        add(alice, f"From {number}", "[[Hub]] and [[hub#x]] and [[Other]]")
    with alice.reading() as session:
        got = list(note_links.waiting(session, ["hub"], size=4))
    assert [len(rows) for rows in got] == [4, 4, 4, 2]
    assert len({(row.note_id, row.position) for rows in got for row in rows}) == 14


def test_links_are_led_anew_many_at_once(alice: Tenant) -> None:
    froms = [add(alice, f"From {number}", "[[Hub]]") for number in range(3)]
    hub = add(alice, "Hub")
    with alice.reading() as session:
        assert set(session.scalars(select(NoteLink.to_note_id))) == {hub}
    with alice.writing() as session:
        note_links.lead(session, [(froms[0], 0, None), (froms[1], 0, froms[2])])
    with alice.reading() as session:
        led = dict(row for row in session.execute(select(NoteLink.note_id, NoteLink.to_note_id)))
    assert led == {froms[0]: None, froms[1]: froms[2], froms[2]: hub}


def test_viewers_cannot_write(alice: Tenant) -> None:
    viewer = alice.actor(Role.VIEWER)
    note_id = add(alice, "One")
    with alice.writing() as session:
        for work in (
            lambda: notes.create(session, viewer, "t", "b"),
            lambda: notes.change(session, viewer, note_id, None, title="x"),
            lambda: notes.archive(session, viewer, note_id),
        ):
            with pytest.raises(errors.Forbidden):
                work()
    with alice.reading() as session:
        assert [note.title for note in session.scalars(select(Note))] == ["One"]
