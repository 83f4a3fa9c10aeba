"""`regrow feedback`: what people think of pieces, and what highly and poorly rated ones had in common."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import content, given, opened, options, output, rows

if TYPE_CHECKING:
    from regrow.domain.feedback import Summary
    from regrow.services.feedback import Given
    from regrow.store.tables.feedback import RatingRow

app = typer.Typer(help="Feedback: rate pieces, and see what the good ones share.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="PIECE_ID", help="Its id, pie_...")]
COLUMNS = ("rating", "by", "piece_version", "at", "comment")
HOW = "rate one with regrow feedback give PIECE_ID RATING; their ids: regrow pieces list"


class Side(StrEnum):
    HIGH = "high"
    LOW = "low"


@app.command(cls=options.Command)
def give(
    id: Id,
    rating: Annotated[str, typer.Argument(help="excellent, good, acceptable, poor or unacceptable.")],
    comment: Annotated[str, typer.Option("--comment", help="Why, in your own words.")] = "",
) -> None:
    """Rate a piece, or change your mind about it: your newest rating counts.

    Example: regrow feedback give pie_0199... good --comment "Opens well"
    """
    from regrow.services import feedback

    with opened.writing() as (session, actor):
        made = feedback.give(session, actor, id, rating, comment)
        session.flush()
        found = {**_rating(made.row), "summary": _summary(made.summary), "context": _context(made)}
    output.give(found, lambda: _show_given(found))


@app.command(cls=options.Command)
def show(id: Id) -> None:
    """Show what everybody thinks of a piece: the newest rating of each person, and all of them summed up.

    Example: regrow feedback show pie_0199...
    """
    from regrow.services import feedback

    with opened.reading() as session:
        counting = feedback.of_piece(session, id)
        items = [_rating(row) for row in reversed(counting.ratings)]
        found = {"piece_id": counting.piece.id, "summary": _summary(counting.summary), "items": items}
    output.give(found, lambda: _show_piece(found))


@app.command(cls=options.Command)
def rated(
    side: Annotated[Side, typer.Argument(help="high: excellent or good; low: poor or unacceptable.")],
    limit: given.Limit = 50,
    cursor: given.Cursor = None,
) -> None:
    """List pieces that people rate high or low, newest rated first, and what they had in common.

    Example: regrow feedback rated high
    """
    from regrow.services import feedback

    with opened.reading() as session:
        page = feedback.rated(session, side.value, limit, cursor)
        pieces = content.piece_shapes(session, [each.piece for each in page.items])
        items = [
            {"piece": piece, "summary": _summary(each.summary), "comments": [_rating(row) for row in each.comments]}
            for each, piece in zip(page.items, pieces, strict=True)
        ]
        told = list(feedback.in_common(session, side.value))
    found = {"items": items, "next_cursor": page.next_cursor, "in_common": told}
    output.give(found, lambda: _show_rated(found, side))


def _rating(row: RatingRow) -> dict[str, Any]:
    return {("by" if name == "actor_id" else name): value for name, value in rows.shape(row).items()}


def _summary(summed: Summary) -> dict[str, Any]:
    return {"rating": summed.rating, "people": summed.people, "counts": dict(summed.counts)}


def _context(made: Given) -> dict[str, Any] | None:
    context = made.context
    if context is None:
        return None
    return {"id": context.id, "validation": context.validation, "confidence": context.confidence}


def _summed(summary: dict[str, Any]) -> str:
    """A summary in words, such as `good by 2 people (1 excellent, 1 good)`."""
    counts = ", ".join(f"{count} {rating}" for rating, count in summary["counts"].items() if count)
    people = "1 person" if summary["people"] == 1 else f"{summary['people']} people"
    return f"{summary['rating']} by {people} ({counts})"


def _show_given(found: dict[str, Any]) -> None:
    output.line(f"{found['piece_id']} is rated {_summed(found['summary'])}.")
    context = found["context"]
    if context:
        judged = context["validation"].replace("_", " ")
        output.line(f"Its context {context['id']} is {judged}, with confidence: {context['confidence']}.")


def _show_piece(found: dict[str, Any]) -> None:
    if found["summary"]["people"]:
        output.line(f"{found['piece_id']} is rated {_summed(found['summary'])}.\n")
    output.table(found["items"], COLUMNS, f"nobody has rated this piece yet: {HOW}")


def _show_rated(found: dict[str, Any], side: Side) -> None:
    listed = [
        {
            **content.row_of(each["piece"]),
            "rating": each["summary"]["rating"],
            "people": each["summary"]["people"],
            "comments": [row["comment"] for row in each["comments"]],
        }
        for each in found["items"]
    ]
    output.table(listed, ("id", "medium", "rating", "people", "text", "comments"), f"no piece is rated {side}: {HOW}")
    output.line("\nIn common:")
    for sentence in found["in_common"]:
        output.line(f"- {output.safe(sentence)}")
    if found["next_cursor"]:
        output.say(f"There are more: --cursor {found['next_cursor']}")
