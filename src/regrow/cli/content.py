"""Generations, pieces and topics in the shapes that the API gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from regrow.cli import rows

if TYPE_CHECKING:
    from regrow.services.feedback import OfPiece
    from regrow.store.tables.content import Generation, Piece, Variant
    from regrow.store.tenancy import Session


def variant_shape(row: Variant) -> dict[str, Any]:
    return {name: value for name, value in rows.shape(row).items() if name != "piece_id"}


def piece_shape(row: Piece, variants: Sequence[Variant]) -> dict[str, Any]:
    """`title` and `body` mirror the first variant."""
    from regrow.domain import content as rules

    first = variants[0].content if variants else {}
    return {
        **rows.shape(row),
        "title": rules.title_of(first) or None,
        "body": first.get("body", ""),
        "variants": [variant_shape(each) for each in variants],
        "trigger": None,
    }


def piece_shapes(session: Session, pieces: Sequence[Piece]) -> list[dict[str, Any]]:
    from regrow.store import content

    variants = content.newest_variants(session, [piece.id for piece in pieces])
    return [piece_shape(piece, variants[piece.id]) for piece in pieces]


def generation_shape(session: Session, row: Generation) -> dict[str, Any]:
    """With its current pieces, in reading order."""
    from regrow.domain import content as rules
    from regrow.store import content

    pieces = [piece for piece in content.pieces_of(session, [row.id]) if piece.status in rules.CURRENT]
    return {**rows.shape(row), "pieces": piece_shapes(session, pieces)}


def row_of(piece: dict[str, Any]) -> dict[str, Any]:
    """A piece as one row of a table."""
    return {
        **piece,
        "platform": piece["meta"].get("platform"),
        "text": piece["title"] or piece["body"].replace("\n", " ")[:60],
        "labels": "/".join(each["label"] for each in piece["variants"]),
    }


def desk_shape(session: Session, id: str, person_id: str) -> dict[str, Any]:
    """A piece for review: with its topic's title, its sources by name, what warns of it, and how it is rated."""
    from regrow.services import beside, editing, feedback
    from regrow.store import notes
    from regrow.store.tables.content import Generation, Piece
    from regrow.store.tables.topics import Topic

    row = editing.found(session, Piece, id, "piece")
    generation = editing.found(session, Generation, row.generation_id, "generation")
    topic = editing.found(session, Topic, generation.topic_id, "topic")
    sources = notes.sources(session, row.provenance.get("sources", []))
    selected = row.meta.get("selected")
    waiting = beside.of_pieces(session, [row])[id]
    warnings = [
        *(each.told for each in waiting),
        *generation.warnings,
        *((f"Only variant {selected} will be published.",) if selected else ()),
    ]
    titles = [source.title for source in sources]
    more = {"topic": topic.title, "source_titles": titles, "warnings": warnings}
    more["replacing"] = [each.as_dict() for each in waiting]
    return {**piece_shapes(session, [row])[0], **more, "rated": _rated(feedback.of_piece(session, id), person_id)}


def _rated(found: OfPiece, person_id: str) -> str:
    """What people think of a piece in a few words, and what this person thinks; empty while nobody has rated."""
    rating, people = found.summary.rating, found.summary.people
    if rating is None:
        return ""
    own = next((row.rating for row in found.ratings if row.actor_id == person_id), None)
    if own and people == 1:
        return f"rated {own} by you"
    told = f"rated {rating} by {people} {'person' if people == 1 else 'people'}"
    return f"{told}, {own} by you" if own else told
