"""Fields that many requests and answers share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Header, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from regrow.kit import clock, pages

T = TypeVar("T")

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(max_length=10_000)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=60)]
ThingId = Annotated[str, Path(alias="id", description="The id of the thing")]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"}, description="ISO 8601, UTC")]
Limit = Annotated[int, Query(ge=1, le=200, description="Most items of this page")]
Cursor = Annotated[str | None, Query(max_length=200, description="next_cursor of the page before")]
Archived = Annotated[bool, Query(description="true: those taken out of use too")]
IfMatch = Annotated[str | None, Header(alias="If-Match", description='The ETag as you read it, such as "v3"')]


class Given(BaseModel):
    """A request body: no other fields than these, and no type that has to be guessed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    def values(self) -> dict[str, Any]:
        """What the caller sent, and nothing that the caller left out."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def _without_defaults(schema: dict[str, Any]) -> None:
    for described in schema.get("properties", {}).values():
        described.pop("default", None)


class Change(Given):
    """A change: what is left out stays as it is, so the defaults of its fields mean nothing and are not shown."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)


class Listed(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next_cursor: str | None


def page(found: pages.Page[T], shape: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    return {"items": [shape(row) for row in found.items], "next_cursor": found.next_cursor}


def time_or_none(at: Any) -> str | None:
    return None if at is None else clock.iso(at)
