"""Every version of every piece is kept, whatever is done to it and in whatever order."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regrow.kit import errors
from regrow.services import generations, pieces, regenerating, versions
from regrow.store import content as content_store
from regrow.store.tables.content import Piece
from tests import tries
from tests.homes import Tenant


@pytest.fixture
def piece_id(alice: Tenant) -> str:
    """A post in two variants."""
    asked = {"topic_id": tries.topic(alice), "media": ["social"], "social_count": 1}
    made = tries.begun(alice, generations.ask, **asked).done()
    with alice.reading() as session:
        return content_store.pieces_of(session, [made["generation_id"]])[0].id


def edit(alice: Tenant, id: str, body: str, expected: int | None = None, label: str = "A") -> int:
    with alice.writing() as session:
        return versions.edit(session, alice.owner, id, expected, {label: {"body": body}}).version


def bodies(alice: Tenant, id: str) -> list[tuple[str, int, str, str]]:
    """Piece, version, and the bodies of A and B of every version."""
    with alice.reading() as session:
        told = versions.history(session, id).told
    return [(each.piece_id, each.version, each.contents["A"]["body"], each.contents["B"]["body"]) for each in told]


def piece(alice: Tenant, id: str) -> Piece:
    with alice.reading() as session:
        return session.get_one(Piece, id)


def test_a_change_by_hand_is_a_new_version_and_the_old_one_stays(alice: Tenant, piece_id: str) -> None:
    ((_, _, first_a, first_b),) = bodies(alice, piece_id)
    assert edit(alice, piece_id, "By hand.", 1) == 2
    assert edit(alice, piece_id, "B by hand.", 2, "B") == 3
    assert [each[1:] for each in bodies(alice, piece_id)] == [
        (1, first_a, first_b),
        (2, "By hand.", first_b),
        (3, "By hand.", "B by hand."),
    ]
    row = piece(alice, piece_id)
    assert (row.version, row.origin, row.status) == (3, "person", "draft")
    assert row.provenance["function"] == "edit"
    with alice.reading() as session:
        told = versions.history(session, piece_id).told
        newest = content_store.newest_variants(session, [piece_id])[piece_id]
    assert [(each.how, each.by) for each in told] == [("written", "write_social"), *[("edited", alice.owner.id)] * 2]
    assert {variant.status for variant in newest} == {"draft"}
    assert all(variant.parent_variant_id for variant in newest)


def test_whoever_is_second_is_told(alice: Tenant, piece_id: str) -> None:
    edit(alice, piece_id, "First.", 1)
    with pytest.raises(errors.Stale, match="version 2, you read 1"):
        edit(alice, piece_id, "Second.", 1)
    assert piece(alice, piece_id).version == 2


def test_what_changes_nothing_makes_no_version(alice: Tenant, piece_id: str) -> None:
    ((_, _, body, _),) = bodies(alice, piece_id)
    assert edit(alice, piece_id, body, 1) == 1
    assert len(bodies(alice, piece_id)) == 1


def test_restoring_makes_a_new_version(alice: Tenant, piece_id: str) -> None:
    first = bodies(alice, piece_id)[0]
    edit(alice, piece_id, "By hand.")
    with alice.writing() as session:
        row = versions.restore(session, alice.owner, piece_id, 1)
        assert (row.version, row.origin) == (3, "offline-extractive")
        assert row.provenance["restored_from"] == {"piece_id": piece_id, "version": 1}
    assert bodies(alice, piece_id)[2][2:] == first[2:]
    with alice.writing() as session:
        assert versions.restore(session, alice.owner, piece_id, 3).version == 4
    assert bodies(alice, piece_id)[3][2:] == first[2:]


@pytest.mark.parametrize("version", [2, 99, 2**31 - 1])
def test_a_version_that_never_was_is_not_restored(alice: Tenant, piece_id: str, version: int) -> None:
    with pytest.raises(errors.NotFound, match="never had a version") as caught, alice.writing() as session:
        versions.restore(session, alice.owner, piece_id, version)
    assert caught.value.code == "version_not_found"
    assert piece(alice, piece_id).version == 1


def test_only_pieces_of_the_same_history_are_restored(alice: Tenant, charlie: Tenant, piece_id: str) -> None:
    asked = {"topic_id": tries.topic(alice), "media": ["social"], "social_count": 1}
    other = tries.begun(alice, generations.ask, **asked).done()
    with alice.reading() as session:
        other_id = content_store.pieces_of(session, [other["generation_id"]])[0].id
    for id in (other_id, "pie_unknown"):
        with pytest.raises(errors.NotFound), alice.writing() as session:
            versions.restore(session, alice.owner, piece_id, 1, id)
    with pytest.raises(errors.NotFound), charlie.writing() as session:
        versions.restore(session, charlie.owner, piece_id, 1)
    with pytest.raises(errors.NotFound), charlie.reading() as session:
        versions.history(session, piece_id)


def test_a_decision_was_on_a_text_so_a_new_text_needs_a_new_one(alice: Tenant, piece_id: str) -> None:
    with alice.writing() as session:
        pieces.reject(session, alice.owner, piece_id, "Too dry")
    edit(alice, piece_id, "By hand.")
    row = piece(alice, piece_id)
    assert (row.status, "reject_reason" in row.meta) == ("draft", False)
    with alice.writing() as session:
        pieces.approve(session, alice.owner, piece_id, expected_version=2)
    for change in ({"A": {"body": "Changed."}},):
        with pytest.raises(errors.Conflict) as caught, alice.writing() as session:
            versions.edit(session, alice.owner, piece_id, None, change)
        assert caught.value.code == "piece_approved"
    with alice.reading() as session:
        rows = content_store.variants_of(session, [piece_id])
    assert sorted((row.label, row.version, row.status) for row in rows) == [
        ("A", 1, "superseded"),
        ("A", 2, "live"),
        ("B", 1, "live"),
    ]
    with alice.writing() as session:
        assert pieces.reopen(session, alice.owner, piece_id).status == "draft"
    assert edit(alice, piece_id, "Once more.") == 3


def test_an_approval_is_of_the_version_that_was_read(alice: Tenant, piece_id: str) -> None:
    edit(alice, piece_id, "By hand.")
    for decide in (pieces.approve, pieces.reject):
        with pytest.raises(errors.Stale), alice.writing() as session:
            decide(session, alice.owner, piece_id, expected_version=1)
    assert piece(alice, piece_id).status == "draft"


def test_only_the_selected_variant_goes_live(alice: Tenant, piece_id: str) -> None:
    def statuses() -> dict[str, str]:
        with alice.reading() as session:
            return {row.label: row.status for row in content_store.newest_variants(session, [piece_id])[piece_id]}

    with alice.writing() as session:
        assert pieces.select(session, alice.owner, piece_id, "B").meta["selected"] == "B"
        pieces.approve(session, alice.owner, piece_id)
    assert statuses() == {"A": "draft", "B": "live"}
    with alice.writing() as session:
        pieces.select(session, alice.owner, piece_id, "A")
    assert statuses() == {"A": "live", "B": "draft"}
    with alice.writing() as session:
        assert "selected" not in pieces.select(session, alice.owner, piece_id, None).meta
    assert statuses() == {"A": "live", "B": "live"}
    with pytest.raises(errors.NotFound, match="it has A, B"), alice.writing() as session:
        pieces.select(session, alice.owner, piece_id, "C")


def test_the_database_itself_keeps_every_text(alice: Tenant, piece_id: str) -> None:
    for statement in (
        "UPDATE variants SET content = '{}'",
        "UPDATE variants SET \"by\" = 'me'",
        "DELETE FROM variants",
        "UPDATE piece_versions SET how = 'x'",
        "DELETE FROM piece_versions",
    ):
        with pytest.raises(sa.exc.DBAPIError, match=r"kept as they were written|only grows"):
            alice.raw(statement)
    alice.raw("UPDATE variants SET status = 'live'")
    assert len(bodies(alice, piece_id)) == 1


def test_the_database_itself_keeps_one_of_a_line_current(alice: Tenant, piece_id: str) -> None:
    tries.begun(alice, regenerating.ask_piece, piece_id).done()
    with pytest.raises(sa.exc.IntegrityError):
        alice.raw(f"UPDATE pieces SET status = 'draft' WHERE id = '{piece_id}'")


OPERATIONS = st.lists(
    st.sampled_from(["edit", "edit", "restore", "reject", "approve", "reopen", "ask", "write", "finish"]),
    min_size=4,
    max_size=14,
)


class Story:
    """A piece and all that is done to it; whatever was ever readable must stay so."""

    def __init__(self, alice: Tenant, piece_id: str) -> None:
        self.alice, self.current = alice, piece_id
        self.seen: dict[tuple[str, int], Any] = {}
        self.underway: list[tries.Underway] = []
        self.count = 0
        self.look()

    def do(self, operation: str) -> None:
        try:
            getattr(self, f"_{operation}")()
        except (errors.Conflict, errors.LimitReached):
            self.count += 1
        self.look()

    def _edit(self) -> None:
        self.count += 1
        edit(self.alice, self.current, f"By hand, for the {self.count}. time.")

    def _restore(self) -> None:
        piece_id, version = sorted(self.seen)[self.count % len(self.seen)]
        with self.alice.writing() as session:
            versions.restore(session, self.alice.owner, self.current, version, piece_id)

    def _reject(self) -> None:
        with self.alice.writing() as session:
            pieces.reject(session, self.alice.owner, self.current)

    def _approve(self) -> None:
        with self.alice.writing() as session:
            pieces.approve(session, self.alice.owner, self.current)

    def _reopen(self) -> None:
        with self.alice.writing() as session:
            pieces.reopen(session, self.alice.owner, self.current)

    def _ask(self) -> None:
        self.underway.append(tries.begun(self.alice, regenerating.ask_piece, self.current))

    def _write(self) -> None:
        if self.underway and not self.underway[0].answers:
            self.underway[0].write()

    def _finish(self) -> None:
        """In turn: only the first of those under way, as the queue has it."""
        if self.underway:
            self._write()
            self.underway.pop(0).finish()

    def look(self) -> None:
        with self.alice.reading() as session:
            found = versions.history(session, self.current)
            assert found.current_id is not None
            self.current = found.current_id
            found = versions.history(session, self.current)
            standing = [row for row in content_store.of_lines(session, [session.get_one(Piece, self.current).line_id])]
        told = {(each.piece_id, each.version): each.contents for each in (*found.told, *found.set_aside)}
        assert {key: told.get(key) for key in self.seen} == self.seen
        assert [row.id for row in standing if row.status != "superseded"] == [self.current]
        newest = max(version for piece_id, version in told if piece_id == self.current)
        assert next(row for row in standing if row.id == self.current).version == newest
        self.seen = told


@pytest.mark.parametrize(
    "database_kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(operations=OPERATIONS)
def test_any_order_keeps_every_version_readable_and_one_current(alice: Tenant, operations: list[str]) -> None:
    asked = {"topic_id": tries.topic(alice), "media": ["social"], "social_count": 1}
    made = tries.begun(alice, generations.ask, **asked).done()
    with alice.reading() as session:
        first = content_store.pieces_of(session, [made["generation_id"]])[0].id
    story = Story(alice, first)
    for operation in operations:
        story.do(operation)
    for _ in range(len(story.underway)):
        story.do("finish")
    assert story.seen
