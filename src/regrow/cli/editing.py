"""`regrow edit`: changing a piece in one's own editor, without ever losing what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import content, editor, opened, output, sheet, working
from regrow.kit import errors

if TYPE_CHECKING:
    from regrow.domain.workspaces import Actor
    from regrow.wiring import Home


def edit(id: Annotated[str, typer.Argument(metavar="PIECE_ID", help="Its id, pie_...")]) -> None:
    """Change a piece in your editor ($VISUAL or $EDITOR); what you save becomes its newest version.

    Example: EDITOR=nano regrow edit pie_0199...
    """
    with working.worker_home() as home:
        actor = opened.acting(home)
        before = piece(home, actor, id)
        after = changed(home, actor, before)
        if after["version"] != before["version"]:
            working.judge(home, actor.workspace_id, after["guard"])
            after = piece(home, actor, id)
    if after["version"] == before["version"]:
        output.give(after, lambda: output.line("Nothing was changed."))
    else:
        output.give(after, lambda: output.line(f"{id} is at version {after['version']} now: a draft to review."))


def piece(home: Home, actor: Actor, id: str) -> dict[str, Any]:
    """The piece as it stands; Conflict, before anybody types, when it may not be changed."""
    from regrow.domain import content as rules
    from regrow.services import editing
    from regrow.store import content as content_store
    from regrow.store.tables.content import Piece

    with home.reading(actor.workspace_id) as session:
        row = editing.found(session, Piece, id, "piece")
        stands = content_store.current_of_lines(session, [row.line_id]).get(row.line_id)
        rules.refuse_change(row.status, stands.id if stands else "none")
        return content.piece_shapes(session, [row])[0]


def changed(home: Home, actor: Actor, before: dict[str, Any]) -> dict[str, Any]:
    """The piece as somebody's editor left it; the same when nothing was changed.

    When the text cannot be taken, because somebody else was faster or something in it is off, it is kept in a file of
    the home, and the error says where.
    """
    text = editor.edit(sheet.to_text(before), home.settings.home, before["id"])
    try:
        changes = sheet.from_text(text, before)
        return _written(home, actor, before, changes) if changes else before
    except errors.RegrowError as error:
        path = editor.keep(home.settings.home, before["id"], text)
        error.more["kept"] = f"What you wrote is kept in {path}"
        error.detail = f"{error.detail}. {error.more['kept']}"
        raise


def _written(home: Home, actor: Actor, before: dict[str, Any], changes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    from regrow.services import versions

    with home.writing(actor.workspace_id) as session:
        row = versions.edit(session, actor, before["id"], before["version"], changes)
        session.flush()
        return content.piece_shapes(session, [row])[0]
