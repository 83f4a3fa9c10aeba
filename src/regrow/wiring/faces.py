"""Where the faces meet: the API and the pages for readers, in one application over one home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regrow.api import app
from regrow.web import beacons, routing, visiting

if TYPE_CHECKING:
    from fastapi import FastAPI

    from regrow.wiring import Home


def application(home: Home) -> FastAPI:
    """The HTTP application of an opened home."""
    every = visiting.Visiting(home)
    cards, server = home.settings.home / "cards", home.settings.canonical_address
    pages = [*beacons.router.routes, *routing.routes(cards, visiting.choose, server)]
    made = app.make_app(home, pages, [every.close])
    made.state.visiting = every
    return made
