"""Two versions of a prompt as one durable run: a call for each, in steps of their own."""

from __future__ import annotations

from regrow.services import generations, prompt_trials
from regrow.workflows import engine

engine.register(
    engine.Work(
        name=prompt_trials.NAME,
        calls=prompt_trials.calls,
        brief=generations.brief,
        parse=generations.parse,
        save=prompt_trials.save,
    )
)
