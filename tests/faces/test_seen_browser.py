"""The page's script in a real browser: it tells what was seen and done, once, and nothing when a program drives it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from regrow.domain.visits import counting
from regrow.kit import clock
from regrow.services import visits
from tests import visits as seen
from tests.faces import browsers
from tests.homes import Tenant

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
HEADERS = {"sec-ch-ua": '"Chromium";v="126"', "accept-language": "en"}
PERSON = "Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => false })"


@contextmanager
def looking(url: str, script: str = PERSON, agent: str | None = AGENT, is_held_up: bool = True) -> Iterator[Page]:
    """A browser on the piece's page, as a person's unless told otherwise; nothing beyond loopback is asked for.

    With `is_held_up` its requests pass through our hands; those of a page that is gone cannot, and get lost.
    """
    with browsers.opened() as browser:
        context = browser.new_context(user_agent=agent, extra_http_headers=HEADERS)
        if is_held_up:
            context.route("https://elsewhere.example/**", lambda route: route.fulfill(body="Elsewhere"))
        context.add_init_script(script)
        page = context.new_page()
        page.goto(f"{url}/s/alice-and-co/bread")
        yield page
        context.close()


def wait_for(page: Page, is_so: Callable[[], bool]) -> None:
    """Lets the browser go on meanwhile: it waits for us where requests are held up."""
    until = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < until, "it did not come to be so"
        page.wait_for_timeout(50)


def counted(alice: Tenant, shown: seen.Shown) -> dict[str, Any]:
    now = clock.now()
    with alice.reading() as session:
        found = visits.totals(session, shown.piece_id, now - timedelta(hours=1), now + timedelta(hours=1)).values()
    metrics = {metric: sum(each.of(metric).conversions for each in found) for metric in counting.METRICS}
    return {"exposure": sum(each.exposures for each in found), **metrics}


def is_counted(alice: Tenant, shown: seen.Shown, **more: int) -> Callable[[], bool]:
    return lambda: more.items() <= counted(alice, shown).items()


def test_a_person_is_counted_for_what_they_do(alice: Tenant) -> None:
    shown = seen.piece(alice)
    with seen.open_site(alice, {"bread": shown}) as app, seen.served(app) as url:
        with looking(url) as page:
            wait_for(page, is_counted(alice, shown, exposure=1, scroll=1))
            for _ in range(2):
                page.click("[data-cta]")
            wait_for(page, is_counted(alice, shown, cta=1))
            # Told as when the reader leaves; requests of a page that is gone cannot be held up, and this browser does.
            page.evaluate("document.addEventListener('click', (event) => event.preventDefault())")
            page.click("#out")
            wait_for(page, is_counted(alice, shown, outbound=1))
            page.evaluate("dispatchEvent(new Event('pagehide'))")
            wait_for(page, is_counted(alice, shown, read=1))
        app.state.visiting.recorder.drain()
        assert counted(alice, shown) == {"exposure": 1, "cta": 1, "scroll": 1, "read": 1, "outbound": 1}
        with alice.reading() as session:
            hour = counting.hour_of(clock.now())
            assert visits.uncounted(session, None, hour - counting.HOUR, hour + counting.HOUR) == {}


@pytest.mark.parametrize("leave", ["another page", "the tab is closed"])
def test_whoever_leaves_has_read(alice: Tenant, leave: str) -> None:
    """On the way to another page the headers that we lent this browser are gone, and it is told for what it is."""
    shown = seen.piece(alice)

    def arrived() -> tuple[int, dict[str, int]]:
        app.state.visiting.recorder.drain()
        hour = counting.hour_of(clock.now())
        with alice.reading() as session:
            refused = visits.uncounted(session, shown.piece_id, hour - counting.HOUR, hour + counting.HOUR)
        return counted(alice, shown)["read"], refused

    with seen.open_site(alice, {"bread": shown}) as app, seen.served(app) as url:
        with looking(url, is_held_up=False) as page:
            wait_for(page, is_counted(alice, shown, exposure=1))
            other = page.context.new_page()
            if leave == "another page":
                page.goto(f"{url}/s/alice-and-co/seen.js")
            else:
                page.close(run_before_unload=True)
            wait_for(other, lambda: arrived() in ((1, {}), (0, {"headless": 1})))


def test_what_is_off_the_screen_was_not_seen(alice: Tenant) -> None:
    shown = seen.piece(alice)
    below = (
        "new MutationObserver(() => { const m = document.querySelector('main'); if (m) m.style.paddingTop = '300vh' })"
    )
    with seen.open_site(alice, {"bread": shown}) as app, seen.served(app) as url:
        with looking(url, f"{PERSON}; {below}.observe(document, {{ childList: true, subtree: true }})") as page:
            page.wait_for_timeout(2_500)
            assert counted(alice, shown)["exposure"] == 0
            page.evaluate("scrollTo(0, document.body.scrollHeight)")
            wait_for(page, is_counted(alice, shown, exposure=1))
    assert counted(alice, shown)["exposure"] == 1


def test_a_browser_that_a_program_drives_is_tallied(alice: Tenant) -> None:
    shown = seen.piece(alice)

    def tallied() -> dict[str, int]:
        app.state.visiting.recorder.drain()
        hour = counting.hour_of(clock.now())
        with alice.reading() as session:
            return visits.uncounted(session, shown.piece_id, hour - counting.HOUR, hour + counting.HOUR)

    with seen.open_site(alice, {"bread": shown}) as app, seen.served(app) as url:
        with looking(url, script="0") as page:
            wait_for(page, lambda: tallied() == {"headless": 1})
        with looking(url, agent=None) as page:
            wait_for(page, lambda: tallied() == {"headless": 2})
    assert counted(alice, shown)["exposure"] == 0
