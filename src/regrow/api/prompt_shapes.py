"""What prompts and their versions look like."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, Field

from regrow.api.fields import Given, Time
from regrow.domain.prompts import checking
from regrow.services import prompts

PromptName = Annotated[str, Path(alias="name", max_length=60, description="Such as write_blog")]
Named = Annotated[str, Field(min_length=1, max_length=40, description="Such as workspace-2 or shipped-1")]
Text = Annotated[str, Field(max_length=10 * checking.MOST_CHARACTERS, description="Both sections, system and user")]


class PromptSummary(BaseModel):
    """`version` counts the workspace's own versions and is 0 when there is none; `in_force` is the name of one."""

    name: str
    description: str
    medium: str
    in_force: str
    version: int
    shipped_version: int
    changed_at: Time | None
    changed_by: str | None


class PromptVariable(BaseModel):
    """`section` is empty for one that may stand in both; `because` says what goes wrong without a required one."""

    name: str
    description: str
    example: str
    section: Literal["system", "user", ""]
    is_required: bool
    because: str
    most: int


class Prompt(PromptSummary):
    """`text` is what is in force; `starting_text` says the same as the shipped one, for a text of one's own."""

    text: str
    starting_text: str
    variables: list[PromptVariable]
    most_characters: int


class PromptVersion(BaseModel):
    name: str
    source: Literal["shipped", "workspace"]
    version: int
    how: Literal["shipped", "changed", "rolled_back", "reset"]
    note: str
    by: str
    at: Time | None
    restores: int | None
    is_in_force: bool


class VersionText(BaseModel):
    name: str
    text: str


class Changed(Given):
    text: Text
    note: Annotated[str, Field(max_length=prompts.LONGEST_NOTE, description="Why")] = ""


class Checked(Given):
    text: Text


class Sound(BaseModel):
    """The text may be put in force; these are the variables that it fills in."""

    variables: list[str]
    characters: int


class RolledBack(Given):
    version: Named


class PromptPreview(BaseModel):
    """`tokens` is an estimate; frames carry a marker of their own in every real call."""

    prompt: str
    version: str
    template: str
    template_version: int
    topic_id: str
    persona_id: str
    note_ids: list[str]
    system: str
    user: str
    characters: int
    tokens: int


class PromptSummaries(BaseModel):
    items: list[PromptSummary]
    next_cursor: None
