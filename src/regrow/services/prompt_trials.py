"""Two versions of a prompt on the same inputs: asked for as one run of two calls, and saved without a piece."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from regrow.domain import content, functions
from regrow.domain import models as model_rules
from regrow.domain.content import NewPiece
from regrow.domain.prompts.prompter import Prompter
from regrow.domain.workspaces import Actor, Role
from regrow.domain.writing import Answer, Draft, Writer
from regrow.kit import clock, errors, ids
from regrow.services import editing, generations, guarding, prompt_previews, prompts, runs, saving
from regrow.services.guarding import Judged, Known
from regrow.services.prompt_previews import Inputs
from regrow.services.runs import Plan
from regrow.store import audit, records, workspaces
from regrow.store.tables.personas import Persona
from regrow.store.tables.prompts import PromptTrial
from regrow.store.tables.runs import Run
from regrow.store.tables.topics import Topic
from regrow.store.tenancy import Session

NAME = "compare_prompts"
SIDES = ("before", "after")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which versions of which prompt, and on what."""

    template: str
    before: str
    after: str
    inputs: Inputs = field(default_factory=Inputs)


def reads_prompts(session: Session, writer: Writer, template: str) -> bool:
    """Whether the first candidate for such calls reads what it is told."""
    models = model_rules.for_function(workspaces.settings(session).values, template)
    return not writer.named(models)[0].startswith("offline:")


def ask(session: Session, actor: Actor, prompter: Prompter, wanted: Wanted, task_id: str | None = None) -> Run:
    """Begins two calls, one for each version, that differ in nothing else. The same `task_id` begins nothing twice."""
    actor.must(Role.EDITOR)
    if task_id is not None and (begun := records.get(session, Run, task_id)) is not None:
        return begun
    versions = named(session, prompter, wanted)
    request = prompt_previews.requested(session, wanted.template, wanted.inputs)
    topic = editing.found(session, Topic, request.topic_id, "topic")
    editing.refuse_archived(topic, "topic")
    persona = editing.found(session, Persona, request.persona_id, "persona")
    function = functions.BY_NAME[wanted.template]
    calls = [replace(function, name=functions.call_name(function, side)) for side in SIDES]
    price = generations.price_of(persona, calls, request.variants, len(request.platforms))
    fixed = {call.name: versions[side] for call, side in zip(calls, SIDES, strict=True)}
    stored = content.as_json(request)
    inputs = {**stored, **versions, "note_ids": topic.note_ids}
    return runs.begin(session, actor, Plan(NAME, calls, stored, price, inputs, len(topic.note_ids), fixed), task_id)


def calls(run: Run) -> list[str]:
    """The names of the two calls of a run, the one before first."""
    function = functions.BY_MEDIUM[content.from_json(run.request).media[0]]
    return [functions.call_name(function, side) for side in SIDES]


def save(session: Session, run: Run, answers: Mapping[str, Answer], drafts: Mapping[str, Draft]) -> dict[str, Any]:
    """Keeps what both versions wrote, judged, as one comparison; no piece and no generation comes of it."""
    request = content.from_json(run.request)
    topic = editing.found(session, Topic, request.topic_id, "topic")
    persona = editing.found(session, Persona, request.persona_id, "persona")
    function = functions.BY_MEDIUM[request.media[0]]
    known = guarding.known_of(session, topic.note_ids, function.medium, persona.id)
    sides = {}
    for side, call in zip(SIDES, calls(run), strict=True):
        pieces = [_piece(each, answers[call], known) for each in generations.drafted(persona, function, drafts[call])]
        sides[side] = {"version": run.prompts[call], **_answered(answers[call]), "pieces": pieces}
    row = PromptTrial(
        id=ids.new("ptr"),
        task_id=run.id,
        template=function.name,
        topic_id=topic.id,
        persona_id=persona.id,
        sides=sides,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    audit.add(
        session,
        runs.actor_of(run),
        "prompt.compared",
        row.id,
        template=function.name,
        **{side: told["version"] for side, told in sides.items()},
    )
    return {"trial_id": row.id}


def named(session: Session, prompter: Prompter, wanted: Wanted) -> dict[str, str]:
    """Both versions by their full names; Invalid when they are the same one."""
    asked = {"before": wanted.before, "after": wanted.after}
    found = {side: str(prompts.named(session, prompter, wanted.template, asked[side])) for side in SIDES}
    if found["before"] == found["after"]:
        raise errors.Invalid(f"both are {found['before']}: name two versions that differ", "same_version")
    return found


def _answered(answer: Answer) -> dict[str, Any]:
    tokens = [(attempt.input_tokens, attempt.output_tokens) for attempt in answer.attempts]
    return {
        "template": answer.template,
        "template_version": answer.template_version,
        "model": answer.model,
        "origin": answer.origin,
        "settings": answer.settings,
        "cost": saving.cost_of(answer),
        "input_tokens": sum(read for read, _written in tokens),
        "output_tokens": sum(written for _read, written in tokens),
    }


def _piece(new: NewPiece, answer: Answer, known: Known) -> dict[str, Any]:
    """A text as a piece would hold it, with the guard's verdict."""
    platform = str(new.meta.get("platform", ""))
    contents = {variant.label: variant.content for variant in new.variants}
    return {
        "platform": platform,
        "variants": [{"label": label, "content": content} for label, content in contents.items()],
        "guard": known.verdict(Judged(new.medium, platform, "", answer.origin), contents),
    }
