"""Regenerations of texts that lost: whether one may be, and one from request to draft, against the least of each."""

from __future__ import annotations

import sqlalchemy as sa

from benchmarks import durable, linked_notes, turns
from benchmarks.bare_runs import BareRuns
from benchmarks.figures import Figure, Result
from benchmarks.homes import Bench
from benchmarks.instant import RenewingWriter
from regrow.domain.circuits.requests import Request
from regrow.services import circuits, experiment_decisions, experiments, generations, pieces, topics
from regrow.services.circuits import Refusal
from regrow.services.experiment_decisions import Elsewhere
from regrow.store import content as content_store
from regrow.store import database
from regrow.store.tables.circuits import ContentRegenerationEvent
from regrow.store.tables.experiments import ExperimentDecision
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session
from regrow.workflows import runtime

STEPS = 3
"""The steps of a regeneration without a reviewing model and a judge: the review, the call, and the end."""
ROUNDS, LOOKS = 30, 200
POSTS = 5
GOAL = 3.0
NOTE = (
    "A regeneration goes through eligibility, review, a writer without delay, the brand guard and registration; its "
    "peer is a bare workflow of as many steps. Eligibility is held against the same rows read by plain SQL in one "
    "transaction."
)
READS = (
    "SELECT a.outcome, v.status FROM experiment_arms a JOIN variants v ON v.id = a.variant_id "
    "WHERE a.workspace_id = :w AND a.experiment_id = :t AND a.variant_id = :v",
    "SELECT id, confidence, delta, evidence, srm FROM experiment_decisions WHERE workspace_id = :w "
    "AND experiment_id = :t AND variant_id = :v AND decision = 'terminate' ORDER BY is_applied DESC, id DESC LIMIT 1",
    "SELECT count(*), max(completed_at) FROM content_regeneration_events WHERE workspace_id = :w "
    "AND ab_test_id = :t AND status = 'registered'",
    "SELECT srm FROM experiment_decisions WHERE workspace_id = :w AND experiment_id = :t AND evaluation = "
    "(SELECT max(evaluation) FROM experiment_decisions WHERE workspace_id = :w AND experiment_id = :t)",
)


def run(scale: float = 1.0) -> Result:
    """Eligibility, and the whole of a regeneration."""
    return durable.on_each_kind("circuits", NOTE, scale)


def _measured(bench: Bench, bare: BareRuns, kind: str, scale: float) -> list[Figure]:
    linked_notes.fill(bench.home.engine, bench.id, 400, 2_000)
    with bench.writing() as session:
        topic_id = topics.discover(session, bench.owner, random_seed=1).id
    rounds = turns.scaled(ROUNDS, scale, 3)
    needed = rounds + durable.WARM + 2
    lost = [each for _ in range(-(-needed // POSTS)) for each in _lost(bench, topic_id)]
    places = iter(lost)
    _check(bench, next(places))
    what = f"a losing post written again, asked and done in one thread, {kind}"
    written = durable.in_one_thread(lambda: _ask(bench, next(places)), bare, STEPS, rounds, what)
    return [_looked(bench, lost, kind, scale), *written]


def _lost(bench: Bench, topic_id: str) -> list[Request]:
    """The requests for five posts of which one variant has lost."""
    with bench.writing() as session:
        made = generations.ask(session, bench.owner, topic_id, media=["social"])
    durable.work(made)
    with bench.writing() as session:
        generation = generations.outcome(session, made.id)
        if generation is None:
            raise RuntimeError("a generation does not end as expected")
        posts = content_store.pieces_of(session, [generation.id])
        return [circuits.of_decision(_decided(bench, session, post.id), "manual") for post in posts]


def _decided(bench: Bench, session: Session, piece_id: str) -> ExperimentDecision:
    pieces.approve(session, bench.owner, piece_id, "as it is", override=True)
    asked = {"piece_id": piece_id, "metric": "click_rate", "source": "outside"}
    test = experiments.create(session, bench.owner, asked)
    newest = content_store.newest_variants(session, [piece_id])[piece_id]
    told = Elsewhere(newest[-1].id, "terminate", 0.97, -0.2, "randomised", "It is read less often.", "bench")
    return experiment_decisions.decide_elsewhere(session, bench.owner, test.id, told)


def _ask(bench: Bench, request: Request) -> Run:
    with bench.writing() as session:
        found = circuits.ask(session, bench.owner, request)
    if isinstance(found, Refusal):
        raise RuntimeError(f"a regeneration was refused: {found.error}")
    return found


def _check(bench: Bench, request: Request) -> None:
    """The work that is timed is the whole of it, and has as many steps as the peer."""
    made = _ask(bench, request)
    durable.work(made)
    with bench.reading() as session:
        event = session.get_one(ContentRegenerationEvent, made.request["event_id"])
    if event.status != "registered" or len(runtime.steps(made.id)) != STEPS:
        told = f"{event.status}, {event.failure_reason}, {runtime.steps(made.id)}"
        raise RuntimeError(f"a regeneration does not end as expected: {told}")


def _looked(bench: Bench, lost: list[Request], kind: str, scale: float) -> Figure:
    """Of a test that has all that can be looked at: a decision, and a regeneration that was registered."""
    request = lost[0]
    given = {"w": bench.id, "t": request.ab_test_id, "v": request.losing_variant_id}
    statements = [sa.text(each) for each in READS]
    entered = sa.text("SELECT set_config('app.workspace_id', :w, true)")
    reading = bench.home.engine.execution_options(**{database.READ: True})

    def ours() -> None:
        with bench.reading() as session:
            found = circuits.eligible(session, request.ab_test_id, request.losing_variant_id)
        if found["regenerations_count"] != 1 or not found["cx09_termination_found"]:
            raise RuntimeError(f"there is something else to look at than expected: {found}")

    def peer() -> None:
        with reading.begin() as connection:
            if not bench.home.settings.is_sqlite:
                connection.execute(entered, {"w": bench.id})
            rows = [connection.execute(each, given).all() for each in statements]
        if len(rows[0]) != 1 or rows[2][0][0] != 1:
            raise RuntimeError("the rows are not there to be read")

    seconds = turns.taken([ours, peer], turns.scaled(LOOKS, scale, 3), warm=5)
    mine, theirs = (tuple(each * 1_000 for each in one) for one in seconds)
    return Figure(f"whether a text is eligible, {kind}", "ms", mine, theirs, "the bare SQL", GOAL)


if __name__ == "__main__":
    durable.tell("circuits", RenewingWriter(), STEPS, _measured)
