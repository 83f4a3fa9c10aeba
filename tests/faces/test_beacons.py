"""Beacons over HTTP: who is given what, what is taken from whom, and what is only tallied."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from regrow.domain.visits import assignment, beacons, counting
from regrow.domain.visits.beacons import Ticket
from regrow.kit import clock, errors
from regrow.services import visits
from regrow.web import recording, visiting
from tests import visits as seen
from tests.homes import Tenant

READER = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "accept-language": "en",
    "x-forwarded-for": "192.0.2.1",
}
PLACE = "/s/alice-and-co/"


class Site:
    """A site with one piece on it, its readers, and what is counted of them."""

    def __init__(self, alice: Tenant, app: Any, shown: seen.Shown) -> None:
        self.alice, self.app, self.shown = alice, app, shown
        self.visiting: visiting.Visiting = app.state.visiting
        self.client = self.reader()

    def reader(self, **more: str) -> TestClient:
        """A browser of its own."""
        return TestClient(self.app, headers={**READER, **more})

    def page(self, client: TestClient | None = None, **more: str) -> tuple[str, str]:
        """The label that is shown and the token."""
        answer = (client or self.client).get(f"{PLACE}bread", headers=more)
        assert answer.status_code == 200
        found = re.search(r'data-text>(\w+) (?:.*data-token="([^"]*)")?', answer.text)
        assert found is not None
        return found[1], found[2] or ""

    def tell(self, body: str | bytes, client: TestClient | None = None, **more: str) -> None:
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        answer = (client or self.client).post(f"{PLACE}seen", content=body, headers=headers)
        assert (answer.status_code, answer.content) == (204, b"")

    def token(self, client: TestClient, **more: Any) -> str:
        """A token for this reader that was made a while ago."""
        self.page(client)
        id = client.cookies["rg"].partition(".")[0]
        keys = self.visiting.keys(self.alice.id)
        label = assignment.assign(keys.assigning, self.shown.piece_id, id, {"A": 1.0, "B": 1.0})
        name = assignment.pseudonym(keys.naming, self.shown.piece_id, id)
        given = {"issued_at": clock.now() - timedelta(seconds=5), **more}
        ids = (self.alice.id, self.shown.piece_id, self.shown.variants[label])
        return beacons.sealed(keys.signing[0], Ticket(*ids, label, name, **given))

    def counted(self) -> dict[str, Any]:
        now = clock.now()
        with self.alice.reading() as session:
            found = visits.totals(session, self.shown.piece_id, now - timedelta(hours=1), now + timedelta(hours=1))
        metrics = {m: sum(b.of(m).conversions for b in found.values()) for m in counting.METRICS}
        return {"exposure": sum(b.exposures for b in found.values()), **metrics}

    def tallied(self, piece_id: str | None = None) -> dict[str, int]:
        self.visiting.recorder.drain()
        now = clock.now()
        with self.alice.reading() as session:
            return visits.uncounted(session, piece_id, now - timedelta(hours=1), now + timedelta(hours=1))


@pytest.fixture
def site(alice: Tenant) -> Iterator[Site]:
    shown = seen.piece(alice)
    with seen.open_site(alice, {"bread": shown}) as app:
        yield Site(alice, app, shown)


NOTHING = dict.fromkeys(("exposure", *counting.METRICS), 0)


def test_a_reader_is_shown_the_same_again_and_counted_once(site: Site) -> None:
    label, token = site.page()
    assert [site.page()[0] for _ in range(5)] == [label] * 5
    old = site.token(site.client)
    for body in (f"exposure {old}", f"cta {old}", f"read {old} 42", f"scroll {old}", f"outbound {old}", f"cta {old}"):
        site.tell(body)
    assert site.counted() == {"exposure": 1, "cta": 1, "scroll": 1, "read": 1, "outbound": 1}
    assert site.tallied(site.shown.piece_id) == {"replayed": 1}
    assert token != old


def test_the_cookie_is_for_this_site_alone_and_no_script_reads_it(site: Site) -> None:
    set_cookie = site.client.get(f"{PLACE}bread").headers["set-cookie"].lower()
    assert {"httponly", "samesite=lax", f"path={PLACE}", "max-age=15552000"} <= set(set_cookie.split("; "))
    assert "secure" not in set_cookie
    assert "set-cookie" not in site.client.get(f"{PLACE}bread").headers
    secure = TestClient(site.app, base_url="https://testserver", headers=READER)
    assert "; secure" in secure.get(f"{PLACE}bread").headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"dnt": "1"}, "do_not_track"),
        ({"sec-gpc": "1"}, "global_privacy_control"),
        ({"user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}, "search_engine"),
        ({"user-agent": "AhrefsBot/7.0"}, "crawler"),
        ({"user-agent": "Twitterbot/1.0"}, "preview"),
        ({"user-agent": ""}, "no_user_agent"),
        ({"sec-purpose": "prefetch;prerender"}, "prefetch"),
        ({"accept-language": ""}, "headless"),
    ],
)
def test_who_is_not_counted_sees_the_first_variant_without_a_cookie(
    site: Site, headers: dict[str, str], reason: str
) -> None:
    for _ in range(4):
        client = site.reader()
        assert site.page(client, **headers) == ("A", "")
        assert not client.cookies
    assert site.tallied(site.shown.piece_id) == {reason: 4}
    token = site.token(site.client)
    answer = site.client.post(f"{PLACE}seen", content=f"exposure {token}", headers=headers)
    assert answer.status_code == 204
    assert site.counted() == NOTHING
    assert site.tallied(site.shown.piece_id).get(reason) in (4, 5)


def test_what_is_wrong_with_a_beacon_is_tallied_and_never_told(site: Site, charlie: Tenant) -> None:
    token = site.token(site.client)
    theirs = site.visiting.keys(charlie.id)
    foreign = beacons.sealed(theirs.signing[0], Ticket(charlie.id, site.shown.piece_id, "var_1", "A", "v", clock.now()))
    site.tell(f"exposure {token[:-2]}xx")
    site.tell(f"exposure {foreign}")
    site.tell(f"exposure {site.token(site.client, issued_at=clock.now() - beacons.LIFE)}")
    site.tell(f"exposure {site.page()[1]}")
    site.tell(f"cta {token}")
    site.tell(f"exposure {token}", site.reader())
    site.tell(f"automated {token}")
    site.tell(f"exposure {token}", sec_fetch_site="cross-site")
    for body in (b"", b"\xff\x00", b"exposure", b"like t", b"exposure t", b"x" * 5_000):
        site.tell(body)
    assert site.counted() == NOTHING
    assert site.tallied("") == {"forged": 1, "foreign": 1, "expired": 1, "cross_site": 1, "malformed": 6}
    expected = {"too_fast": 1, "no_exposure": 1, "no_cookie": 1, "headless": 1}
    assert site.tallied(site.shown.piece_id) == expected


def test_another_readers_token_counts_for_nobody(site: Site) -> None:
    other = site.reader()
    site.page(other)
    site.tell(f"exposure {site.token(site.client)}", other)
    assert site.counted() == NOTHING
    assert site.tallied(site.shown.piece_id) == {"no_cookie": 1}


@pytest.mark.parametrize("cookie", ["", "x", "a" * 22 + "." + "0" * 24, "é", "a.b.c", "x" * 4_000])
def test_a_cookie_we_did_not_make_is_none(site: Site, cookie: str) -> None:
    answer = TestClient(site.app, headers=READER).get(f"{PLACE}bread", headers={"cookie": f"rg={cookie}".encode()})
    assert answer.status_code == 200
    assert answer.cookies["rg"] != cookie


def test_an_unknown_workspace_is_answered_alike_and_leaves_nothing(site: Site) -> None:
    token = site.token(site.client)
    for slug in ("nobody", site.alice.id, "%00", "a" * 199):
        assert site.client.post(f"/s/{slug}/seen", content=f"exposure {token}").status_code == 204
    assert (site.counted(), site.tallied()) == (NOTHING, {})


def test_one_address_may_tell_so_much_a_minute(site: Site) -> None:
    site.visiting.beacons._most = 20
    for _ in range(100):
        site.tell(b"nonsense")
    tallied = site.tallied("")
    assert tallied == {"malformed": 20, "too_many_beacons": 80}


def test_one_address_may_bring_so_many_new_readers_an_hour(site: Site) -> None:
    site.visiting.visitors._most = 10
    tokens = [site.page(site.reader())[1] for _ in range(15)]
    assert [bool(token) for token in tokens] == [True] * 10 + [False] * 5
    assert site.tallied(site.shown.piece_id) == {"too_many_visitors": 5}


def test_fifty_browsers_at_once_and_every_beacon_sent_three_times(site: Site) -> None:
    site.visiting.beacons._most = 1_000
    clients = [site.reader() for _ in range(50)]
    tokens = [site.token(client) for client in clients]
    work = [(client, token) for client, token in zip(clients, tokens, strict=True) for _ in range(3)]

    def tell(each: tuple[TestClient, str]) -> None:
        site.tell(f"exposure {each[1]}", each[0])
        site.tell(f"cta {each[1]}", each[0])

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(tell, work))
    assert site.counted() == {**NOTHING, "exposure": 50, "cta": 50}
    assert site.tallied(site.shown.piece_id) == {"replayed": 200}


def test_what_cannot_be_stored_is_not_answered_as_if_it_were(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    token = site.token(site.client)

    def away(*_given: Any) -> Any:
        raise errors.Unavailable("the database does not answer", "database_away", 2)

    with monkeypatch.context() as patched:
        patched.setattr(visits, "record", away)
        answer = site.client.post(f"{PLACE}seen", content=f"exposure {token}")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    site.tell(f"exposure {token}")
    assert site.counted()["exposure"] == 1


def test_one_mark_that_cannot_be_written_takes_no_other_with_it(site: Site) -> None:
    now, gate = clock.now(), threading.Event()
    good = counting.Mark("exposure", site.shown.piece_id, site.shown.variants["A"], "v", 1, now, now)
    bad = counting.Mark("exposure", "pie_of_nobody", site.shown.variants["A"], "v", 1, now, now)

    def writing(workspace_id: str) -> Any:
        gate.wait(60)
        return site.alice.home.writing(workspace_id)

    recorder = recording.Recorder(writing)
    waiting: list[Future[None]] = [recorder.mark(site.alice.id, each) for each in (good, bad, good)]
    gate.set()
    recorder.close()
    assert [each.exception(60) is None for each in waiting] == [True, False, True]
    assert site.counted()["exposure"] == 1
    with pytest.raises(errors.Unavailable):
        recorder.mark(site.alice.id, good)


def test_without_a_secret_key_pages_are_served_and_nobody_is_counted(site: Site) -> None:
    class Keyless:
        def derived(self, purpose: str) -> tuple[bytes, ...]:
            raise errors.Unavailable("there is no secret key", "no_secret_key", None, True)

    site.alice.home.__dict__["sealer"] = Keyless()
    site.visiting._keys.clear()
    assert site.page(site.reader()) == ("A", "")
    assert site.tallied(site.shown.piece_id) == {"no_secret_key": 1}


def test_a_new_secret_in_front_of_the_old_one_moves_nobody(site: Site) -> None:
    from regrow.adapters.sealing import FernetSealer

    clients = [site.reader() for _ in range(20)]

    def shown(keys: str) -> list[tuple[str, str]]:
        site.alice.home.__dict__["sealer"] = FernetSealer(keys, None)
        site.visiting._keys.clear()
        return [(site.page(client)[0], client.cookies["rg"]) for client in clients]

    first = shown("a" * 40)
    assert shown("b" * 40 + "," + "a" * 40) == first
    assert {label for label, _ in first} == {"A", "B"}


def test_the_script_is_served_with_a_tag_and_talks_to_nobody_else(site: Site) -> None:
    answer = site.client.get(f"{PLACE}seen.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    again = site.client.get(f"{PLACE}seen.js", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert re.findall(r"https?://", answer.text) == []
    assert len(answer.content) < 4_000
