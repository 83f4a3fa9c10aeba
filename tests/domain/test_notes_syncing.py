"""Which stored note a file is."""

from __future__ import annotations

import hashlib

from regrow.domain.notes import syncing
from regrow.domain.notes.facts import ParsedNote
from regrow.domain.notes.syncing import Known, Placements


def note(path: str, text: str = "text", identity: str = "") -> ParsedNote:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return ParsedNote(path, digest, identity, "t", text, (), (), {}, (), 1, False, (), ())


def known(note_id: str, path: str, text: str = "text", identity: str = "", is_archived: bool = False) -> Known:
    key = syncing.id_key(identity) if identity else syncing.path_key(path)
    return Known(note_id, key, path, hashlib.sha256(text.encode()).hexdigest(), is_archived)


def place(
    notes: list[ParsedNote], stored: list[Known], gone: tuple[str, ...] = (), held: tuple[str, ...] = ()
) -> Placements:
    return syncing.place(notes, stored, lambda path: path not in gone, frozenset(held))


def matches(placements: Placements) -> list[tuple[str, str | None]]:
    return [(one.identity, one.known.note_id if one.known else None) for one in placements.placed]


def test_new_notes() -> None:
    got = place([note("a.md"), note("b.md", identity="x")], [])
    assert matches(got) == [("path:a.md", None), ("id:x", None)]


def test_by_path() -> None:
    assert matches(place([note("a.md", "new")], [known("n1", "a.md")])) == [("path:a.md", "n1")]


def test_by_id_wherever_it_is() -> None:
    got = place([note("b.md", "new", "x")], [known("n1", "a.md", "old", "x")], gone=("a.md",))
    assert matches(got) == [("id:x", "n1")]
    assert got.displaced == ()


def test_a_rename_is_known_by_what_the_file_holds() -> None:
    assert matches(place([note("b.md")], [known("n1", "a.md")], gone=("a.md",))) == [("path:b.md", "n1")]


def test_a_copy_is_a_new_note() -> None:
    assert matches(place([note("b.md")], [known("n1", "a.md")])) == [("path:b.md", None)]


def test_empty_files_are_never_taken_for_renames() -> None:
    assert matches(place([note("b.md", "")], [known("n1", "a.md", "")], gone=("a.md",))) == [("path:b.md", None)]


def test_one_vanished_note_is_not_two_renames() -> None:
    got = place([note("b.md"), note("c.md")], [known("n1", "a.md")], gone=("a.md",))
    assert matches(got) == [("path:b.md", "n1"), ("path:c.md", None)]


def test_a_file_that_gains_or_loses_an_id_stays_the_same_note() -> None:
    assert matches(place([note("a.md", "new", "x")], [known("n1", "a.md")])) == [("id:x", "n1")]
    assert matches(place([note("a.md", "new")], [known("n1", "a.md", "old", "x")])) == [("path:a.md", "n1")]


def test_a_second_file_with_the_same_id_goes_by_its_path() -> None:
    got = place([note("a.md", "1", "x"), note("b.md", "2", "x")], [])
    assert matches(got) == [("id:x", None), ("path:b.md", None)]
    assert got.placed[0].warnings == ()
    assert "the id x" in got.placed[1].warnings[0]


def test_the_first_owner_keeps_an_id_its_file_still_bears() -> None:
    stored = [known("n1", "b.md", "1", "x")]
    assert matches(place([note("a.md", "1", "x")], stored, held=("x",))) == [("path:a.md", None)]
    assert matches(place([note("a.md", "1", "x")], stored)) == [("id:x", "n1")]


def test_two_notes_with_ids_swap_places() -> None:
    stored = [known("n1", "a.md", "1", "x"), known("n2", "b.md", "2", "y")]
    got = place([note("a.md", "2", "y"), note("b.md", "1", "x")], stored)
    assert matches(got) == [("id:y", "n2"), ("id:x", "n1")]
    assert got.displaced == ()


def test_another_note_at_the_path_displaces_the_one_that_was_there() -> None:
    stored = [known("n1", "a.md", "1", "x")]
    got = place([note("a.md", "2", "y")], stored)
    assert matches(got) == [("id:y", None)]
    assert [one.note_id for one in got.displaced] == ["n1"]
    assert syncing.retired(got) == ()


def test_a_note_moved_onto_an_archived_ones_path_takes_its_identity() -> None:
    stored = [known("n1", "a.md", "1"), known("n2", "b.md", "2", is_archived=True)]
    got = place([note("b.md", "1")], stored, gone=("a.md",))
    assert matches(got) == [("path:b.md", "n1")]
    assert syncing.retired(got) == ("n2",)


def test_of_two_notes_at_a_path_the_one_named_by_it_is_meant() -> None:
    pushed_out = Known("n0", "was:n0", "a.md", "0" * 64, is_archived=False)
    got = place([note("a.md", "new")], [pushed_out, known("n1", "a.md")])
    assert matches(got) == [("path:a.md", "n1")]
    assert [one.note_id for one in got.displaced] == ["n0"]


def test_an_archived_note_comes_back() -> None:
    assert matches(place([note("a.md", "new")], [known("n1", "a.md", is_archived=True)])) == [("path:a.md", "n1")]
    moved = place([note("z.md")], [known("n1", "a.md", is_archived=True)], gone=("a.md",))
    assert matches(moved) == [("path:z.md", "n1")]


def test_an_id_finds_its_note_before_a_new_text_takes_the_old_path() -> None:
    got = place([note("a.md", "new"), note("c.md", "old", "x")], [known("n1", "a.md", "old", "x")])
    assert matches(got) == [("path:a.md", None), ("id:x", "n1")]
    assert got.displaced == ()
    assert syncing.retired(got) == ()


def test_a_placed_note_gives_up_an_identity_that_another_takes() -> None:
    changed = syncing.Placement(note("a.md"), "path:a.md", known("n1", "a.md", identity="x"))
    new = syncing.Placement(note("c.md", identity="x"), "id:x", None)
    assert syncing.retired(Placements((changed, new), ())) == ("n1",)
    assert syncing.retired(Placements((changed,), ())) == ()
