"""Which variant of an article a reader is shown, and what the page carries to count it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from markupsafe import Markup
from starlette.requests import Request

from regrow.services.site_pages import Page


@dataclass(frozen=True, slots=True)
class Shown:
    """`label` is the variant's; `script` is what the page ends with, `cookies` what the answer sets (Set-Cookie)."""

    label: str
    script: Markup = field(default_factory=Markup)
    cookies: tuple[str, ...] = ()


class Choosing(Protocol):
    """Asked for every article with more than one live variant."""

    def __call__(self, request: Request, workspace_id: str, page: Page, /) -> Shown: ...


def reference(_request: Request, _workspace_id: str, page: Page) -> Shown:
    """The first label, for everybody."""
    return Shown(page.reference.label)
