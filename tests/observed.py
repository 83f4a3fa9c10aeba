"""Posts of experiments that nobody drew lots for, and the earlier ones of their account, with what they had."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from regrow.kit import ids
from regrow.services import posts
from regrow.store.tables.posts import Post, PostTotals
from tests import experiments as made
from tests import visits as seen
from tests.experiments import Begun
from tests.homes import Tenant

NINE = datetime(2026, 3, 30, 9, tzinfo=UTC)


def begun(alice: Tenant, metric: str = "like_rate", labels: str = "AB", **asked: Any) -> Begun:
    return made.begun(alice, labels, metric=metric, evidence="observational", **asked)


def out(
    alice: Tenant,
    variant_id: str,
    counts: dict[str, int] | None = None,
    at: datetime = NINE,
    age: float = 24.0,
    platform: str = "linkedin",
) -> str:
    """A post from elsewhere, with what it had at an age when that is said."""
    values = {"variant_id": variant_id, "platform": platform, "outside_id": ids.new("out"), "published_at": at}
    with alice.writing() as session:
        id = posts.record(session, alice.owner, values).id
    if counts:
        read(alice, id, counts, at + timedelta(hours=age))
    return id


def read(alice: Tenant, post_id: str, counts: dict[str, int], at: datetime) -> None:
    with alice.writing() as session:
        posts.add_totals(session, alice.owner, post_id, counts, "acme", at)


def history(
    alice: Tenant, count: int, rate: Callable[[datetime], float] = lambda _at: 0.04, platform: str = "linkedin"
) -> None:
    """Earlier posts of the account, seven hours after one another, each read once a day after it came out."""
    dice, shown, end = random.Random(3), seen.piece(alice, "A"), NINE - timedelta(days=1)
    rows, told = [], []
    for number in range(count):
        at, id = end - timedelta(hours=7 * number), ids.new("pst")
        told.append({"likes": round(1_000 * rate(at)) + dice.randint(-6, 6), "comments": 4, "reach": 1_000})
        rows.append(_row(id, shown.piece_id, shown.variants["A"], platform, at))
    totals = [
        {"id": ids.new("tot"), "post_id": row["id"], "at": row["published_at"] + timedelta(hours=24), "counts": counts}
        | {"source": "acme", "lowered": [], "by": "key_owner", "received_at": NINE}
        for row, counts in zip(rows, told, strict=True)
    ]
    with alice.writing() as session:
        session.execute(insert(Post), rows)
        session.execute(insert(PostTotals), totals)


def _row(id: str, piece_id: str, variant_id: str, platform: str, at: datetime) -> dict[str, Any]:
    return {
        "id": id, "piece_id": piece_id, "variant_id": variant_id, "platform": platform, "status": "published",
        "key": id, "number": 1, "round": 1, "attempts": 1, "slug": "", "outside_id": id, "address": "", "detail": "",
        "answer": "", "by": "key_owner", "due_at": at, "published_at": at, "version": 1, "created_at": at,
        "updated_at": at,
    }  # fmt: skip


def counts(likes: int, **more: int) -> dict[str, int]:
    return {"likes": likes, "reach": 1_000, **more}
