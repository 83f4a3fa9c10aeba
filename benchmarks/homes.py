"""Homes for one measurement: on SQLite, and on a private PostgreSQL where the machine has one; always removed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from regrow import settings, wiring
from regrow.domain.workspaces import Actor
from regrow.store.tenancy import Session
from regrow.wiring import Home
from tests import cluster

SQLITE, POSTGRES = "SQLite", "PostgreSQL"
TINY = 0.05


@dataclass(frozen=True)
class Bench:
    """An open home with one workspace. `owner_url` may create tables in it."""

    home: Home
    id: str
    api_key: str
    folder: Path
    owner_url: str

    @property
    def owner(self) -> Actor:
        return self.home.operator(self.id)

    def reading(self) -> AbstractContextManager[Session]:
        return self.home.reading(self.id)

    def writing(self) -> AbstractContextManager[Session]:
        return self.home.writing(self.id)


def kinds(scale: float) -> list[str]:
    """The databases that can be measured here; at a tiny scale a server is not worth starting."""
    return [SQLITE] if scale < TINY or cluster.unavailable() else [SQLITE, POSTGRES]


@contextmanager
def opened(kind: str = SQLITE, **more: Any) -> Iterator[Bench]:
    """A fresh home with a workspace in it, closed and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="regrow-bench-") as place:
        folder = Path(place)
        made = _settings(kind, folder / "home", more)
        try:
            home = wiring.open_home(made) if kind == POSTGRES else wiring.create_home(made)
            try:
                founded = home.found("Bench")
                owner_url = made.owner_database_url.get_secret_value() or made.url
                yield Bench(home, founded.workspace_id, founded.api_key, folder, owner_url)
            finally:
                home.close()
        finally:
            if kind == POSTGRES:
                cluster.drop_database(made.owner_database_url.get_secret_value())


def _settings(kind: str, home: Path, more: dict[str, Any]) -> settings.Settings:
    if kind == SQLITE:
        return settings.Settings(home=home, **more)
    url, owner_url = cluster.new_database()
    given: dict[str, Any] = {"database_url": SecretStr(url), "owner_database_url": SecretStr(owner_url)}
    made = settings.Settings(home=home, **given, **more)
    wiring.migrate_database(made)
    return made
