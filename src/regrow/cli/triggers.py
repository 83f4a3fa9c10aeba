"""`regrow triggers`: when the totals of a piece ask for new texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import given, opened, options, output, rows, working
from regrow.kit import errors, pages

if TYPE_CHECKING:
    from regrow.wiring import Home
    from regrow.workflows.triggers import Report

app = typer.Typer(help="Triggers: when totals ask for new texts.", no_args_is_help=True)
Piece = Annotated[str, typer.Argument(metavar="PIECE_ID", help="Its id, pie_...")]
Campaign = Annotated[str | None, typer.Option("--campaign", help="Only pieces of this campaign, cam_...")]
COLUMNS = ("piece_id", "condition", "status", "set_by", "set_at", "failures", "retry_at")
HAPPENED = ("at", "kind", "by", "piece_id", "detail")
FIRED = ("piece_id", "triggered_variants", "task_id", "status", "message")
_CONDITION = re.compile(r"\s*(\w+)\s*(<=|>=|==|<|>)\s*(\S+)\s*")


@app.command("set", cls=options.Command)
def put(
    piece: Piece,
    condition: Annotated[str, typer.Argument(metavar="CONDITION", help="In quotes, such as 'likes < 5'.")],
    prompt: Annotated[str, typer.Option("--prompt", help="What new texts are to do differently.")] = "",
) -> None:
    """Set the trigger of a piece, in place of one that stood.

    Example: regrow triggers set pie_0199... "engagement_rate <= 1.5" --prompt "lead with the number"
    """
    from regrow.services import triggers

    metric, comparison, value = _read(condition)
    said = given.words(prompt, "--prompt", 2_000)
    with opened.writing() as (session, actor):
        found = _shape(triggers.put(session, actor, piece, metric, comparison, value, said))
    rows.give(found)


@app.command(cls=options.Command)
def clear(piece: Piece) -> None:
    """Clear the trigger of a piece; a run that it began writes nothing any more."""
    from regrow.services import triggers

    with opened.writing() as (session, actor):
        triggers.clear(session, actor, piece)
    output.give({"piece_id": piece, "trigger": None}, lambda: output.line("It has no trigger."))


@app.command("list", cls=options.Command)
def show_all(limit: given.Limit = 50, cursor: given.Cursor = None, campaign: Campaign = None) -> None:
    """List the triggers that stand, oldest first."""
    from regrow.store import triggers

    with opened.reading() as session:
        found = triggers.page(session, limit, pages.decode(cursor), campaign)
        items = [_shape(row) for row in found.items]
    rows.show_page(items, found.next_cursor, COLUMNS, "no trigger: see regrow triggers set --help")


@app.command(cls=options.Command)
def log(
    limit: given.Limit = 50,
    cursor: given.Cursor = None,
    piece: Annotated[str | None, typer.Option("--piece", help="Only of this piece, pie_...")] = None,
) -> None:
    """Tell what became of triggers: who set them, and on which values they fired."""
    from regrow.services import triggers as services
    from regrow.store import triggers

    with opened.reading() as session:
        found = triggers.events(session, limit, pages.decode(cursor), piece)
        items = [services.event_shape(row) for row in found.items]
    rows.show_page(items, found.next_cursor, HAPPENED, "nothing became of any trigger yet")


@app.command(cls=options.Command)
def check(
    campaign: Campaign = None,
    is_waiting: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the texts that are written.")] = True,
) -> None:
    """Check the triggers now; those that are met write new texts, which wait for approval.

    Example: regrow triggers check --campaign cam_0199...
    """
    from regrow.workflows import triggers

    with working.worker_home() as home:
        actor = opened.acting(home)
        working.refuse_unable(home)
        report = triggers.check(home.engine, actor, campaign)
        found = report.as_dict()
        if report.runs and is_waiting:
            working.ended(home, report.runs, "Writing anew")
            found["triggered"] = _ended(home, report, found["triggered"])
    output.give(found, lambda: _told(found))


def _read(condition: str) -> tuple[str, str, Any]:
    parts = _CONDITION.fullmatch(condition)
    if parts is None:
        problem = f"condition: write a metric, one of < <= > >= == and a number, such as 'likes < 5', not {condition!r}"
        raise errors.Invalid(problem[:300], "bad_trigger")
    try:
        return parts[1], parts[2], float(parts[3])
    except ValueError:
        return parts[1], parts[2], parts[3]


def _shape(row: Any) -> dict[str, Any]:
    from regrow.services import triggers

    return {"piece_id": row.piece_id, **triggers.shape(row), "condition": triggers.condition_of(row).told}


def _ended(home: Home, report: Report, triggered: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What became of each run, once its judge has spoken where there is one."""
    from regrow.store import runs

    (workspace_id,) = {run.workspace_id for run in report.runs}
    with home.reading(workspace_id) as session:
        last = {run.id: runs.last(session, run.id) for run in report.runs}
    ends = {id: end for id, end in last.items() if end is not None}
    working.judged(home, workspace_id, [id for end in ends.values() for id in (end.result or {}).get("judging", ())])
    told = {id: {"status": end.status, "message": end.message, "result": end.result} for id, end in ends.items()}
    return [{**each, **told.get(each["task_id"], {})} for each in triggered]


def _told(found: dict[str, Any]) -> None:
    output.line(f"{found['checked']} checked")
    if found["triggered"]:
        output.table(found["triggered"], FIRED, "")
    if found["skipped"]:
        output.table(found["skipped"], ("piece_id", "reason"), "")
    for each in found["triggered"]:
        for name in ("root_cause", "ab_comparison", "strategy"):
            if text := ((each.get("result") or {}).get("analysis") or {}).get(name):
                output.say(f"{name.replace('_', ' ')}: {output.safe(text)}")
    if any(each.get("status") == "success" for each in found["triggered"]):
        output.say(f"\nDecide:  regrow{working.workspace_hint()} review")
