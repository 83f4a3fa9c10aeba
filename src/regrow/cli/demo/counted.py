"""What was counted of the article's readers, held against what the simulated ones really did."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LABELS = ("A", "B")
REASONS = {
    "search_engine": "search engines",
    "crawler": "other crawlers",
    "preview": "previews of links",
    "headless": "browsers without a screen",
    "no_user_agent": "programs that do not say what they are",
    "prefetch": "browsers that load ahead",
    "do_not_track": "readers who send Do-Not-Track",
    "global_privacy_control": "readers who send Sec-GPC",
    "forged": "signals with a false signature",
    "replayed": "signals sent once more",
    "too_fast": "seen in less than a second",
    "no_cookie": "signals from another's page",
    "no_exposure": "clicks on what was never seen",
}
"""Why a visit is not counted, as people say it."""
WIDTH, BAR, LEFT, TOP = 360, 270, 34, 10
ROW = 40


@dataclass(frozen=True, slots=True)
class Did:
    """Readers of one variant: who saw it, who read on to three quarters of it, who told how long they read."""

    shown: int
    read_on: int
    timed: int

    @property
    def share(self) -> float:
        return self.read_on / self.shown if self.shown else 0.0


@dataclass(frozen=True, slots=True)
class Audience:
    """Simulated readers and bots: their true rates, what they did, and what was counted of it.

    `sent` and `tallied` are what must not be counted, by reason. `unanswered` requests may have been counted or not.
    """

    rates: Mapping[str, float]
    readers: int
    bots: int
    truth: Mapping[str, Did]
    counts: Mapping[str, Did]
    sent: Mapping[str, int]
    tallied: Mapping[str, int]
    unanswered: int
    address: str
    """Where the site stood while they came."""

    @property
    def differences(self) -> list[str]:
        found = [each for label in LABELS for each in _unlike(label, self.counts[label], self.truth[label])]
        return found + [
            f"{words}: {tallied} tallied, {sent} sent" for _, words, sent, tallied in self.reasons if sent != tallied
        ]

    @property
    def is_equal(self) -> bool:
        return not self.differences

    @property
    def reasons(self) -> list[tuple[str, str, int, int]]:
        """Each reason, in words, with how many were sent and how many were tallied."""
        other = sorted((set(self.sent) | set(self.tallied)) - set(REASONS))
        every = [(name, REASONS.get(name, name.replace("_", " "))) for name in (*REASONS, *other)]
        every = [each for each in every if each[0] in self.sent or each[0] in self.tallied]
        return [(name, words, self.sent.get(name, 0), self.tallied.get(name, 0)) for name, words in every]

    @property
    def bars(self) -> list[Bar]:
        return [
            Bar(
                label=label,
                y=TOP + place * ROW,
                width=round(BAR * self.counts[label].share, 1),
                mark=round(LEFT + BAR * self.rates[label], 1),
                share=self.counts[label].share,
            )
            for place, label in enumerate(LABELS)
        ]


def _unlike(label: str, counted: Did, did: Did) -> list[str]:
    pairs = (
        ("shown it", counted.shown, did.shown),
        ("reading on", counted.read_on, did.read_on),
        ("timed", counted.timed, did.timed),
    )
    return [f"{label}: {one} counted as {words}, and {other} did" for words, one, other in pairs if one != other]


@dataclass(frozen=True, slots=True)
class Bar:
    """The counted share of one variant as a bar, with a mark at its true rate."""

    label: str
    y: int
    width: float
    mark: float
    share: float


@dataclass(frozen=True, slots=True)
class Published:
    """The article where it stands on the site; without an `audience` nobody came, and `trouble` says why."""

    piece_id: str
    title: str
    slug: str
    address: str
    """Where it stands when the home is served."""
    audience: Audience | None = None
    trouble: str = ""


def serving(home: Path) -> str:
    """The command that serves the site again."""
    return f"regrow --home {shlex.quote(os.path.relpath(home))} serve"


def as_json(published: Published | None, home: Path) -> dict[str, Any] | None:
    """The site in plain values; None when nothing was published."""
    if published is None:
        return None
    found = {
        "piece_id": published.piece_id,
        "slug": published.slug,
        "address": published.address,
        "serve": serving(home),
        "trouble": published.trouble,
    }
    audience = published.audience
    return found if audience is None else {**found, **_told(audience)}


def _told(audience: Audience) -> dict[str, Any]:
    return {
        "is_simulated": True,
        "served_at": audience.address,
        "readers": audience.readers,
        "bots": audience.bots,
        "rates": dict(audience.rates),
        "truth": {label: _plain(audience.truth[label]) for label in LABELS},
        "counts": {label: _plain(audience.counts[label]) for label in LABELS},
        "uncounted": {name: {"truth": sent, "counted": tallied} for name, _, sent, tallied in audience.reasons},
        "unanswered": audience.unanswered,
        "is_equal": audience.is_equal,
        "differences": audience.differences,
    }


def _plain(did: Did) -> dict[str, int]:
    return {"exposure": did.shown, "scroll": did.read_on, "read": did.timed}
