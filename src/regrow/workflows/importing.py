"""Brings a vault's notes in: lists its files, reads what changed, writes in batches, archives what is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from regrow.domain.notes import parsing, rehearsing, syncing
from regrow.domain.notes.facts import ParsedNote
from regrow.domain.notes.vaults import Fetched, Listing, Skipped, Vault
from regrow.domain.workspaces import Actor, Role
from regrow.services import note_imports
from regrow.store import notes as stored
from regrow.store.tenancy import Session

OpenSession = Callable[[], AbstractContextManager[Session]]
Progress = Callable[[int, int], None]

BATCH_NOTES = 500
BATCH_BYTES = 4_000_000
BATCH_LINKS = 20_000
"""A batch ends at whichever comes first, so that memory stays flat whatever the notes hold."""


@dataclass(slots=True)
class ImportReport:
    """What an import did. `warnings` are about notes that were taken all the same."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    archived: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    format: str = "markdown"
    is_dry: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "archived": self.archived,
            "skipped": [{"path": one.path, "reason": one.reason} for one in self.skipped],
            "warnings": [{"path": path, "warning": text} for path, text in self.warnings],
            "format": self.format,
            "dry_run": self.is_dry,
        }


def import_notes(
    reading: OpenSession,
    writing: OpenSession,
    actor: Actor,
    vault: Vault,
    on_progress: Progress | None = None,
    is_dry: bool = False,
) -> ImportReport:
    """Makes the stored notes of `vault.source` what the vault holds. Killed halfway, the next run completes it.

    `reading` and `writing` each open one transaction. `on_progress` gets files done and files in all. A dry run counts
    the same and writes nothing.
    """
    actor.must(Role.EDITOR)
    kind = _Rehearsal if is_dry else _Import
    return kind(reading, writing, actor, vault, on_progress or (lambda done, total: None)).run()


class _Import:
    def __init__(
        self, reading: OpenSession, writing: OpenSession, actor: Actor, vault: Vault, on_progress: Progress
    ) -> None:
        self._reading, self._writing = reading, writing
        self._actor, self._vault, self._on_progress = actor, vault, on_progress
        self._report = ImportReport(format=vault.format)
        self._displaced: set[str] = set()
        self._paths: set[str] = set()
        self._thrown_away: set[str] = set()

    def run(self) -> ImportReport:
        listing = self._vault.listing()
        self._paths = set(listing.paths)
        self._report.skipped += listing.skipped
        self._on_progress(0, len(listing.paths))
        done = 0
        for batch in self._batches(listing.paths):
            for notes in _by_links(self._parsed(self._changed(batch))):
                self._take(notes)
            done += len(batch)
            self._on_progress(done, len(listing.paths))
        self._paths -= self._thrown_away
        self._archive(listing)
        return self._report

    def _batches(self, paths: Sequence[str]) -> Iterator[list[Fetched | Skipped]]:
        batch: list[Fetched | Skipped] = []
        size = 0
        for path in paths:
            one = self._vault.fetch(path)
            batch.append(one)
            size += len(one.data) if isinstance(one, Fetched) else 0
            if len(batch) >= BATCH_NOTES or size >= BATCH_BYTES:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _changed(self, batch: Sequence[Fetched | Skipped]) -> list[Fetched]:
        self._report.skipped += [one for one in batch if isinstance(one, Skipped)]
        fetched = [one for one in batch if isinstance(one, Fetched)]
        digests = self._digests([one.path for one in fetched])
        changed = [one for one in fetched if digests.get(one.path) != one.digest]
        self._report.unchanged += len(fetched) - len(changed)
        return changed

    def _digests(self, paths: Sequence[str]) -> dict[str, str]:
        with self._reading() as session:
            return stored.digests(session, self._vault.source, paths)

    def _parsed(self, fetched: Sequence[Fetched]) -> Iterator[ParsedNote]:
        for one in fetched:
            raw = self._vault.understand(one)
            if isinstance(raw, Skipped):
                self._report.skipped.append(raw)
                if raw.is_gone:
                    self._thrown_away.add(raw.path)
            else:
                yield parsing.parse(raw)

    def _take(self, notes: Sequence[ParsedNote]) -> None:
        with self._reading() as session:
            contested = note_imports.contested(session, self._vault.source, notes)
        held = {identity for identity, path in contested.items() if self._bears(path, identity)}
        with self._writing() as session:
            taken = note_imports.take(session, self._actor, self._vault.source, notes, self._paths.__contains__, held)
        self._report.created += len(taken.created)
        self._report.updated += len(taken.updated)
        self._report.warnings += taken.warnings
        self._displaced.update(taken.displaced)
        self._displaced.difference_update(taken.updated)

    def _bears(self, path: str, identity: str) -> bool:
        """Whether the file at this path still has that id; then a second file with it is another note."""
        if path not in self._paths:
            return False
        fetched = self._vault.fetch(path)
        raw = self._vault.understand(fetched) if isinstance(fetched, Fetched) else fetched
        return not isinstance(raw, Skipped) and parsing.parse(raw).identity == identity

    def _archive(self, listing: Listing) -> None:
        """Looks at every live note: totals may agree by chance when files change while they are read."""
        gone = sorted(self._displaced)
        after = ""
        while True:
            with self._reading() as session:
                rows = stored.live(session, self._vault.source, after)
            gone += [note_id for note_id, path in rows if self._is_gone(note_id, path, listing.unreadable)]
            for part in stored.chunks(gone):
                self._report.archived += self._let_go(part)
            if not rows:
                return
            gone, after = [], rows[-1][0]

    def _is_gone(self, note_id: str, path: str, unreadable: tuple[str, ...]) -> bool:
        return note_id not in self._displaced and path not in self._paths and not path.startswith(unreadable)

    def _let_go(self, note_ids: Sequence[str]) -> int:
        with self._writing() as session:
            return note_imports.let_go(session, self._actor, self._vault.source, note_ids)


class _Rehearsal(_Import):
    """The same import without a single write: what it would have stored is remembered instead."""

    def __init__(
        self, reading: OpenSession, writing: OpenSession, actor: Actor, vault: Vault, on_progress: Progress
    ) -> None:
        super().__init__(reading, writing, actor, vault, on_progress)
        self._report.is_dry = True
        self._ahead = rehearsing.Ahead()

    def _digests(self, paths: Sequence[str]) -> dict[str, str]:
        return self._ahead.digests(super()._digests(paths))

    def _take(self, notes: Sequence[ParsedNote]) -> None:
        with self._reading() as session:
            known = self._ahead.as_now(note_imports.known(session, self._vault.source, notes), notes)
        contested = syncing.contested(known, notes)
        held = {identity for identity, path in contested.items() if self._bears(path, identity)}
        placed = self._ahead.take(notes, known, self._paths.__contains__, held)
        self._report.created += sum(one.known is None for one in placed.placed)
        self._report.updated += sum(one.known is not None for one in placed.placed)
        self._report.warnings += note_imports.warnings_of(placed)
        self._displaced.update(one.note_id for one in placed.displaced if not one.is_archived)
        self._displaced.difference_update(one.known.note_id for one in placed.placed if one.known)

    def _is_gone(self, note_id: str, path: str, unreadable: tuple[str, ...]) -> bool:
        return super()._is_gone(note_id, self._ahead.path_of(note_id, path), unreadable)

    def _let_go(self, note_ids: Sequence[str]) -> int:
        return len(note_ids)


def _by_links(notes: Iterator[ParsedNote]) -> Iterator[list[ParsedNote]]:
    batch: list[ParsedNote] = []
    links = 0
    for note in notes:
        batch.append(note)
        links += len(note.links)
        if links >= BATCH_LINKS:
            yield batch
            batch, links = [], 0
    if batch:
        yield batch
