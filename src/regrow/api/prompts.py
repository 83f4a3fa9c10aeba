"""Prompts: what models are told, in the workspace's own words, with every version and a preview."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from regrow.api.fields import Cursor, IfMatch, Limit, Listed
from regrow.api.prompt_shapes import (
    Changed,
    Checked,
    Prompt,
    PromptName,
    PromptPreview,
    PromptSummaries,
    PromptVersion,
    RolledBack,
    Sound,
    VersionText,
)
from regrow.api.prompt_trials import PromptDifference
from regrow.edge import answers
from regrow.edge.doors import OWNERS, DoorRoute, Entered
from regrow.kit import pages
from regrow.services import prompt_previews, prompt_sides, prompt_telling, prompts
from regrow.services.prompt_previews import Inputs
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/prompts", tags=["prompts"], route_class=DoorRoute)

VersionName = Annotated[str, Path(alias="version", max_length=40, description="Such as workspace-2 or shipped-1")]
Asked = Annotated[str | None, Query(max_length=40, description="Such as shipped-1; the one in force by default")]
IdAsked = Annotated[str | None, Query(min_length=1, max_length=60)]


@router.get("", response_model=PromptSummaries, summary="List the prompts and which version of each is in force")
def index(door: Entered) -> Response:
    with door.reading() as session:
        found = prompt_telling.summaries(session, door.prompter)
        return answers.ok({"items": found, "next_cursor": None}).response()


@router.get("/{name}", response_model=Prompt, summary="Read a prompt, its variables and what may stand in it")
def get(name: PromptName, door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(prompt_telling.whole(session, door.prompter, name)).response()


@router.put(
    "/{name}", response_model=Prompt, summary="Put a text of the workspace's own in force", openapi_extra=OWNERS
)
async def change(name: PromptName, wanted: Changed, door: Entered, if_match: IfMatch = None) -> Response:
    """It holds text and {{ variables }} and nothing else. Runs that have begun keep to the version they began with."""
    expected = answers.expected_version(if_match)

    def act(session: Session) -> answers.Answer:
        prompts.change(session, door.actor, door.prompter, name, wanted.text, expected, wanted.note)
        return answers.ok(prompt_telling.whole(session, door.prompter, name))

    return await door.write(act)


@router.post("/{name}/check", response_model=Sound, summary="Check a text without keeping it")
async def check(name: PromptName, wanted: Checked, door: Entered) -> Response:
    return await door.write(
        lambda session: answers.Answer(200, prompt_telling.checked(session, door.prompter, name, wanted.text))
    )


@router.get("/{name}/preview", response_model=PromptPreview, summary="Fill a prompt with real inputs, without a model")
def preview(
    name: PromptName,
    door: Entered,
    version: Asked = None,
    topic_id: IdAsked = None,
    piece_id: IdAsked = None,
    persona_id: IdAsked = None,
) -> Response:
    """With the newest topic when none is named; with a piece as when that is written again."""
    inputs = Inputs(topic_id, piece_id, persona_id)
    with door.reading() as session:
        found = prompt_previews.preview(session, door.prompter, name, version, inputs)
        return answers.ok(found.as_dict()).response()


@router.get("/{name}/versions", response_model=Listed[PromptVersion], summary="List every version, newest first")
def versions(name: PromptName, door: Entered, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """The shipped ones come after the last of the workspace's own."""
    with door.reading() as session:
        return answers.ok(prompt_telling.versions(session, door.prompter, name, limit, pages.decode(cursor))).response()


@router.get("/{name}/versions/{version}", response_model=VersionText, summary="Read one version")
def version(name: PromptName, version: VersionName, door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(prompt_telling.one(session, door.prompter, name, version)).response()


@router.get("/{name}/diff", response_model=PromptDifference, summary="What differs between the texts of two versions")
def diff(
    name: PromptName,
    door: Entered,
    before: Annotated[str, Query(max_length=40)] = "shipped",
    after: Asked = None,
) -> Response:
    with door.reading() as session:
        return answers.ok(prompt_sides.texts(session, door.prompter, name, before, after)).response()


@router.post(
    "/{name}/rollback", response_model=Prompt, summary="Put an earlier version in force again", openapi_extra=OWNERS
)
async def roll_back(name: PromptName, wanted: RolledBack, door: Entered, if_match: IfMatch = None) -> Response:
    expected = answers.expected_version(if_match)

    def act(session: Session) -> answers.Answer:
        prompts.roll_back(session, door.actor, door.prompter, name, wanted.version, expected)
        return answers.ok(prompt_telling.whole(session, door.prompter, name))

    return await door.write(act)


@router.post("/{name}/reset", response_model=Prompt, summary="Put the shipped prompt in force", openapi_extra=OWNERS)
async def reset(name: PromptName, door: Entered, if_match: IfMatch = None) -> Response:
    expected = answers.expected_version(if_match)

    def act(session: Session) -> answers.Answer:
        prompts.reset(session, door.actor, name, expected)
        return answers.ok(prompt_telling.whole(session, door.prompter, name))

    return await door.write(act)
