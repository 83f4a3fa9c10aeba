"""The text that lost is written again through every gate, approved by the demo in a person's place, and put out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from regrow.cli import output, working
from regrow.cli import publishing as posting
from regrow.cli.demo import loopback, onlookers, published
from regrow.kit import clock

if TYPE_CHECKING:
    from regrow.cli.demo.acts import Stage
    from regrow.cli.demo.published import Out
    from regrow.cli.demo.rounds import Came
    from regrow.services.circuits import Refusal
    from regrow.services.replacing import Decided
    from regrow.store.tables.experiments import ExperimentDecision
    from regrow.store.tables.runs import Run
    from regrow.store.tenancy import Session

ONLOOKERS = 40


@dataclass(frozen=True, slots=True)
class Tried:
    """Who was asked for by which decision, and what came of it. Without `event_id` nothing was begun: `refusal` says
    which rules kept it from being, or `trouble` what else did.

    `notes` are what the services said of the approval, and `next_id` is the experiment that was begun where the first
    one had ended. `afterwards` is how many of those who then asked for the page were shown each text, by variant; empty
    when nobody asked, or when two texts have one title.
    """

    experiment_id: str
    variant_id: str
    decision_id: str
    since: datetime
    eligibility: Mapping[str, Any]
    refusal: Refusal | None = None
    event_id: str = ""
    is_approved: bool = False
    notes: tuple[str, ...] = ()
    posts: tuple[Mapping[str, Any], ...] = ()
    next_id: str = ""
    afterwards: Mapping[str, int] = field(default_factory=dict)
    trouble: str = ""


def play(stage: Stage, port: int = 0) -> Tried | None:
    """Asks for whoever lost, and where nobody did for the one that came nearest to it, which is refused.

    None when there was no experiment.
    """
    came: Came | None = stage.made["experiment"]
    if came is None or not came.experiment_id:
        return None
    tried, run = _asked(stage, came.experiment_id)
    if run is None:
        return tried
    working.ended(stage.home, [run], "Writing again")
    new_id = _registered(stage, tried.event_id)
    if not new_id:
        return tried
    tried = _put_out(stage, tried, new_id)
    return replace(tried, afterwards=_looked_at(stage, tried, port))


def _asked(stage: Stage, experiment_id: str) -> tuple[Tried, Run | None]:
    """Whether it may be written again, and then the request for it, which claims what is recorded and nothing more."""
    from regrow.services import circuits

    with stage.home.writing(stage.workspace_id) as session:
        decision = _nearest(session, experiment_id)
        may = circuits.eligible(session, experiment_id, decision.variant_id)
        at = clock.aware(decision.at)
        tried = Tried(experiment_id, decision.variant_id, decision.id, at, may)
        try:
            with session.begin_nested():
                actor = stage.home.operator(stage.workspace_id)
                found = circuits.ask(session, actor, circuits.of_decision(decision, "manual"))
        except published.TOLD as error:
            return replace(tried, trouble=str(error)), None
    if isinstance(found, circuits.Refusal):
        return replace(tried, refusal=found), None
    return replace(tried, event_id=str(found.request["event_id"])), found


def _nearest(session: Session, experiment_id: str) -> ExperimentDecision:
    """The decision by which somebody lost, of the last evaluation; else the one about the arm that did worst."""
    from regrow.store import experiments as store

    made = store.newest_evaluation(session, [experiment_id])[experiment_id]
    return min(made, key=lambda each: (each.decision != "terminate", each.delta))


def _registered(stage: Stage, event_id: str) -> str:
    """The new variant; empty when a gate refused or failed."""
    from regrow.services import editing
    from regrow.store.tables.circuits import ContentRegenerationEvent

    with stage.home.reading(stage.workspace_id) as session:
        event = editing.found(session, ContentRegenerationEvent, event_id, "regeneration")
        return event.new_variant_id or "" if event.status == "registered" else ""


def _put_out(stage: Stage, tried: Tried, new_id: str) -> Tried:
    """The approval, the post of the new text, and a new experiment on it where the first one has ended."""
    try:
        decided = _approved(stage, new_id)
        tried = replace(tried, is_approved=True, notes=decided.notes)
        tried = replace(tried, posts=tuple(posting.seen_out(stage.home, decided.posts)))
        return replace(tried, next_id=_tried_anew(stage, tried.experiment_id))
    except published.TOLD as error:
        output.say(f"The new text comes no further: {output.safe(str(error))}")
        return replace(tried, trouble=str(error))


def _approved(stage: Stage, variant_id: str) -> Decided:
    from regrow.services import replacing

    home = stage.home
    with home.writing(stage.workspace_id) as session:
        return replacing.approve_variant(session, home.operator(stage.workspace_id), home.outside, variant_id)


def _tried_anew(stage: Stage, experiment_id: str) -> str:
    """The experiment that a concluded one asks for; empty where the first still runs, which the text has joined."""
    from regrow.services import experiments

    with stage.home.writing(stage.workspace_id) as session:
        test = experiments.found(session, experiment_id)
        if test.status == "running":
            return ""
        asked = {"piece_id": test.piece_id, "metric": test.metric}
        return experiments.create(session, stage.home.operator(stage.workspace_id), asked).id


def _looked_at(stage: Stage, tried: Tried, port: int) -> dict[str, int]:
    """What new visitors of the page are shown now, over real HTTP."""
    out: Out = stage.made["site"]
    titles = _titles(stage, out.told.piece_id)
    if len(set(titles.values())) < len(titles) or not any(each["status"] == "published" for each in tried.posts):
        return {}
    place = stage.home.workspace(stage.workspace_id).slug
    with ExitStack() as stack:
        try:
            base = stack.enter_context(loopback.serving(stage.home, port))
        except published.TOLD as error:
            output.say(f"Nobody looked at the page again: {output.safe(str(error))}")
            return {}
        seen = onlookers.shown(f"{base}/s/{place}/{out.told.slug}", titles, ONLOOKERS)
    return {id: seen[id] for id in titles}


def _titles(stage: Stage, piece_id: str) -> dict[str, str]:
    """Of every text that the article ever had, by variant."""
    from regrow.domain import content as rules
    from regrow.store import content

    with stage.home.reading(stage.workspace_id) as session:
        return {each.id: rules.title_of(each.content) for each in content.variants_of(session, [piece_id])}
