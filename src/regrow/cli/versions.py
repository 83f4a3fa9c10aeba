"""`regrow diff`, `restore` and histories: what a piece said before, and having it back."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from regrow.cli import content, differing, opened, output, working

PieceId = Annotated[str, typer.Argument(metavar="PIECE_ID", help="Its id, pie_...")]
Version = Annotated[int, typer.Argument(metavar="VERSION", min=1, max=2**31 - 1, help="Which one; see its history.")]
COLUMNS = ("piece_id", "version", "how", "by", "at", "text")
TRY_COLUMNS = ("generation_id", "status", "by", "at", "instructions", "pieces")


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
    from regrow.services import editing, versions
    from regrow.store.tables.content import Piece

    with working.worker_home() as home:
        actor = opened.acting(home)
        with home.writing(actor.workspace_id) as session:
            row = versions.restore(session, actor, id, version, piece)
            session.flush()
            found = content.piece_shapes(session, [row])[0]
        working.judge(home, actor.workspace_id, found["guard"])
        with home.reading(actor.workspace_id) as session:
            found = content.piece_shapes(session, [editing.found(session, Piece, found["id"], "piece")])[0]
    output.give(found, lambda: output.line(f"{found['id']} is at version {found['version']} now: a draft to review."))


def history(id: PieceId) -> None:
    """List every version of a piece, oldest first, from the piece that it first came from.

    Example: regrow pieces history pie_0199...
    """
    from regrow.services import versions

    with opened.reading() as session:
        found = versions.history(session, id).as_dict()

    def show() -> None:
        output.table([_row(each) for each in found["items"]], COLUMNS, "no version")
        if found["set_aside"]:
            output.say("\nSet aside, because the piece had changed when they came:")
            output.table([_row(each) for each in found["set_aside"]], COLUMNS, "")
        if found["current_piece_id"] not in (None, id):
            output.say(f"\nThe one that stands now is {found['current_piece_id']}.")

    output.give(found, show)


def generation_history(
    id: Annotated[str, typer.Argument(metavar="GENERATION_ID", help="Its id, gen_...")],
) -> None:
    """List every try at a generation, oldest first, with all its pieces.

    Example: regrow generations history gen_0199...
    """
    from regrow.services import histories

    with opened.reading() as session:
        found = histories.history(session, id).as_dict()

    def show() -> None:
        output.table([_try(each) for each in found["items"]], TRY_COLUMNS, "no try")
        for each in found["items"]:
            for warning in each["warnings"]:
                output.say(f"{each['generation_id']}: {output.safe(warning)}")
        if found["regenerations"]:
            output.say(f"Written again as {', '.join(found['regenerations'])}.")

    output.give(found, show)


def _row(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "text": told["title"] or told["body"].replace("\n", " ")[:50]}


def _try(told: dict[str, Any]) -> dict[str, Any]:
    replaced = sum(piece["status"] == "superseded" for piece in told["pieces"])
    return {**told, "pieces": f"{len(told['pieces'])}, {replaced} replaced"}
