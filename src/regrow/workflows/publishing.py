"""Posts as durable runs: one per post and round; every step claims, acts with no transaction open, and records."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import structlog

from regrow.domain.publishing.channel import Outcome
from regrow.kit import errors
from regrow.services import sending
from regrow.services.sending import Errand, Verdict
from regrow.store import database, tenancy
from regrow.store.tables.posts import Post
from regrow.workflows import runtime

log = structlog.get_logger()
T = TypeVar("T")

PUBLISH_POST = "publish_post"
STORED_WITHIN_SECONDS = 120
"""How long an answer is tried to be stored while the database is away."""


def run_id(post: Post) -> str:
    """The run that belongs to the plan of a post as it is now."""
    return id_of(post.id, post.round)


def id_of(post_id: str, round_: int) -> str:
    return f"publish:{post_id}:{round_}"


def start(post: Post) -> None:
    """Queues the post; starting it twice starts it once."""
    runtime.start(publish_post, run_id(post), None, *_handed(post))


def hand_over(system: database.Engine, post: Post) -> None:
    """Queues the post for the process that holds the home."""
    runtime.start_elsewhere(system, PUBLISH_POST, run_id(post), None, *_handed(post))


def _handed(post: Post) -> tuple[str, ...]:
    return (post.workspace_id, post.id, str(post.round))


@runtime.workflow(PUBLISH_POST)
def publish_post(workspace_id: str, post_id: str, round_: str) -> str:
    """One post in one round: sent, or asked about, until it is published, failed, put off, or a person's to settle."""
    with tenancy.workspace(workspace_id):
        act, asked, steps = "send", 0, 0
        while act != "over":
            told = runtime.step(act, partial(_STEPS[act], post_id, int(round_), asked))
            asked = asked + 1 if act == told["act"] == "ask" else 0
            act, steps = str(told["act"]), steps + 1
            if told["seconds"]:
                runtime.wait(float(told["seconds"]))
        return f"{steps} steps"


def _send(post_id: str, round_: int, _asked: int) -> dict[str, Any]:
    """A former try of this very step may have died in between: then the claim says so, and nothing is sent."""
    setup = runtime.live()
    grace = timedelta(seconds=setup.grace_seconds)
    with database.writing(setup.engine) as session:
        errand = sending.claim(session, setup.outside, post_id, round_, grace)
    runtime.notice("send", "claimed")
    if errand.channel is None or errand.outgoing is None:
        return _told(Verdict(errand.act))
    outcome = _outcome(errand, errand.channel.post)
    runtime.notice("send", "answered")
    return _told(_stored(lambda session: sending.answered(session, post_id, errand.attempt, outcome)))


def _ask(post_id: str, round_: int, asked: int) -> dict[str, Any]:
    setup = runtime.live()
    with database.reading(setup.engine) as session:
        errand = sending.question(session, setup.outside, post_id, round_)
    if errand.channel is None or errand.outgoing is None:
        return _told(Verdict(errand.act))
    limits, settle = errand.channel.capabilities, timedelta(seconds=setup.settle_seconds)
    outcome = Outcome("unknown")
    if limits.can_reconcile:
        outcome = _outcome(errand, errand.channel.reconcile)
    act = partial(sending.reconciled, id=post_id, attempt=errand.attempt, asked=asked, outcome=outcome)
    return _told(_stored(lambda session: act(session, limits=limits, settle=settle)))


_STEPS: Mapping[str, Callable[[str, int, int], dict[str, Any]]] = {"send": _send, "ask": _ask}


def _outcome(errand: Errand, act: Callable[[Any], Outcome]) -> Outcome:
    """What came of it. A channel that breaks its promise and raises leaves it unknown whether anything was taken."""
    try:
        return act(errand.outgoing)
    except Exception as error:
        log.exception("channel.raised")
        trace = "".join(traceback.format_exception_only(error)).strip()
        return Outcome("unknown", detail=f"the channel broke off: {trace}")


def _stored(act: Callable[[tenancy.Session], T]) -> T:
    """Stores an answer, and keeps trying for a while when the database is away: it cannot be asked for again."""
    setup = runtime.live()
    end, pause = time.monotonic() + STORED_WITHIN_SECONDS, 0.1
    while True:
        try:
            with database.writing(setup.engine) as session:
                return act(session)
        except errors.Unavailable:
            if time.monotonic() > end:
                raise
        time.sleep(pause)
        pause = min(pause * 2, 5.0)


def _told(verdict: Verdict) -> dict[str, Any]:
    """Plain JSON, as the durable engine keeps it."""
    return {"act": verdict.act, "seconds": verdict.seconds}
