"""The HTTP application: every router, behind the gate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.routing import BaseRoute

import regrow
from regrow.api import (
    audit,
    campaigns,
    channels,
    circuits,
    content,
    contexts,
    credits,
    deliveries,
    documents,
    experiments,
    feedback,
    functions,
    generating,
    guarding,
    health,
    keys,
    mails,
    members,
    model_keys,
    notes,
    personas,
    posts,
    progress,
    prompt_trials,
    prompts,
    publishing,
    regenerating,
    review,
    sites,
    topics,
    triggers,
    versions,
    workspaces,
)
from regrow.edge import errors
from regrow.edge.doors import Doors
from regrow.edge.gate import Gate
from regrow.edge.homes import Home
from regrow.edge.measures import Measures
from regrow.edge.waiting import Stopping, Streams

ROUTERS = (
    *(content, versions, mails, generating, regenerating, guarding, review, feedback, progress, notes, topics),
    *(publishing, experiments, circuits, triggers, posts, channels, deliveries, sites, prompts, prompt_trials),
    *(personas, campaigns, functions, credits, contexts, audit, keys, model_keys, members, workspaces, health),
)


def make_app(home: Home, pages: Sequence[BaseRoute] = (), closing: Sequence[Callable[[], None]] = ()) -> FastAPI:
    """The application of one home; `pages` are what it serves to people, after everything of the API.

    `closing` is called when it ends.

    Whoever serves it calls `app.state.stopping.set()` when the server is told to stop, before it waits for open
    requests: those that wait then answer 202, and streams end.
    """
    app = FastAPI(
        title="Regrow",
        version=regrow.__version__,
        description="Notes become reviewed drafts. Every answer under /api needs a key.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=documents.operation_id,
        lifespan=_lifespan,
    )
    app.state.doors = Doors(home)
    app.state.closing = closing
    app.state.measures = Measures()
    app.state.stopping = Stopping()
    app.state.streams = Streams()
    app.state.wait_seconds = home.settings.wait_seconds
    for feature in ROUTERS:
        # Not include_router: nested routers are matched twice for each request.
        app.router.routes.extend(feature.router.routes)
    app.router.routes.extend(pages)
    errors.install(app)
    app.add_middleware(Gate, measures=app.state.measures)
    documents.install(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.stopping.set()
    for close in app.state.closing:
        close()
    app.state.doors.close()
