"""Notes written here: create, change, archive."""

from __future__ import annotations

from typing import Any

import pytest

from regrow.kit import errors
from regrow.services import notes
from regrow.store import audit, note_links
from regrow.store import notes as stored
from regrow.store.tables.notes import Note
from tests.homes import Tenant


def create(tenant: Tenant, title: str = "Rye", body: str = "text", **more: Any) -> Note:
    with tenant.writing() as session:
        return notes.create(session, tenant.owner, title, body, **more)


def change(tenant: Tenant, note_id: str, expected_version: int | None = None, **fields: Any) -> Note:
    with tenant.writing() as session:
        return notes.change(session, tenant.owner, note_id, expected_version, **fields)


def links(tenant: Tenant, note_id: str) -> list[tuple[str, str | None]]:
    with tenant.reading() as session:
        return [(link.target, link.to_note_id) for link in note_links.of_note(session, note_id)]


def test_create(alice: Tenant) -> None:
    starter = create(alice, "Starter")
    note = create(alice, "Rye", "About [[starter]] #sour %%x%%", tags=["bread", "#Dark"], links=[starter.id, "Nobody"])
    assert (note.title, note.body, note.source, note.version) == ("Rye", "About [[starter]] #sour ", "api", 1)
    assert note.tags == ["bread", "Dark", "sour"]
    assert links(alice, note.id) == [("starter", starter.id), (starter.id, starter.id), ("Nobody", None)]
    nobody = create(alice, "Nobody")
    assert links(alice, note.id)[2] == ("Nobody", nobody.id)


def test_front_matter_of_a_written_note_is_read(alice: Tenant) -> None:
    note = create(alice, "Rye", "---\naliases: [Roggen]\ntags: [a]\n---\nbody", tags=["b"])
    assert (note.body, note.tags, note.aliases, note.title) == ("body", ["b", "a"], ["Roggen"], "Rye")


@pytest.mark.parametrize(
    ("body", "tags"), [("secret", ["private"]), ("secret #private/x", []), ("---\npublish: false\n---\nsecret", [])]
)
def test_a_private_note_is_not_kept(alice: Tenant, body: str, tags: list[str]) -> None:
    note = create(alice, "Diary", body, tags=tags, links=["Nobody"])
    assert (note.is_private, note.body, note.tags, note.front_matter) == (True, "", [], {})
    assert links(alice, note.id) == []
    with pytest.raises(errors.Conflict, match="give body and tags anew"):
        change(alice, note.id, title="Other")
    assert change(alice, note.id, body="open", tags=["a"]).body == "open"


BAD: tuple[tuple[dict[str, Any], str], ...] = (
    ({"title": ""}, "title: must have 1 to 500 characters"),
    ({"title": "x" * 501}, "title: must have"),
    ({"title": 5}, "title: must be a text"),
    ({"body": "a\x00b"}, "body: must not hold NUL"),
    ({"body": "\ud800"}, "body: must not hold NUL characters or half"),
    ({"body": "ä" * 500_001}, "body: must not be larger than 1 MB"),
    ({"tags": "a"}, "tags: must be a list"),
    ({"tags": ["a"] * 501}, "tags: must be a list of at most 500"),
    ({"tags": [5]}, "tags: each must be a text"),
    ({"links": [""]}, "links: each must be"),
    ({"links": ["a\x00"]}, "links: must not hold NUL"),
    ({"links": ["not_0000000000unknown"]}, "there is no note not_0000000000unknown"),
    ({"title": "", "tags": 1}, "title: .*; tags: "),
)


def test_bad_input(alice: Tenant) -> None:
    for fields, problem in BAD:
        with pytest.raises(errors.Invalid, match=problem):
            create(alice, **fields)
    with alice.reading() as session:
        assert stored.page(session, 5).items == []
        assert [row.action for row in audit.page(session, 50).items if row.action.startswith("note.")] == []


def test_change(alice: Tenant) -> None:
    note = create(alice, "Rye", "old #inline", tags=["given"], links=["Starter"])
    new = change(alice, note.id, 1, body="new [[Other]] #fresh")
    assert (new.version, new.title, new.body, new.tags) == (2, "Rye", "new [[Other]] #fresh", ["given", "fresh"])
    assert [target for target, _ in links(alice, note.id)] == ["Other", "Starter"]
    newer = change(alice, note.id, None, title="Roggen", tags=["b"], links=[])
    assert (newer.version, newer.title, newer.tags) == (3, "Roggen", ["b", "fresh"])
    assert [target for target, _ in links(alice, note.id)] == ["Other"]
    with alice.reading() as session:
        assert note_links.names_of(session, [note.id]) == {note.id, "roggen"}
        done = [row.action for row in audit.page(session, 50).items if row.subject_id == note.id]
    assert done == ["note.changed", "note.changed", "note.created"]


def test_change_refuses_what_is_stale_unknown_or_archived(alice: Tenant, charlie: Tenant) -> None:
    note = create(alice)
    change(alice, note.id, 1, title="Newer")
    with pytest.raises(errors.Stale, match="version 2"):
        change(alice, note.id, 1, title="Older")
    with pytest.raises(errors.Invalid, match="colour: a note has"):
        change(alice, note.id, 2, colour="red")
    with pytest.raises(errors.NotFound):
        change(charlie, note.id, 2, title="Mine")
    with alice.writing() as session:
        notes.archive(session, alice.owner, note.id)
    with pytest.raises(errors.Conflict, match="archived"):
        change(alice, note.id, None, title="x")


def test_archive(alice: Tenant, charlie: Tenant) -> None:
    hub = create(alice, "Hub")
    note = create(alice, "From", "[[Hub]]", links=[hub.id])
    assert links(alice, note.id) == [("Hub", hub.id), (hub.id, hub.id)]
    with charlie.writing() as session, pytest.raises(errors.NotFound):
        notes.archive(session, charlie.owner, hub.id)
    for _ in range(2):
        with alice.writing() as session:
            assert notes.archive(session, alice.owner, hub.id).archived_at is not None
    assert links(alice, note.id) == [("Hub", None), (hub.id, None)]
    with alice.reading() as session:
        assert [row.action for row in audit.page(session, 50).items].count("note.archived") == 1
