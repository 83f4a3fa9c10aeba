"""Simulated readers and bots, over real HTTP: they do what browsers and their opposites do, at rates that are known."""

from __future__ import annotations

import base64
import heapq
import http.client
import itertools
import json
import random
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from regrow.kit import errors

CONNECTIONS = 8
AT_ONCE = 400
"""Readers of one connection who are on a page at the same time."""
ANSWER_SECONDS = 30
SEEN_SECONDS = 1.05
"""A moment more than a text must be on screen before its page tells that it was seen."""
READS, SCROLLS, READ_SECONDS = 0.8, 0.6, 45
_TOKEN = re.compile(r'data-token="([A-Za-z0-9_.-]+)"')
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605",
)
PASSING: dict[str, dict[str, str]] = {
    "search_engine": {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
    "crawler": {"User-Agent": "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"},
    "preview": {"User-Agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"},
    "headless": {"User-Agent": BROWSERS[0].replace("Chrome/", "HeadlessChrome/")},
    "no_user_agent": {"User-Agent": ""},
    "prefetch": {"Sec-Purpose": "prefetch;prerender"},
    "do_not_track": {"DNT": "1"},
    "global_privacy_control": {"Sec-GPC": "1"},
}
"""Those who only fetch the page, by why they are not counted, with what tells them apart from a reader."""
LYING = ("forged", "replayed", "too_fast", "no_cookie", "no_exposure")
"""Those who pass for readers and send beacons that do not count, by why they do not."""
KINDS = (*PASSING, *LYING)

Progress = Callable[[int, int], None]
Steps = Generator[float, None, None]
"""One visitor's doings; each pause is yielded in seconds."""


@dataclass
class Truth:
    """What was really done: readers and their clicks by slug and label, and bots by why they must not be counted.

    `tallies` is how often each reason must stand beside the counts. `unanswered` counts requests that failed.
    """

    exposures: dict[str, Counter[str]] = field(default_factory=dict)
    clicks: dict[str, Counter[str]] = field(default_factory=dict)
    scrolls: dict[str, Counter[str]] = field(default_factory=dict)
    reads: dict[str, Counter[str]] = field(default_factory=dict)
    tallies: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """A page as its visitor has it: the label and the token in it, and the cookie that came with it."""

    label: str
    token: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Habits:
    """How likely a reader is to click, and to read on, by the label that they are shown."""

    clicks: Mapping[str, float]
    scrolls: Mapping[str, float]


class Unanswered(Exception):
    """A request that came to nothing."""


class Crowd:
    """One kept connection, and the visitors who share it, each in their own time."""

    def __init__(self, base: str, workspace: str, truth: Truth, lock: threading.Lock) -> None:
        address = urlsplit(base)
        if address.scheme != "http" or address.hostname is None:
            raise errors.Invalid("simulated readers need an address such as http://127.0.0.1:8000", "bad_address")
        self._connection = http.client.HTTPConnection(address.hostname, address.port or 80, timeout=ANSWER_SECONDS)
        self._place = f"/s/{quote(workspace)}/"
        self._truth, self._lock = truth, lock
        self._has_stopped = threading.Event()

    def page(self, slug: str, headers: Mapping[str, str], cookie: str = "") -> Page:
        """Fetches a page; without a token in it nobody is meant to be counted."""
        told = {**headers, **({"Cookie": cookie} if cookie else {})}
        body, given = self._ask("GET", quote(slug), told)
        found = _TOKEN.search(body)
        token = found[1] if found else ""
        return Page(label_in(token) if token else "", token, given or cookie)

    def beacon(self, body: str, headers: Mapping[str, str], cookie: str = "") -> None:
        told = {**headers, "Content-Type": "text/plain;charset=UTF-8", "Sec-Fetch-Site": "same-origin"}
        self._ask("POST", "seen", {**told, **({"Cookie": cookie} if cookie else {})}, body)

    def did(self, what: dict[str, Counter[str]], slug: str, label: str) -> None:
        with self._lock:
            what.setdefault(slug, Counter())[label] += 1

    def tallied(self, reason: str, count: int = 1) -> None:
        with self._lock:
            self._truth.tallies[reason] += count

    def run(self, visitors: Sequence[Steps], on_done: Callable[[], None]) -> None:
        """Lets everybody go on when their pause is over; new ones come while others wait."""
        waiting: list[tuple[float, int, Steps]] = []
        coming = deque(visitors)
        number = itertools.count()
        while (coming or waiting) and not self._has_stopped.is_set():
            now = time.monotonic()
            if waiting and (waiting[0][0] <= now or len(waiting) >= AT_ONCE or not coming):
                due, _, visitor = heapq.heappop(waiting)
                self._has_stopped.wait(max(0.0, due - now))
            else:
                visitor = coming.popleft()
            pause = self._go_on(visitor)
            if pause is None:
                on_done()
            else:
                heapq.heappush(waiting, (time.monotonic() + pause, next(number), visitor))

    def stop(self) -> None:
        """Whoever is on a page leaves, and nobody comes any more."""
        self._has_stopped.set()

    def close(self) -> None:
        self._connection.close()

    def _go_on(self, visitor: Steps) -> float | None:
        try:
            return next(visitor, None)
        except Unanswered:
            with self._lock:
                self._truth.unanswered += 1
            return None

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: str | None = None) -> tuple[str, str]:
        try:
            self._connection.request(method, self._place + path, body, dict(headers))
            answer = self._connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Unanswered(type(error).__name__) from error
        if answer.status not in (200, 204):
            raise Unanswered(f"{method} {path}: {answer.status}")
        return text, (answer.getheader("Set-Cookie") or "").partition(";")[0]


def send(
    base: str, workspace: str, slugs: Sequence[str], rates: Mapping[str, float], readers: int,
    bots: Mapping[str, int], random_seed: int, on_progress: Progress | None = None, connections: int = CONNECTIONS,
    scrolls: Mapping[str, float] | None = None,
) -> Truth:  # fmt: skip
    """Sends so many readers, and so many bots of each kind, to these pages; gives back what they really did.

    A reader who was shown a label clicks its call to action with the label's rate, and reads on to three quarters of
    the text with that of `scrolls`. `base` is such as http://127.0.0.1:8000; each visitor has an address of their own,
    as behind a proxy. The same seed sends the same visitors; which label each is shown is up to the site.
    """
    if unknown := sorted(set(bots) - set(KINDS)):
        raise errors.Invalid(f"unknown kinds of bots: {', '.join(unknown)}; use {', '.join(KINDS)}", "bad_bots")
    dice, truth, lock = random.Random(random_seed), Truth(), threading.Lock()
    kinds = ["reader"] * readers + [kind for kind, count in bots.items() for _ in range(count)]
    dice.shuffle(kinds)
    crowds = [Crowd(base, workspace, truth, lock) for _ in range(max(1, min(connections, len(kinds))))]
    habits = Habits(rates, scrolls or dict.fromkeys(rates, SCROLLS))
    visitors: list[list[Steps]] = [[] for _ in crowds]
    for number, kind in enumerate(kinds):
        crowd, own = crowds[number % len(crowds)], random.Random(dice.getrandbits(64))
        visitors[number % len(crowds)].append(_visitor(kind, crowd, truth, slugs[number % len(slugs)], habits, own))
    _run(crowds, visitors, len(kinds), on_progress)
    return truth


def label_in(token: str) -> str:
    """The label that a page's token names; tokens are sealed, not secret."""
    body = token.partition(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))[3])


def _run(
    crowds: Sequence[Crowd], visitors: Sequence[Sequence[Steps]], total: int, on_progress: Progress | None
) -> None:
    done, lock = itertools.count(1), threading.Lock()

    def one_done() -> None:
        with lock:
            count = next(done)
            if on_progress is not None:
                on_progress(count, total)

    try:
        with ThreadPoolExecutor(len(crowds)) as pool:
            runs = [pool.submit(crowd.run, some, one_done) for crowd, some in zip(crowds, visitors, strict=True)]
            try:
                for each in runs:
                    each.result()
            except BaseException:
                # Leaving the pool waits for everybody in it.
                for crowd in crowds:
                    crowd.stop()
                raise
    finally:
        for crowd in crowds:
            crowd.close()


def _visitor(kind: str, crowd: Crowd, truth: Truth, slug: str, habits: Habits, dice: random.Random) -> Steps:
    headers = _headers(dice)
    if kind == "reader":
        return _reader(crowd, truth, slug, habits, dice, headers)
    if kind in PASSING:
        return _passing(kind, crowd, slug, {**headers, **PASSING[kind]})
    return _liar(kind, crowd, truth, slug, headers)


def _headers(dice: random.Random) -> dict[str, str]:
    address = f"10.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"
    return {"User-Agent": dice.choice(BROWSERS), "Accept-Language": "en-GB,en;q=0.8", "X-Forwarded-For": address}


def _reader(
    crowd: Crowd, truth: Truth, slug: str, habits: Habits, dice: random.Random, headers: dict[str, str]
) -> Steps:
    """Looks at the page for a second, reads on or not, clicks or not; all decided before anything is asked for."""
    click, reads, scroll = dice.random(), dice.random() < READS, dice.random()
    seconds = round(dice.expovariate(1 / READ_SECONDS))
    page = crowd.page(slug, headers)
    if not page.token:
        raise Unanswered("a reader's page has no token")
    yield SEEN_SECONDS
    crowd.beacon(f"exposure {page.token}", headers, page.cookie)
    crowd.did(truth.exposures, slug, page.label)
    if scroll < habits.scrolls[page.label]:
        crowd.beacon(f"scroll {page.token}", headers, page.cookie)
        crowd.did(truth.scrolls, slug, page.label)
    if click < habits.clicks[page.label]:
        crowd.beacon(f"cta {page.token}", headers, page.cookie)
        crowd.did(truth.clicks, slug, page.label)
    if reads:
        crowd.beacon(f"read {page.token} {seconds}", headers, page.cookie)
        crowd.did(truth.reads, slug, page.label)


def _passing(kind: str, crowd: Crowd, slug: str, headers: dict[str, str]) -> Steps:
    """Fetches the page and is gone; `yield` makes it a visitor like the others."""
    yield 0.0
    crowd.page(slug, headers)
    crowd.tallied(kind)


def _liar(kind: str, crowd: Crowd, truth: Truth, slug: str, headers: dict[str, str]) -> Steps:
    """Loads the page as a reader does, and then sends what does not count."""
    page = crowd.page(slug, headers)
    if not page.token:
        raise Unanswered("a bot that passes for a reader got no token")
    if kind == "too_fast":
        crowd.beacon(f"exposure {page.token}", headers, page.cookie)
    yield SEEN_SECONDS
    if kind == "forged":
        crowd.beacon(f"exposure {page.token[:-22]}{'A' * 22}", headers, page.cookie)
    elif kind == "no_cookie":
        crowd.beacon(f"exposure {page.token}", headers)
    elif kind == "no_exposure":
        crowd.beacon(f"cta {page.token}", headers, page.cookie)
    elif kind == "replayed":
        for _ in range(3):
            crowd.beacon(f"exposure {page.token}", headers, page.cookie)
        # The first of the three is a reader like any other, who never clicks.
        crowd.did(truth.exposures, slug, page.label)
    crowd.tallied(kind, 2 if kind == "replayed" else 1)
