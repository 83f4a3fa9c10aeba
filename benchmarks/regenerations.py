"""Another try, changes by hand and what is told of them, against the least that the databases have to do for each."""

from __future__ import annotations

import itertools

import sqlalchemy as sa

from benchmarks import bare_edits, durable, linked_notes, turns
from benchmarks.bare_edits import BareEdits
from benchmarks.bare_runs import BareRuns
from benchmarks.figures import Figure, Result, only_told
from benchmarks.homes import Bench
from benchmarks.instant import RenewingWriter
from regrow.kit import clock, errors
from regrow.services import comparing, generations, regenerating, runs, topics, versions, workspaces
from regrow.store import content as content_store
from regrow.store import database
from regrow.store.tables.content import Piece
from regrow.store.tables.runs import Run
from regrow.workflows import runtime

STEPS = 2
"""The steps of a regeneration of one medium: its call and the end; checked before anything is timed."""
ROUNDS, EDITS, READS, REFUSALS = 40, 100, 60, 150
FEW, MANY = 10, 100
TRIES = 5
MOST_TRIES = 1_000
GROWTH_GOAL = 10.0

NOTE = (
    "A regeneration of one medium: 5 posts in 2 variants each are written anew by a writer without delay, and "
    "put where the old ones stood. Its peer is the one of a generation, with as many steps. The peer of a "
    "change by hand and of a restore is one UPDATE and three INSERTs (a text, a version, the audit) in one "
    "transaction, without the ORM. Reading a history grows with what is told: ten times the versions may take "
    "ten times as long."
)


def run(scale: float = 1.0) -> Result:
    """Writing again, changing by hand, and what is told of both."""
    return durable.on_each_kind("regenerations", NOTE, scale)


def _measured(bench: Bench, bare: BareRuns, kind: str, scale: float) -> list[Figure]:
    linked_notes.fill(bench.home.engine, bench.id, 400, 2_000)
    with bench.writing() as session:
        topic_id = topics.discover(session, bench.owner, random_seed=1).id
        workspaces.change(session, bench.owner, bench.id, None, {"regenerations_per_day": MOST_TRIES})
    return [
        *_written_again(bench, bare, topic_id, kind, scale),
        *_changed(bench, topic_id, kind, scale),
        *_told(bench, topic_id, kind, scale),
        _refused(bench, topic_id, kind, scale),
    ]


def _made(bench: Bench, topic_id: str) -> str:
    """A generation of five posts; its id."""
    with bench.writing() as session:
        run = generations.ask(session, bench.owner, topic_id, media=["social"])
    durable.work(run)
    with bench.reading() as session:
        made = generations.outcome(session, run.id)
    if made is None:
        raise RuntimeError("a generation does not end as expected")
    return made.id


def _written_again(bench: Bench, bare: BareRuns, topic_id: str, kind: str, scale: float) -> list[Figure]:
    """Each generation is written again as often as a day allows by default, so that none has a long history."""
    rounds = turns.scaled(ROUNDS, scale, 3)
    made = [_made(bench, topic_id) for _ in range(1 + (rounds + durable.WARM) // TRIES)]
    _check(bench, made[-1])
    places = itertools.cycle(made)
    what = f"one medium written again, asked and done in one thread, {kind}"
    return durable.in_one_thread(lambda: _ask(bench, next(places)), bare, STEPS, rounds, what)


def _ask(bench: Bench, generation_id: str) -> Run:
    with bench.writing() as session:
        return regenerating.ask_medium(session, bench.owner, generation_id, "social")


def _check(bench: Bench, generation_id: str) -> None:
    """The work that is timed is the whole of it, and has as many steps as the peer."""
    run = _ask(bench, generation_id)
    durable.work(run)
    with bench.reading() as session:
        result = runs.outcome(session, run.id) or {}
    if len(result["piece_ids"]) != 5 or len(runtime.steps(run.id)) != STEPS:
        raise RuntimeError(f"a regeneration does not end as expected: {runtime.steps(run.id)}")


def _piece(bench: Bench, generation_id: str) -> Piece:
    with bench.reading() as session:
        return content_store.pieces_of(session, [generation_id])[0]


def _edit(bench: Bench, piece_id: str, number: int) -> None:
    with bench.writing() as session:
        versions.edit(session, bench.owner, piece_id, None, {"A": {"body": f"By hand, for the {number}. time."}})


def _changed(bench: Bench, topic_id: str, kind: str, scale: float) -> list[Figure]:
    """Both change the same row again and again, ours and the bare one alike."""
    edited, restored = (_piece(bench, _made(bench, topic_id)) for _ in range(2))
    bare = BareEdits(bench)
    numbers = iter(range(10**9))
    _edit(bench, restored.id, 0)

    def edit() -> None:
        _edit(bench, edited.id, next(numbers))

    def restore() -> None:
        with bench.writing() as session:
            versions.restore(session, bench.owner, restored.id, 1 + next(numbers) % 2)

    seconds = turns.taken([edit, restore, bare.change], turns.scaled(EDITS, scale, 3), warm=5)
    by_hand, back, peer = (tuple(each * 1_000 for each in one) for one in seconds)
    return [
        only_told(f"a change by hand, {kind}", "ms", by_hand, peer, bare_edits.TOLD),
        only_told(f"a restore, {kind}", "ms", back, peer, bare_edits.TOLD),
    ]


def _told(bench: Bench, topic_id: str, kind: str, scale: float) -> list[Figure]:
    """The history of a piece, and what differs between its first and its newest version."""
    few, many = (_piece(bench, _made(bench, topic_id)).id for _ in range(2))
    for piece_id, count in ((few, FEW), (many, MANY)):
        for number in range(1, count):
            _edit(bench, piece_id, number)

    def history(piece_id: str) -> None:
        with bench.reading() as session:
            versions.history(session, piece_id)

    def difference(piece_id: str) -> None:
        with bench.reading() as session:
            comparing.compare(session, piece_id, comparing.Wanted(before=1))

    acts = [lambda: history(many), lambda: history(few), lambda: difference(many), lambda: difference(few)]
    seconds = turns.taken(acts, turns.scaled(READS, scale, 3), warm=5)
    long, short, far, near = (tuple(each * 1_000 for each in one) for one in seconds)
    against = f"with {FEW}"
    return [
        Figure(f"history of a piece with {MANY} versions, {kind}", "ms", long, short, against, GROWTH_GOAL),
        Figure(f"difference of first and last of {MANY} versions, {kind}", "ms", far, near, against, GROWTH_GOAL),
    ]


def _refused(bench: Bench, topic_id: str, kind: str, scale: float) -> Figure:
    """Asking when the day's tries are used up, which is what a client does that does not wait."""
    generation_id = _made(bench, topic_id)
    for _ in range(TRIES):
        durable.work(_ask(bench, generation_id))
    with bench.writing() as session:
        workspaces.change(session, bench.owner, bench.id, None, {"regenerations_per_day": TRIES})
    counted = sa.text(
        "SELECT count(*) FROM regenerating_tries WHERE workspace_id = :w AND generation_id = :g AND day = :d"
    )
    entered = sa.text("SELECT set_config('app.workspace_id', :w, true)")
    reading = bench.home.engine.execution_options(**{database.READ: True})
    given = {"w": bench.id, "g": generation_id, "d": clock.now().date().isoformat()}

    def ours() -> None:
        try:
            _ask(bench, generation_id)
        except errors.LimitReached:
            return
        raise RuntimeError("a try past the limit was not refused")

    def peer() -> None:
        with reading.begin() as connection:
            if not bench.home.settings.is_sqlite:
                connection.execute(entered, {"w": bench.id})
            if connection.execute(counted, given).scalar_one() != TRIES:
                raise RuntimeError("the tries are not there to be counted")

    mine, theirs = (
        tuple(each * 1_000 for each in one)
        for one in turns.taken([ours, peer], turns.scaled(REFUSALS, scale, 3), warm=5)
    )
    return only_told(f"asking past the limit, {kind}", "ms", mine, theirs, "the bare COUNT")


if __name__ == "__main__":
    durable.tell("regenerations", RenewingWriter(), STEPS, _measured)
