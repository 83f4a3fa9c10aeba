"""Assignment, beacons and counting: uniform and sticky, sealed and bound, and only what may count."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regrow.domain.experiments import sample_ratio
from regrow.domain.visits import assignment, beacons, counting
from regrow.domain.visits.beacons import Ticket
from regrow.domain.visits.counting import Mark
from regrow.kit import errors

KEY, OTHER = b"k" * 32, b"o" * 32
NOW = datetime(2026, 3, 29, 0, 59, 59, 500_000, tzinfo=UTC)
TICKET = Ticket("ws_1", "pie_1", "var_1", "A", "f" * 32, NOW)
HALVES = {"A": 1.0, "B": 1.0}
labels = st.dictionaries(st.sampled_from("ABCDE"), st.floats(0.01, 100), min_size=1)


def test_a_million_ids_fall_by_the_shares_and_stay() -> None:
    shares = {"A": 0.5, "B": 0.3, "C": 0.2}
    first = [assignment.assign(KEY, "pie_1", f"visitor {n}", shares) for n in range(1_000_000)]
    counts = Counter(first)
    assert sample_ratio.judged([counts[label] for label in shares], list(shares.values())).e_value < 1
    for label, share in shares.items():
        assert abs(counts[label] - share * 1e6) < 4 * math.sqrt(share * (1 - share) * 1e6)
    again = [assignment.assign(KEY, "pie_1", f"visitor {n}", shares) for n in range(0, 1_000_000, 50)]
    assert again == first[::50]


def test_pieces_and_keys_assign_independently() -> None:
    visitors = [f"visitor {n}" for n in range(20_000)]
    pairs = Counter(
        (assignment.assign(KEY, "pie_1", v, HALVES), assignment.assign(KEY, "pie_2", v, HALVES)) for v in visitors
    )
    keys = Counter(
        (assignment.assign(KEY, "pie_1", v, HALVES), assignment.assign(OTHER, "pie_1", v, HALVES)) for v in visitors
    )
    for found in (pairs, keys):
        assert len(found) == 4
        assert sample_ratio.judged(list(found.values()), [0.25] * 4).e_value < 1


@given(shares=labels, visitor=st.text(max_size=30))
def test_a_visitor_is_shown_something_there_is_whatever_the_order(shares: dict[str, float], visitor: str) -> None:
    found = assignment.assign(KEY, "pie_1", visitor, shares)
    assert found in shares
    assert found == assignment.assign(KEY, "pie_1", visitor, dict(reversed(shares.items())))


@given(shares=labels, visitor=st.text(max_size=30), gone=st.sampled_from("ABCDE"))
def test_only_those_move_whose_variant_goes(shares: dict[str, float], visitor: str, gone: str) -> None:
    left = {label: share for label, share in shares.items() if label != gone}
    before = assignment.assign(KEY, "pie_1", visitor, shares)
    if left and before != gone:
        assert assignment.assign(KEY, "pie_1", visitor, left) == before
        assert assignment.assign(KEY, "pie_1", visitor, {**shares, gone: 0.0}) == before
    assert assignment.assign(KEY, "pie_1", visitor, {k: v * 3 for k, v in shares.items()}) == before


@pytest.mark.parametrize("shares", [{}, {"A": 0.0}, {"A": -1.0, "B": 2.0}, {"A": math.nan}, {"A": math.inf}])
def test_shares_that_show_nothing_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(errors.Invalid, match="shares"):
        assignment.assign(KEY, "pie_1", "v", shares)
    with pytest.raises(errors.Invalid, match="shares"):
        assignment.reference(shares)


def test_who_is_not_counted_sees_the_first_label_that_is_shown() -> None:
    assert assignment.reference({"C": 1.0, "B": 2.0, "A": 0.0}) == "B"


def test_a_pseudonym_differs_from_piece_to_piece_and_hides_the_id() -> None:
    names = {assignment.pseudonym(key, piece, "visitor") for key in (KEY, OTHER) for piece in ("pie_1", "pie_2")}
    assert len(names) == 4
    assert all(len(name) == 32 and "visitor" not in name for name in names)


def test_a_token_says_what_it_stands_for_and_fits_one_workspace() -> None:
    token = beacons.sealed(KEY, TICKET)
    assert beacons.opened([OTHER, KEY], "ws_1", token, NOW) == TICKET
    assert beacons.opened([OTHER], "ws_1", token, NOW) == "forged"
    assert beacons.opened([KEY], "ws_2", token, NOW) == "foreign"
    assert len(token) < beacons.LONGEST_TOKEN


def test_a_token_lives_for_two_hours() -> None:
    token = beacons.sealed(KEY, TICKET)
    assert beacons.opened([KEY], "ws_1", token, NOW + beacons.LIFE - timedelta(milliseconds=1)) == TICKET
    assert beacons.opened([KEY], "ws_1", token, NOW + beacons.LIFE) == "expired"
    assert beacons.opened([KEY], "ws_1", token, NOW - timedelta(days=1)) == TICKET


@given(place=st.integers(0, 10_000), letter=st.sampled_from("AZaz09-_.=é\x00"))
def test_one_other_letter_makes_it_no_token(place: int, letter: str) -> None:
    token = beacons.sealed(KEY, TICKET)
    at = place % len(token)
    changed = token[:at] + letter + token[at + 1 :]
    assert changed == token or beacons.opened([KEY], "ws_1", changed, NOW) in ("malformed", "forged", "foreign")


@given(st.text(max_size=700))
def test_no_text_breaks_what_reads_tokens(text: str) -> None:
    assert beacons.opened([KEY], "ws_1", text, NOW) == "malformed"


@given(st.binary(max_size=100))
@settings(max_examples=300)
def test_no_body_breaks_what_reads_beacons(body: bytes) -> None:
    told = beacons.read(body)
    assert told is None or told.kind in (counting.EXPOSURE, beacons.AUTOMATED, *counting.METRICS)


@pytest.mark.parametrize(
    ("body", "kind", "value"),
    [
        (b"exposure t", "exposure", 1),
        (b"cta t", "cta", 1),
        (b"read t 12", "read", 12),
        (b"read t 999999", "read", beacons.MOST_SECONDS),
        (b"automated t", "automated", 1),
    ],
)
def test_beacons_that_can_be_read(body: bytes, kind: str, value: int) -> None:
    assert beacons.read(body) == beacons.Told(kind, "t", value)


@pytest.mark.parametrize(
    "body",
    [b"", b"cta", b"like t", b"cta t 5", b"read t -1", b"read t 1.5", b"read t 1 2", b"read t 9999999999", b"\xff t"],
)
def test_beacons_that_cannot(body: bytes) -> None:
    assert beacons.read(body) is None


def test_an_exposure_takes_a_second_and_a_kind_must_be_the_pages() -> None:
    exposure, cta = beacons.Told("exposure", "t", 1), beacons.Told("cta", "t", 1)
    assert beacons.mark(TICKET, exposure, NOW + timedelta(milliseconds=999)) == "too_fast"
    made = beacons.mark(TICKET, exposure, NOW + timedelta(seconds=1))
    assert isinstance(made, Mark)
    assert made.who == ("pie_1", "f" * 32)
    assert isinstance(beacons.mark(TICKET, exposure, NOW - timedelta(hours=1)), Mark)
    assert isinstance(beacons.mark(TICKET, cta, NOW), Mark)
    assert beacons.mark(dataclasses.replace(TICKET, kinds=("scroll",)), cta, NOW) == "malformed"


def test_what_a_conversion_needs() -> None:
    mark = Mark("cta", "pie_1", "var_1", "v", 1, NOW, NOW + timedelta(minutes=30))
    assert counting.refused(mark, ("var_1", NOW)) is None
    assert counting.refused(mark, None) == "no_exposure"
    assert counting.refused(mark, ("var_2", NOW)) == "other_variant"
    assert counting.refused(mark, ("var_1", NOW - timedelta(milliseconds=1))) == "too_late"
    assert counting.again(mark, NOW) == "replayed"
    assert counting.again(mark, NOW - timedelta(seconds=1)) == "returned"


def test_hours_are_those_of_utc_when_clocks_change_for_summer() -> None:
    assert counting.hour_of(NOW) == datetime(2026, 3, 29, 0, tzinfo=UTC)
    hours = {counting.hour_of(counting.hour_of(NOW) + timedelta(minutes=10 * n)) for n in range(24 * 6)}
    assert len(hours) == 24
    assert counting.bucket_of(NOW, 60) == datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    assert counting.is_final(NOW, NOW + timedelta(minutes=31))
    assert not counting.is_final(NOW, NOW + timedelta(minutes=30))


@pytest.mark.parametrize(("hours", "seconds"), [(1, 0), (0, 60), (-1, 60), (24 * 365, 60)])
def test_unbearable_stretches_are_refused(hours: int, seconds: int) -> None:
    with pytest.raises(errors.Invalid, match="buckets"):
        counting.refuse_stretch(NOW, NOW + timedelta(hours=hours), seconds)
