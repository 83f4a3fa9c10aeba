"""What experiments may be about: every metric that is known, and which of them our own site counts."""

from __future__ import annotations

from dataclasses import dataclass

from regrow.domain.experiments.facts import Kind


@dataclass(frozen=True, slots=True)
class Metric:
    """`on_site` is what the site's own counts call it; empty when the site does not count it."""

    kind: Kind
    on_site: str = ""


METRICS: dict[str, Metric] = {
    "click_rate": Metric("proportion", "cta"),
    "scroll_rate": Metric("proportion", "scroll"),
    "read_rate": Metric("proportion", "read"),
    "outbound_rate": Metric("proportion", "outbound"),
    "read_time": Metric("mean", "read"),
    **{
        name: Metric("proportion")
        for name in (
            *("open_rate", "reply_rate", "conversion_rate", "signup_rate", "purchase_rate"),
            *("engagement_rate", "like_rate", "comment_rate", "share_rate", "save_rate"),
        )
    },
    **{name: Metric("mean") for name in ("time_on_page", "revenue", "order_value", "engagement")},
}
"""More is better with each of them."""
