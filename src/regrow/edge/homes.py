"""What the faces need of an opened home."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from regrow.domain.prompts.prompter import Prompter
from regrow.domain.publishing.channel import Register
from regrow.domain.sealing import Sealer
from regrow.domain.writing import Writer
from regrow.store.database import Engine
from regrow.store.tenancy import Session


class Patience(Protocol):
    """The settings that the faces go by."""

    @property
    def wait_seconds(self) -> float: ...

    @property
    def beacons_per_minute(self) -> int: ...

    @property
    def visitors_per_hour(self) -> int: ...


class Founded(Protocol):
    """A new workspace and its owner's key."""

    @property
    def workspace_id(self) -> str: ...

    @property
    def api_key(self) -> str: ...


class Home(Protocol):
    """An opened home, with its database."""

    engine: Engine

    @property
    def sealer(self) -> Sealer: ...

    @property
    def prompter(self) -> Prompter: ...

    @property
    def writer(self) -> Writer: ...

    @property
    def channels(self) -> Register: ...

    @property
    def settings(self) -> Patience: ...

    def writing(self, workspace_id: str) -> AbstractContextManager[Session]: ...

    def found(self, name: str) -> Founded: ...
