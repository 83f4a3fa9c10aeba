"""Where adapters meet the core: a home, opened once, with its database, its writer and its durable engine."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from regrow.adapters.llm.prompter import FilePrompter as FilePrompter
from regrow.domain import workspaces as workspace_rules
from regrow.domain.prompts.prompter import Prompter
from regrow.domain.publishing.channel import Register
from regrow.domain.sealing import Sealer
from regrow.domain.workspaces import Actor
from regrow.domain.writing import Writer
from regrow.kit import errors, folders, ids
from regrow.services import model_keys, topics, workspaces
from regrow.services.publishing import Outside
from regrow.settings import Settings
from regrow.store import database, migrate, tenancy
from regrow.store import workspaces as workspace_store
from regrow.store.tables import everything
from regrow.store.tables.workspaces import Workspace
from regrow.store.tenancy import Session
from regrow.wiring.vendors import make_writer as make_writer
from regrow.wiring.vendors import try_keys as try_keys

if TYPE_CHECKING:
    from regrow.services import learning
    from regrow.workflows import importing

    Progress = Callable[[int, int], None]

WORKING = "url system_url concurrency poll_seconds key_concurrency key_calls_per_minute grace_seconds settle_seconds"


@dataclass(frozen=True, slots=True)
class Founded:
    workspace_id: str
    api_key: str


@dataclass
class Home:
    """Everything one process needs. Made by `open_home`; `close` lets go of what was taken."""

    settings: Settings
    engine: database.Engine
    prompter: Prompter = field(default_factory=FilePrompter, repr=False)
    _lock: IO[str] | None = field(default=None, repr=False)
    _keeper: Any = field(default=None, repr=False)
    _is_launched: bool = field(default=False, repr=False)
    _system: database.Engine | None = field(default=None, repr=False)

    @cached_property
    def writer(self) -> Writer:
        return make_writer(self.settings, self._model_key)

    @cached_property
    def sealer(self) -> Sealer:
        from regrow.adapters import sealing

        return sealing.FernetSealer(self.settings.text("secret_key"), self.settings.secret_file)

    @cached_property
    def channels(self) -> Register:
        from regrow.adapters.channels import register

        made, home = self.settings, str(self.settings.home.absolute())
        return register.within(home, made.public_address, made.allow_private_addresses, made.open_folders)

    @property
    def outside(self) -> Outside:
        return Outside(self.channels, self.sealer)

    def _model_key(self, provider: str) -> str | None:
        workspace_id = tenancy.entered()
        if workspace_id is None:
            return None
        with self.reading(workspace_id) as session:
            return model_keys.secret_of(session, self.sealer, provider)

    def reading(self, workspace_id: str) -> AbstractContextManager[Session]:
        return database.reading(self.engine, workspace_id)

    def writing(self, workspace_id: str) -> AbstractContextManager[Session]:
        return database.writing(self.engine, workspace_id)

    def workspace(self, reference: str | None = None) -> Workspace:
        """By id or slug; the only one there is when none is named."""
        with tenancy.system(), database.reading(self.engine) as session:
            if reference is not None:
                return _named(session, reference)
            everyone = workspace_store.everyone(session)
        if len(everyone) == 1:
            return everyone[0]
        if not everyone:
            raise errors.NotFound("this home has no workspace yet: run regrow init", "not_initialised")
        slugs = ", ".join(row.slug for row in everyone[:10])
        raise errors.Invalid(f"there are several workspaces: name one with --workspace ({slugs})", "which_workspace")

    def everyone(self) -> list[Workspace]:
        with tenancy.system(), database.reading(self.engine) as session:
            return workspace_store.everyone(session)

    def operator(self, workspace_id: str) -> Actor:
        """The person at this machine's console: whoever may read the home may do all."""
        return Actor(workspace_id, "console", workspace_rules.Role.OWNER, "console")

    def found(self, name: str) -> Founded:
        """A new workspace with its owner's key."""
        workspace_id = ids.new("ws")
        with self.writing(workspace_id) as session:
            made = workspaces.found(session, workspace_id, name)
        return Founded(workspace_id, made.api_key)

    def import_notes(
        self,
        workspace_id: str,
        path: Path,
        source: str | None = None,
        on_progress: Progress | None = None,
        format_name: str | None = None,
        is_dry: bool = False,
    ) -> importing.ImportReport:
        """Makes the stored notes of a folder or an export what it holds; `source` names it when it was moved."""
        from regrow.adapters.sources import opening
        from regrow.workflows import importing

        actor, vault = self.operator(workspace_id), opening.open_vault(path, source, format_name)
        reading, writing = partial(self.reading, workspace_id), partial(self.writing, workspace_id)
        done = importing.import_notes(reading, writing, actor, vault, on_progress, is_dry)
        if is_dry:
            return done
        if done.created or done.updated or done.archived:
            database.tidy(self.engine)
        with reading() as session:
            has_secrets = topics.hold_private(session)
        if has_secrets:
            with writing() as session:
                topics.forget_private(session, actor)
        return done

    def own_texts(self, paths: Sequence[Path]) -> learning.Files:
        """Somebody's own texts in files and folders, to learn a voice from."""
        from regrow.adapters.sources.own_texts import found

        return found(paths)

    def take_lock(self) -> None:
        """One launch per home on SQLite: a second one would run live runs again. Conflict when it is taken."""
        if not self.settings.is_sqlite or self._lock is not None:
            return
        file = folders.lock_file(self.settings.home)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise errors.Conflict(
                f"another process works in {self.settings.home}: stop it, or use PostgreSQL for several workers",
                "home_in_use",
            ) from None
        self._lock = file

    def launch(self, does_work: bool = True) -> None:
        """Starts durable work in this process and looks after what earlier processes left."""
        from regrow.workflows import arriving, lease, runtime, schedules, starting

        self.take_lock()
        is_sqlite = self.settings.is_sqlite
        executor_id = runtime.LOCAL if is_sqlite else ids.new("exe")
        keeper = lease.Keeper(self.engine)
        if not is_sqlite:
            keeper = lease.Lease(self.engine, executor_id, self.settings.lease_seconds)
        self._is_launched, self._keeper = True, keeper
        keeper.enlist()
        with database.telling():
            runtime.launch(self._setup(executor_id, does_work))
        if is_sqlite:
            database.tidy(self.engine)
            starting.sweep(self.engine)
            schedules.tick(self.engine)
        keeper.start()
        arriving.put_in_order(self.engine)
        self.writer.ready()

    def _setup(self, executor_id: str, does_work: bool) -> Any:
        from regrow.workflows import runtime

        if self.settings.is_sqlite:
            self._system = database.system_engine(self.settings.system_url)
        return runtime.Setup(
            engine=self.engine,
            sessions=database.sessions(self.engine),
            system_engine=self._system,
            isolation=database.transaction_isolation(self.engine),
            writer=self.writer,
            executor_id=executor_id,
            outside=self.outside,
            does_work=does_work,
            **{name: getattr(self.settings, name) for name in WORKING.split()},
        )

    def close(self, wait_seconds: int = 0) -> None:
        """Gives runs in the air `wait_seconds` to finish; what is left of them resumes at the next launch."""
        with ExitStack() as each:
            each.callback(self.engine.dispose)
            if self._system is not None:
                each.callback(self._system.dispose)
            if self._lock is not None:
                each.callback(self._lock.close)
            if "writer" in self.__dict__:
                each.callback(self.writer.close)
            if self._is_launched:
                each.callback(self._land, wait_seconds)
            self._lock = self._system = None

    def _land(self, wait_seconds: int) -> None:
        from regrow.workflows import runtime

        keeper, self._keeper, self._is_launched = self._keeper, None, False
        keeper.drain()
        try:
            runtime.stop(wait_seconds)
        finally:
            keeper.stop()


def _named(session: Session, reference: str) -> Workspace:
    row = workspace_store.find(session, reference)
    if row is None:
        raise errors.NotFound(f"there is no workspace {reference[:80]!r} in this home: see regrow workspaces list")
    return row


def create_home(settings: Settings) -> Home:
    """Makes the home and its database when they are missing, and opens it."""
    if not settings.is_sqlite:
        return open_home(settings)
    folders.make(settings.home)
    return _opened(settings, migrate.upgrade)


def open_home(settings: Settings) -> Home:
    """Opens an existing home; on SQLite its database is brought up to date first."""
    if not settings.is_sqlite:
        return _opened(settings, migrate.refuse_old)
    if not Path(settings.url.removeprefix("sqlite:///")).exists():
        raise errors.NotFound(f"there is no Regrow home at {settings.home}: run regrow init", "not_initialised")
    return create_home(settings)


def _opened(settings: Settings, prepare: Callable[[database.Engine], None]) -> Home:
    everything.declare()
    made = database.engine(settings.url, settings.pool)
    try:
        with database.telling():
            prepare(made)
    except BaseException:
        made.dispose()
        raise
    return Home(settings, made)


def migrate_database(settings: Settings) -> None:
    """Brings a PostgreSQL database up to date as its owner: our tables, then those of the durable engine."""
    from dbos import DBOS, SQLAlchemyDatasource

    if settings.is_sqlite:
        create_home(settings).close()
        return
    owner_url = settings.owner_database_url.get_secret_value() or settings.url
    owner = database.engine(owner_url, 2)
    role = database.user_of(settings.url) if owner_url != settings.url else None
    try:
        with database.telling():
            migrate.upgrade(owner, role)
            DBOS.migrate(owner_url, application_role=role)
            SQLAlchemyDatasource.migrate(owner_url, application_role=role)
    finally:
        owner.dispose()
