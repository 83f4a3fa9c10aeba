"""A home with a working engine behind the real application, and one caller for each role."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.testclient import TestClient

from regrow import wiring
from regrow.domain.contexts import Complexity
from regrow.domain.workspaces import Role
from regrow.kit import clock, ids
from regrow.services import contexts, keys, notes
from regrow.store.tables.prompts import PromptTrial
from regrow.testing import briefs
from regrow.wiring import Home, faces
from tests import cluster, conftest, homes
from tests.faces import command_line
from tests.faces.stands import stand
from tests.homes import Tenant
from tests.vaults import wait_for

SUBJECT = (
    *(source.text for source in (briefs.STARTER, briefs.FLOUR, briefs.OVEN)),
    "Salt slows the yeast and tightens the dough. Two percent of the flour weight is what most bakers settle on. "
    "Dissolve the salt in the last of the water so that no crystal tears the gluten.",
    "A long cold proof builds flavour in the dough. The dough rested in the fridge for eighteen hours and tasted of "
    "yoghurt. A shorter proof of eight hours gave a milder loaf with the same crumb.",
    "Score the loaf with one quick cut of a thin blade. A shallow angle lifts an ear of crust, and a deep one lets the "
    "loaf spread flat. A cold dough is easier to score than a warm one.",
    "A wet dough gives an open crumb but is hard to shape. Seventy percent of water is a good start for white flour. "
    "Whole grain takes up more water, so add five percent for every third of it.",
    "Fold the dough four times in the first two hours. Each fold stretches the gluten and evens out the temperature. "
    "A dough that was folded holds its shape without being kneaded at all.",
    "Let the loaf cool for an hour before the first slice. The crumb still sets while the steam leaves it. A loaf cut "
    "hot feels gummy even when it was baked for long enough.",
    "Keep the bread in a linen bag on the counter. The fridge dries the crumb faster than the open air does. Half a "
    "loaf freezes well when it is sliced first and wrapped without much air.",
)


@dataclass
class Face:
    """The application of one home, with Alice's workspace in it and Charlie as the stranger."""

    home: Home
    app: FastAPI
    client: TestClient
    alice: Tenant
    charlie: Tenant
    keys: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, role: str = "owner", **more: Any) -> httpx2.Response:
        """A request with the key of a role of Alice's workspace, of the `stranger`, or with `none`."""
        headers = {**self.bearer(role), **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)

    def bearer(self, role: str = "owner") -> dict[str, str]:
        return {} if role == "none" else {"Authorization": f"Bearer {self.keys[role]}"}

    def made(self, path: str, body: dict[str, Any], role: str = "owner") -> dict[str, Any]:
        answer = self.call("POST", path, role, json=body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def topic(self) -> str:
        """A topic of its own, whose notes have enough text to write from."""
        with self.alice.writing() as session:
            made = [notes.create(session, self.alice.owner, f"Bread {n}", text) for n, text in enumerate(SUBJECT)]
        return str(self.made("/api/topics", {"note_ids": [note.id for note in made], "title": "Bread at home"})["id"])

    def generation(self) -> dict[str, Any]:
        return self.made("/api/content/generate", {"topic_id": self.topic()})


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def face(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Face]:
    """Launched once for each module and database, because a process holds one durable engine."""
    with opened(request.param, tmp_path_factory.mktemp("home")) as face:
        yield face


@contextmanager
def opened(kind: str, folder: Path, **more: object) -> Iterator[Face]:
    """A launched home on this kind of database behind an application; `more` are settings."""
    if kind == "postgres":
        conftest.require_postgres()
    made = homes.settings_for(kind, folder, **{"secret_key": SecretStr("f" * 40), **more})
    made = made.model_copy(update={"lease_seconds": 60})  # many threads on few cores: nobody is to be declared dead
    home = wiring.open_home(made)
    home.launch()
    app = faces.application(home)
    with TestClient(app) as client:
        yield _furnished(Face(home, app, client, homes.tenant(home, "Alice"), homes.tenant(home, "Charlie")))
    home.close()
    if not made.is_sqlite:
        cluster.drop_database(made.owner_database_url.get_secret_value())


def _furnished(face: Face) -> Face:
    with face.alice.writing() as session:
        for role in Role:
            face.keys[role.value] = keys.create(session, face.alice.owner, role.value, role).secret
    face.keys["stranger"] = face.charlie.api_key
    return face


@dataclass
class Server:
    """An application of the same home behind a real server on loopback."""

    url: str
    app: FastAPI

    @property
    def place(self) -> str:
        """Host and port."""
        return self.url.removeprefix("http://")


@pytest.fixture
def server(face: Face) -> Iterator[Server]:
    """A real server beside the test client, for what needs sockets: streams, chunks, many callers at once."""
    with serving(face.home) as server:
        yield server


@contextmanager
def serving(home: Home) -> Iterator[Server]:
    """The application of a home behind a real server on a free port."""
    # With the protocol named, or asyncio leaves Nagle's algorithm on and every answer takes 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(256)
        port = listener.getsockname()[1]
        app = faces.application(home)
        made = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=made.run, args=([listener],), name="server")
        thread.start()
        while not made.started:
            time.sleep(0.01)
        yield Server(f"http://127.0.0.1:{port}", app)
        app.state.stopping.set()
        made.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def generation(face: Face) -> dict[str, Any]:
    """Drafts that tests only read."""
    return face.generation()


@pytest.fixture(scope="module")
def things(face: Face) -> dict[str, str]:
    """One of everything in Alice's workspace, by the start of the routes that lead to it."""
    made = face.made("/api/content/generate", {"topic_id": face.topic(), "media": ["social"], "social_count": 1})
    piece = made["pieces"][0]
    with face.alice.writing() as session:
        context = contexts.open_context(session, face.alice.owner, "x", {}, Complexity.LOW, "process:x")
    persona = face.made("/api/personas", {"name": "p"})
    return {
        "/api/content/generations/": made["id"],
        "/api/content/pieces/": piece["id"],
        "/api/content/variants/": piece["variants"][0]["id"],
        "/api/task-progress/": made["task_id"],
        "/api/topics/": made["topic_id"],
        "/api/notes/": made["cluster_note_ids"][0],
        "/api/personas/": persona["id"],
        "/api/campaigns/": face.made("/api/campaigns", {"name": "c"})["id"],
        "/api/members/": face.made("/api/members", {"name": "m", "role": "viewer"})["id"],
        "/api/keys/": face.made("/api/keys", {"name": "k", "role": "viewer"})["id"],
        "/api/model-keys/": face.made(
            "/api/model-keys", {"provider": "openai", "name": "k", "secret": "sk-0123456789abcdef"}
        )["id"],
        "/api/workspaces/": face.alice.id,
        "/api/contexts/": context,
        "/api/prompt-trials/": _trial(face, made),
        "/api/sites/": face.made("/api/sites", {"name": "s"})["id"],
        "/api/channels/": face.call("GET", "/api/channels").json()["items"][0]["id"],
        "/api/experiments/": face.made("/api/experiments", {"piece_id": piece["id"], "metric": "click_rate"})["id"],
        "/api/posts/": face.made("/api/posts", {"platform": "x", "piece_id": piece["id"]})["id"],
    }


def _trial(face: Face, generation: dict[str, Any]) -> str:
    """A comparison as a run leaves it."""
    made = {"task_id": generation["task_id"], "topic_id": generation["topic_id"]}
    side = {"version": "shipped-3", "template": "write_blog", "template_version": 3, "model": "m", "origin": "model"}
    side |= {"settings": {}, "cost": 0.0, "input_tokens": 1, "output_tokens": 1, "pieces": []}
    with face.alice.writing() as session:
        row = PromptTrial(id=ids.new("ptr"), template="write_blog", persona_id=generation["persona_id"], **made)
        row.sides, row.created_at = {"before": side, "after": side}, clock.now()
        session.add(row)
    return row.id


def is_problem(answer: httpx2.Response, status: int, code: str | None = None) -> bool:
    """Whether the answer is problem+json of this status and code, with every field there is to be."""
    assert answer.status_code == status, f"{answer.request.method} {answer.request.url} {answer.text[:500]}"
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail", "code"} <= body.keys()
    assert body["status"] == status
    assert re.search(r"select |insert |traceback|sqlalchemy|\.py", body["detail"], re.IGNORECASE) is None
    return code is None or body["code"] == code


__all__ = ["Face", "Server", "is_problem", "stand", "wait_for"]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a demo on the bundled notes tells as JSON, in the default place; tests only read it."""
    return command_line.run("demo", "--json", cwd=tmp_path_factory.mktemp("demo")).json


@pytest.fixture(scope="session")
def demo_for_people(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, command_line.Ended]:
    """A demo as people see it, and the folder that it was run in; tests only read it."""
    folder = tmp_path_factory.mktemp("people")
    return folder, command_line.run("demo", cwd=folder)
