"""Prompts as a model would be told them: rendered with real notes and a real voice, and nobody is asked."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from regrow.domain import content, functions
from regrow.domain.budgets import CHARACTERS_PER_TOKEN
from regrow.domain.functions import Function
from regrow.domain.prompts import naming
from regrow.domain.prompts.naming import Name
from regrow.domain.prompts.prompter import Prompter
from regrow.domain.writing import Brief, Call
from regrow.kit import errors
from regrow.services import editing, generations, personas, prompts, rewriting
from regrow.store import topics
from regrow.store.tables.content import Generation, Piece
from regrow.store.tables.topics import Topic
from regrow.store.tenancy import Session


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a prompt is filled with: a topic (the newest when none is named), or a piece that is written again."""

    topic_id: str | None = None
    piece_id: str | None = None
    persona_id: str | None = None
    instructions: str = ""
    variants: int = 2
    social_count: int = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """`tokens` is an estimate. `note_ids` are the notes that may be seen."""

    prompt: str
    version: str
    template: str
    template_version: int
    topic_id: str
    persona_id: str
    note_ids: tuple[str, ...]
    system: str
    user: str
    characters: int
    tokens: int

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "note_ids": list(self.note_ids)}


def preview(
    session: Session, prompter: Prompter, template: str, version: str | None = None, inputs: Inputs | None = None
) -> Preview:
    """A version (the one in force when none is named) filled with real inputs."""
    name = prompts.named(session, prompter, template, version)
    wanted = inputs or Inputs()
    request = requested(session, template, wanted)
    function = functions.BY_NAME[template]
    return rendered(session, prompter, name, request, brief(session, request, function, wanted.piece_id))


def requested(session: Session, template: str, inputs: Inputs) -> content.Request:
    """The inputs in the shape of what a generation is asked for; NotFound when there is no such topic or piece."""
    naming.refuse_unknown(template)
    medium = functions.BY_NAME[template].medium
    topic_id, persona_id = inputs.topic_id, inputs.persona_id
    if inputs.piece_id is not None:
        generation = _generation(session, template, inputs)
        topic_id, persona_id = generation.topic_id, persona_id or generation.persona_id
    topic = editing.found(session, Topic, topic_id, "topic") if topic_id else _newest_topic(session)
    persona = personas.chosen(session, persona_id)
    sizes = (inputs.variants, inputs.social_count)
    return content.requested(topic.id, persona.id, None, (medium,), *sizes, inputs.instructions)


def brief(session: Session, request: content.Request, function: Function, piece_id: str | None = None) -> Brief:
    """What a call may know; of a piece that is written again also what stands now."""
    told = generations.briefing(session, request)(function)
    if piece_id is None:
        return told
    piece = editing.found(session, Piece, piece_id, "piece")
    platform = piece.meta.get("platform")
    platforms = (str(platform),) if platform else told.platforms
    return replace(told, platforms=platforms, replaced=rewriting.standing(session, [piece]))


def rendered(session: Session, prompter: Prompter, name: Name, request: content.Request, told: Brief) -> Preview:
    """What a model would be told in the words of this version."""
    function = functions.BY_MEDIUM[request.media[0]]
    wording = prompts.wording(session, function.name, name)
    found = prompter.rendered(Call(function.name, told, function.output, wording=wording))
    characters = len(found.system) + len(found.user)
    return Preview(
        prompt=function.name,
        version=str(name),
        template=found.template,
        template_version=found.version,
        topic_id=request.topic_id,
        persona_id=request.persona_id,
        note_ids=tuple(source.note_id for source in told.sources),
        system=found.system,
        user=found.user,
        characters=characters,
        tokens=math.ceil(characters / CHARACTERS_PER_TOKEN),
    )


def _generation(session: Session, template: str, inputs: Inputs) -> Generation:
    """The generation of the piece; Invalid when another prompt writes such pieces."""
    piece = editing.found(session, Piece, str(inputs.piece_id), "piece")
    writes = functions.BY_MEDIUM.get(piece.medium)
    if writes is None or writes.name != template:
        told = f"{writes.name} writes such pieces" if writes else "no prompt writes such pieces"
        raise errors.Invalid(f"this piece is of the medium {piece.medium}, and {told}", "other_medium")
    return editing.found(session, Generation, piece.generation_id, "generation")


def _newest_topic(session: Session) -> Topic:
    row = topics.newest(session)
    if row is None:
        raise errors.NotFound("there is no topic here yet to fill a prompt with: run regrow topics discover")
    return row
