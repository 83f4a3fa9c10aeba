"""`regrow generate` and `regrow generations`: drafts from a topic."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from regrow.cli import content, given, opened, options, output, rows, working
from regrow.kit import errors, pages

app = typer.Typer(help="Generations: runs of the writer over one topic.", no_args_is_help=True)
PIECE_COLUMNS = ("id", "medium", "platform", "status", "labels", "text")


class Medium(StrEnum):
    BLOG = "blog"
    SOCIAL = "social"
    EMAIL = "email"


BY_DEFAULT = (Medium.BLOG, Medium.SOCIAL)


def generate(
    topic_id: Annotated[str | None, typer.Argument(help="Which topic; one is discovered when left out.")] = None,
    medium: Annotated[list[Medium] | None, typer.Option("--medium", help="Blog and social by default.")] = None,
    persona: given.Persona = None,
    campaign: Annotated[str | None, typer.Option("--campaign", help="The campaign it belongs to, cam_...")] = None,
    variants: Annotated[int, typer.Option("--variants", min=1, max=4, help="How many versions of each piece.")] = 2,
    social_count: Annotated[int, typer.Option("--social-count", min=1, max=10, help="How many social pieces.")] = 5,
    instructions: Annotated[str, typer.Option("--instructions", help="What the writer should mind besides.")] = "",
) -> None:
    """Write drafts from a topic.

    By default one blog article and five social posts, each in versions A and B; an e-mail with --medium email.

    Example: regrow generate top_0199... --medium blog --instructions "Keep it short"
    """
    from regrow.services import generations, personas

    asked = given.words(instructions, "--instructions", 2_000)
    media = [each.value for each in medium or BY_DEFAULT]
    with working.worker_home() as home:
        actor = opened.acting(home)
        working.refuse_unable(home)
        with home.writing(actor.workspace_id) as session:
            voice = personas.id_of(session, persona)
            run = generations.ask(session, actor, topic_id, voice, campaign, media, variants, social_count, asked)
        made = working.generated(home, run)
        with home.reading(actor.workspace_id) as session:
            found = content.generation_shape(session, made)
    output.give(found, lambda: _show_made(found))


def _show_made(found: dict[str, Any]) -> None:
    _show(found)
    first = found["pieces"][0]["id"] if found["pieces"] else "PIECE_ID"
    hint = working.workspace_hint()
    output.say(f"\nRead one:  regrow{hint} pieces show {first}\nDecide:    regrow{hint} approve {first}")


@app.command("list", cls=options.Command)
def show_all(limit: given.Limit = 50, cursor: given.Cursor = None) -> None:
    """List generations, oldest first."""
    from regrow.store.tables.content import Generation

    columns = ("id", "status", "topic_id", "topic_summary", "created_at")
    rows.listed(Generation, "generation", columns, limit, cursor, has_archived=True)


@app.command(cls=options.Command)
def show(id: Annotated[str, typer.Argument(metavar="GENERATION_ID", help="Its id, gen_...")]) -> None:
    """Show one generation with its pieces."""
    from regrow.store import records
    from regrow.store.tables.content import Generation

    with opened.reading() as session:
        row = records.get(session, Generation, id)
        if row is None:
            raise errors.NotFound(f"there is no generation {id[:60]!r} in this workspace: see regrow generations list")
        found = content.generation_shape(session, row)
    output.give(found, lambda: _show(found))


def _show(found: dict[str, Any]) -> None:
    output.fields({name: found[name] for name in ("id", "status", "topic_id", "topic_summary", "created_at")})
    output.line()
    output.table([content.row_of(piece) for piece in found["pieces"]], PIECE_COLUMNS, "no piece")


def progress(
    task_id: Annotated[str, typer.Argument(help="The run, run_...")],
    wait: Annotated[bool, typer.Option("--wait", help="Wait for its end, however that comes.")] = False,
) -> None:
    """Show how far a run is.

    Example: regrow progress run_0199... --wait
    """
    import time

    from regrow.store import records, runs
    from regrow.store.tables.runs import Run

    with opened.home() as home:
        id = home.workspace(options.current().workspace).id
        while True:
            with home.reading(id) as session:
                run, last = records.get(session, Run, task_id), runs.last(session, task_id)
            if run is None or last is None:
                raise errors.NotFound(f"there is no run {task_id[:60]!r} in this workspace")
            if not wait or last.phase == "DONE":
                break
            time.sleep(working.LOOK_SECONDS)
    found = {"task_id": run.id, "function": run.function, **rows.shape(last)}
    output.give(found, lambda: output.fields(found))


def pieces_page(limit: int, cursor: str | None, status: str | None) -> None:
    """Lists pieces with the beginning of each."""
    from regrow.store import records
    from regrow.store.tables.content import Piece

    equal: dict[str, Any] = {"status": status} if status else {}
    with opened.reading() as session:
        found = records.page(session, Piece, limit, pages.decode(cursor), **equal)
        items = content.piece_shapes(session, found.items)

    def show() -> None:
        output.table([content.row_of(piece) for piece in items], PIECE_COLUMNS, "no piece yet: run regrow generate")
        if found.next_cursor:
            output.say(f"There are more: --cursor {found.next_cursor}")

    output.give({"items": items, "next_cursor": found.next_cursor}, show)
