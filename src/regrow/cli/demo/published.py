"""The demo's article on the built-in site: published, served on loopback, and read by simulated readers."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from regrow.cli import output, serve, showing
from regrow.cli import publishing as posting
from regrow.cli.demo import simulated_readers
from regrow.cli.demo.counted import LABELS, Audience, Did, Published
from regrow.kit import clock, errors

if TYPE_CHECKING:
    import uvicorn

    from regrow.cli.demo.simulated_readers import Truth
    from regrow.store.tables.content import Piece
    from regrow.store.tenancy import Session
    from regrow.wiring import Home

RATES: Mapping[str, float] = {"A": 0.35, "B": 0.55}
NULL: Mapping[str, float] = dict.fromkeys(LABELS, 0.45)
"""How likely a reader of a variant is to read on; the script of the play, and no judgement of the texts."""
READERS = 240
BOTS: Mapping[str, int] = {
    "search_engine": 12, "crawler": 18, "preview": 6, "headless": 5, "no_user_agent": 4, "prefetch": 8,
    "do_not_track": 9, "global_privacy_control": 7, "forged": 6, "replayed": 4, "too_fast": 5, "no_cookie": 4,
    "no_exposure": 3,
}  # fmt: skip
HOST = "127.0.0.1"
START_SECONDS, STOP_SECONDS = 30, 15
TITLE = "Notes, written up"
DISCLOSURE = "Put together from notes by an offline writer. No language model took part."
TOLD = (errors.Conflict, errors.Invalid, errors.LimitReached, errors.Unavailable)
"""What keeps the article from its readers and is no reason to end the demo."""


def play(
    home: Home, workspace_id: str, generation_id: str, rates: Mapping[str, float], random_seed: int, port: int = 0
) -> Published | None:
    """Approves the article, publishes both variants on the site, and lets simulated readers come.

    None, with a word to the person, when there is no article that could be published.
    """
    piece = _article(home, workspace_id, generation_id)
    if piece is None:
        output.say("Nothing is published: no article was written.")
        return None
    try:
        posts = _published(home, piece)
    except TOLD as error:
        output.say(f"The article is not published: {output.safe(str(error))}")
        return None
    done = Published(piece.id, _title(home, piece), str(posts[0]["slug"]), str(posts[0]["address"]))
    try:
        _refuse_unready(posts)
        return replace(done, audience=_visited(home, piece, posts, rates, random_seed, port))
    except TOLD as error:
        output.say(f"No simulated readers came: {output.safe(str(error))}")
        return replace(done, trouble=str(error))


def _article(home: Home, workspace_id: str, generation_id: str) -> Piece | None:
    from regrow.store import content

    with home.reading(workspace_id) as session:
        found = [row for row in content.pieces_of(session, [generation_id]) if row.medium == "blog"]
    return next((row for row in found if row.status in ("draft", "approved")), None)


def _published(home: Home, piece: Piece) -> list[dict[str, Any]]:
    """The posts as they stand, once they are planned and their runs have ended."""
    from regrow.services import pieces, publishing
    from regrow.store import channels

    actor = home.operator(piece.workspace_id)
    with home.writing(piece.workspace_id) as session:
        _furnish(home, session)
        pieces.approve(session, actor, piece.id, expected_version=piece.version)
    with home.writing(piece.workspace_id) as session:
        channel = next(iter(channels.usable_of_kind(session, "site")), None)
        if channel is None:
            raise errors.Conflict("this workspace has no channel for its site", "no_site_channel")
        planned = publishing.publish(session, actor, home.outside, piece.id, channel.id)
    return posting.seen_out(home, planned.posts)


def _furnish(home: Home, session: Session) -> None:
    """The site says what it is: its texts were put together, and by what."""
    from regrow.services import sites
    from regrow.store import sites as site_store

    site = site_store.served(session)
    if site is not None:
        told = {"title": TITLE, "disclosure": DISCLOSURE}
        sites.change(session, home.operator(site.workspace_id), site.id, None, told)


def _title(home: Home, piece: Piece) -> str:
    from regrow.domain import content as rules
    from regrow.store import content

    with home.reading(piece.workspace_id) as session:
        (first, *_) = content.newest_variants(session, [piece.id])[piece.id]
        return rules.title_of(first.content)


def _refuse_unready(posts: list[dict[str, Any]]) -> None:
    if behind := [each for each in posts if each["status"] != "published"]:
        states = ", ".join(f"{each['label']} is {each['status']} {each['detail']}".strip() for each in behind)
        raise errors.Conflict(f"the article did not go out: {states}", "not_out")
    if tuple(sorted(each["label"] for each in posts)) != LABELS:
        raise errors.Conflict("there are no two variants to choose between", "no_variants")


def _visited(
    home: Home, piece: Piece, posts: list[dict[str, Any]], rates: Mapping[str, float], random_seed: int, port: int
) -> Audience:
    began, slug = clock.now(), str(posts[0]["slug"])
    place = str(home.workspace(piece.workspace_id).slug)
    with serving(home, port) as base, showing.progress("Readers") as tell:
        truth = simulated_readers.send(
            base, place, [slug], dict.fromkeys(LABELS, 0.0), READERS, BOTS, random_seed,
            lambda done, total: tell(done, total, "simulated readers and bots"), scrolls=rates,
        )  # fmt: skip
    # The server has ended, so that everything it took is written.
    counts, tallied = _counted(home, piece, posts, began)
    return Audience(
        rates=dict(rates),
        readers=READERS,
        bots=sum(BOTS.values()),
        truth=_truth(truth, slug),
        counts=counts,
        sent=dict(truth.tallies),
        tallied=tallied,
        unanswered=truth.unanswered,
        address=f"{base}/s/{place}/{slug}",
    )


def _truth(truth: Truth, slug: str) -> dict[str, Did]:
    shown, read_on, timed = (each.get(slug, Counter()) for each in (truth.exposures, truth.scrolls, truth.reads))
    return {label: Did(shown[label], read_on[label], timed[label]) for label in LABELS}


def _counted(
    home: Home, piece: Piece, posts: list[dict[str, Any]], since: datetime
) -> tuple[dict[str, Did], dict[str, int]]:
    """By label, as the site counted it; and what it did not count, by reason."""
    from regrow.services import visits

    until = clock.now() + timedelta(seconds=1)
    with home.reading(piece.workspace_id) as session:
        batches = visits.totals(session, piece.id, since, until)
        tallied = visits.uncounted(session, None, since, until)
    counts = dict.fromkeys(LABELS, Did(0, 0, 0))
    for post in posts:
        batch = batches.get(post["variant_id"])
        if batch is not None:
            did = (batch.of(metric).conversions for metric in ("scroll", "read"))
            counts[post["label"]] = Did(batch.exposures, *did)
    return counts, tallied


@contextmanager
def serving(home: Home, port: int) -> Iterator[str]:
    """The site of the home on loopback, until the block is left; what came in is written by then."""
    import uvicorn

    from regrow.wiring import faces

    with serve.listening(HOST, port) as heard:
        application = faces.application(home)
        config = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            server_header=False,
            # The readers have addresses of their own, as behind a proxy on this machine.
            forwarded_allow_ips=HOST,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([heard],), name="site", daemon=True)
        thread.start()
        try:
            _await(server, thread)
            yield f"http://{HOST}:{heard.getsockname()[1]}"
        finally:
            application.state.stopping.set()
            server.should_exit = True
            thread.join(2 * STOP_SECONDS)


def _await(server: uvicorn.Server, thread: threading.Thread) -> None:
    end = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > end:
            raise errors.Unavailable("the site could not be served on this machine", "not_served")
        time.sleep(0.01)
