"""Which variant of an article a reader is shown, and what the page carries to count it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from regrow.services.site_pages import Page


def nothing(_response: Response) -> None:
    """Nobody is remembered."""


@dataclass(frozen=True, slots=True)
class Shown:
    """`token` is what the page's script tells with, None when nothing is counted; `keep` gives the reader a cookie."""

    label: str
    token: str | None = None
    keep: Callable[[Response], None] = nothing


class Choosing(Protocol):
    """Asked for every article with more than one live variant."""

    def __call__(self, request: Request, workspace_id: str, page: Page, /) -> Shown: ...


def reference(_request: Request, _workspace_id: str, page: Page) -> Shown:
    """The first label, for everybody."""
    return Shown(page.reference.label)
