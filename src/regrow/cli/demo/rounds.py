"""The readers of the demo's article come in rounds: each is counted by the site, handed in, and judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from regrow.cli import output, showing
from regrow.cli.demo import loopback, onlookers, published, simulated_readers
from regrow.cli.demo.counted import LABELS, Audience, Did
from regrow.cli.demo.simulated_readers import Truth
from regrow.kit import clock, errors

if TYPE_CHECKING:
    from regrow.cli.demo.acts import Stage
    from regrow.cli.demo.published import Out
    from regrow.cli.showing import Tell

RATES: Mapping[str, float] = {"A": 0.3, "B": 0.6}
NULL: Mapping[str, float] = dict.fromkeys(LABELS, 0.45)
"""How likely a reader of a variant is to read on; the script of the play, and no judgement of the texts."""
METRIC, COUNTED_AS = "scroll_rate", "scroll"
ROUNDS, READERS, AFTERWARDS = 8, 80, 60
"""At these rates 8 rounds of 80 find the worse variant in more than 99 of 100 runs, half of them by the third round."""
BOTS: Mapping[str, int] = {
    "search_engine": 3, "crawler": 4, "preview": 2, "headless": 1, "no_user_agent": 1, "prefetch": 2,
    "do_not_track": 2, "global_privacy_control": 2, "forged": 2, "replayed": 1, "too_fast": 1, "no_cookie": 1,
    "no_exposure": 1,
}  # fmt: skip
"""In each round."""
SEEDS = 1_000


@dataclass(frozen=True, slots=True)
class Came:
    """Who came in how many rounds, and afterwards; without an `audience` nobody did, and `trouble` says why.

    `afterwards` is how many of those who asked for the page once it was over were shown each label.
    """

    audience: Audience | None = None
    experiment_id: str = ""
    rounds: int = 0
    afterwards: Mapping[str, int] = field(default_factory=dict)
    trouble: str = ""


@dataclass(slots=True)
class _Run:
    """The site while readers come: where it stands, what they really did, and what was counted up to when."""

    stage: Stage
    out: Out
    base: str
    tell: Tell
    since: datetime
    truth: Truth = field(default_factory=Truth)
    readers: int = 0
    bots: int = 0

    @property
    def slug(self) -> str:
        return self.out.told.slug

    @property
    def piece_id(self) -> str:
        return self.out.told.piece_id

    @property
    def place(self) -> str:
        return str(self.stage.home.workspace(self.stage.workspace_id).slug)

    @property
    def address(self) -> str:
        return f"{self.base}/s/{self.place}/{self.slug}"


def play(stage: Stage, port: int = 0) -> Came | None:
    """An experiment on the article, and simulated readers until it is decided or their last round is over."""
    out: Out | None = stage.made["site"]
    if out is None:
        return None
    began = clock.now()
    with ExitStack() as stack:
        try:
            _refuse_unready(out.posts)
            base = stack.enter_context(loopback.serving(stage.home, port))
        except published.TOLD as error:
            output.say(f"No simulated readers came: {output.safe(str(error))}")
            return Came(trouble=str(error))
        run = _Run(stage, out, base, stack.enter_context(showing.progress("Readers")), began)
        experiment_id = _begun(run)
        rounds = _judged(run, experiment_id)
        afterwards = onlookers.shown(run.address, out.titles, AFTERWARDS)
    # The server has ended, so that everything it took is written.
    return Came(_audience(run, began), experiment_id, rounds, {label: afterwards[label] for label in LABELS})


def _refuse_unready(posts: Sequence[Mapping[str, Any]]) -> None:
    if behind := [each for each in posts if each["status"] != "published"]:
        states = ", ".join(f"{each['label']} is {each['status']} {each['detail']}".strip() for each in behind)
        raise errors.Conflict(f"the article did not go out: {states}", "not_out")
    if tuple(sorted(each["label"] for each in posts)) != LABELS:
        raise errors.Conflict("there are no two variants to choose between", "no_variants")


def _begun(run: _Run) -> str:
    """The demo hands the counts in itself: the site waits half an hour for late ones, and these readers are gone."""
    from regrow.services import experiments

    asked = {"piece_id": run.piece_id, "metric": METRIC, "minimum_hours": 0, "source": "outside"}
    with run.stage.home.writing(run.stage.workspace_id) as session:
        return experiments.create(session, run.stage.home.operator(run.stage.workspace_id), asked).id


def _judged(run: _Run, experiment_id: str) -> int:
    """After how many rounds it was decided; all of them when it was not, and then it ends without a decision."""
    from regrow.services import experiment_decisions

    words = "nobody came yet"
    for number in range(1, ROUNDS + 1):
        _sent(run, number, f"round {number} of at most {ROUNDS}; {words}")
        _handed_in(run, experiment_id, f"round-{number}")
        is_over, words = _evaluated(run, experiment_id)
        if is_over:
            return number
    with run.stage.home.writing(run.stage.workspace_id) as session:
        experiment_decisions.end(session, run.stage.home.operator(run.stage.workspace_id), experiment_id)
    return ROUNDS


def _sent(run: _Run, number: int, words: str) -> None:
    """One round of visitors, who are all gone at the end; what they did is added to what was done before."""
    before, total = run.readers + run.bots, ROUNDS * (READERS + sum(BOTS.values()))
    truth = simulated_readers.send(
        run.base, run.place, [run.slug], dict.fromkeys(LABELS, 0.0), READERS, BOTS,
        run.stage.random_seed * SEEDS + number, lambda done, _all: run.tell(before + done, total, words),
        scrolls=run.stage.rates,
    )  # fmt: skip
    run.readers, run.bots = run.readers + READERS, run.bots + sum(BOTS.values())
    for name in ("exposures", "clicks", "scrolls", "reads"):
        getattr(run.truth, name).setdefault(run.slug, Counter()).update(getattr(truth, name).get(run.slug, {}))
    run.truth.tallies += truth.tallies
    run.truth.unanswered += truth.unanswered


def _handed_in(run: _Run, experiment_id: str, batch_id: str) -> None:
    """What the site counted of this round, as a batch."""
    from regrow.domain.experiments.observations import Count, Observation
    from regrow.services import experiment_batches, visits

    since, run.since = run.since, clock.now()
    with run.stage.home.writing(run.stage.workspace_id) as session:
        batches = visits.totals(session, run.piece_id, since, run.since)
        found = [(post["variant_id"], batches.get(post["variant_id"])) for post in run.out.posts]
        counts = tuple(
            Count(id, batch.exposures, batch.of(COUNTED_AS).conversions) if batch is not None else Count(id, 0, 0)
            for id, batch in found
        )
        told = Observation(batch_id, run.since, counts)
        actor = run.stage.home.operator(run.stage.workspace_id)
        experiment_batches.observe(session, actor, experiment_id, told, "demo")


def _evaluated(run: _Run, experiment_id: str) -> tuple[bool, str]:
    """Whether it is decided, or can decide nothing any more; and how the arms stand, in words."""
    from regrow.services import experiment_decisions, experiments

    actor = run.stage.home.operator(run.stage.workspace_id)
    with run.stage.home.writing(run.stage.workspace_id) as session:
        made = experiment_decisions.evaluate(session, actor, experiment_id)
        is_over = experiments.found(session, experiment_id).status != "running"
        arms = ", ".join(f"{each.label} {(each.conversions or 0) / max(each.n or 0, 1):.0%}" for each in made)
        sure = max((each.confidence for each in made), default=0.0)
        return is_over or any(each.is_applied for each in made), f"so far {arms}, confidence {sure:.2f}"


def _audience(run: _Run, since: datetime) -> Audience:
    counts, tallied = _counted(run, since)
    return Audience(
        rates=dict(run.stage.rates),
        readers=run.readers,
        bots=run.bots,
        truth=_truth(run.truth, run.slug),
        counts=counts,
        sent=dict(run.truth.tallies),
        tallied=tallied,
        unanswered=run.truth.unanswered,
        address=run.address,
    )


def _truth(truth: Truth, slug: str) -> dict[str, Did]:
    shown, read_on, timed = (each.get(slug, Counter()) for each in (truth.exposures, truth.scrolls, truth.reads))
    return {label: Did(shown[label], read_on[label], timed[label]) for label in LABELS}


def _counted(run: _Run, since: datetime) -> tuple[dict[str, Did], dict[str, int]]:
    """By label, as the site counted it; and what it did not count, by reason."""
    from regrow.services import visits

    until = clock.now() + timedelta(seconds=1)
    with run.stage.home.reading(run.stage.workspace_id) as session:
        batches = visits.totals(session, run.piece_id, since, until)
        tallied = visits.uncounted(session, None, since, until)
    counts = dict.fromkeys(LABELS, Did(0, 0, 0))
    for post in run.out.posts:
        batch = batches.get(post["variant_id"])
        if batch is not None:
            did = (batch.of(metric).conversions for metric in ("scroll", "read"))
            counts[post["label"]] = Did(batch.exposures, *did)
    return counts, tallied
