"""`regrow regenerations`: texts that lost a test, written again through every gate."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import given, opened, options, output, rows, working
from regrow.kit import clock, errors, pages

if TYPE_CHECKING:
    from regrow.services.circuit_replays import Replay
    from regrow.store.tables.experiments import ExperimentDecision
    from regrow.store.tenancy import Session

app = typer.Typer(help="Regenerations: texts that lost a test, written again.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="REGENERATION_ID", help="Its id, reg_...")]
TestId = Annotated[str, typer.Argument(metavar="EXPERIMENT_ID", help="The test, exp_...")]
VariantId = Annotated[str, typer.Argument(metavar="VARIANT_ID", help="The text that lost, var_...")]
COLUMNS = ("id", "status", "generated_by", "score", "new_variant_id", "parent_variant_id", "ab_test_id", "initiated_at")
MARKS = {True: "passed", False: "refused", None: "not reached"}


class Status(StrEnum):
    INITIATED = "initiated"
    CX08_APPROVED = "cx08_approved"
    CX08_REJECTED = "cx08_rejected"
    CX06_GENERATED = "cx06_generated"
    CX05_PASSED = "cx05_passed"
    CX05_FAILED = "cx05_failed"
    REGISTERED = "registered"
    FAILED = "failed"


@app.command(cls=options.Command)
def ask(
    test: TestId,
    variant: VariantId,
    instructions: Annotated[
        str, typer.Option("--instructions", help='What to do otherwise, such as "lead with the number".')
    ] = "",
    decision: Annotated[
        str | None, typer.Option("--decision", help="The decision it lost by, cxe_...; the newest when left out.")
    ] = None,
) -> None:
    """Have a losing text written again; what comes of it is a draft. Exit 1 when a rule or a gate refuses.

    Example: regrow regenerations ask exp_0199... var_0199... --instructions "Lead with the number"
    """
    from regrow.services import circuits

    words = given.words(instructions, "--instructions", 2_000)
    with working.worker_home() as home:
        actor = opened.acting(home)
        working.refuse_unable(home)
        with home.writing(actor.workspace_id) as session:
            row = _decision(session, test, variant, decision)
            found = circuits.ask(session, actor, circuits.of_decision(row, "manual", words))
        if isinstance(found, circuits.Refusal):
            _refuse(found)
        else:
            working.ended(home, [found], "Writing again")
            with home.reading(actor.workspace_id) as session:
                _come_out(session, str(found.request["event_id"]))


@app.command("list", cls=options.Command)
def show_all(
    limit: given.Limit = 50,
    cursor: given.Cursor = None,
    test: Annotated[str | None, typer.Option("--experiment", help="Only those of this test.")] = None,
    status: Annotated[Status | None, typer.Option("--status", help="Only those of this status.")] = None,
) -> None:
    """List regenerations, newest first."""
    from regrow.services import circuit_registering
    from regrow.store import circuits

    with opened.reading() as session:
        found = circuits.page(session, limit, pages.decode(cursor), test, status.value if status else None)
        items = [
            {
                "id": row.id,
                **{name: getattr(row, name) for name in ("ab_test_id", "parent_variant_id", "generated_by")},
                **circuit_registering.result(row),
                "score": row.cx05_validation_score,
                "initiated_at": clock.iso(row.initiated_at),
            }
            for row in found.items
        ]
    rows.show_page(items, found.next_cursor, COLUMNS, "no regeneration yet: see regrow regenerations ask --help")


@app.command(cls=options.Command)
def show(id: Id) -> None:
    """Draw the gates with what each found, and the lineage of the text."""
    from regrow.services import circuit_lineage, circuit_registering, editing
    from regrow.store.tables.circuits import ContentRegenerationEvent

    with opened.reading() as session:
        row = editing.found(session, ContentRegenerationEvent, id, "regeneration")
        found = {**circuit_lineage.whole(row), "reason": circuit_registering.reason(row)}
        root = row.new_variant_id or row.parent_variant_id
        tree = circuit_lineage.lineage(session, row.ab_test_id, root)["lineage"]
    output.give({**found, "lineage": tree}, lambda: _drawn(found, tree, root))


@app.command(cls=options.Command)
def replay(id: Id) -> None:
    """Run what was recorded through the rules again; exit 1 when a gate does not agree with what it said."""
    from regrow.services import circuit_replays

    with opened.reading() as session:
        found = circuit_replays.replay(session, id)
    output.give(_replay(found), lambda: _replayed(found))
    if not found.is_same:
        raise typer.Exit(1)


@app.command(cls=options.Command)
def eligibility(test: TestId, variant: VariantId) -> None:
    """Say whether a text may be written again, and every rule that keeps it from being; exit 1 when one does."""
    from regrow.services import circuits

    with opened.reading() as session:
        found = circuits.eligible(session, test, variant)

    def told() -> None:
        output.fields({name: value for name, value in found.items() if name not in ("violations", "reason")})
        for each in found["violations"] or [found["reason"]]:
            output.line(output.safe(f"  {each}"))

    output.give(found, told)
    if not found["eligible"]:
        raise typer.Exit(1)


@app.command(cls=options.Command)
def lineage(test: TestId, variant: VariantId) -> None:
    """Draw where a text comes from and what came of it, with every attempt of its test."""
    from regrow.services import circuit_lineage

    with opened.reading() as session:
        found = circuit_lineage.lineage(session, test, variant)

    def told() -> None:
        _tree(found["lineage"], variant)
        events = found["regeneration_history"]["recent_events"]
        output.table(events, ("event_id", "status", "parent_variant", "child_variant", "cx05_score"), "no attempt yet")

    output.give(found, told)


def _decision(session: Session, test: str, variant: str, decision: str | None) -> ExperimentDecision:
    from regrow.store import circuits

    row = circuits.termination(session, test, variant, decision)
    if row is None:
        told = "there is no decision here that ended this variant's part in this test: see regrow experiments show"
        raise errors.NotFound(told, "cx09_termination_not_found")
    return row


def _refuse(found: Any) -> None:
    """A test that is busy is a conflict, everything else a rule that said no."""
    if found.status == 409:
        raise errors.Conflict(f"{found.error}: wait for it, see regrow regenerations list", "regeneration_running")
    told = ("Not eligible:", *found.violations)
    output.give(
        {"error": found.error, "violations": list(found.violations)},
        lambda: output.line("\n".join(output.safe(each) for each in told)),
    )
    raise typer.Exit(1)


def _come_out(session: Session, event_id: str) -> None:
    from regrow.services import circuit_registering, editing
    from regrow.store.tables.circuits import ContentRegenerationEvent

    found = circuit_registering.result(editing.found(session, ContentRegenerationEvent, event_id, "regeneration"))
    output.give(found, lambda: output.fields(found, ("reason",)))
    if not found["success"]:
        raise typer.Exit(1)
    output.say(f"\nLook at it:  regrow{working.workspace_hint()} regenerations show {event_id}")


def _drawn(found: dict[str, Any], tree: dict[str, Any], root: str) -> None:
    output.line(output.safe(f"{found['id']}  {found['status']}: {found['reason']}"))
    output.line(output.safe(f"asked for by {found['generated_by']} at {found['initiated_at']}"))
    output.line(output.safe(f"lost because: {found['termination_reason']}"))
    output.line()
    for each in _gates(found):
        output.line(output.safe(each))
    output.line()
    _tree(tree, root)


def _gates(found: dict[str, Any]) -> list[str]:
    signal, writing = found["cx08_approval_signal"] or {}, found["cx06_generation_result"]
    validation = found["cx05_validation_result"]
    lines = [f"  CX08 review        {MARKS[found['cx08_approved']]}"]
    lines += [f"         {each}" for each in signal.get("vetoes", [])]
    if signal.get("opinion"):
        lines.append(f"         the reviewing model: {signal['opinion']['reason']}")
    lines.append(f"  CX06 writing       {MARKS[found['cx06_generated']]}")
    if writing is not None:
        alike = writing["similarity"]
        lines.append(f"         {alike['lost']:.2f} like the one that lost, {alike['won']:.2f} like what did better")
        lines.append(f"         by {writing['model']}, from {len(writing['sources'])} notes")
    lines.append(f"  CX05 brand guard   {MARKS[found['cx05_validation_passed']]}")
    if validation is not None:
        lines.append(f"         {validation['validation_score']:.2f} by {validation['method']}")
        lines += [f"         {each['severity']} {each['check']}: {each['how']}" for each in validation["findings"]]
    return lines


def _tree(tree: dict[str, Any], root: str) -> None:
    """The first text at the top, everything that came of it below, each as deep as it lies."""
    chain = [each["parent_variant_id"] for each in reversed(tree["parents"])]
    for depth, id in enumerate((*chain, root)):
        output.line(output.safe(f"{'   ' * depth}{'└─ ' if depth else ''}{id}{'  <-' if id == root else ''}"))
    places = {root: len(chain)}
    for each in tree["children"]:
        places[each["child_variant_id"]] = depth = places.get(each["parent_variant_id"], len(chain)) + 1
        told = "" if each["is_active"] else "  (not taken)"
        output.line(output.safe(f"{'   ' * depth}└─ {each['child_variant_id']}{told}"))


def _replay(found: Replay) -> dict[str, Any]:
    return {
        "event_id": found.event_id,
        "is_same": found.is_same,
        "status": found.status,
        "computed": found.computed,
        "gates": [
            {
                **{name: getattr(each, name) for name in ("gate", "recorded", "computed")},
                "differences": {name: list(pair) for name, pair in each.differences.items()},
            }
            for each in found.gates
        ],
    }


def _replayed(found: Replay) -> None:
    for each in found.gates:
        told = "the same" if not each.differences else f"differs in {', '.join(each.differences)}"
        output.line(output.safe(f"{each.gate:<13} {MARKS[each.recorded]:<8} {told}"))
    verdict = "the gates agree with what was recorded" if found.is_same else "this is not what was recorded"
    output.line(output.safe(f"{found.status}: {verdict}."))
