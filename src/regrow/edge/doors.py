"""The door every request comes through: its key, its workspace, its session, and repeated requests."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated, Any, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from regrow.domain.prompts.prompter import Prompter
from regrow.domain.publishing.channel import Register
from regrow.domain.sealing import Sealer
from regrow.domain.workspaces import Actor, Role, system
from regrow.domain.writing import Writer
from regrow.edge import answers, auth, bodies
from regrow.edge import errors as edge_errors
from regrow.edge.answers import Answer
from regrow.edge.homes import Home
from regrow.kit import errors
from regrow.services import requests, workspaces
from regrow.services.requests import Repeatable, Stored
from regrow.store import database
from regrow.store.tables.workspaces import Workspace
from regrow.store.tenancy import Session

T = TypeVar("T")
Act = Callable[[Session], Answer]

OWNERS: dict[str, Any] = {"x-role": Role.OWNER.value}
REVIEWERS: dict[str, Any] = {"x-role": Role.REVIEWER.value}
"""What a route says in `openapi_extra` when it needs more than the usual role (viewers read, editors write)."""
READS = frozenset({"GET", "HEAD"})
WRITERS = {"sqlite": 4, "postgresql": 10}
"""Writes in the air at once. More would hold connections while they wait for one another, and starve reads."""
READERS = 10
PURGE_SECONDS = 3600.0
NOT_KEPT = frozenset({401, 402, 403, 429})
"""Refusals that may turn into a yes without another request; keeping them would keep the yes away."""
UNANSWERED = (
    "a request with this Idempotency-Key is being answered right now, or broke off: repeat it in a moment; if that "
    "does not help, look whether it was done before you send it with another key"
)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class Doors:
    """What all requests share. On SQLite reads have connections of their own: writers that queue for the one write
    lock, in requests or in runs, each keep one from the other pool meanwhile.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self.reads = home.engine
        if home.engine.dialect.name == "sqlite":
            self.reads = database.engine(home.engine.url.render_as_string(hide_password=False), READERS)
        self.uses = auth.Uses(home.writing)
        self.writers = CapacityLimiter(WRITERS[home.engine.dialect.name])
        self._purged: dict[str, float] = {}

    def is_purge_due(self, workspace_id: str) -> bool:
        """Whether a workspace's old answers were not looked through for an hour."""
        now = time.monotonic()
        if now - self._purged.get(workspace_id, -PURGE_SECONDS) < PURGE_SECONDS:
            return False
        self._purged[workspace_id] = now
        return True

    def close(self) -> None:
        self.uses.close()
        if self.reads is not self.home.engine:
            self.reads.dispose()


class Door:
    """One request: who calls, and the transactions it may open. `actor` is known inside them."""

    actor: Actor

    def __init__(self, doors: Doors, request: Request) -> None:
        self._doors = doors
        self._key, self.workspace_id = auth.key_of(request.headers.get("authorization"))
        self._asked = request.query_params.get("workspaceId", self.workspace_id)
        self.repeatable: Repeatable | None = None

    @property
    def sealer(self) -> Sealer:
        return self._doors.home.sealer

    @property
    def prompter(self) -> Prompter:
        return self._doors.home.prompter

    @property
    def writer(self) -> Writer:
        return self._doors.home.writer

    @property
    def channels(self) -> Register:
        return self._doors.home.channels

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read transaction of the caller's workspace."""
        with database.reading(self._doors.reads, self.workspace_id) as session:
            self.actor = auth.actor_of(session, self._key)
            if self._asked != self.workspace_id:
                raise errors.NotFound(f"there is no workspace {self._asked[:60]!r} here")
            self._doors.uses.note(self.actor)
            yield session

    def admit(self, role: Role) -> None:
        """Checks key and role before a write takes the write lock; services check the role again."""
        with self.reading():
            self.actor.must(role)

    async def write(self, act: Act) -> Response:
        """Runs `act` in a write transaction, committed before the answer is sent."""
        return (await self.commit(act)).response()

    async def commit(self, act: Act) -> Answer:
        """As `write`; the answer of a run that was begun still has to be waited for."""
        return await self.aside(partial(self._commit, act))

    async def aside(self, work: Callable[[], T]) -> T:
        """Runs a piece of work that writes in a thread of its own."""
        return await to_thread.run_sync(work, limiter=self._doors.writers)

    async def beside(self, work: Callable[[], T], note: Callable[[Session, T], Answer]) -> Response:
        """As `write`, for work in transactions of its own; `note` then records it here and makes the answer.

        The Idempotency-Key is claimed before the work: what broke off is not done a second time under that key.
        """
        return (await self.aside(partial(self._beside, work, note))).response()

    def found(self, name: str) -> tuple[Workspace, str]:
        """Another workspace, which stays closed to this caller's key, and its owner's key."""
        self.actor.must(Role.OWNER)
        made = self._doors.home.found(name)
        with database.reading(self._doors.reads, made.workspace_id) as session:
            return workspaces.own(session, system(made.workspace_id), made.workspace_id), made.api_key

    def keep(self, answer: Answer) -> None:
        """Keeps the final answer of a run for repeated requests; a failure is forgotten, so that it can be retried."""
        if self.repeatable is None:
            return
        with self._doors.home.writing(self.workspace_id) as session:
            if answer.status < 400:
                requests.keep(session, self.actor, self.repeatable, _stored(answer))
            else:
                requests.forget(session, self.actor, self.repeatable)

    def _commit(self, act: Act) -> Answer:
        if self.repeatable is None:
            with self._doors.home.writing(self.workspace_id) as session:
                return act(session)
        try:
            return self._commit_once(act, self.repeatable)
        except errors.Conflict as error:
            if error.code != "request_running":
                raise
        return self._commit_once(act, self.repeatable)

    def _commit_once(self, act: Act, request: Repeatable) -> Answer:
        refusal: errors.RegrowError | None = None
        with self._doors.home.writing(self.workspace_id) as session:
            stored = requests.recall(session, self.actor, request)
            if stored is not None:
                return _repeated(stored)
            requests.claim(session, self.actor, request)
            if self._doors.is_purge_due(self.workspace_id):
                requests.purge(session)
            try:
                with session.begin_nested():
                    answer = act(session)
            except errors.RegrowError as error:
                refusal = error
                answer = _kept_refusal(error)
            requests.keep(session, self.actor, request, _stored(answer) if answer.is_kept else None)
        if refusal is not None:
            raise refusal
        return answer

    def _beside(self, work: Callable[[], T], note: Callable[[Session, T], Answer]) -> Answer:
        stored = self._claimed()
        if stored is not None:
            return _repeated(stored)
        try:
            done = work()
        except BaseException:
            if self.repeatable is not None:
                with self._doors.home.writing(self.workspace_id) as session:
                    requests.forget(session, self.actor, self.repeatable)
            raise
        with self._doors.home.writing(self.workspace_id) as session:
            answer = note(session, done)
            if self.repeatable is not None:
                requests.keep(session, self.actor, self.repeatable, _stored(answer))
        return answer

    def _claimed(self) -> Stored | None:
        """The answer kept for this request; None when it is new, and then its key is taken."""
        if self.repeatable is None:
            return None
        with self._doors.home.writing(self.workspace_id) as session:
            stored = requests.recall(session, self.actor, self.repeatable)
            if stored is None:
                requests.claim(session, self.actor, self.repeatable)
            elif stored.status is None:
                raise errors.Conflict(UNANSWERED, "request_running")
            return stored


def _kept_refusal(error: errors.RegrowError) -> Answer:
    """The refusal as an answer to keep; raises one that is not to be kept, which undoes the claim as well."""
    problem = edge_errors.of(error)
    if problem.status >= 500 or problem.status in NOT_KEPT or error.code == "request_running":
        raise error
    return Answer(problem.status, problem.body(), problem.headers)


def _stored(answer: Answer) -> Stored:
    if answer.task_id is not None:
        return Stored(None, answer.task_id, {})
    kept = answer.body if answer.kept_body is None else answer.kept_body
    return Stored(answer.status, answers.written(kept), answer.headers)


def _repeated(stored: Stored) -> Answer:
    if stored.status is None:
        return Answer(202, None, {}, task_id=stored.body)
    return Kept(stored.status, stored.body, stored.headers)


class Kept(Answer):
    """An answer given before, word for word."""

    def response(self) -> Response:
        return answers.sent(self.status, self.body, self.headers)


class DoorRoute(APIRoute):
    """A route behind the door. Key and role come before the body, so that strangers learn nothing of its rules."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()
        extra = self.openapi_extra or {}
        is_write = not (self.methods or set()) <= READS
        role = Role(extra.get("x-role", Role.EDITOR if is_write else Role.VIEWER))

        known = {"workspaceId", *(parameter.alias for parameter in self.dependant.query_params)}

        async def handle(request: Request) -> Response:
            doors: Doors = request.app.state.doors
            door = request.state.door = Door(doors, request)
            if not is_write:
                _refuse_unknown(request, known)
                return await inner(request)
            await to_thread.run_sync(door.admit, role)
            _refuse_unknown(request, known)
            strict = bodies.StrictRequest(request.scope, request.receive)
            await strict.read()
            door.repeatable = await _repeatable(strict)
            return await inner(strict)

        return handle


def _refuse_unknown(request: Request, known: set[str]) -> None:
    """A misspelt parameter would be answered as if nothing had been asked for."""
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        rule = f"unknown parameter, use {', '.join(sorted(known))}"
        raise bodies.BadJson([(f"query.{name[:60]}", rule) for name in unknown[:100]])


async def _repeatable(request: Request) -> Repeatable | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if _KEY.fullmatch(key) is None:
        raise errors.Invalid("Idempotency-Key: 1 to 200 visible ASCII characters", "bad_idempotency_key")
    asked = (request.method, request.url.path, request.url.query)
    digest = hashlib.sha256("\x1f".join(asked).encode() + b"\x1f" + await request.body())
    return Repeatable(key, digest.hexdigest())


async def _door(request: Request) -> Door:
    door: Door = request.state.door
    return door


Entered = Annotated[Door, Depends(_door)]
