"""Planning posts and looking for what is due, with ten times the posts in the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from benchmarks import homes, stored_pieces, turns
from benchmarks.figures import Figure, Result
from benchmarks.homes import Bench
from regrow.api import posts as shapes
from regrow.domain.publishing import posts as rules
from regrow.kit import clock, ids
from regrow.services import publishing
from regrow.store import channels, database, posts
from regrow.store.tables.content import Piece, Variant
from regrow.store.tables.posts import Post

GENERATIONS, TENFOLD = 250, 10
ROUNDS = 60
GOAL = 1.5
AT_ONCE = 2_000


def run(scale: float = 1.0) -> Result:
    """Two homes, the second with ten times the posts of the first; both take turns."""
    few, rounds = turns.scaled(GENERATIONS, scale, 8), turns.scaled(ROUNDS, scale, 3)
    with homes.opened() as small, homes.opened() as large:
        turns.say(f"writing the posts of {few} and {few * TENFOLD} generations")
        small_posts, small_ready = _filled(small, few, rounds + 5)
        large_posts, large_ready = _filled(large, few * TENFOLD, rounds + 5)
        size = f"{small_posts:,} to {large_posts:,} posts"
        planned = turns.taken([_plan(large, large_ready), _plan(small, small_ready)], rounds, warm=3)
        due = turns.taken([_due(large), _due(small)], rounds * 3, warm=5)
        page = turns.taken([_page(large), _page(small)], rounds, warm=5)
    figures = (
        _figure(f"growth of planning a piece in two variants, {size}", *planned),
        _figure(f"growth of a look for what is due, {size}", *due),
        _figure(f"growth of a page of 20 posts, {size}", *page),
    )
    return Result("publishing", figures, ())


def _filled(bench: Bench, generations: int, ready: int) -> tuple[int, list[str]]:
    """Posts of all pieces but some articles, which are approved and wait; a few are planned for later."""
    stored_pieces.fill(bench, generations)
    with bench.writing() as session:
        articles = list(session.scalars(select(Piece.id).where(Piece.medium == "blog").order_by(Piece.id)))[:ready]
        session.execute(update(Piece).where(Piece.id.in_(articles)).values(status="approved"))
        session.execute(update(Variant).where(Variant.piece_id.in_(articles)).values(status="live"))
        pairs = session.execute(select(Variant.id, Variant.piece_id).where(Variant.piece_id.not_in(articles))).all()
        (channel,) = channels.usable(session)
    for start in range(0, len(pairs), AT_ONCE):
        rows = [_post(bench, channel.id, *pair, start + place) for place, pair in enumerate(pairs[start:][:AT_ONCE])]
        with bench.writing() as session:
            session.execute(insert(Post).execution_options(dml_strategy="raw", render_nulls=True), rows)
    database.tidy(bench.home.engine)
    return len(pairs), articles


def _post(bench: Bench, channel_id: str, variant_id: str, piece_id: str, place: int) -> dict[str, Any]:
    now = clock.now()
    is_planned = place % 10 == 0
    at = now + timedelta(hours=1 + place % 500) if is_planned else now - timedelta(minutes=place)
    return {
        "id": ids.new("pst"), "piece_id": piece_id, "variant_id": variant_id, "channel_id": channel_id,
        "platform": "site", "status": "planned" if is_planned else "published",
        "key": rules.key_of(bench.id, channel_id, variant_id, 1), "number": 1, "round": 1, "attempts": 1,
        "slug": f"notes-{place}", "outside_id": "", "address": "", "detail": "", "answer": "", "context_id": None,
        "by": "bench", "due_at": at, "sent_at": None, "published_at": None if is_planned else at, "removed_at": None,
        "version": 1, "created_at": now, "updated_at": now,
    }  # fmt: skip


def _plan(bench: Bench, ready: Sequence[str]) -> Callable[[], object]:
    waiting = iter(ready)
    with bench.reading() as session:
        (channel,) = channels.usable(session)

    def plan() -> object:
        with bench.writing() as session:
            return publishing.publish(session, bench.owner, bench.home.outside, next(waiting), channel.id)

    return plan


def _due(bench: Bench) -> Callable[[], object]:
    def look() -> object:
        with bench.reading() as session:
            now = clock.now() - timedelta(days=1)
            return posts.due_in_use(session, now, 200), posts.due(session, "sending", now, 200)

    return look


def _page(bench: Bench) -> Callable[[], object]:
    def read() -> object:
        with bench.reading() as session:
            return shapes.shapes(session, posts.page(session, 20).items)

    return read


def _figure(what: str, large: Sequence[float], small: Sequence[float]) -> Figure:
    ours, peer = (tuple(each * 1_000 for each in one) for one in (large, small))
    return Figure(what, "ms", ours, peer, "a tenth of the posts", GOAL)
