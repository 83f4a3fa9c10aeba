"""kill -9 in every step of a regeneration: nothing paid twice, no line without a piece that stands or with two."""

from __future__ import annotations

from datetime import timedelta

import pytest

from regrow.kit import errors, ids
from regrow.services import pieces, regenerating, workspaces
from regrow.testing.openai_server import OpenAIServer
from regrow.workflows import starting
from tests import vaults
from tests.homes import Tenant
from tests.workflows import again, processes

AT_THE_END = [("finish", "done"), ("finish", "recorded")]
"""Right before everything is saved, and right after it."""


def _what(alice: Tenant, scope: str, generation_id: str) -> list[str]:
    """What a child is to ask for; of pieces always the one of the same line that stands."""
    if scope == "piece":
        return [scope, again.pieces_of(alice, generation_id)[0].line_id]
    return [scope, generation_id, "social"] if scope == "medium" else [scope, generation_id]


def _undisturbed(alice: Tenant, scope: str, generation_id: str) -> tuple[str, list[str]]:
    """A whole run, and the steps that the engine itself recorded for it."""
    task_id = ids.new("run")
    code, said = processes.run(processes.spec(alice, ask=task_id, again=_what(alice, scope, generation_id)))
    assert (code, said[0]["over"]) == (0, True)
    steps: list[str] = said[0]["steps"]
    return task_id, steps


@pytest.mark.parametrize(("scope", "wanted"), [("medium", "every"), ("piece", "last"), ("generation", "last")])
def test_kill_in_every_step_and_moment(funded: Tenant, server: OpenAIServer, scope: str, wanted: str) -> None:
    """Each child first finishes what the one before was killed in, then is killed itself at the next place."""
    first = again.base(funded)
    paid = server.calls
    task_id, steps = _undisturbed(funded, scope, first)
    calls = sum(step.startswith("call.") for step in steps)
    assert (steps[-1], len(steps)) == ("finish", calls + 1)
    places = [(step, moment) for step in steps for moment in processes.MOMENTS]
    places = places if wanted == "every" else [(steps[-2], "recorded"), *AT_THE_END]
    asked = [task_id]
    for number, (step, moment) in enumerate(places, start=1):
        finish = asked[-1:] if number > 1 else []
        task_id = ids.new("run")
        what = _what(funded, scope, first)
        code, said = processes.run(processes.spec(funded, finish=finish, ask=task_id, again=what, kill=[step, moment]))
        assert code == -9, (step, moment)
        assert [(each["over"], each["steps"]) for each in said] == [(True, steps)] * len(finish)
        asked.append(task_id)
        again.assert_lines(funded)
        is_saved = (step, moment) == ("finish", "recorded")
        assert again.counts(funded, first) == (number + is_saved, 1 - is_saved)
    _finish(funded, asked, steps)
    again.assert_lines(funded)
    again.assert_ended_once(funded, asked)
    assert again.counts(funded, first) == (len(asked), 0)
    asked_again = sum(step.startswith("call.") and moment == "done" for step, moment in places)
    assert server.calls == paid + len(asked) * calls + asked_again
    again.assert_settled(funded, processes.GRANTED, paid + len(asked) * calls, len(asked))
    _assert_written(funded, scope, first, len(asked))


def _finish(alice: Tenant, task_ids: list[str], steps: list[str]) -> None:
    code, said = processes.run(processes.spec(alice, finish=task_ids)) if task_ids else (0, [])
    assert (code, [(each["over"], each["steps"]) for each in said]) == (0, [(True, steps)] * len(task_ids))


def _assert_written(alice: Tenant, scope: str, first: str, tries: int) -> None:
    """As many new texts as there were tries, each where it belongs."""
    stands = again.pieces_of(alice, first)
    assert len(again.pieces_of(alice, first, "blog")) == 1
    assert len(stands) == 2
    if scope == "generation":
        assert [piece.sequence for piece in stands] == [1, 2]
        assert again.generations_in(alice) == 1 + tries
        return
    assert again.generations_in(alice) == 1
    renewed = 2 if scope == "medium" else 1
    assert max(piece.sequence for piece in stands) == 2 + tries * renewed


def test_what_is_approved_stays_when_the_rest_is_killed_and_written_again(funded: Tenant) -> None:
    first = again.base(funded, media=["social"], social_count=3)
    kept, *others = again.pieces_of(funded, first)
    with funded.writing() as session:
        kept = pieces.approve(session, funded.owner, kept.id)
    task_id = ids.new("run")
    spec = processes.spec(funded, ask=task_id, again=["medium", first, "social"], kill=["finish", "done"])
    assert processes.run(spec) == (-9, [])
    assert [piece.id for piece in again.pieces_of(funded, first)] == [kept.id, *(piece.id for piece in others)]
    _finish(funded, [task_id], ["call.write_social", "finish"])
    again.assert_lines(funded)
    stands = again.pieces_of(funded, first)
    assert [piece.parent_piece_id for piece in stands] == [None, *(piece.id for piece in others)]
    assert (stands[0].id, stands[0].status, stands[0].version) == (kept.id, "approved", kept.version)


def test_asked_for_but_never_started(funded: Tenant, server: OpenAIServer) -> None:
    """Three of one generation, swept up at once: each is told what the one before wrote, so they went in turn."""
    first = again.base(funded, media=["social"], social_count=1)
    original = again.pieces_of(funded, first)[0].id
    asked = [ids.new("run") for _ in range(3)]
    for task_id in asked:
        spec = processes.spec(funded, ask=task_id, again=["medium", first, "social"], die_before_start=True)
        assert processes.run(spec) == (-9, [])
    assert again.counts(funded, first) == (0, 3)
    assert [piece.id for piece in again.pieces_of(funded, first)] == [original]
    before = server.calls
    funded.home.launch()
    try:
        starting.sweep(funded.home.engine, timedelta(0))
        starting.sweep(funded.home.engine, timedelta(0))
        ends = [vaults.wait_for(funded, task_id) for task_id in asked]
    finally:
        funded.home.close()
    assert [end.status for end in ends] == ["success"] * 3
    assert again.counts(funded, first) == (3, 0)
    again.assert_lines(funded)
    again.assert_ended_once(funded, asked)
    assert server.calls == before + 3
    again.assert_in_turn(funded, first, list(server.asked)[before:])


def test_a_run_that_was_killed_holds_its_try(funded: Tenant) -> None:
    """Nobody gets the try of a run that will go on: the limit counts it all the while, and once in the end."""
    first = again.base(funded, media=["social"], social_count=1)
    with funded.writing() as session:
        workspaces.change(session, funded.owner, funded.id, None, {"regenerations_per_day": 1})
    task_id = ids.new("run")
    spec = processes.spec(
        funded, ask=task_id, again=["medium", first, "social"], kill=["call.write_social", "recorded"]
    )
    assert processes.run(spec) == (-9, [])
    _assert_refused(funded, first)
    assert again.counts(funded, first) == (0, 1)
    _finish(funded, [task_id], ["call.write_social", "finish"])
    _assert_refused(funded, first)
    assert again.counts(funded, first) == (1, 0)


def _assert_refused(alice: Tenant, generation_id: str) -> None:
    with pytest.raises(errors.LimitReached) as caught, alice.writing() as session:
        regenerating.ask_medium(session, alice.owner, generation_id, "social")
    assert caught.value.code == "daily_limit"
