"""Homes for tests: a migrated database of their own, with workspaces in it."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from regrow import settings, wiring
from regrow.domain.workspaces import Actor, Role
from regrow.store.tenancy import Session
from regrow.wiring import Home
from tests import cluster


@dataclass(frozen=True)
class Tenant:
    """A workspace and its owner."""

    home: Home
    id: str
    api_key: str

    @property
    def owner(self) -> Actor:
        return Actor(self.id, "key_owner", Role.OWNER, "owner")

    def actor(self, role: Role) -> Actor:
        return Actor(self.id, f"key_{role}", role, role)

    def reading(self) -> AbstractContextManager[Session]:
        return self.home.reading(self.id)

    def writing(self) -> AbstractContextManager[Session]:
        return self.home.writing(self.id)

    def raw(self, statement: str) -> None:
        """Runs SQL past the first lock, in the workspace as far as the second one goes."""
        with self.home.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text("SELECT set_config('app.workspace_id', :w, true)"), {"w": self.id})
            connection.execute(sa.text(statement))


def tenant(home: Home, name: str) -> Tenant:
    made = home.found(name)
    return Tenant(home, made.workspace_id, made.api_key)


def settings_for(kind: str, folder: Path, **more: object) -> settings.Settings:
    """Settings for a fresh database of this kind, migrated already."""
    if kind == "sqlite":
        shutil.copytree(_sqlite_template(), folder, dirs_exist_ok=True)
        return settings.Settings(home=folder, poll_seconds=0.02, lease_seconds=2, **more)  # type: ignore[arg-type]
    url, owner_url = cluster.new_database(template=_template())
    return settings.Settings(
        home=folder,
        database_url=url,  # type: ignore[arg-type]
        owner_database_url=owner_url,  # type: ignore[arg-type]
        poll_seconds=0.02,
        lease_seconds=60,  # a test's own process must never be taken for dead, however busy the machine is
        **more,  # type: ignore[arg-type]
    )


@cache
def _sqlite_template() -> Path:
    """A home that was migrated once, to be copied: it is the migrations that take their time."""
    folder = Path(tempfile.mkdtemp(prefix="regrow-home-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    wiring.create_home(settings.Settings(home=folder)).close()
    return folder


@cache
def _template() -> str:
    url, owner_url = cluster.new_database()
    wiring.migrate_database(
        settings.Settings(database_url=url, owner_database_url=owner_url)  # type: ignore[arg-type]
    )
    return owner_url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Runs the test once on each kind of database."""
    kind: str = request.param
    if kind == "postgres":
        from tests import conftest

        conftest.require_postgres()
    return kind


@pytest.fixture
def home(database_kind: str, tmp_path: Path) -> Iterator[Home]:
    """An open home without a workspace, on each kind of database."""
    made = settings_for(database_kind, tmp_path / "home")
    opened = wiring.open_home(made)
    yield opened
    opened.close()
    if not made.is_sqlite:
        cluster.drop_database(made.owner_database_url.get_secret_value())


@pytest.fixture
def alice(home: Home) -> Tenant:
    return tenant(home, "Alice and Co")


@pytest.fixture
def charlie(home: Home) -> Tenant:
    """A stranger, in the same database."""
    return tenant(home, "Charlie")


@contextmanager
def with_models(kind: str, home: Path, base_url: str, key: str) -> Iterator[Tenant]:
    """Alice's installation, which may ask the loopback model; which function does so is set by each test."""
    made = settings_for(kind, home, openai_api_key=SecretStr(key), openai_base_url=base_url)
    opened = wiring.open_home(made)
    yield tenant(opened, "alice")
    opened.close()
    if not made.is_sqlite:
        cluster.drop_database(made.owner_database_url.get_secret_value())
