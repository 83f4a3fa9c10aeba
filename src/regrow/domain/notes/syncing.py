"""Which stored note a file is: by its id, else by its path, else by what it holds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from regrow.domain.notes.facts import ParsedNote

_EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Known:
    """A stored note. `identity` is `id:...`, `path:...`, or `was:...` when another note has taken its path."""

    note_id: str
    identity: str
    path: str
    digest: str
    is_archived: bool


@dataclass(frozen=True, slots=True)
class Placement:
    """One file and the stored note that it is; `known` is None for a note never seen."""

    note: ParsedNote
    identity: str
    known: Known | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placements:
    """`displaced` are notes whose file is now another note's; unless they turn up elsewhere, they are gone."""

    placed: tuple[Placement, ...]
    displaced: tuple[Known, ...]


def id_key(identity: str) -> str:
    return f"id:{identity}"


def path_key(path: str) -> str:
    return f"path:{path}"


def place(
    notes: Sequence[ParsedNote],
    known: Iterable[Known],
    is_listed: Callable[[str], bool],
    held_ids: AbstractSet[str],
) -> Placements:
    """Decides for each note: all ids first, then paths in order. `known` holds every stored note of the source with one
    of their ids, paths or digests; `held_ids` are the ids that the file of their stored note still bears.
    """
    return _Placing(known, is_listed, held_ids).run(notes)


def contested(known: Iterable[Known], notes: Sequence[ParsedNote]) -> dict[str, str]:
    """Ids of these notes that a stored note at another path bears: id to that path."""
    places: dict[str, set[str]] = {}
    for note in notes:
        if note.identity:
            places.setdefault(id_key(note.identity), set()).add(note.path)
    return {
        one.identity.removeprefix("id:"): one.path
        for one in known
        if one.identity in places and places[one.identity] != {one.path}
    }


@dataclass(slots=True)
class _Placing:
    known: Iterable[Known]
    is_listed: Callable[[str], bool]
    held_ids: AbstractSet[str]
    by_identity: dict[str, Known] = field(default_factory=dict)
    by_path: dict[str, list[Known]] = field(default_factory=dict)
    by_digest: dict[str, list[Known]] = field(default_factory=dict)
    claimed: set[str] = field(default_factory=set)
    taken_ids: set[str] = field(default_factory=set)

    def run(self, notes: Sequence[ParsedNote]) -> Placements:
        for one in sorted(self.known, key=lambda row: (row.is_archived, row.path, row.note_id)):
            self.by_identity[one.identity] = one
            self.by_path.setdefault(one.path, []).append(one)
            self.by_digest.setdefault(one.digest, []).append(one)
        # All ids before any path: else a new text in the old file takes the note that moved with its id.
        named = [self._by_id(note) for note in notes]
        placed = tuple(self._by_place(one) for one in named)
        at_path = (one for note in notes for one in self.by_path.get(note.path, ()))
        return Placements(placed, tuple(one for one in at_path if one.note_id not in self.claimed))

    def _by_id(self, note: ParsedNote) -> Placement:
        if not note.identity:
            return Placement(note, path_key(note.path), None)
        if self._is_taken(note):
            warning = f"another note has the id {note.identity[:80]} too: this one goes by its path"
            return Placement(note, path_key(note.path), None, (warning,))
        self.taken_ids.add(note.identity)
        identity = id_key(note.identity)
        return self._claim(Placement(note, identity, self._free(self.by_identity.get(identity))))

    def _by_place(self, one: Placement) -> Placement:
        if one.known is not None:
            return one
        match = self._at_path(one.note, is_live=True) or self._moved(one.note)
        return self._claim(replace(one, known=match or self._at_path(one.note, is_live=False)))

    def _claim(self, one: Placement) -> Placement:
        if one.known is not None:
            self.claimed.add(one.known.note_id)
        return one

    def _is_taken(self, note: ParsedNote) -> bool:
        if note.identity in self.taken_ids:
            return True
        owner = self.by_identity.get(id_key(note.identity))
        return owner is not None and owner.path != note.path and note.identity in self.held_ids

    def _free(self, one: Known | None) -> Known | None:
        return one if one is not None and one.note_id not in self.claimed else None

    def _at_path(self, note: ParsedNote, is_live: bool) -> Known | None:
        """The note stored at this path; one with an id of its own is another note as soon as the file has one."""
        key = path_key(note.path)
        for one in sorted(self.by_path.get(note.path, ()), key=lambda row: row.identity != key):
            is_same = one.identity == key or not note.identity
            if is_same and one.is_archived is not is_live and self._free(one):
                return one
        return None

    def _moved(self, note: ParsedNote) -> Known | None:
        """The note with the same bytes whose file is gone. Empty files are all alike and tell nothing."""
        if note.digest == _EMPTY:
            return None
        for one in self.by_digest.get(note.digest, ()):
            if not self.is_listed(one.path) and self._free(one):
                return one
        return None


def retired(placements: Placements) -> tuple[str, ...]:
    """Notes whose stored identity another note now takes; they must give it up before any note is written."""
    taken = {one.identity: one.known.note_id if one.known else "" for one in placements.placed}
    stored = (*placements.displaced, *(one.known for one in placements.placed if one.known))
    return tuple(one.note_id for one in stored if taken.get(one.identity, one.note_id) != one.note_id)
