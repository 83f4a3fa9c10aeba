"""Simulated readers against a real server: what they really did is what was counted, and bots only stand beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest

from regrow.cli.demo import simulated_readers
from regrow.domain.experiments import sample_ratio
from regrow.domain.visits import counting
from regrow.domain.visits.counting import Batch
from regrow.kit import clock, errors
from regrow.services import visits
from tests import visits as seen
from tests.homes import Tenant

RATES = {"A": 0.5, "B": 0.1}
BOTS = dict.fromkeys(simulated_readers.KINDS, 4)
PLACE = "alice-and-co"


def by_label(batches: dict[str, Batch], shown: seen.Shown, metric: str | None = None) -> Counter[str]:
    found = {label: batches[id] for label, id in shown.variants.items() if id in batches}
    return Counter({k: b.exposures if metric is None else b.of(metric).conversions for k, b in found.items()})


def sent(url: str, slugs: Sequence[str], readers: int, bots: dict[str, int], seed: int = 3) -> simulated_readers.Truth:
    return simulated_readers.send(url, PLACE, slugs, RATES, readers, bots, seed)


def test_counts_are_what_the_readers_did_and_bots_are_tallied_by_reason(alice: Tenant) -> None:
    pages = {"bread": seen.piece(alice), "crumb": seen.piece(alice)}
    steps: list[tuple[int, int]] = []
    with seen.open_site(alice, pages) as app, seen.served(app) as url:
        truth = simulated_readers.send(
            url, PLACE, list(pages), RATES, 120, BOTS, 3, lambda done, total: steps.append((done, total))
        )
    assert truth.unanswered == 0
    assert steps[-1] == (120 + sum(BOTS.values()),) * 2
    since, until = clock.now() - timedelta(hours=1), clock.now() + timedelta(hours=1)
    with alice.reading() as session:
        tallied = visits.uncounted(session, None, since, until)
        counted = {slug: visits.totals(session, shown.piece_id, since, until) for slug, shown in pages.items()}
    for slug, shown in pages.items():
        assert by_label(counted[slug], shown) == truth.exposures[slug]
        for metric, done in (("cta", truth.clicks), ("scroll", truth.scrolls), ("read", truth.reads)):
            assert +by_label(counted[slug], shown, metric) == done[slug]
        assert not sample_ratio.judged([truth.exposures[slug][label] for label in "AB"], [0.5, 0.5]).is_flagged
    assert sum(sum(each.values()) for each in truth.exposures.values()) == 120 + BOTS["replayed"]
    assert tallied == truth.tallies
    assert set(tallied) == set(BOTS)


def test_a_page_that_is_not_there_is_told(alice: Tenant) -> None:
    with seen.open_site(alice, {}) as app, seen.served(app) as url:
        truth = simulated_readers.send(url, "nobody/else", ["no such page"], RATES, 3, {"crawler": 2}, 1)
    assert (truth.unanswered, truth.exposures, truth.tallies) == (5, {}, Counter())


def test_unknown_bots_and_addresses_are_refused() -> None:
    with pytest.raises(errors.Invalid, match="kinds of bots: martian"):
        sent("http://127.0.0.1:1", ["bread"], 1, {"martian": 1})
    with pytest.raises(errors.Invalid, match="address"):
        sent("ftp://127.0.0.1", ["bread"], 1, {})


def test_every_kind_of_bot_has_its_reason() -> None:
    assert len(set(simulated_readers.KINDS)) == len(simulated_readers.KINDS)
    assert not set(simulated_readers.KINDS) & {counting.EXPOSURE, *counting.METRICS}
