"""`regrow experiments`: variants held against one another, what was seen of them, and what was decided."""

from __future__ import annotations

import shutil
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import given, opened, options, output, rows, working
from regrow.kit import errors, pages

if TYPE_CHECKING:
    from regrow.services.experiment_replays import Replay
    from regrow.store.tables.experiments import Experiment
    from regrow.store.tenancy import Session

app = typer.Typer(help="Experiments: which variant is better.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="EXPERIMENT_ID", help="Its id, exp_...")]
COLUMNS = ("id", "metric", "status", "source", "batches", "arms", "piece_id")
DECIDED = ("label", "decision", "confidence", "delta", "n", "conversions", "needed")
LONG = ("series", "decisions", "allocation")


class Status(StrEnum):
    RUNNING = "running"
    CONCLUDED = "concluded"
    INCONCLUSIVE = "inconclusive"
    INVALID = "invalid"


class Verdict(StrEnum):
    CONTINUE = "continue"
    PROMOTE = "promote"
    TERMINATE = "terminate"
    INCONCLUSIVE = "inconclusive"
    INVALID = "invalid"


@app.command("list", cls=options.Command)
def show_all(
    limit: given.Limit = 50,
    cursor: given.Cursor = None,
    status: Annotated[Status | None, typer.Option("--status", help="Only those of this status.")] = None,
    piece: Annotated[str | None, typer.Option("--piece", help="Only those of this piece.")] = None,
) -> None:
    """List experiments, oldest first."""
    from regrow.api import experiment_shapes
    from regrow.store import experiments

    with opened.reading() as session:
        found = experiments.page(session, limit, pages.decode(cursor), status.value if status else None, piece)
        items = experiment_shapes.shapes(session, found.items)
    if not options.current().is_json:
        items = [{**each, "arms": [arm["label"] for arm in each["arms"]]} for each in items]
    rows.show_page(items, found.next_cursor, COLUMNS, "no experiment yet: see regrow experiments create --help")


@app.command(cls=options.Command)
def create(
    piece: Annotated[str, typer.Argument(metavar="PIECE_ID", help="Whose variants, pie_...")],
    metric: Annotated[str, typer.Option("--metric", help="Such as click_rate, read_rate or read_time.")] = "click_rate",
    reference: Annotated[str | None, typer.Option("--reference", help="The label others are held against.")] = None,
    share: Annotated[list[str] | None, typer.Option("--share", help="Such as A=0.7; one for each label.")] = None,
    evidence: Annotated[str | None, typer.Option("--evidence", help="randomised unless said otherwise.")] = None,
    minimum_hours: Annotated[float | None, typer.Option("--minimum-hours", help="How long is seen at least.")] = None,
    maximum_days: Annotated[float | None, typer.Option("--maximum-days", help="How long it runs at most.")] = None,
    batch_seconds: Annotated[int | None, typer.Option("--batch-seconds", help="How long a batch is.")] = None,
    traffic: Annotated[str | None, typer.Option("--traffic", help="uniform, or clicks for more of them.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="site or outside: who shows and counts.")] = None,
    automatic: Annotated[bool, typer.Option("--automatic", help="Write a loser again by itself, as a draft.")] = False,
) -> None:
    """Begin an experiment on the variants of a piece.

    Example: regrow experiments create pie_0199... --metric click_rate --reference A
    """
    from regrow.services import experiments

    _refuse_other("--evidence", evidence, ("randomised", "randomised_slots", "observational"))
    _refuse_other("--traffic", traffic, ("uniform", "clicks"))
    _refuse_other("--source", source, ("site", "outside"))
    asked: dict[str, Any] = {
        "piece_id": piece,
        "metric": metric,
        "reference": reference,
        "evidence": evidence,
        "source": source,
        "is_automatic": automatic,
    }
    asked |= {"minimum_hours": minimum_hours, "maximum_days": maximum_days, "batch_seconds": batch_seconds}
    asked |= {"traffic": traffic, "allocation": _shares(share) if share else None}
    with opened.writing() as (session, actor):
        found = _shape(session, experiments.create(session, actor, asked))
    _give(found)


@app.command(cls=options.Command)
def show(id: Id) -> None:
    """Draw rates and intervals over time, and tell what was decided."""
    from regrow.services import experiment_pictures, experiments

    with opened.reading() as session:
        found = _shape(session, experiments.found(session, id))
        picture = experiment_pictures.picture(session, id)

    def draw() -> None:
        width = max(min(shutil.get_terminal_size().columns - 60, 60), 10)
        output.line(output.safe(picture.title))
        for each in picture.terminal(width):
            output.line(f"  {output.safe(each)}")
        output.line()
        _decided(found["decisions"])

    output.give(found, draw)


@app.command(cls=options.Command)
def observe(
    id: Id,
    batch: Annotated[str, typer.Option("--batch", help="The batch's own name; the same one again changes nothing.")],
    at: Annotated[str, typer.Option("--at", help="When it was counted, with its zone.")],
    arms: Annotated[
        list[str], typer.Argument(metavar="LABEL=SEEN/DONE...", help="Such as A=400/31; means: n/sum/squares")
    ],
    source: Annotated[str, typer.Option("--source", help="Who counted.")] = "person",
) -> None:
    """Tell a batch of counts from outside.

    Example: regrow experiments observe exp_0199... A=400/31 B=396/44 --batch monday --at 2027-01-04T00:00:00Z
    """
    from regrow.domain.experiments.observations import Observation
    from regrow.services import experiment_batches, experiments
    from regrow.store import experiments as store

    when = given.moment(at, "--at")
    with opened.writing() as (session, actor):
        experiments.found(session, id)
        labels = {arm.label: arm.variant_id for arm in store.arms(session, [id])[id]}
        told = Observation(batch, when, tuple(_count(each, labels) for each in arms))
        is_known = experiment_batches.observe(session, actor, id, told, given.name(source, "--source")[:60])
    found = {"accepted": True, "duplicate": is_known}
    output.give(found, lambda: output.line("It was there already: nothing changed." if is_known else "Taken."))


@app.command(cls=options.Command)
def evaluate(id: Id) -> None:
    """Judge every arm now, and act on it."""
    from regrow.api import experiment_shapes
    from regrow.services import experiment_decisions, experiments

    with opened.writing() as (session, actor):
        made = experiment_decisions.evaluate(session, actor, id)
        found = experiment_shapes.evaluation(experiments.found(session, id), made)
    working.automatic([row.id for row in made])
    output.give(found, lambda: _decided(found["decisions"]))


@app.command(cls=options.Command)
def end(id: Id) -> None:
    """End an experiment before its time, as inconclusive."""
    from regrow.services import experiment_decisions, experiments

    with opened.writing() as (session, actor):
        experiment_decisions.end(session, actor, id)
        found = _shape(session, experiments.found(session, id))
    _give(found)


@app.command(cls=options.Command)
def decide(
    id: Id,
    variant: Annotated[str, typer.Argument(metavar="VARIANT_ID", help="About which arm, var_...")],
    decision: Annotated[Verdict, typer.Argument(help="What was decided.")],
    source: Annotated[str, typer.Option("--source", help="The system that decided.")],
    confidence: Annotated[float, typer.Option("--confidence", help="From 0 to 1.")],
    delta: Annotated[float, typer.Option("--delta", help="Relative to the reference, such as -0.2.")],
    evidence: Annotated[str, typer.Option("--evidence", help="randomised, or what it was.")] = "randomised",
    reason: Annotated[str, typer.Option("--reason", help="Why, in words.")] = "",
) -> None:
    """Record what another system decided."""
    from regrow.api import experiment_shapes
    from regrow.services import experiment_decisions
    from regrow.services.experiment_decisions import Elsewhere

    words, name = given.words(reason, "--reason"), given.name(source, "--source")[:60]
    told = Elsewhere(variant, decision.value, confidence, delta, evidence, words, name)
    with opened.writing() as (session, actor):
        found = experiment_shapes.decision(experiment_decisions.decide_elsewhere(session, actor, id, told))
    working.automatic([found["circuit_execution_id"]])
    rows.give(found, ("reason",))


@app.command(cls=options.Command)
def arms(
    id: Id,
    add: Annotated[str | None, typer.Option("--add", help="A variant that joins, var_...")] = None,
    remove: Annotated[str | None, typer.Option("--remove", help="A variant that leaves, var_...")] = None,
) -> None:
    """Let arms join or leave; both at once, and one takes the other's place."""
    from regrow.services import experiment_arms

    with opened.writing() as (session, actor):
        changed = experiment_arms.change(session, actor, id, add, remove)
        session.flush()
        found = {**_shape(session, changed.row), "note": changed.note}
    if changed.note:
        output.say(changed.note)
    output.give(found, lambda: output.table(found["arms"], ("label", "variant_id", "share", "outcome"), "no arm"))


@app.command(cls=options.Command)
def change(
    id: Id,
    automatic: Annotated[bool, typer.Option("--automatic/--manual", help="Write a loser again by itself, or not.")],
) -> None:
    """Switch the automatic mode on or off."""
    from regrow.services import experiment_arms

    with opened.writing() as (session, actor):
        found = _shape(session, experiment_arms.change(session, actor, id, is_automatic=automatic).row)
    _give(found)


@app.command(cls=options.Command)
def replay(id: Id) -> None:
    """Compute every decision again from its batches; exit 1 when anything differs from what was recorded."""
    from regrow.api import experiments as shapes
    from regrow.services import experiment_replays

    with opened.reading() as session:
        found = experiment_replays.replay(session, id)
    output.give(shapes.replayed(found), lambda: _replayed(found))
    if not found.is_same:
        raise typer.Exit(1)


def _replayed(found: Replay) -> None:
    for each in found.decisions:
        told = "the same" if not each.differences else f"differs in {', '.join(each.differences)}"
        output.line(f"{each.evaluation:>5}  {each.label}  {each.decision:<12} {each.confidence:.6f}  {told}")
    for batch in found.changed_batches:
        output.line(output.safe(f"the batch {batch} was changed since it came"))
    verdict = "everything is as it was recorded" if found.is_same else "this is not what was recorded"
    output.line(f"{len(found.decisions)} decisions from {found.batches} batches: {verdict}.")


def _shape(session: Session, row: Experiment) -> dict[str, Any]:
    from regrow.api import experiment_shapes

    session.flush()
    return experiment_shapes.shapes(session, [row])[0]


def _give(found: dict[str, Any]) -> None:
    output.give(found, lambda: output.fields({name: value for name, value in found.items() if name not in LONG}))


def _decided(made: list[dict[str, Any]]) -> None:
    told = [{**each, "confidence": f"{each['confidence']:.4f}", "delta": f"{each['delta']:+.1%}"} for each in made]
    output.table(told, DECIDED, "nothing was decided yet: see regrow experiments evaluate")
    for each in made:
        output.line(f"\n{each['label']}: {output.safe(each['reason'])}")


def _refuse_other(name: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        raise errors.Invalid(f"{name}: use one of {', '.join(known)}", "bad_request")


def _shares(told: list[str]) -> dict[str, float]:
    found = {}
    for each in told:
        label, _, share = each.partition("=")
        found[label.strip()] = _number(share, "--share: write it as A=0.7")
    return found


def _count(told: str, labels: dict[str, str]) -> Any:
    from regrow.domain.experiments.observations import Count

    label, _, numbers = told.partition("=")
    parts = [_number(part, "arms: write A=400/31, or for means A=400/31.5/90") for part in numbers.split("/")]
    if label not in labels or len(parts) not in (2, 3) or parts[0] != int(parts[0]):
        raise errors.Invalid(f"arms: {told[:60]!r}: write A=400/31 with one of {', '.join(labels)}", "bad_request")
    return Count(labels[label], int(parts[0]), parts[1], parts[2] if len(parts) == 3 else None)


def _number(text: str, what: str) -> float:
    try:
        found = float(text)
    except ValueError:
        raise errors.Invalid(f"{what}, not {text[:40]!r}", "bad_request") from None
    if not -1e30 < found < 1e30:
        raise errors.Invalid(f"{what}, not {text[:40]!r}", "bad_request")
    return found
