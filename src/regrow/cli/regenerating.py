"""`regrow regenerate`: another try on the same notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import content, generations, given, opened, options, output, working

if TYPE_CHECKING:
    from regrow.domain.workspaces import Actor
    from regrow.services.regenerating import Wish
    from regrow.store.tables.runs import Run
    from regrow.store.tenancy import Session
    from regrow.wiring import Home

app = typer.Typer(help="Regenerate: another try on the same notes; nothing is lost by it.", no_args_is_help=True)
Instructions = Annotated[
    str, typer.Option("--instructions", help='What to do otherwise, such as "shorter, lead with the number".')
]


@app.command(cls=options.Command)
def generation(
    id: Annotated[str, typer.Argument(metavar="GENERATION_ID", help="Its id, gen_...")],
    medium: Annotated[str | None, typer.Option("--medium", help="Only blog, social or email, in its place.")] = None,
    instructions: Instructions = "",
    persona: given.Persona = None,
) -> None:
    """Write a whole generation again, or one medium of it.

    A whole one becomes a new generation and the old one stays. With --medium its drafts and rejected pieces are
    replaced and stay in history; what is approved is never touched.

    Example: regrow regenerate generation gen_0199... --medium social --instructions "Less formal"
    """
    from regrow.services import regenerating

    wish = _wish(instructions, persona)
    if medium is None:
        _made(lambda session, actor: regenerating.ask_generation(session, actor, id, wish(session)))
    else:
        _made(lambda session, actor: regenerating.ask_medium(session, actor, id, medium, wish(session)))


@app.command(cls=options.Command)
def piece(
    id: Annotated[str, typer.Argument(metavar="PIECE_ID", help="Its id, pie_...")],
    instructions: Instructions = "",
    persona: given.Persona = None,
) -> None:
    """Write one piece again; the new one takes its place.

    Example: regrow regenerate piece pie_0199... --instructions "Shorter, lead with the number"
    """
    from regrow.services import regenerating

    wish = _wish(instructions, persona)
    _made(lambda session, actor: regenerating.ask_piece(session, actor, id, wish(session)), is_one=True)


def _wish(instructions: str, persona: str | None) -> Callable[[Session], Wish]:
    from regrow.services import personas
    from regrow.services.regenerating import Wish

    said = given.words(instructions, "--instructions", 2_000)
    return lambda session: Wish(said, personas.id_of(session, persona))


def _made(ask: Callable[[Session, Actor], Run], is_one: bool = False) -> None:
    with working.worker_home() as home:
        actor = opened.acting(home)
        working.refuse_unable(home)
        with home.writing(actor.workspace_id) as session:
            run = ask(session, actor)
        result = again(home, run)
        found, warnings = shaped(home, actor.workspace_id, result)
    if is_one:
        (found,) = found
    output.give(found, lambda: _show(found))
    for aside in result.get("set_aside", []):
        output.say(f"{aside['piece_id']} stays: {aside['reason']}. The new text is kept as {aside['set_aside_id']}.")
    for warning in warnings:
        output.say(f"Warning: {output.safe(warning)}")


def again(home: Home, run: Run) -> dict[str, Any]:
    """The result of the regeneration; Conflict when nothing could be replaced any more."""
    from regrow.domain import regenerating as rules

    result = working.done(home, run, "Writing again")
    rules.refuse_nothing_replaced(result)
    return result


def shaped(home: Home, workspace_id: str, result: dict[str, Any]) -> tuple[Any, list[str]]:
    """A new generation, or the new pieces; and what warns of the generation that they belong to."""
    from regrow.services import editing
    from regrow.store import content as content_store
    from regrow.store.tables.content import Generation

    with home.reading(workspace_id) as session:
        row = editing.found(session, Generation, result["generation_id"], "generation")
        if "piece_ids" in result:
            made = content_store.pieces(session, result["piece_ids"])
            return content.piece_shapes(session, sorted(made, key=lambda piece: piece.id)), row.warnings
        return content.generation_shape(session, row), row.warnings


def _show(found: Any) -> None:
    pieces = found["pieces"] if "pieces" in found else [found] if "medium" in found else found
    output.table([content.row_of(each) for each in pieces], generations.PIECE_COLUMNS, "no piece")
    first = pieces[0]["id"] if pieces else "PIECE_ID"
    hint = working.workspace_hint()
    output.say(f"\nWhat changed:  regrow{hint} diff {first}\nDecide:        regrow{hint} review")
