"""Doing a run step by step in the test itself, so that others can come in between its steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from regrow.domain import functions
from regrow.domain.writing import Answer, Call
from regrow.kit import errors
from regrow.services import notes, prompts, runs, topics
from regrow.store import records
from regrow.store import runs as run_store
from regrow.store.tables.runs import Run
from regrow.workflows import engine, starting
from tests.faces.conftest import SUBJECT
from tests.homes import Tenant

assert starting.WORKS


@dataclass
class Underway:
    """A run whose calls are made by the home's own writer; `finish` parses and saves what they gave."""

    alice: Tenant
    task_id: str
    answers: dict[str, Answer] = field(default_factory=dict)

    def write(self) -> None:
        """Briefs and makes every call, as a worker would, and keeps what the next one needs."""
        with self.alice.reading() as session:
            run = self._run(session)
        work = engine.WORKS[run.function]
        for name in work.calls(run):
            self.answers[name] = self._answer(work, name)
            if self.answers[name].failure and not work.may_lack(self.answers[name]):
                return
            if work.keep is not None and name != work.calls(run)[-1]:
                with self.alice.writing() as session:
                    assert engine._keep(work, self.task_id, name, self.answers[name], session) == {}

    def _answer(self, work: engine.Work, name: str) -> Answer:
        with self.alice.reading() as session:
            run, function = self._run(session), functions.called(name)
            try:
                brief, models = work.brief(session, run, function), work.models(session, run, function)
            except errors.RegrowError as error:
                return engine._failed(error)
            wording = prompts.wording_of(session, run, name, function.name)
            call = Call(function.name, brief, function.output, function.max_output_tokens, models, wording=wording)
            return self.alice.home.writer.write(call)

    def finish(self) -> str:
        """How the run ended, as its last step says."""
        with self.alice.writing() as session:
            work = engine.WORKS[self._run(session).function]
            return engine._finish(work, self.task_id, self.answers, session)

    def done(self) -> dict[str, Any]:
        """Writes and finishes; gives back the result, raises what made it fail."""
        self.write()
        self.finish()
        with self.alice.reading() as session:
            result = runs.outcome(session, self.task_id)
        assert result is not None
        return result

    def _run(self, session: Any) -> Run:
        run = records.get(session, Run, self.task_id)
        assert run is not None
        return run


def begun(alice: Tenant, ask: Any, *given: Any, **more: Any) -> Underway:
    """A run that was asked for and that nobody works on."""
    with alice.writing() as session:
        return Underway(alice, ask(session, alice.owner, *given, **more).id)


def topic(alice: Tenant) -> str:
    """A topic whose notes carry several different texts."""
    with alice.writing() as session:
        made = [notes.create(session, alice.owner, f"Bread {n}", text) for n, text in enumerate(SUBJECT)]
        return topics.create(session, alice.owner, [note.id for note in made], title="Bread at home").id


def status(alice: Tenant, task_id: str) -> str:
    with alice.reading() as session:
        end = run_store.last(session, task_id)
    assert end is not None
    return end.status
