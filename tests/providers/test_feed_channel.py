"""Feeds on disk: every post in them, the newest first, however many are written at once."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import feedparser
import pytest

from regrow.adapters.channels.feed import FeedFiles
from regrow.domain.publishing.channel import Outgoing
from regrow.kit import errors
from tests import channels
from tests.channels import OUTGOING


def made(home: Path, **settings: object) -> FeedFiles:
    found = channels.made("feed", home, **settings)
    assert isinstance(found, FeedFiles)
    return found


def post(number: int) -> Outgoing:
    at = f"2026-11-{number:02}T03:00:00.000Z"
    return replace(OUTGOING, key=f"{number:032x}", piece_id=f"pie_{number}", title=f"Title {number}", at=at)


def titles(home: Path) -> list[str]:
    folder = home / "published" / "feeds"
    both = [feedparser.parse((folder / name).read_bytes()) for name in ("feed.xml", "atom.xml")]
    assert [each.bozo for each in both] == [False, False]
    [first, second] = [[entry.title for entry in each.entries] for each in both]
    assert first == second
    return [str(title) for title in first]


def test_both_files_hold_the_newest_first(tmp_path: Path) -> None:
    found = made(tmp_path, own_address="https://static.example/feeds/", post_address="https://static.example/{slug}/")
    told = [found.post(post(n)) for n in (2, 3, 1)]
    assert titles(tmp_path) == ["Title 3", "Title 2", "Title 1"]
    assert told[0].address == "https://static.example/bread-that-keeps/"
    read = feedparser.parse((tmp_path / "published/feeds/atom.xml").read_bytes())
    assert read.feed.id == "https://static.example/feeds/atom.xml"


def test_only_as_many_as_wanted_are_kept(tmp_path: Path) -> None:
    found = made(tmp_path, most=2)
    for number in (1, 2, 3):
        assert found.post(post(number)).kind == "published"
    assert titles(tmp_path) == ["Title 3", "Title 2"]
    assert len(list((tmp_path / "published/feeds/.entries").glob("*.json"))) == 2


def test_many_at_once_are_all_in_it(tmp_path: Path) -> None:
    threads = [threading.Thread(target=made(tmp_path).post, args=(post(n),)) for n in range(1, 13)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert titles(tmp_path) == [f"Title {n}" for n in range(12, 0, -1)]


def test_what_is_no_entry_is_left_alone(tmp_path: Path) -> None:
    found = made(tmp_path)
    found.post(post(1))
    entries = tmp_path / "published/feeds/.entries"
    odd = ["[]", "{}", "nonsense", '{"id": 1}', '{"id":"x","title":"t","html":"h","at":"yesterday"}', "[" * 100_000]
    for number, text in enumerate(odd):
        (entries / f"odd-{number}.json").write_text(text)
    assert found.post(post(2)).kind == "published"
    assert titles(tmp_path) == ["Title 2", "Title 1"]
    assert len(list(entries.glob("odd-*"))) == len(odd)


def test_a_lost_feed_comes_back_with_the_next_post(tmp_path: Path) -> None:
    found = made(tmp_path)
    found.post(post(1))
    for name in ("feed.xml", "atom.xml"):
        (tmp_path / "published/feeds" / name).unlink()
    found.post(post(2))
    assert titles(tmp_path) == ["Title 2", "Title 1"]


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    (tmp_path / "published/feeds").write_text("a file")
    found = made(tmp_path)
    assert (found.post(post(1)).kind, found.remove(post(1), "x").kind, found.status()[0]) == ("retry", "retry", False)


def test_a_post_without_a_title_is_refused(tmp_path: Path) -> None:
    assert made(tmp_path).validate(replace(OUTGOING, title=" "))


@pytest.mark.parametrize(
    "settings", [{"most": 0}, {"most": -1}, {"most": 501}, {"address": "nowhere"}, {"own_address": "ftp://h/"}]
)
def test_settings_that_cannot_work_are_refused(tmp_path: Path, settings: dict[str, object]) -> None:
    with pytest.raises(errors.Invalid) as refused:
        made(tmp_path, **settings)
    assert refused.value.code == "bad_channel_settings"
