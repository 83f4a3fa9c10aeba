"""Folders that channels write in: below those that the server names, without following links, each file whole."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from regrow.adapters import http
from regrow.domain.publishing.channel import Surroundings
from regrow.kit import errors

OWN = "published"
"""In the home: where folders with a relative name stand."""
LARGEST = 20_000_000
SLUG = "{slug}"
LOCK = ".regrow-lock"
_HERE = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def place(given: str, surroundings: Surroundings) -> Place:
    """The folder of this name; Invalid when channels may not write there."""
    path = Path(given)
    if "\x00" in given or not given.strip() or any(part.startswith(".") for part in path.parts):
        raise errors.Invalid("folder: a path whose parts do not begin with a dot, such as blog/posts", "bad_folder")
    own = Path(surroundings.home) / OWN
    if not path.is_absolute():
        return Place(own, path.parts)
    for base in (own, *map(Path, surroundings.folders)):
        if path.is_relative_to(base):
            return Place(base, path.relative_to(base).parts)
    detail = f"folder: name one within {own}, or let channels write in others by REGROW_FOLDERS"
    raise errors.Invalid(detail, "folder_not_allowed")


def web_address(name: str, address: str) -> str:
    """An address that readers are sent to, `{slug}` in it or not; Invalid when it is none. Empty stays empty."""
    problem = http.problem_of(address.replace(SLUG, "x"), allows_private=True) if address else ""
    if problem:
        raise errors.Invalid(f"settings.{name}: {problem}", "bad_channel_settings")
    return address


def filled(address: str, slug: str) -> str:
    """The address of one post."""
    return address.replace(SLUG, quote(slug, safe=""))


@dataclass(frozen=True, slots=True)
class Place:
    """`base` is trusted as it is; what lies below it is reached step by step, and a link on the way is an OSError."""

    base: Path
    parts: tuple[str, ...]

    @property
    def path(self) -> Path:
        return self.base.joinpath(*self.parts)

    def within(self, name: str) -> Place:
        return Place(self.base, (*self.parts, name))

    @contextlib.contextmanager
    def opened(self) -> Iterator[int]:
        """The folder, made when it is missing."""
        self.base.mkdir(parents=True, exist_ok=True)
        here = os.open(self.base, _HERE)
        try:
            for part in self.parts:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=here)
                below = os.open(part, _HERE | os.O_NOFOLLOW, dir_fd=here)
                os.close(here)
                here = below
            yield here
        finally:
            os.close(here)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One process and thread at a time; the lock goes with whoever held it."""
        with self.opened() as here:
            held = os.open(LOCK, os.O_RDWR | os.O_CREAT | _FILE, 0o644, dir_fd=here)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
        finally:
            os.close(held)

    def names(self) -> list[str]:
        with self.opened() as here:
            return sorted(os.listdir(here))

    def read(self, name: str) -> str | None:
        """The text of a file; None when there is none. A link, a device or a file too large is an OSError."""
        with self.opened() as here:
            try:
                file = os.open(name, os.O_RDONLY | _FILE, dir_fd=here)
            except FileNotFoundError:
                return None
        with os.fdopen(file, "rb") as opened:
            told = os.fstat(opened.fileno())
            if not stat.S_ISREG(told.st_mode) or told.st_size > LARGEST:
                raise OSError(f"{name} is no file that was written here")
            return opened.read().decode("utf-8", "replace")

    def write(self, name: str, data: bytes) -> None:
        """Whole or not at all, on disk before it comes back; a link of this name is replaced, not followed."""
        with self.opened() as here:
            spare = f".{secrets.token_hex(8)}.tmp"
            file = os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FILE, 0o644, dir_fd=here)
            try:
                with os.fdopen(file, "wb") as opened:
                    opened.write(data)
                    opened.flush()
                    os.fsync(opened.fileno())
                os.rename(spare, name, src_dir_fd=here, dst_dir_fd=here)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(spare, dir_fd=here)
                raise
            os.fsync(here)

    def remove(self, name: str) -> None:
        """Removing what is not there changes nothing."""
        with self.opened() as here:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name, dir_fd=here)
            os.fsync(here)
