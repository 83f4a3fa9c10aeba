"""`regrow prompts compare`: two versions on the same inputs, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import given, opened, output, prompt_sides, rows, working
from regrow.kit import pages

if TYPE_CHECKING:
    from regrow.domain.workspaces import Actor
    from regrow.services.prompt_trials import Wanted
    from regrow.wiring import Home

TRIAL_COLUMNS = ("id", "prompt", "before", "after", "score_before", "score_after", "created_at")
Name = Annotated[str, typer.Argument(metavar="NAME", help="Such as write_blog; see regrow prompts list.")]
Topic = Annotated[str | None, typer.Option("--topic", metavar="ID", help="Fill in this topic; the newest one.")]
Persona = Annotated[str | None, typer.Option("--persona", metavar="ID", help="In this voice; the default one.")]
Instructions = Annotated[str, typer.Option("--instructions", help="Wishes to fill in.")]


def compare(
    name: Name,
    before: Annotated[str, typer.Argument(metavar="A", help="One version, such as shipped.")],
    after: Annotated[str, typer.Argument(metavar="B", help="Another, such as workspace-2.")],
    topic: Topic = None,
    persona: Persona = None,
    variants: Annotated[int, typer.Option("--variants", min=1, max=4, help="How many variants each writes.")] = 2,
    social_count: Annotated[int, typer.Option("--social-count", min=1, max=10, help="How many social posts.")] = 5,
    instructions: Instructions = "",
) -> None:
    """Let a model write with two versions on the same inputs, and show both texts side by side.

    Two calls are made and paid like any other; no piece comes of them. The offline writer reads no prompt: with it only
    the prompts are compared.

    Example: regrow prompts compare write_blog shipped workspace-2 --topic top_0199...
    """
    from regrow.services.prompt_previews import Inputs
    from regrow.services.prompt_trials import Wanted

    said = given.words(instructions, "--instructions", 2_000)
    inputs = Inputs(topic, None, persona, said, variants, social_count)
    with working.worker_home() as home:
        found = _compared(home, opened.acting(home), Wanted(name, before, after, inputs))
    output.give(found, lambda: prompt_sides.show(found))


def _compared(home: Home, actor: Actor, wanted: Wanted) -> dict[str, Any]:
    from regrow.services import prompt_sides as sides
    from regrow.services import prompt_trials
    from regrow.store.tables.prompts import PromptTrial

    working.refuse_unable(home)
    with home.reading(actor.workspace_id) as session:
        alone = sides.if_deaf(session, home.writer, home.prompter, wanted)
    if alone is not None:
        return alone
    with home.writing(actor.workspace_id) as session:
        run = prompt_trials.ask(session, actor, home.prompter, wanted)
    result = working.done(home, run, "Comparing")
    with home.reading(actor.workspace_id) as session:
        return sides.written(session.get_one(PromptTrial, result["trial_id"]))


def compared(
    id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Which comparison, ptr_...; all when left out.")
    ] = None,
    limit: given.Limit = 20,
    cursor: given.Cursor = None,
) -> None:
    """List earlier comparisons, newest first, or show one again."""
    from regrow.services import editing
    from regrow.services import prompt_sides as sides
    from regrow.store import prompts
    from regrow.store.tables.prompts import PromptTrial

    with opened.reading() as session:
        if id is not None:
            found = sides.written(editing.found(session, PromptTrial, id, "comparison"))
            output.give(found, lambda: prompt_sides.show(found))
            return
        page = prompts.trials(session, limit, pages.decode(cursor))
        items = [_row(sides.written(row)) for row in page.items]
    rows.show_page(items, page.next_cursor, TRIAL_COLUMNS, "no comparison yet")


def _row(found: dict[str, Any]) -> dict[str, Any]:
    """A comparison as one row of a table."""
    told = {side: found[side]["version"] for side in ("before", "after")}
    scores = {f"score_{side}": found[side]["score"] for side in ("before", "after")}
    return {**{key: found[key] for key in ("id", "prompt", "created_at")}, **told, **scores}
