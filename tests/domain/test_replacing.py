"""What may be decided on a text beside what is out, what a piece keeps of it, and where a new one is put."""

from __future__ import annotations

import pytest

from regrow.domain import replacing
from regrow.domain.replacing import Decision, Place
from regrow.kit import errors


@pytest.mark.parametrize(
    ("status", "how", "is_so"),
    [
        ("published", "circuit", True),
        ("approved", "trigger", True),
        ("draft", "trigger", False),
        ("published", "edited", False),
        ("rejected", "circuit", False),
        ("superseded", "circuit", False),
    ],
)
def test_a_text_is_decided_on_by_itself_beside_what_is_out(status: str, how: str, is_so: bool) -> None:
    assert replacing.is_beside(status, how) is is_so


@pytest.mark.parametrize(
    ("status", "is_rejected", "decision", "found"),
    [
        ("draft", False, "approved", False),
        ("draft", False, "rejected", False),
        ("live", False, "approved", True),
        ("winner", False, "approved", True),
        ("superseded", True, "rejected", True),
        ("superseded", True, "approved", "variant_rejected"),
        ("superseded", False, "approved", "variant_superseded"),
        ("superseded", False, "rejected", "variant_superseded"),
        ("live", False, "rejected", "variant_live"),
        ("winner", False, "rejected", "variant_winner"),
        ("loser", False, "approved", "variant_loser"),
        ("loser", False, "rejected", "variant_loser"),
    ],
)
def test_each_state_knows_what_may_be_decided(
    status: str, is_rejected: bool, decision: Decision, found: bool | str
) -> None:
    if isinstance(found, bool):
        assert replacing.is_decided(status, is_rejected, decision) is found
        return
    with pytest.raises(errors.Conflict) as refused:
        replacing.is_decided(status, is_rejected, decision)
    assert refused.value.code == found


def test_only_what_was_just_decided_can_be_taken_back() -> None:
    replacing.refuse_taking_back("live", is_rejected=False)
    replacing.refuse_taking_back("superseded", is_rejected=True)
    for status in ("superseded", "loser", "winner"):
        with pytest.raises(errors.Conflict):
            replacing.refuse_taking_back(status, is_rejected=False)


def test_a_piece_keeps_the_reasons_of_the_last_rejections() -> None:
    meta = {"platform": "x"}
    for number in range(replacing.MOST_KEPT + 5):
        meta = replacing.with_rejected(meta, [f"var_{number}"], f"why {number}")
    kept = meta[replacing.REJECTED]
    assert isinstance(kept, dict)
    assert (len(kept), list(kept)[-1], kept["var_54"]) == (replacing.MOST_KEPT, "var_54", "why 54")
    assert meta["platform"] == "x"


def test_taking_back_forgets_just_that() -> None:
    meta = replacing.with_rejected({"selected": "A", "reject_reason": "dry"}, ["one", "two"], "dry")
    meta = replacing.with_replaced(meta, ["old", "older"])
    assert replacing.without_decision(meta, ["one"], ["old"]) == {
        "selected": "A",
        replacing.REJECTED: {"two": "dry"},
        replacing.REPLACED: ["older"],
    }
    assert replacing.without_decision(meta, ["one", "two"], ["old", "older"]) == {"selected": "A"}
    assert replacing.with_replaced(meta, []) == {name: meta[name] for name in meta if name != replacing.REPLACED}


SITE = Place("Site", "site", is_archived=False, is_paused=False, statuses={"published"})


@pytest.mark.parametrize(
    ("place", "why"),
    [
        (SITE, None),
        (Place("Site", "site", False, False, {"published", "removed"}), None),
        (Place("Site", "site", False, False, {"removed"}), "taken down"),
        (Place("Site", "site", True, False, {"published"}), "archived"),
        (Place("Site", "site", False, True, {"published"}), "paused"),
        (Place("Site", "site", False, False, {"published"}, is_won=True), "winner"),
        (Place("Partner", "webhook", False, False, {"published"}), "nothing is sent to Partner"),
    ],
)
def test_a_new_text_is_put_only_where_the_old_one_stands_on_the_site(place: Place, why: str | None) -> None:
    found = replacing.why_not_there(place, "B")
    assert (found is None) if why is None else (found is not None and why in found)
