"""Regenerations from request to draft, step by step, on both databases."""

from __future__ import annotations

import pytest

from regrow.services import circuit_lineage, circuit_replays
from regrow.store import content as content_store
from regrow.store.tables.circuits import ContentVariantLineage
from regrow.store.tables.content import Piece, PieceVersion
from tests import circuits
from tests.homes import Tenant


@pytest.mark.parametrize("medium", ["social", "blog", "email"])
def test_a_loser_becomes_a_draft_of_the_same_piece(alice: Tenant, medium: str) -> None:
    made = circuits.lost(alice, medium)
    run = circuits.under_way(alice, made)
    assert run.event().status == "initiated"
    done = run.done()
    assert done["success"], done
    assert done["status"] == "registered"
    new = circuits.variant(alice, done["new_variant_id"])
    told = (new.piece_id, new.label, new.version, new.status, new.parent_variant_id, new.experiment_id)
    assert told == (made.piece_id, "B", 2, "draft", made.loser, None)
    with alice.reading() as session:
        piece = session.get_one(Piece, made.piece_id)
        assert (piece.version, piece.status) == (2, "approved")
        version = content_store.version(session, piece.id, 2)
        assert isinstance(version, PieceVersion)
        assert (version.how, version.by, version.origin) == ("circuit", "regenerate_variant", "offline-extractive")
        assert version.provenance["guard"]["passed"]
        assert version.provenance["sources"]
        found = circuit_lineage.lineage(session, made.test_id, new.id)
        assert [each["parent_variant_id"] for each in found["lineage"]["parents"]] == [made.loser]
        row = session.query(ContentVariantLineage).one()
        assert (row.depth, row.is_active, row.regeneration_event_id) == (1, True, run.event_id)
        assert circuit_replays.replay(session, run.event_id).is_same
