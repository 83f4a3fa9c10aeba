"""What a process remembers of sites: never longer than it is true, never for somebody else, never without a bound."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from regrow.web import keeping
from regrow.web.answering import Made
from regrow.web.keeping import Keeping
from regrow.wiring import faces
from tests import published
from tests.homes import Tenant

KEY, STAMP = ("ws", "/s/a/b"), ("1", "2")


def made(body: bytes = b"x", status: int = 200, is_for_all: bool = True) -> Made:
    return Made(body, "text/html", {}, status, None, is_for_all)


def test_a_page_is_kept_at_its_stamp_alone() -> None:
    kept, page = Keeping(), made()
    kept.keep(KEY, STAMP, page)
    assert kept.page(KEY, STAMP) is page
    assert kept.page(KEY, ("1", "3")) is None
    assert kept.page(("other", "/s/a/b"), STAMP) is None


@pytest.mark.parametrize("page", [made(is_for_all=False), made(status=404), made(b"x" * (keeping.LARGEST_BYTES + 1))])
def test_what_is_not_for_all_or_too_large_is_not_kept(page: Made) -> None:
    kept = Keeping()
    kept.keep(KEY, STAMP, page)
    assert kept.page(KEY, STAMP) is None


def test_no_more_is_kept_than_there_is_room_for() -> None:
    kept = Keeping()
    for number in range(keeping.MOST_PAGES + 10):
        kept.keep((str(number),), STAMP, made())
        kept.workspace_id(str(number), lambda: "ws")
        assert kept.page(("0",), STAMP) is not None
    assert kept.page(("0",), STAMP) is not None, "what is asked for stays"
    assert kept.page(("5",), STAMP) is None
    assert len(kept._pages) == len(kept._ids) == keeping.MOST_PAGES


def test_a_name_that_nobody_has_is_looked_up_each_time() -> None:
    kept = Keeping()
    assert kept.workspace_id("a", lambda: None) is None
    assert kept.workspace_id("a", lambda: "ws_1") == "ws_1"
    assert kept.workspace_id("a", lambda: None) == "ws_1"


def test_every_process_sees_what_another_one_changed(alice: Tenant) -> None:
    press = published.press(alice)
    press.article("a", "First", "Text.")
    with TestClient(faces.application(alice.home)) as here, TestClient(faces.application(alice.home)) as there:
        for client in (here, there):
            assert "More to read" not in client.get("/s/alice-and-co/a").text
        press.article("b", "Second", "Text.")
        for client in (here, there):
            assert "Second" in client.get("/s/alice-and-co/a").text
            assert "Second" in client.get("/s/alice-and-co/").text
        press.becomes("b", "removed")
        for client in (here, there):
            assert client.get("/s/alice-and-co/b").status_code == 410
            assert "Second" not in client.get("/s/alice-and-co/a").text
