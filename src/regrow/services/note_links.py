"""Leads links to their notes: those just written, and those that waited for a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from regrow.domain.notes import links, naming, resolving
from regrow.domain.notes.facts import Candidate, Link
from regrow.kit import ids
from regrow.store import note_links
from regrow.store.tenancy import Session


@dataclass(frozen=True, slots=True)
class Written:
    """A note whose links have just been read."""

    note_id: str
    source: str
    path: str
    links: Sequence[Link]


def connect(session: Session, written: Sequence[Written]) -> None:
    """Stores the links of these notes, each led to its note where one answers; their old links are gone already."""
    wanted = {link.name for note in written for link in note.links}
    wanted |= {links.full_name(link.target) for note in written for link in note.links if "/" in link.target}
    turned = {id(link): other for note in written for link in note.links if (other := links.other_order(link))}
    wanted |= {other.name for other in turned.values()}
    choosing = _Choosing(_candidates(session, wanted))
    rows = []
    for note in written:
        for position, link in enumerate(note.links):
            to = choosing.note_for(link.kind, link.target, link.name, note.source, note.path)
            if to is None and (other := turned.get(id(link))):
                to = choosing.note_for(other.kind, other.target, other.name, note.source, note.path)
                link = other if to else link
            rows.append(
                {
                    "note_id": note.note_id,
                    "position": position,
                    "kind": link.kind,
                    "target": link.target,
                    "name": link.name,
                    "heading": link.heading,
                    "alias": link.alias,
                    "to_note_id": to,
                }
            )
    note_links.add_all(session, rows)


def reconnect(session: Session, names: Iterable[str]) -> None:
    """Looks again at every stored link that waits for or uses one of these names."""
    for rows in note_links.waiting(session, sorted(names)):
        wanted = {row.name for row in rows} | {links.full_name(row.target) for row in rows if "/" in row.target}
        choosing = _Choosing(_candidates(session, wanted))
        changed = []
        for row in rows:
            to = choosing.note_for(row.kind, row.target, row.name, row.source, row.path)
            if to != row.to_note_id:
                changed.append((row.note_id, row.position, to))
        note_links.lead(session, changed)


def _candidates(session: Session, names: AbstractSet[str]) -> dict[str, list[Candidate]]:
    found = note_links.candidates(session, sorted(names))
    for note_id, same in note_links.by_ids(session, sorted(filter(ids.looks_like_id, names))).items():
        found.setdefault(note_id, []).extend(same)
    return found


@dataclass(slots=True)
class _Choosing:
    """Remembers its answers: many notes of a folder link to the same few names."""

    candidates: dict[str, list[Candidate]]
    answers: dict[tuple[str, str, str, str], str | None] = field(default_factory=dict)

    def note_for(self, kind: str, target: str, name: str, source: str, path: str) -> str | None:
        key = (kind, target, source, naming.folder(path))
        if key not in self.answers:
            near = self.candidates.get(name, [])
            if "/" in target and (full := links.full_name(target)) != name:
                near = [*near, *self.candidates.get(full, [])]
            self.answers[key] = resolving.choose(kind, target, source, path, near) if near else None
        return self.answers[key]
