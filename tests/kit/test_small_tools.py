"""Ids, times, cursors, keys and process names."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.kit import clock, errors, ids, pages, processes, secrets


def test_ids_sort_by_time_and_never_repeat() -> None:
    made = [ids.new("pie") for _ in range(2_000)]
    assert len(set(made)) == 2_000
    assert sorted(made) == made
    assert all(ids.looks_like_id(each) for each in made)


def test_derived_ids_are_the_same_for_the_same_parts() -> None:
    assert ids.derived("run", "ws_1", "key") == ids.derived("run", "ws_1", "key")
    assert ids.derived("run", "ab", "c") != ids.derived("run", "a", "bc")


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])))
def test_times_are_written_in_utc(at: datetime) -> None:
    written = clock.iso(at)
    assert written.endswith("Z")
    assert abs(datetime.fromisoformat(written) - at) < timedelta(milliseconds=1)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40))
def test_a_cursor_comes_back(last: str) -> None:
    assert pages.decode(pages.encode(last)) == last


@pytest.mark.parametrize("cursor", ["%%%", "é", "a", "\x00", "////", "=" * 9])
def test_what_is_no_cursor_is_told(cursor: str) -> None:
    with pytest.raises(errors.Invalid) as caught:
        pages.decode(cursor)
    assert caught.value.code == "bad_cursor"


def test_pages_end() -> None:
    page = pages.cut(["a", "b", "c"], 2, str)
    assert (page.items, pages.decode(page.next_cursor)) == (["a", "b"], "b")
    assert pages.cut(["a", "b"], 2, str).next_cursor is None


def test_a_key_carries_its_workspace_and_shows_little() -> None:
    workspace_id = ids.new("ws")
    key = secrets.new_key(workspace_id)
    assert secrets.workspace_of(key) == workspace_id
    assert len(secrets.shown_prefix(key)) < 12
    assert secrets.digest(key) != secrets.digest(secrets.new_key(workspace_id))


@given(st.text(max_size=200))
def test_no_text_is_taken_for_a_key(text: str) -> None:
    assert secrets.workspace_of(text) is None


def test_this_process_lives_and_a_finished_one_is_gone() -> None:
    assert not processes.is_gone(processes.token())
    command = [sys.executable, "-c", "from regrow.kit import processes; print(processes.token())"]
    finished = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ).stdout.strip()
    assert finished.startswith("process:")
    assert processes.is_gone(finished)
    parts = processes.token().split(":")
    assert processes.is_gone(":".join([*parts[:2], "otherbot", *parts[3:]]))


@pytest.mark.parametrize("owner", ["run_1a1f87e503ec60699557cb2", "", "process:elsewhere:b:1:2", "process:x"])
def test_runs_and_other_machines_are_not_ours_to_judge(owner: str) -> None:
    assert not processes.is_gone(owner)
