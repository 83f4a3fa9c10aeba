"""Opening the home that a command works in, and its workspace."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from regrow.cli import logs, options
from regrow.kit import errors

if TYPE_CHECKING:
    from regrow.domain.workspaces import Actor
    from regrow.settings import Settings
    from regrow.store.tenancy import Session
    from regrow.wiring import Home


def folder() -> Path:
    """Where the home is: the option, the environment, or `.regrow` here."""
    return options.current().home or Path(os.environ.get("REGROW_HOME") or ".regrow")


def settings() -> Settings:
    """The settings in force; Invalid when the home is a file or a setting is off."""
    from regrow import settings as every

    home = folder()
    if home.exists() and not home.is_dir():
        raise errors.Invalid(f"{home} is a file: name a folder with --home", "bad_home")
    loaded = every.load(home)
    logs.configure(loaded.log_level)
    return loaded


@contextmanager
def private() -> Iterator[None]:
    """What is made inside belongs to this user alone: a home holds notes and keys."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def home() -> Iterator[Home]:
    """The home, opened; NotFound when there is none yet."""
    from regrow import wiring

    opened = wiring.open_home(settings())
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def reading() -> Iterator[Session]:
    """A transaction that reads the workspace chosen."""
    with home() as opened:
        workspace = opened.workspace(options.current().workspace)
        with opened.reading(workspace.id) as session:
            yield session


@contextmanager
def writing() -> Iterator[tuple[Session, Actor]]:
    """A transaction that writes in the workspace chosen, and the person at the console."""
    with home() as opened:
        actor = acting(opened)
        with opened.writing(actor.workspace_id) as session:
            yield session, actor


def acting(opened: Home) -> Actor:
    """The person at the console in the workspace chosen; Conflict when that is archived."""
    workspace = opened.workspace(options.current().workspace)
    if workspace.archived_at is not None:
        raise errors.Conflict(f"the workspace {workspace.slug} is archived: use another one", "workspace_archived")
    return opened.operator(workspace.id)
