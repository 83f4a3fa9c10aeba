"""Posts of experiments that nobody drew lots for: loaded with the account's earlier ones, and kept as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from regrow.domain.experiments import reading
from regrow.domain.experiments.observing import Posts, Seen
from regrow.domain.experiments.reading import Measure, Put, Reading
from regrow.domain.publishing import schedules
from regrow.store import experiments as store
from regrow.store import post_readings, sites
from regrow.store.post_readings import Out, Told
from regrow.store.tables.experiments import Experiment, ExperimentDecision
from regrow.store.tenancy import Session

DECLARED = "observational"
MOST = 500
"""Earlier posts of the account, the newest ones."""
MOST_OWN = 200


def told(session: Session, row: Experiment, last: Sequence[ExperimentDecision]) -> dict[str, Any] | None:
    """What posts say now, as decisions record it; None when readers are assigned at random.

    An account is what the arms' posts came out on: a channel, or, for what was recorded by hand, a platform. Earlier
    is what came out before the first of them. Five queries however many posts there are.
    """
    if row.evidence != DECLARED:
        return None
    if row.metric not in reading.COUNTED:
        return _plain(Posts(is_told=False), is_whole=False)
    arms = store.arms(session, [row.id])[row.id]
    own = post_readings.of_variants(session, row.piece_id, [arm.variant_id for arm in arms], MOST_OWN)
    earlier = post_readings.before(session, own, own[0].published_at, MOST) if own else []
    fixed = _fixed(last)
    ages = [fixed.age_hours] if fixed is not None else reading.AGES
    spans = [reading.span(age) for age in ages]
    read: dict[str, list[Told]] = {}
    for each in post_readings.near(session, [post.id for post in (*own, *earlier)], spans):
        read.setdefault(each.post_id, []).append(each)
    site = sites.served(session)
    usual = site.time_zone if site is not None else "UTC"
    mine, before = ([_put(post, read.get(post.id, []), usual) for post in some] for some in (own, earlier))
    live = [arm.variant_id for arm in arms if not arm.outcome]
    found = reading.told(row.metric, mine, before, live, fixed)
    return _plain(found, fixed is not None or reading.is_whole(found, live))


def read(kept: Mapping[str, Any] | None) -> Posts | None:
    """The posts as they were recorded."""
    if kept is None:
        return None
    return Posts(
        age_hours=kept["age_hours"],
        reach=kept["reach"],
        counted=tuple(kept["counted"]),
        history=tuple(Seen(*each) for each in kept["history"]),
        arms={id: tuple(Seen(*each) for each in some) for id, some in kept["arms"].items()},
        is_told=kept["is_told"],
    )


def is_changed(kept: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> bool:
    """Whether posts say anything else than what was recorded."""
    return {**(kept or {}), "is_fixed": None} != {**(now or {}), "is_fixed": None}


def _fixed(last: Sequence[ExperimentDecision]) -> Measure | None:
    kept = last[0].facts.get("posts") if last else None
    return Measure(kept["age_hours"], kept["reach"]) if kept and kept["is_fixed"] else None


def _plain(found: Posts, is_whole: bool) -> dict[str, Any]:
    """`is_fixed`: these posts were compared, and so are those of later evaluations, at the same age."""
    return {
        "age_hours": found.age_hours,
        "reach": found.reach,
        "counted": list(found.counted),
        "history": [_row(each) for each in found.history],
        "arms": {id: [_row(each) for each in some] for id, some in found.arms.items()},
        "is_told": found.is_told,
        "is_fixed": is_whole,
    }


def _row(post: Seen) -> list[Any]:
    return [post.conversions, post.reach, post.hour, post.is_weekend, post.format]


def _put(post: Out, some: Sequence[Told], usual: str) -> Put:
    local = post.published_at.astimezone(schedules.zone(post.zone_name or usual))
    return Put(
        variant_id=post.variant_id,
        hour=round(local.hour + local.minute / 60, 4),
        is_weekend=local.weekday() >= 5,
        format=f"{post.medium} on {post.channel_id or post.platform}",
        readings=tuple(Reading((each.at - post.published_at).total_seconds() / 3_600, each.counts) for each in some),
    )
