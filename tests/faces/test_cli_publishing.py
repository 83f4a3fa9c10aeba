"""Publishing from the command line: waiting for it, the calendar, and what a person settles."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from regrow.testing.receiver import Receiver
from tests import channels as channel_tests
from tests.faces import command_line
from tests.faces.command_line import inside, run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return command_line.furnished(tmp_path)


def told(home: Path, *words: str, code: int = 0) -> Any:
    return inside(*words, "--json", "--home", home, cwd=home.parent, code=code).json


def approved(home: Path) -> str:
    pieces = told(home, "pieces", "list")["items"]
    id = str(next(each["id"] for each in pieces if each["medium"] == "blog"))
    told(home, "approve", id, "--override", "--reason", "a test of what comes after")
    return id


def site_channel(home: Path) -> str:
    (channel,) = told(home, "channels", "list")["items"]
    assert channel["kind"] == "site"
    assert "sealed" not in channel
    return str(channel["id"])


def test_a_piece_is_published_and_seen_out(home: Path) -> None:
    piece_id, channel_id = approved(home), site_channel(home)
    ended = run("publish", piece_id, "--channel", channel_id, "--home", home, cwd=home.parent, code=0)
    assert "published" in ended.out
    assert "Publishing" in ended.err
    assert told(home, "pieces", "show", piece_id)["status"] == "published"
    again = inside("publish", piece_id, "--channel", channel_id, "--home", home, cwd=home.parent, code=4)
    assert "planned or published there already" in again.err
    listed = inside("posts", "list", "--home", home, cwd=home.parent, code=0).out
    assert re.search(r"published +\d{4}-\d\d-\d\d \d\d:\d\d  ", listed)
    none = inside("posts", "list", "--status", "missed", "--home", home, cwd=home.parent, code=0).out
    assert none == "no such post: see regrow posts list\n"
    posts = told(home, "posts", "list", "--piece", piece_id)["items"]
    assert {post["status"] for post in posts} == {"published"}
    path = told(home, "posts", "totals", posts[0]["id"], "likes=3", "--source", "x")
    assert (path["counts"], path["lowered"]) == ({"likes": 3}, [])
    shown = told(home, "posts", "show", posts[0]["id"])
    assert shown["metrics"]["counts"] == {"likes": 3}
    assert told(home, "posts", "remove", posts[0]["id"])["status"] == "removed"


def test_a_plan_stands_in_the_calendar_and_can_be_moved_and_cancelled(home: Path) -> None:
    assert "nothing is planned" in inside("posts", "calendar", "--home", home, cwd=home.parent, code=0).out
    assert "no post yet" in inside("posts", "list", "--home", home, cwd=home.parent, code=0).out
    piece_id, channel_id = approved(home), site_channel(home)
    changed = told(home, "channels", "change", channel_id, "--slot", "daily 09:00", "--time-zone", "Europe/Berlin")
    assert len(changed["slots"]) == 7
    posts = told(home, "publish", piece_id, "--channel", channel_id, "--at", "next")["items"]
    assert {post["status"] for post in posts} == {"planned"}
    days = inside("posts", "calendar", "--home", home, cwd=home.parent, code=0)
    assert posts[0]["id"] in days.out
    assert told(home, "posts", "cancel", posts[0]["id"])["status"] == "cancelled"
    moved = told(home, "posts", "move", posts[1]["id"])
    assert moved["status"] == "published"
    bad = inside("posts", "move", posts[1]["id"], "--home", home, cwd=home.parent, code=4)
    assert "only what is planned or missed" in bad.err


def test_a_paused_channel_and_the_doctor(home: Path) -> None:
    piece_id, channel_id = approved(home), site_channel(home)
    assert told(home, "channels", "pause", channel_id)["paused_at"]
    ended = inside("publish", piece_id, "--channel", channel_id, "--json", "--home", home, cwd=home.parent)
    posts = ended.json["items"]
    assert {post["status"] for post in posts} == {"planned"}
    how = f"The channel Site is paused, so nothing goes out on it until somebody lets it: regrow --home {home}"
    assert f"{how} channels resume {channel_id}" in ended.err
    moved = inside("posts", "move", posts[0]["id"], "--home", home, cwd=home.parent)
    assert f"{how} channels resume {channel_id}" in moved.err
    checks = {each["name"]: each for each in told(home, "doctor", "--offline")["checks"]}
    assert (checks["posts"]["status"], "nobody works" in checks["posts"]["message"]) == ("warning", True)
    assert told(home, "channels", "resume", channel_id)["paused_at"] is None
    assert told(home, "channels", "check", channel_id)["is_ready"] is True


def test_the_kinds_say_what_each_wants_to_be_told(home: Path) -> None:
    kinds = {kind["name"]: kind for kind in told(home, "channels", "kinds")["items"]}
    assert set(kinds) >= {"site", "folder", "feed", "webhook"}
    said = inside("channels", "kinds", "--home", home, cwd=home.parent)
    for kind in kinds.values():
        assert f"{kind['name']}: {kind['help']}" in said.out
        for each in kind["settings"]:
            named = f"--secret {each['name']} " if each["is_secret"] else f"--set {each['name']}="
            assert re.search(
                rf"{named}.*  {'Needed. ' if each['is_required'] else ''}{re.escape(each['help'])}", said.out
            )
    assert re.search(r"--set address=\.\.\. +Needed\. .*https://host/hooks", said.out)
    assert "--set is_repeatable=true " in said.out
    assert "regrow channels create KIND NAME" in said.err


def doctor(home: Path, name: str) -> tuple[str, str]:
    found = {each["name"]: each for each in told(home, "doctor", "--offline")["checks"]}
    return found[name]["status"], found[name]["message"]


def test_the_doctor_tells_of_letters_that_nobody_took(home: Path) -> None:
    (home / "regrow.toml").write_text("allow_private_addresses = true\n")
    piece_id = approved(home)
    with Receiver(faults=["400", "400"]) as receiver:
        words = ("channels", "create", "webhook", "W", "--set", f"address={receiver.address}", "--secret", "secret")
        made = inside(*words, "--json", "--home", home, cwd=home.parent, code=0, stdin=channel_tests.SECRET)
        channel_id = json.loads(made.out)["id"]
        assert doctor(home, "dead letters") == ("ok", "none")
        told(home, "publish", piece_id, "--channel", channel_id, code=1)
        status, message = doctor(home, "dead letters")
        assert (status, message[:1], channel_id in message) == ("warning", "2", True)
        told(home, "publish", piece_id, "--channel", channel_id)
    assert doctor(home, "dead letters") == ("ok", "none")


def test_the_doctor_tells_of_a_site_that_only_this_machine_reaches(home: Path) -> None:
    assert doctor(home, "public address")[0] == "ok"
    told(home, "publish", approved(home), "--channel", site_channel(home))
    status, message = doctor(home, "public address")
    assert (status, "REGROW_PUBLIC_ADDRESS" in message) == ("warning", True)
    (home / "regrow.toml").write_text('public_address = "https://bread.example"\n')
    assert doctor(home, "public address") == ("ok", "https://bread.example")


def test_what_was_published_elsewhere_is_recorded(home: Path) -> None:
    piece_id = approved(home)
    words = ("posts", "record", piece_id, "--platform", "mastodon", "--address", "https://x.example/17")
    post = told(home, *words)
    assert (post["status"], post["platform"], post["channel_id"]) == ("published", "mastodon", None)
    assert "recorded before" in inside(*words, "--home", home, cwd=home.parent, code=4).err
    missing = inside("posts", "show", "pst_000000000000", "--home", home, cwd=home.parent, code=3)
    assert "regrow posts list" in missing.err


def test_a_draft_that_was_published_elsewhere_is_recorded_and_stays_a_draft(home: Path) -> None:
    piece = next(each for each in told(home, "pieces", "list")["items"] if each["medium"] == "blog")
    labels = [each["label"] for each in piece["variants"]]
    for label in labels:
        words = ("posts", "record", piece["id"], "--platform", "mastodon", "--label", label)
        ended = inside(*words, "--json", "--home", home, cwd=home.parent)
        assert (ended.json["status"], ended.json["label"]) == ("published", label)
        assert "The piece itself is draft and stays so" in ended.err
        assert f"approve {piece['id']}" in ended.err
    assert told(home, "pieces", "show", piece["id"])["status"] == "draft"
    decided = told(home, "approve", piece["id"], "--override", "--reason", "it stands there already")
    assert decided["status"] == "published"


def test_the_site_is_changed_and_bad_values_are_told(home: Path) -> None:
    (site,) = told(home, "sites", "list")["items"]
    changed = told(home, "sites", "change", site["id"], "--title", "Bread", "--colour", "accent=#2f6b3c")
    assert (changed["title"], changed["look"]) == ("Bread", {"accent": "#2f6b3c"})
    faint = inside("sites", "change", site["id"], "--colour", "ink=#cccccc", "--home", home, cwd=home.parent, code=2)
    assert "choose a darker ink" in faint.err
    bad = inside("sites", "change", site["id"], "--time-zone", "Mars/Base", "--home", home, cwd=home.parent, code=2)
    assert "no time zone" in bad.err
    second = inside("sites", "create", "Two", "--served", "--home", home, cwd=home.parent, code=4)
    assert "serves a site already" in second.err
    assert told(home, "sites", "create", "Two")["is_served"] is False
