"""What a page with several variants shows and carries, whoever chooses: labels, cookies, the script and its policy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from regrow.edge.doors import Doors
from regrow.services.site_pages import Page
from regrow.web import routing
from regrow.web.showing import Shown
from tests import published
from tests.homes import Tenant

CONTENTS = [
    {"title": "Title A", "body": "Text A.", "cta": "Order a loaf", "cta_url": "https://example.org/order"},
    {"title": "Title B", "body": "Text B."},
]


def by_query(request: Request, workspace_id: str, page: Page) -> Shown:
    """Chooses what the address says, and remembers its reader; a choice of the test's own."""

    def keep(response: Response) -> None:
        response.set_cookie("rg", f"{workspace_id}-{page.piece_id}", path=f"/s/{request.path_params['workspace']}/")

    label = request.query_params.get("label", "A")
    return Shown(label, "token-1" if label == "B" else None, keep)


@pytest.fixture
def client(alice: Tenant, tmp_path: Path) -> Iterator[TestClient]:
    press = published.press(alice)
    press.variants("two", CONTENTS)
    press.article("one", "One", "Text.")
    app = FastAPI()
    app.state.doors = Doors(alice.home)
    app.router.routes.extend(routing.routes(tmp_path / "cards", by_query, "https://blog.test"))
    yield TestClient(app)
    app.state.doors.close()


def test_the_chosen_variant_is_shown_with_its_script(client: TestClient, alice: Tenant) -> None:
    b = client.get("/s/alice-and-co/two?label=B")
    assert "<h1>Title B</h1>" in b.text
    assert "Text A." not in b.text
    wanted = '<script src="/s/alice-and-co/seen.js" data-token="token-1" data-address="/s/alice-and-co/seen" defer>'
    assert wanted in b.text
    assert "script-src 'self'; connect-src 'self'" in b.headers["content-security-policy"]
    assert b.headers["set-cookie"].startswith(f"rg={alice.id}-pie_")
    assert "Path=/s/alice-and-co/" in b.headers["set-cookie"]
    assert b.headers["cache-control"] == "private, no-cache"


def test_a_reader_who_is_not_counted_gets_no_script(client: TestClient) -> None:
    a = client.get("/s/alice-and-co/two?label=A")
    assert "<h1>Title A</h1>" in a.text
    assert "seen.js" not in a.text
    assert "script-src" not in a.headers["content-security-policy"]
    assert '<a href="https://example.org/order" data-cta rel="noopener">Order a loaf</a>' in a.text


def test_a_label_that_is_not_live_any_more_shows_the_reference(client: TestClient) -> None:
    assert "<h1>Title A</h1>" in client.get("/s/alice-and-co/two?label=C").text


def test_nobody_chooses_where_there_is_one_variant(client: TestClient) -> None:
    one = client.get("/s/alice-and-co/one?label=B")
    assert one.headers["cache-control"] == "public, max-age=60"
    assert "set-cookie" not in one.headers
    assert "vary" not in one.headers


def test_both_variants_tell_one_address_and_one_card(client: TestClient) -> None:
    pages = [client.get(f"/s/alice-and-co/two?label={label}").text for label in "AB"]
    for page in pages:
        assert '<link rel="canonical" href="https://blog.test/s/alice-and-co/two">' in page
    cards = {page.partition('og:image" content="')[2].partition('"')[0] for page in pages}
    assert len(cards) == 1
