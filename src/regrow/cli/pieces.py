"""`regrow pieces`, `approve`, `reject`, `reopen` and `select`: reading drafts and deciding on them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import content, generations, given, opened, options, output, replacing
from regrow.kit import errors

if TYPE_CHECKING:
    from regrow.domain.workspaces import Actor
    from regrow.store.tenancy import Session

app = typer.Typer(help="Pieces: read the drafts.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="PIECE_ID", help="Its id, pie_...")]
Decidable = Annotated[str, typer.Argument(metavar="ID", help="A piece, pie_..., or a new text beside others, var_...")]
RULE = "-" * 60


class Status(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    REJECTED = "rejected"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


@app.command("list", cls=options.Command)
def show_all(
    limit: given.Limit = 50,
    cursor: given.Cursor = None,
    status: Annotated[Status | None, typer.Option("--status", help="Only pieces of this status.")] = None,
) -> None:
    """List pieces, oldest first.

    Example: regrow pieces list --status draft
    """
    generations.pieces_page(limit, cursor, status.value if status else None)


@app.command(cls=options.Command)
def show(
    id: Id,
    label: Annotated[str | None, typer.Option("--label", help="Only this version, such as B.")] = None,
) -> None:
    """Read one piece, every version of it, with where each came from."""
    with opened.reading() as session:
        found = _piece(session, id)
    if label is not None:
        found["variants"] = [each for each in found["variants"] if each["label"] == label.upper()]
        if not found["variants"]:
            raise errors.NotFound(f"this piece has no version {label[:10]!r}: leave --label out to see all")
    output.give(found, lambda: _show(found))


@app.command(cls=options.Command)
def mail(
    id: Id,
    label: Annotated[str, typer.Option("--label", help="Which version, such as B.")] = "A",
    out: Annotated[Path | None, typer.Option("--out", help="The file to write, .eml; stdout by default.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there already.")] = False,
) -> None:
    """Give an e-mail piece as a message that every mail program opens.

    Example: regrow pieces mail pie_0199... --label B --out steam.eml
    """
    from regrow.services import letters

    with opened.reading() as session:
        letter = letters.of_piece(session, id, label.upper())
    data = letter.message.as_bytes()
    if out is not None:
        _write(out, data, force)
    found = {"piece_id": id, "label": label.upper(), "name": letter.name, "file": str(out) if out else None}
    shown = (lambda: output.line(f"{out} is written.")) if out else (lambda: output.raw(data))
    output.give({**found, "message": data.decode("ascii")}, shown)


def _write(path: Path, data: bytes, force: bool) -> None:
    try:
        with path.open("wb" if force else "xb") as file:
            file.write(data)
    except FileExistsError:
        raise errors.Conflict(f"{path} is there already: name another file, or add --force", "file_exists") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise errors.Unavailable(f"{path} cannot be written: {reason}", "not_writable") from None


def approve(
    id: Decidable,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the record.")] = "",
    override: Annotated[bool, typer.Option("--override", help="Although the brand guard failed it.")] = False,
) -> None:
    """Approve a piece: it may go out. Or, by its id, one new text beside those that are out: it takes its place.

    What takes the place of a text on your site is published there at once, at the same address; nothing else is.

    Example: regrow approve pie_0199...
    """
    from regrow.services import replacing as service

    said = service.Said(given.words(reason, "--reason", 2_000), override)
    act = service.approve_variant if id.startswith(replacing.VARIANT) else service.approve
    replacing.decide(lambda session, actor, home: act(session, actor, home.outside, id, said))


def reopen(id: Id) -> None:
    """Take a yes or no back: the piece is a draft again.

    Example: regrow reopen pie_0199...
    """
    from regrow.services import taking_back

    _decided(id, lambda session, actor: taking_back.reopen(session, actor, id))


def select(
    id: Id,
    label: Annotated[str | None, typer.Argument(help="The variant to publish alone, such as B.")] = None,
    is_all: Annotated[bool, typer.Option("--all", help="Publish all variants again.")] = False,
) -> None:
    """Let only one variant of a piece be published, or all of them again.

    Example: regrow select pie_0199... B
    """
    from regrow.services import pieces

    if (label is None) != is_all:
        raise errors.Invalid("name one variant, such as B, or give --all", "which_variant")
    chosen = label.upper() if label else None
    _decided(id, lambda session, actor: pieces.select(session, actor, id, chosen))


def reject(
    id: Decidable, reason: Annotated[str, typer.Option("--reason", help="Why; kept for whoever writes it again.")] = ""
) -> None:
    """Reject a piece: it may not go out. Or, by its id, one new text beside those that are out, which stay.

    Example: regrow reject pie_0199... --reason "Too long"
    """
    from regrow.services import replacing as service

    said = service.Said(given.words(reason, "--reason", 2_000))
    act = service.reject_variant if id.startswith(replacing.VARIANT) else service.reject
    replacing.decide(lambda session, actor, _home: act(session, actor, id, said))


def _decided(id: str, decide: Callable[[Session, Actor], Any]) -> None:
    with opened.writing() as (session, actor):
        decide(session, actor)
        session.flush()
        found = _piece(session, id)
    selected = found["meta"].get("selected")
    only = f"; only variant {selected} will be published" if selected else ""
    output.give(found, lambda: output.line(f"{found['id']} is {found['status']}{only}."))


def _piece(session: Any, id: str) -> dict[str, Any]:
    from regrow.store import records
    from regrow.store.tables.content import Piece

    row = records.get(session, Piece, id)
    if row is None:
        raise errors.NotFound(f"there is no piece {id[:60]!r} in this workspace: see regrow pieces list")
    return content.piece_shapes(session, [row])[0]


def _show(found: dict[str, Any]) -> None:
    origin = found["provenance"]
    output.fields(
        {
            "id": found["id"],
            "medium": found["medium"],
            "platform": found["meta"].get("platform"),
            "status": found["status"],
            "origin": found["origin"],
            "model": origin.get("model"),
            "template": f"{origin.get('template') or '-'} {origin.get('template_version') or ''}",
            "sources": origin.get("sources"),
        }
    )
    for variant in found["variants"]:
        held = variant["content"]
        output.line(f"\n{RULE}\n{variant['label']}  (version {variant['version']}, {variant['status']})\n{RULE}")
        if held.get("title"):
            output.line(f"{output.safe(held['title'])}\n")
        if held.get("subject"):
            output.line(f"subject    {output.text(held['subject'])}\npreheader  {output.text(held.get('preheader'))}\n")
        output.line(output.safe(held.get("body", "")))
        if held.get("cta"):
            output.line(f"\ncall to action  {output.text(held['cta'])}")
        if held.get("hashtags"):
            output.line("\n" + " ".join(f"#{output.safe(tag)}" for tag in held["hashtags"]))
