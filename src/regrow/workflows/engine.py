"""The one way every model call goes: prepared, called in a step of its own, then parsed, saved and settled at once."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import structlog

from regrow.domain import functions
from regrow.domain import models as model_rules
from regrow.domain.functions import Function
from regrow.domain.writing import Answer, Attempt, Brief, Call
from regrow.kit import errors
from regrow.services import budgets, model_keys, prompts, runs
from regrow.store import database, records, tenancy, workspaces
from regrow.store import runs as run_store
from regrow.store.runs import Event
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session
from regrow.workflows import runtime, telling

log = structlog.get_logger()

RUN_FUNCTIONS = "run_functions"
CALL_IN_LINE = "call_in_line"
MOST_TRIES = 4
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 900.0


def _usual(session: Session, _run: Run, function: Function) -> str:
    """The candidates that the workspace wants for a function."""
    return model_rules.for_function(workspaces.settings(session).values, function.name)


@dataclass(frozen=True, slots=True)
class Work:
    """What the engine runs: which calls a run makes, how each is briefed, how answers become drafts, and how these are
    saved. Runs with the same `turn` are done one after the other; without one, all at once.

    `models` names the candidates of a call. A run goes on without an answer that it `may_lack`; `failed` is told, in
    the transaction that ends it, why a run failed. Where one call needs what another said, `keep` stores each answer
    but the last in a transaction of its own; a refusal of it ends the run.
    """

    name: str
    calls: Callable[[Run], list[str]]
    brief: Callable[[Session, Run, Function], Brief]
    parse: Callable[[Session, Run, Mapping[str, Answer]], Any]
    save: Callable[[Session, Run, Mapping[str, Answer], Any], dict[str, Any]]
    turn: Callable[[Run], str | None] = lambda run: None
    models: Callable[[Session, Run, Function], str] = _usual
    may_lack: Callable[[Answer], bool] = lambda answer: False
    failed: Callable[[Session, Run, Mapping[str, Any]], None] = lambda session, run, error: None
    keep: Callable[[Session, Run, str, Answer], None] | None = None


WORKS: dict[str, Work] = {}


def register(work: Work) -> None:
    WORKS[work.name] = work


def start(run: Run) -> None:
    """Queues the run; starting it twice starts it once."""
    work = WORKS[run.function]
    runtime.start(run_functions, run.id, work.turn(run), *_handed(work, run))


def hand_over(system: database.Engine, run: Run) -> None:
    """Queues the run for the process that holds the home."""
    work = WORKS[run.function]
    runtime.start_elsewhere(system, RUN_FUNCTIONS, run.id, work.turn(run), *_handed(work, run))


def _handed(work: Work, run: Run) -> tuple[str, ...]:
    """All that the durable engine is told: ids and names."""
    return (run.workspace_id, run.id, run.function, ",".join(work.calls(run)))


@runtime.workflow(RUN_FUNCTIONS)
def run_functions(workspace_id: str, task_id: str, work_name: str, calls: str) -> str:
    """One run. Everything it is handed is an id or a name; what it gives back says how it ended."""
    with tenancy.workspace(workspace_id):
        answers: dict[str, Answer] = {}
        try:
            _ask(WORKS[work_name], task_id, calls.split(","), answers)
            finished = runtime.transaction("finish", partial(_finish, WORKS[work_name], task_id, answers))
        except Exception as error:
            log.exception("run.broke_off", run=task_id)
            trace = "".join(traceback.format_exception(error))
            return runtime.transaction("give_up", partial(_give_up, task_id, answers, trace))
        ended, *begun = finished.split()
        _follow(begun)
        return ended


def _follow(task_ids: Sequence[str]) -> None:
    """Queues the runs that saving asked for; the one that did so does not wait for them."""
    if not task_ids:
        return
    with database.reading(runtime.live().engine) as session:
        found = run_store.of_tasks(session, task_ids)
    for task_id in task_ids:
        start(found[task_id])


def _ask(work: Work, task_id: str, names: Sequence[str], answers: dict[str, Answer]) -> None:
    """Makes the calls one after the other, until one has failed for good."""
    for place, name in enumerate(names):
        answers[name] = _answered(work, task_id, name, place, len(names))
        if answers[name].failure and not work.may_lack(answers[name]):
            return
        if work.keep is not None and place + 1 < len(names):
            answers[name] = _kept(work, task_id, name, answers[name])
            if answers[name].failure:
                return


def _kept(work: Work, task_id: str, name: str, answer: Answer) -> Answer:
    """The answer, stored for the calls that follow; as a failure when it is refused."""
    told = runtime.transaction(f"keep.{name}", partial(_keep, work, task_id, name, answer))
    if not told:
        return answer
    code, detail, kind = (told[part] for part in ("code", "detail", "kind"))
    return replace(answer, failure=code, failure_detail=detail, failure_kind=kind, is_permanent=True)


def _keep(work: Work, task_id: str, name: str, answer: Answer, session: Session) -> dict[str, str]:
    assert work.keep is not None
    try:
        work.keep(session, _run(session, task_id), name, answer)
    except errors.RegrowError as error:
        return {"code": error.code, "detail": error.detail, "kind": error.kind}
    return {}


def _answered(work: Work, task_id: str, name: str, place: int, count: int) -> Answer:
    """Asks until there is an answer or trying again cannot help; every wait is durable."""
    tried: tuple[Attempt, ...] = ()
    wait = FIRST_WAIT_SECONDS
    turn = 0
    while True:
        turn += 1
        answer = answer_from(_called(work, task_id, name, place, count))
        tried += answer.attempts
        if not answer.failure or answer.is_permanent or turn == MOST_TRIES:
            return replace(answer, attempts=tried)
        pause = min(max(wait, answer.retry_after_seconds or 0), LONGEST_WAIT_SECONDS)
        message = f"The model asks for patience: trying again in {pause:.0f} s ({answer.failure})"
        percent = functions.percent("AI_CALL", place, count) + turn
        runtime.transaction("waiting", partial(_tell, task_id, percent, message))
        runtime.wait(pause)
        wait *= 4


def _called(work: Work, task_id: str, name: str, place: int, count: int) -> dict[str, Any]:
    """The recorded answer of one call, made at once or, where keys have limits, in the line of its key."""
    line = runtime.step(f"line.{name}", partial(_line, work, task_id, name)) if runtime.live().has_lines else ""
    if not line:
        return runtime.step(f"call.{name}", partial(_call, work, task_id, name, place, count))
    entered = tenancy.entered() or ""
    return runtime.in_line(call_in_line, line, entered, task_id, work.name, name, str(place), str(count))


@runtime.workflow(CALL_IN_LINE)
def call_in_line(workspace_id: str, task_id: str, work_name: str, name: str, place: str, count: str) -> dict[str, Any]:
    """One call of a run, once it is its turn."""
    with tenancy.workspace(workspace_id):
        act = partial(_call, WORKS[work_name], task_id, name, int(place), int(count))
        return runtime.step(f"call.{name}", act)


def _line(work: Work, task_id: str, name: str) -> str:
    """Which key's line a call stands in; empty for one that needs no key. What cannot be told fails in the call."""
    setup = runtime.live()
    with database.reading(setup.engine) as session:
        try:
            models = work.models(session, _run(session, task_id), functions.called(name))
            return model_keys.line(session, setup.writer.named(models))
        except (errors.Invalid, errors.Conflict):
            return ""


def _call(work: Work, task_id: str, name: str, place: int, count: int) -> dict[str, Any]:
    """The step: one model call, and nothing after it that could lose its answer."""
    setup = runtime.live()
    function = functions.called(name)
    try:
        with database.reading(setup.engine) as session:
            run = _run(session, task_id)
            brief, models = work.brief(session, run, function), work.models(session, run, function)
            listener = telling.listener(task_id, function, brief, place, count)
            wording = prompts.wording_of(session, run, name, function.name)
            call = Call(function.name, brief, function.output, function.max_output_tokens, models, listener, wording)
            budgets.refuse_beyond(session, setup.writer, call)
        ready = Event("PREP", functions.percent("PREP", 1, 2), "Notes are ready")
        calling = Event("AI_CALL", functions.percent("AI_CALL", place, count), function.told)
        with database.writing(setup.engine) as session:
            run_store.tell(session, task_id, ready, calling)
    except errors.RegrowError as error:
        return asdict(_failed(error))
    return asdict(setup.writer.write(call))


def _failed(error: errors.RegrowError) -> Answer:
    is_passing = isinstance(error, errors.Unavailable) and not error.is_permanent
    wait = getattr(error, "retry_after_seconds", None)
    return Answer(None, "model", "", (), "", 0, {}, error.code, error.detail, wait, not is_passing, error.kind)


def answer_from(recorded: Mapping[str, Any]) -> Answer:
    """The answer that a step recorded as plain JSON."""
    attempts = tuple(Attempt(**each) for each in recorded["attempts"])
    return Answer(**{**recorded, "attempts": attempts})


def _finish(work: Work, task_id: str, answers: Mapping[str, Answer], session: Session) -> str:
    run = _run(session, task_id)
    if run.finished_at is not None:
        return "ended before"
    failed = next((each for each in answers.values() if each.failure and not work.may_lack(each)), None)
    if failed is not None:
        trace = f"{failed.failure}: {failed.failure_detail}"
        fail(session, run, answers, _error(failed), trace)
        return failed.failure
    try:
        parsed = work.parse(session, run, answers)
    except errors.RegrowError as error:
        fail(session, run, answers, {"code": error.code, "detail": error.detail, "kind": error.kind})
        return error.code
    result = work.save(session, run, answers, parsed)
    runs.succeed(session, run, answers, result)
    return " ".join(("success", *result.get("judging", ())))


def fail(session: Session, run: Run, answers: Mapping[str, Answer], error: dict[str, Any], trace: str = "") -> None:
    """Ends a run as failed, and tells its work."""
    WORKS[run.function].failed(session, run, error)
    runs.fail(session, run, answers, error, trace)


def _give_up(task_id: str, answers: Mapping[str, Answer], trace: str, session: Session) -> str:
    run = _run(session, task_id)
    if run.finished_at is None:
        detail = "the run broke off and saved nothing: ask for it again; the log and its context say why"
        fail(session, run, answers, {"code": "broken_off", "detail": detail}, trace)
    return "broken_off"


def _error(answer: Answer) -> dict[str, Any]:
    return {
        "code": answer.failure,
        "detail": answer.failure_detail or f"the model failed: {answer.failure}",
        "retry_after_seconds": answer.retry_after_seconds,
        "kind": answer.failure_kind,
    }


def _tell(task_id: str, percent: int, message: str, session: Session) -> str:
    run_store.tell(session, task_id, Event("AI_CALL", percent, message))
    return "told"


def _run(session: Session, task_id: str) -> Run:
    run = records.get(session, Run, task_id)
    if run is None:
        raise errors.NotFound(f"there is no run {task_id!r} here")
    return run
