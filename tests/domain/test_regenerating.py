"""What may be written again, how often, and what stays when somebody was faster."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain import regenerating as rules
from regrow.domain.regenerating import Cluster, Day, Request, Standing
from regrow.kit import errors

NOW = datetime(2026, 11, 25, 22, 30, 0, 1, tzinfo=UTC)
STATUSES = ("draft", "rejected", "approved", "published", "superseded")


def refusal(check: object, *given: object) -> errors.RegrowError | None:
    try:
        check(*given)  # type: ignore[operator]
    except errors.RegrowError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("notes", "left", "least", "is_refused"),
    [(5, 5, 3, False), (5, 4, 3, False), (5, 2, 3, True), (2, 2, 3, False), (2, 1, 3, True), (1, 0, 1, True)],
)
def test_only_a_cluster_that_lost_notes_can_be_too_small(notes: int, left: int, least: int, is_refused: bool) -> None:
    refused = refusal(rules.refuse_thin, Cluster(notes, left, 0, least))
    assert (refused is not None) == is_refused
    if refused is not None:
        assert refused.code == "topic_too_small"
        assert refused.more == {"found": left, "needed": least}


def test_the_warning_counts_what_is_gone_and_names_nothing() -> None:
    assert rules.warning(Cluster(4, 4, 0, 3)) is None
    assert rules.warning(Cluster(5, 4, 0, 3)) == (
        "1 of the 5 notes is gone or private now: written again from the other 4"
    )
    assert str(rules.warning(Cluster(5, 3, 1, 3))).endswith("told anew without what became private")


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 10))
def test_a_day_never_holds_more_than_its_limit(succeeded: int, running: int, limit: int) -> None:
    refused = refusal(rules.refuse_past_limit, Day(succeeded, running, limit, NOW))
    assert (refused is None) == (succeeded + running < limit)
    if refused is not None:
        assert isinstance(refused, errors.LimitReached)
        is_over = limit == 0 or succeeded >= limit
        assert refused.retry_after_seconds == (5400 if is_over else rules.RUNNING_WAIT_SECONDS)


def test_a_day_ends_at_midnight_utc() -> None:
    late = NOW.replace(hour=23, minute=59, second=59, microsecond=999_999)
    refused = refusal(rules.refuse_past_limit, Day(5, 0, 5, late))
    assert isinstance(refused, errors.LimitReached)
    assert refused.retry_after_seconds == 1
    assert rules.day_of(late) == "2026-11-25"
    assert rules.day_of(late + timedelta(microseconds=1)) == "2026-11-26"


@pytest.mark.parametrize("status", STATUSES)
def test_only_drafts_and_rejected_pieces_are_replaced(status: str) -> None:
    refused = refusal(rules.refuse_piece, status, "pie_now")
    assert (refused is None) == (status in rules.REPLACEABLE)
    if refused is not None:
        assert refused.code == f"piece_{status}"
        assert ("pie_now" in refused.detail) == (status == "superseded")
    kept = rules.kept_because(Standing("pie_1", status, 3, 3))
    assert (kept is None) == (status in rules.REPLACEABLE)


@pytest.mark.parametrize(
    ("version", "seen", "stays"), [(1, 1, False), (2, 1, True), (4, 4, False), (1, None, False), (2, None, True)]
)
def test_what_was_changed_since_it_was_seen_stays(version: int, seen: int | None, stays: bool) -> None:
    assert (rules.kept_because(Standing("pie_1", "draft", version, seen)) is not None) == stays


def test_a_medium_is_refused_when_all_of_it_is_decided() -> None:
    assert refusal(rules.refuse_all_decided, "blog", []) is None
    assert refusal(rules.refuse_all_decided, "social", ["approved", "draft"]) is None
    refused = refusal(rules.refuse_all_decided, "social", ["approved", "published"])
    assert refused is not None
    assert refused.code == "medium_decided"


@pytest.mark.parametrize("status", ["approved", "published"])
def test_a_decided_generation_is_not_written_again(status: str) -> None:
    refused = refusal(rules.refuse_decided, status)
    assert refused is not None
    assert (refused.kind, refused.code) == ("conflict", f"generation_{status}")
    assert refusal(rules.refuse_decided, "rejected") is None


def test_unknown_media_are_named_with_those_there_are() -> None:
    refused = refusal(rules.refuse_medium, "fax" * 100)
    assert refused is not None
    assert (refused.kind, refused.code) == ("invalid", "unknown_medium")
    assert "blog, social" in refused.detail
    assert len(refused.detail) < 200


@pytest.mark.parametrize("said", ["", "   ", "\n\t "])
def test_empty_instructions_are_none(said: str) -> None:
    assert rules.checked_instructions(said) == ""


def test_instructions_are_bounded_and_clean() -> None:
    assert rules.checked_instructions(" shorter\nlead with the number ") == "shorter\nlead with the number"
    for said, code in (("x" * 1_000_000, "instructions_too_long"), ("a\x00b", "bad_instructions")):
        refused = refusal(rules.checked_instructions, said)
        assert refused is not None
        assert (refused.kind, refused.code) == ("invalid", code)
        assert len(refused.detail) < 200


@given(st.lists(st.integers(1, 50), max_size=20), st.integers(0, 10))
def test_sequences_go_on(there: list[int], count: int) -> None:
    new = rules.continued(there, count)
    assert new == list(range(max(there, default=0) + 1, max(there, default=0) + 1 + count))


@given(st.dictionaries(st.text(max_size=10), st.integers(1, 9), max_size=5), st.text(max_size=30))
def test_a_request_survives_being_stored(seen: dict[str, int], said: str) -> None:
    request = Request("medium", "gen_1", "per_1", ("social",), 2, ("x", "linkedin"), said, seen)
    assert rules.from_json(rules.as_json(request)) == request


def test_what_could_not_be_replaced_is_named() -> None:
    aside = {"piece_id": "pie_1", "set_aside_id": "pie_2", "reason": "somebody changed it"}
    assert refusal(rules.refuse_nothing_replaced, {"piece_ids": ["pie_3"], "set_aside": [aside]}) is None
    assert refusal(rules.refuse_nothing_replaced, {"piece_ids": [], "set_aside": []}) is None
    refused = refusal(rules.refuse_nothing_replaced, {"piece_ids": [], "set_aside": [aside]})
    assert refused is not None
    assert (refused.code, refused.more) == ("changed_meanwhile", {"set_aside": [aside]})
    assert "pie_2" in refused.detail
