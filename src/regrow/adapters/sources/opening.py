"""From what somebody named on the command line to the vault it is."""

from __future__ import annotations

import os
from pathlib import Path

from regrow.adapters.sources import archives, files, folders, mixed, places
from regrow.adapters.sources.files import Files
from regrow.adapters.sources.markdown_folder import MarkdownFolder
from regrow.domain.notes import detecting
from regrow.domain.notes.vaults import Vault
from regrow.kit import errors

_EXPORTS = "give the folder that holds the notes, or an export: .zip, .enex, .json or .bear2bk"


def open_vault(given: str | os.PathLike[str], source: str | None = None, format_name: str | None = None) -> Vault:
    """The vault at this path, read as `format_name` or else as what it looks like.

    NotFound when nothing is there, Invalid when it is nothing that notes come in, Unavailable when it is damaged.
    """
    if format_name is not None and format_name not in detecting.NAMES:
        raise errors.Invalid(
            f"there is no format {format_name[:40]!r}: use one of {', '.join(detecting.NAMES)}", "unknown_format"
        )
    path = places.found(given)
    name = places.checked_source(source) if source else places.source_of(path)
    if path.is_dir() and format_name in (None, "markdown") and (path / ".obsidian").is_dir():
        return MarkdownFolder(path, name)
    place = folders.Folder(path) if path.is_dir() else _file(path)
    names = place.scan().paths
    kind = format_name or detecting.detect(mixed.look(place, names))
    if format_name:
        _check(format_name, names, path)
    if kind == "markdown" and path.is_dir():
        return MarkdownFolder(path, name)
    return mixed.reader(place, name, kind)


def _file(path: Path) -> Files:
    alone = folders.Alone(path)
    shown = places.shown(os.fspath(path))
    try:
        with alone.open(alone.label) as file:
            head = file.read(detecting.HEAD_BYTES)
        if archives.is_archive(head) or files.has_ending(alone.label, files.ARCHIVES):
            return archives.opened(alone.open(alone.label), alone.label)
    except places.Unfit as error:
        raise errors.Unavailable(f"{shown}: {error}", "unreadable_archive", None, True) from None
    if not files.has_ending(alone.label, (".enex", ".json")):
        raise errors.Invalid(f"{shown} is a file: {_EXPORTS}", "not_a_folder")
    if not detecting.kind_of(alone.label, head):
        raise errors.Invalid(f"{shown} is no JSON that Roam or Google Keep writes: {_EXPORTS}", "unknown_export")
    return alone


def _check(format_name: str, names: object, path: Path) -> None:
    """A wrong format would find nothing and take every note imported before for gone."""
    wanted = detecting.of(format_name)
    is_there = isinstance(names, list) and any(files.has_ending(name, wanted.holds) for name in names)
    if wanted.holds and not is_there:
        raise errors.Invalid(
            f"{places.shown(os.fspath(path))} holds nothing of the format {format_name} ({', '.join(wanted.holds)}): "
            "leave --format out, and it is found",
            "wrong_format",
        )
