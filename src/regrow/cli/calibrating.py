"""`regrow guard calibrate`: does the judge agree with a person's labels, and which threshold fits."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import files, opened, output, working
from regrow.kit import errors

if TYPE_CHECKING:
    from regrow.domain.brand.labels import Labelled
    from regrow.domain.workspaces import Actor
    from regrow.store.tables.runs import Run
    from regrow.wiring import Home

PAPERS = "kappa: Cohen (1960); ranges: Wilson (1927), Efron (1979); best threshold: Youden (1950)"


def calibrate(
    file: Annotated[str, typer.Argument(metavar="FILE", help="CSV or JSON Lines with text, label and maybe persona.")],
    persona: Annotated[str | None, typer.Option("--persona", help="Name or id, where a line names none.")] = None,
    medium: Annotated[str, typer.Option("--medium", help=f"One of {', '.join(files.MEDIA)}.")] = "blog",
    is_sure: Annotated[bool, typer.Option("--yes", help="Do not ask before the judge is paid.")] = False,
    random_seed: Annotated[int, typer.Option("--random-seed", min=0, help="For the range of the threshold.")] = 1,
) -> None:
    """Compare the judge with a person's labels: good or bad, yes or no, 1 or 0.

    Every text is judged as it would be before an approval. What that costs is told first.

    Example: regrow guard calibrate labels.csv --persona per_0199...
    """
    from regrow.domain.brand import calibrating, labels

    files.refuse_medium(medium)
    labelled = labels.read(files.read(file))
    with working.worker_home() as home:
        actor = opened.acting(home)
        working.refuse_unable(home)
        _agree(home, actor, labelled, is_sure)
        begun = [_asked(home, actor, each, persona, medium) for each in labelled]
        working.ended(home, begun, "Asking the judge")
        verdicts = _verdicts(home, begun)
    judged = [(each, found) for each, found in zip(labelled, verdicts, strict=True) if found["judge"] == "done"]
    why = sorted({found["judge_detail"] for found in verdicts if found["judge"] == "failed"})
    rated = [calibrating.Rated(found["judge_score"], each.is_good) for each, found in judged]
    if {each.is_good for each in rated} != {True, False}:
        reason = "; ".join(why) or "it answered for one label only"
        raise errors.Unavailable(f"the judge gave too few verdicts to compare: {reason}", "judge_failed")
    found = {
        "labels": len(labelled),
        "judged": len(rated),
        "failed": len(labelled) - len(rated),
        "failures": why,
        "judges": sorted({name for _, verdict in judged for name in verdict["judges"]}),
        **calibrating.report(rated, random_seed),
    }
    output.give(found, lambda: _show(found))


def _agree(home: Home, actor: Actor, labelled: Sequence[Labelled], is_sure: bool) -> None:
    """Says what it costs, and goes on only when somebody agreed."""
    from regrow.services import estimating

    with home.reading(actor.workspace_id) as session:
        cost = estimating.estimate(session, home.writer, [each.text for each in labelled])
    money = "at an unknown price" if cost.micros is None else f"about ${cost.micros / 1_000_000:.2f} at the dearest"
    told = f"{len(labelled)} texts, {cost.calls} calls of {output.safe(cost.models)}, {cost.credits} credits, {money}."
    output.say(told)
    if is_sure:
        return
    if not sys.stdin.isatty():
        raise errors.Invalid("nobody is there to agree to the cost: add --yes", "not_agreed")
    if not typer.confirm("Ask the judge?", err=True):
        raise errors.Invalid("nothing was asked", "not_agreed")


def _asked(home: Home, actor: Actor, each: Labelled, persona: str | None, medium: str) -> Run:
    from regrow.services import guarding, personas

    with home.writing(actor.workspace_id) as session:
        reference = each.persona_id or persona
        persona_id = personas.id_of(session, reference) if reference else None
        loose = guarding.Loose({"body": each.text}, medium, "", persona_id)
        return guarding.ask_text(session, actor, loose)


def _verdicts(home: Home, begun: Sequence[Run]) -> list[dict[str, Any]]:
    from regrow.services import judging

    with home.reading(begun[0].workspace_id) as session:
        return [judging.verdict_of(session, run.id) for run in begun]


def _show(found: Mapping[str, Any]) -> None:
    failed = f", {found['failed']} without a verdict" if found["failed"] else ""
    output.line(f"{found['judged']} texts judged, {found['good']} good and {found['bad']} bad{failed}")
    for why in found["failures"]:
        output.line(f"  without a verdict: {output.text(why)}")
    for title, part in (("at", found["at"]), ("best at", found["best"])):
        accuracy = f"{part['accuracy']:.0%} right (95%: {part['accuracy_low']:.0%} to {part['accuracy_high']:.0%})"
        output.line(f"\n{title} {part['threshold']:.2f}: {accuracy}, kappa {part['kappa']:.2f}")
        counts = part["confusion"]
        rows = [
            {"label": label, "passed": counts[f"{label}_passed"], "failed": counts[f"{label}_failed"]}
            for label in ("good", "bad")
        ]
        output.table(rows, ("label", "passed", "failed"), "")
    best = found["best"]
    output.line(f"\nThe best threshold lies between {best['low']:.2f} and {best['high']:.2f} (95%).")
    output.line(f"{found['advice'][0].upper()}{found['advice'][1:]}.")
    output.line(PAPERS)
