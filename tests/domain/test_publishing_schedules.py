"""Times of zones, slots of queues, slugs, states of posts, and what channels are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain.publishing import posts, schedules, settings, slugs, totals
from regrow.domain.publishing.channel import Declared, Setting
from regrow.kit import errors

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_time_with_an_offset_is_what_it_says() -> None:
    assert schedules.moment("2027-01-31T12:00:00+02:00", "Europe/Berlin") == schedules.Moment(at("2027-01-31T10:00"))


def test_a_time_without_an_offset_is_the_walls() -> None:
    assert schedules.moment("2027-01-31T12:00", "Europe/Berlin") == schedules.Moment(at("2027-01-31T11:00"))
    assert schedules.moment("2027-07-31T12:00", "Europe/Berlin") == schedules.Moment(at("2027-07-31T10:00"))


def test_a_time_that_the_clocks_jump_over_moves_forward_by_the_gap() -> None:
    found = schedules.moment("2027-03-28T02:30", "Europe/Berlin")
    assert found == schedules.Moment(at("2027-03-28T01:30"), "moved_forward")
    assert found.at.astimezone(BERLIN).strftime("%H:%M") == "03:30"
    assert "03:30" in schedules.told(found.note, found.at, "Europe/Berlin")


def test_of_a_time_that_comes_twice_the_first_is_meant() -> None:
    found = schedules.moment("2027-10-31T02:30", "Europe/Berlin")
    assert found == schedules.Moment(at("2027-10-31T00:30"), "first_of_two")
    assert "02:30 CEST" in schedules.told(found.note, found.at, "Europe/Berlin")


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)), st.sampled_from(["Europe/Berlin", "America/New_York"]))
def test_every_wall_time_has_one_moment_and_tells_when_it_is_another(wall: datetime, name: str) -> None:
    found = schedules.of_wall(wall, ZoneInfo(name))
    shown = found.at.astimezone(ZoneInfo(name)).replace(tzinfo=None)
    assert (shown == wall) == (found.note != "moved_forward")


@pytest.mark.parametrize("text", ["", "tomorrow", "2027-13-01", "9999999-01-01T00:00", "0001-01-01T00:00+14:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(errors.Invalid):
        schedules.moment(text, "UTC")


@pytest.mark.parametrize("name", ["", "Mars/Base", "../../etc/passwd", "/etc/localtime", "Europe", "a\x00b"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(errors.Invalid):
        schedules.zone(name)


def test_far_and_past_times_are_refused() -> None:
    now = at("2027-01-01T00:00")
    schedules.refuse_far(now + timedelta(days=700), now)
    for days in (800, -1):
        with pytest.raises(errors.Invalid):
            schedules.refuse_far(now + timedelta(days=days), now)


def test_slots_are_sorted_and_single() -> None:
    found = schedules.checked_slots(["Fri 9:05", " mon  18:30", "mon 18:30", "daily 07:00"])
    assert found[:3] == ["mon 07:00", "mon 18:30", "tue 07:00"]
    assert "fri 09:05" in found
    assert len(found) == 9
    for bad in ("24:00", "monday 09:00", "mon 9", "mon 09:60", ""):
        with pytest.raises(errors.Invalid):
            schedules.checked_slots([bad])


def test_the_queue_gives_the_next_free_slot_in_wall_time() -> None:
    slots = schedules.checked_slots(["mon 09:00", "thu 09:00"])
    now = at("2027-03-25T08:30")  # A Thursday; the clocks jump on the Sunday after it.
    first = schedules.next_slot(slots, BERLIN, now, set())
    assert first.at == at("2027-03-29T07:00")
    assert schedules.next_slot(slots, BERLIN, now, {first.at}).at == at("2027-04-01T07:00")
    with pytest.raises(errors.Conflict):
        schedules.next_slot([], BERLIN, now, set())


def test_missed_is_what_is_later_than_the_grace() -> None:
    due, grace = at("2027-01-01T09:00"), timedelta(minutes=15)
    assert not schedules.is_missed(due, due + grace, grace)
    assert schedules.is_missed(due, due + grace + timedelta(seconds=1), grace)
    assert not schedules.is_missed(due, due - timedelta(days=1), grace)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("A loaf, at last!", "a-loaf-at-last"),
        ("Über Öl & Straßen", "uber-ol-strassen"),
        ("Don't /../ climb", "dont-climb"),
        ("パンの作り方", "パンの作り方"),
        ("हिन्दी में रोटी", "हिन्दी-में-रोटी"),
        ("كيف تخبز", "كيف-تخبز"),
        ("snake_case 100%", "snake-case-100"),
        ("🍞🍞", "blog-1"),
        ("", "blog-1"),
        ("///", "blog-1"),
    ],
)
def test_slugs_of_titles_in_every_script(title: str, slug: str) -> None:
    assert slugs.slug_of(title, "blog-1") == slug


@given(st.text(max_size=400))
def test_a_slug_is_one_part_of_an_address(title: str) -> None:
    found = slugs.slug_of(title, "x")
    assert 1 <= len(found) <= slugs.LONGEST
    assert not set(found) & set("/\\.?#%&\x00 _:")
    assert slugs.slug_of(found, "x") == found


def test_slugs_that_clash_or_belong_to_the_site_get_a_number() -> None:
    assert slugs.free("loaf", set()) == "loaf"
    assert slugs.free("loaf", {"loaf", "loaf-2"}) == "loaf-3"
    assert slugs.free("static", set()) == "static-2"


def test_states_follow_one_another_only_as_told() -> None:
    posts.refuse_step("planned", "sending")
    for before, after in (("sending", "cancelled"), ("published", "planned"), ("cancelled", "planned")):
        with pytest.raises(errors.Conflict):
            posts.refuse_step(before, after)


def test_a_key_is_the_same_for_the_same_publication_only() -> None:
    keys = {
        posts.key_of("ws", "chn", "var", 1),
        posts.key_of("ws", "chn", "var", 1),
        posts.key_of("ws", "chn", "var", 2),
    }
    assert len(keys) == 2


def test_totals_that_went_down_are_named() -> None:
    before, now = totals.Totals({"likes": 5, "views": 9}), totals.Totals({"likes": 3, "shares": 1})
    assert totals.lowered(before, now) == ("likes",)


HOOK = Declared(
    "hook",
    "",
    (
        Setting("address", "where", is_required=True),
        Setting("secret", "", is_secret=True),
        Setting("n", "", kind="number", default=3),
    ),
)


def test_settings_are_checked_by_what_a_kind_declares() -> None:
    assert settings.checked(HOOK, {"address": "x"}, {}) == {"address": "x", "n": 3}
    with pytest.raises(errors.Invalid) as refused:
        settings.checked(HOOK, {"n": True, "more": 1}, {"address": "x"})
    assert len(refused.value.more["problems"]) == 4
    with pytest.raises(errors.Invalid):
        settings.declared([HOOK], "mail")
