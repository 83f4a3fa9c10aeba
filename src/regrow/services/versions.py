"""Versions of pieces: changed by hand, restored, told from the first to the newest; none is ever lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regrow.domain import content, versions
from regrow.domain.versions import Contents, Written
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids
from regrow.services import editing, guarding, mail
from regrow.store import audit
from regrow.store import content as content_store
from regrow.store.tables.content import Generation, Piece, PieceVersion, Variant
from regrow.store.tenancy import Session

BY_HAND: dict[str, Any] = {"function": "edit", "template": "", "template_version": 0, "model": "", "settings": {}}


@dataclass(frozen=True, slots=True)
class Told:
    """One version of a piece as history tells it; `contents` is the whole text of every label."""

    piece_id: str
    version: int
    how: str
    by: str
    at: datetime
    origin: str
    provenance: dict[str, Any]
    contents: Contents

    def as_dict(self) -> dict[str, Any]:
        """Plain values, the same for every face; `title` and `body` are those of variant A."""
        first = next(iter(self.contents.values()), {})
        return {
            "piece_id": self.piece_id,
            "version": self.version,
            "title": content.title_of(first),
            "body": first.get("body", ""),
            "variants": self.contents,
            "how": self.how,
            "by": self.by,
            "at": clock.iso(self.at),
            "origin": self.origin,
            "provenance": self.provenance,
        }


@dataclass(frozen=True, slots=True)
class History:
    """`told` from the first version of the first piece on; `set_aside` are texts that never stood; `current_id` the
    piece that stands now.
    """

    told: tuple[Told, ...]
    set_aside: tuple[Told, ...]
    current_id: str | None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, the same for every face."""
        return {
            "items": [each.as_dict() for each in self.told],
            "set_aside": [each.as_dict() for each in self.set_aside],
            "current_piece_id": self.current_id,
        }


def edit(
    session: Session, actor: Actor, id: str, expected_version: int | None, changes: Mapping[str, Mapping[str, Any]]
) -> Piece:
    """A new version by a person, from changed fields by label; what changes nothing makes none.

    Stale when somebody else was first; Conflict for what is approved, published or replaced.
    """
    actor.must(Role.EDITOR)
    piece, generation = _open(session, id, expected_version)
    stands = newest(session, piece)
    done = versions.edited(piece.medium, piece.meta.get("platform", ""), stands, changes)
    if not done:
        return piece
    provenance = {**piece.provenance, **BY_HAND, "cost": 0, "edited_from": piece.version}
    _add(session, actor, (piece, generation), "edited", "person", provenance, done)
    return piece


def restore(
    session: Session,
    actor: Actor,
    id: str,
    version: int,
    piece_id: str | None = None,
    expected_version: int | None = None,
) -> Piece:
    """A version of this piece, or of one that it came from, becomes its newest version."""
    actor.must(Role.EDITOR)
    piece, generation = _open(session, id, expected_version)
    source = piece if piece_id in (None, piece.id) else _kin(session, piece, str(piece_id))
    row, contents = at(session, source, version)
    provenance = {**row.provenance, "restored_from": {"piece_id": source.id, "version": version}}
    stands = newest(session, piece)
    done = {label: text for label, text in contents.items() if text != stands.get(label)} or contents
    _add(session, actor, (piece, generation), "restored", row.origin, provenance, done)
    return piece


def newest(session: Session, piece: Piece) -> Contents:
    """What the piece says now, by label."""
    return {row.label: row.content for row in content_store.newest_variants(session, [piece.id])[piece.id]}


def at(session: Session, piece: Piece, version: int) -> tuple[PieceVersion, Contents]:
    """A version of a piece; NotFound for one that never was."""
    row = content_store.version(session, piece.id, version)
    if row is None:
        raise errors.NotFound(
            f"this piece has the versions 1 to {piece.version}, and never had a version {version}: see its history",
            "version_not_found",
        )
    return row, versions.contents_at(_written(content_store.variants_of(session, [piece.id])), version)


def history(session: Session, id: str) -> History:
    """Every version of a piece and of those it came from, in a constant number of queries."""
    piece = editing.found(session, Piece, id, "piece")
    line = {row.id: row for row in content_store.of_lines(session, [piece.line_id])}
    written: dict[str, list[Written]] = {row: [] for row in line}
    for variant in content_store.variants_of(session, list(line)):
        written[variant.piece_id].append(Written(variant.label, variant.version, variant.content))
    told = [_told(row, written[row.piece_id]) for row in content_store.versions(session, list(line))]
    chain = _chain(line, id)
    return History(
        told=tuple(each for each in told if each.piece_id in chain),
        set_aside=tuple(
            each for each in told if "set_aside" in line[each.piece_id].meta and each.piece_id not in chain
        ),
        current_id=next((row.id for row in line.values() if row.status != "superseded"), None),
    )


def kin_of(session: Session, piece: Piece, other_id: str) -> Piece:
    """Another piece of the same line; NotFound for any other, whoever's it is."""
    return piece if other_id == piece.id else _kin(session, piece, other_id)


def _open(session: Session, id: str, expected_version: int | None) -> tuple[Piece, Generation]:
    """A piece that a person may change now, locked."""
    locked = content_store.locked_piece(session, id)
    if locked is None:
        raise errors.NotFound(f"there is no piece {id[:60]!r} here")
    piece, generation = locked
    stands = content_store.current_of_lines(session, [piece.line_id]).get(piece.line_id)
    content.refuse_change(piece.status, stands.id if stands else "none")
    editing.refuse_stale(piece, expected_version, "piece")
    return piece, generation


def _kin(session: Session, piece: Piece, other_id: str) -> Piece:
    other = editing.found(session, Piece, other_id, "piece")
    if other.line_id != piece.line_id:
        raise errors.NotFound(
            f"{other_id[:60]!r} is no earlier form of this piece: its history names those there are", "not_of_this_line"
        )
    return other


def _add(
    session: Session,
    actor: Actor,
    locked: tuple[Piece, Generation],
    how: str,
    origin: str,
    provenance: dict[str, Any],
    contents: Contents,
) -> None:
    """Writes the version, its texts and the guard's verdict on them, and makes the piece a draft again: a person
    decides on every new text.
    """
    piece, generation = locked
    before = {row.label: row.id for row in content_store.newest_variants(session, [piece.id])[piece.id]}
    now = clock.now()
    was, piece.status, piece.version = piece.status, "draft", piece.version + 1
    piece.origin, piece.provenance, piece.guard, piece.updated_at = origin, provenance, None, now
    piece.meta = {name: value for name, value in piece.meta.items() if name != "reject_reason"}
    content_store.supersede_drafts(session, piece.id, list(contents))
    for label, text in contents.items():
        held = mail.with_html(piece.medium, text, mail.language_of(piece.meta))
        session.add(_variant(piece, label, held, before.get(label), actor, now))
    row = {"version": piece.version, "how": how, "by": actor.id, "origin": origin, "provenance": provenance, "at": now}
    session.add(PieceVersion(piece_id=piece.id, **row))
    session.flush()
    guarding.check(session, actor, piece, generation)
    if was != "draft":
        generation.status = content.generation_status(
            each.status for each in content_store.pieces_of(session, [generation.id])
        )
    audit.add(session, actor, f"piece.{how}", piece.id, version=piece.version, labels=sorted(contents))


def _variant(
    piece: Piece, label: str, text: dict[str, Any], parent_id: str | None, actor: Actor, now: datetime
) -> Variant:
    return Variant(
        id=ids.new("var"),
        piece_id=piece.id,
        label=label,
        version=piece.version,
        content=text,
        status="draft",
        parent_variant_id=parent_id,
        by=actor.id,
        created_at=now,
    )


def _written(rows: Sequence[Variant]) -> list[Written]:
    return [Written(row.label, row.version, row.content) for row in rows]


def _told(row: PieceVersion, written: Sequence[Written]) -> Told:
    contents = versions.contents_at(written, row.version)
    return Told(row.piece_id, row.version, row.how, row.by, row.at, row.origin, row.provenance, contents)


def _chain(line: Mapping[str, Piece], id: str) -> set[str]:
    """The piece and those it came from."""
    chain: set[str] = set()
    at: str | None = id
    while at is not None and at in line and at not in chain:
        chain.add(at)
        at = line[at].parent_piece_id
    return chain
