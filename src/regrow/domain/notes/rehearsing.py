"""An import as it would go: what each note would become, while nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet

from regrow.domain.notes import syncing
from regrow.domain.notes.facts import ParsedNote
from regrow.domain.notes.syncing import Known, Placements

_NEW = "new:"


class Ahead:
    """The stored notes as they would be by now. Of each note that would change a few words are kept, never its text."""

    def __init__(self) -> None:
        self._now: dict[str, Known] = {}
        self._by_identity: dict[str, set[str]] = {}
        self._by_path: dict[str, set[str]] = {}
        self._by_digest: dict[str, set[str]] = {}
        self._left: set[str] = set()

    def digests(self, stored: dict[str, str]) -> dict[str, str]:
        """Digests by path, without the paths that other notes have by now."""
        return {path: digest for path, digest in stored.items() if path not in self._left}

    def path_of(self, note_id: str, path: str) -> str:
        """Where the note would lie."""
        return self._now[note_id].path if note_id in self._now else path

    def take(
        self,
        notes: Sequence[ParsedNote],
        known: Sequence[Known],
        is_listed: Callable[[str], bool],
        held_ids: AbstractSet[str],
    ) -> Placements:
        """Places the notes as an import would, among those `as_now` gave, and remembers where it put them."""
        placed = syncing.place(notes, known, is_listed, held_ids)
        for note_id in syncing.retired(placed):
            if (before := self._before(note_id, placed)) is not None:
                identity = f"was:{note_id}"
                self._keep(Known(note_id, identity, before.path, before.digest, before.is_archived), before)
        for one in placed.placed:
            note_id = one.known.note_id if one.known else f"{_NEW}{len(self._now)}"
            self._keep(Known(note_id, one.identity, one.note.path, one.note.digest, False), one.known)
        return placed

    def _before(self, note_id: str, placed: Placements) -> Known | None:
        everyone = (*placed.displaced, *(one.known for one in placed.placed if one.known))
        return next((one for one in everyone if one.note_id == note_id), None)

    def as_now(self, known: Iterable[Known], notes: Sequence[ParsedNote]) -> list[Known]:
        """What the store would answer: the notes it knows as they would be, and those that would be new."""
        found = {one.note_id: one for one in known if one.note_id not in self._now}
        for note in notes:
            ids = self._by_path.get(note.path, set()) | self._by_digest.get(note.digest, set())
            for identity in (syncing.id_key(note.identity), syncing.path_key(note.path)):
                ids |= self._by_identity.get(identity, set())
            found.update((note_id, self._now[note_id]) for note_id in ids)
        return list(found.values())

    def _keep(self, now: Known, before: Known | None) -> None:
        earlier = self._now.get(now.note_id)
        if earlier is not None:
            self._by_identity[earlier.identity].discard(now.note_id)
            self._by_path[earlier.path].discard(now.note_id)
            self._by_digest[earlier.digest].discard(now.note_id)
        if before is not None:
            self._left.add(before.path)
        self._left.add(now.path)
        self._now[now.note_id] = now
        self._by_identity.setdefault(now.identity, set()).add(now.note_id)
        self._by_path.setdefault(now.path, set()).add(now.note_id)
        self._by_digest.setdefault(now.digest, set()).add(now.note_id)
