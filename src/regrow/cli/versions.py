"""`regrow diff`, `restore` and histories: what a piece said before, and having it back."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from regrow.cli import content, differing, opened, output
from regrow.kit import clock

PieceId = Annotated[str, typer.Argument(metavar="PIECE_ID", help="Its id, pie_...")]
Version = Annotated[int, typer.Argument(metavar="VERSION", min=1, max=2**31 - 1, help="Which one; see its history.")]
COLUMNS = ("piece_id", "version", "how", "by", "at", "text")


def diff(
    id: PieceId,
    before: Annotated[
        int | None, typer.Option("--from", min=1, max=2**31 - 1, help="The one before --to when left out.")
    ] = None,
    after: Annotated[int | None, typer.Option("--to", min=1, max=2**31 - 1, help="The newest when left out.")] = None,
    from_piece: Annotated[str | None, typer.Option("--from-piece", help="--from is a version of this piece.")] = None,
    to_piece: Annotated[str | None, typer.Option("--to-piece", help="--to is a version of this piece.")] = None,
    label: Annotated[str, typer.Option("--label", help="Which variant.")] = "A",
) -> None:
    """Show word by word what differs between two versions of a piece.

    Without options: the newest version against the one before, and the first of a piece against what it replaced.

    Example: regrow diff pie_0199... --from 1 --to 3
    """
    from regrow.services import comparing

    with opened.reading() as session:
        wanted = comparing.Wanted(before, after, from_piece, to_piece, label)
        found = comparing.compare(session, id, wanted)
    output.give(found.as_dict(), lambda: differing.show(found))


def restore(
    id: PieceId,
    version: Version,
    piece: Annotated[
        str | None, typer.Option("--piece", help="The version is one of this piece, from the same history.")
    ] = None,
) -> None:
    """Make an earlier version the newest one; what stands now stays in history.

    Example: regrow restore pie_0199... 1
    """
    from regrow.services import versions

    with opened.writing() as (session, actor):
        row = versions.restore(session, actor, id, version, piece)
        session.flush()
        found = content.piece_shapes(session, [row])[0]
    output.give(found, lambda: output.line(f"{found['id']} is at version {found['version']} now: a draft to review."))


def history(id: PieceId) -> None:
    """List every version of a piece, oldest first, from the piece that it first came from.

    Example: regrow pieces history pie_0199...
    """
    from regrow.services import versions

    with opened.reading() as session:
        found = versions.history(session, id)
    told = [_row(each) for each in found.told]
    aside = [_row(each) for each in found.set_aside]
    value = {"items": told, "set_aside": aside, "current_piece_id": found.current_id}

    def show() -> None:
        output.table([_shown(each) for each in told], COLUMNS, "no version")
        if aside:
            output.say("\nSet aside, because the piece had changed when they came:")
            output.table([_shown(each) for each in aside], COLUMNS, "")
        if found.current_id and found.current_id != id:
            output.say(f"\nThe one that stands now is {found.current_id}.")

    output.give(value, show)


def generation_history(
    id: Annotated[str, typer.Argument(metavar="GENERATION_ID", help="Its id, gen_...")],
) -> None:
    """List every try at a generation, oldest first, with all its pieces.

    Example: regrow generations history gen_0199...
    """
    from regrow.services import generations

    with opened.reading() as session:
        found = generations.history(session, id)
        items = [_try(each) for each in found.tries]
    value = {"items": items, "regenerations": list(found.regenerations)}
    columns = ("generation_id", "status", "by", "at", "instructions", "pieces")
    shown = [{**each, "pieces": _counted(each["pieces"])} for each in items]

    def show() -> None:
        output.table(shown, columns, "no try")
        for each in items:
            for warning in each["warnings"]:
                output.say(f"{each['generation_id']}: {output.safe(warning)}")
        if found.regenerations:
            output.say(f"Written again as {', '.join(found.regenerations)}.")

    output.give(value, show)


def _row(told: Any) -> dict[str, Any]:
    from regrow.domain import content as rules

    first: dict[str, Any] = next(iter(told.contents.values()), {})
    title, body = rules.title_of(first), first.get("body", "")
    return {
        "piece_id": told.piece_id,
        "version": told.version,
        "how": told.how,
        "by": told.by,
        "at": clock.iso(told.at),
        "title": title,
        "body": body,
        "variants": told.contents,
        "provenance": told.provenance,
        "origin": told.origin,
    }


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "text": row["title"] or row["body"].replace("\n", " ")[:50]}


def _counted(pieces: list[dict[str, Any]]) -> str:
    replaced = sum(each["status"] == "superseded" for each in pieces)
    return f"{len(pieces)}, {replaced} replaced" if replaced else str(len(pieces))


def _try(told: Any) -> dict[str, Any]:
    pieces = [
        {
            "id": row.id,
            "medium": row.medium,
            "sequence": row.sequence,
            "status": row.status,
            "version": row.version,
            "parent_piece_id": row.parent_piece_id,
            "origin": row.origin,
            "meta": row.meta,
        }
        for row in told.pieces
    ]
    return {
        "generation_id": told.row.id,
        "regeneration_of": told.row.regeneration_of,
        "status": told.row.status,
        "by": told.by,
        "at": clock.iso(told.row.created_at),
        "instructions": told.instructions,
        "warnings": told.row.warnings,
        "pieces": pieces,
    }
