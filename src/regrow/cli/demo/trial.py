"""What is told of the demo's experiment: the two texts, their rates and lift round by round, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regrow.cli import output
from regrow.cli.demo import rounds
from regrow.cli.demo.acts import Act, Stage
from regrow.cli.demo.counted import LABELS
from regrow.cli.demo.lifts import Step
from regrow.cli.demo.rounds import Came
from regrow.domain import content as rules
from regrow.domain import differences, prose
from regrow.domain.differences import Counts, Part

if TYPE_CHECKING:
    from regrow.cli.demo.story import Story
    from regrow.services.experiment_pictures import Picture
    from regrow.store.tables.content import Variant
    from regrow.store.tables.experiments import ExperimentDecision
    from regrow.store.tenancy import Session

TERMINAL = 24
JUDGED, OTHER = "B", "A"
"""Whose lift over whom is drawn."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The two variants and what differs, word by word."""

    titles: Mapping[str, str]
    angles: Mapping[str, str]
    statuses: Mapping[str, str]
    parts: tuple[Part, ...]
    counts: Counts
    similarity: float


@dataclass(frozen=True, slots=True)
class Trial:
    """`decisions` are the last evaluation's, in the shape that the API gives them."""

    id: str
    metric: str
    status: str
    rates: Mapping[str, float]
    rounds: int
    readers: int
    decisions: tuple[Mapping[str, Any], ...]
    steps: tuple[Step, ...]
    picture: Picture
    texts: Texts
    afterwards: Mapping[str, int]

    @property
    def loser(self) -> str:
        """The label that was found to be worse; empty when none was."""
        return next((each["label"] for each in self.decisions if each["decision"] == "terminate"), "")

    @property
    def winner(self) -> str:
        return next((each["label"] for each in self.decisions if each["decision"] == "promote"), "")

    @property
    def truly_worse(self) -> str:
        """The label with the lower true rate; empty when they are the same."""
        return "" if len(set(self.rates.values())) == 1 else min(self.rates, key=lambda label: self.rates[label])

    @property
    def is_true(self) -> bool | None:
        """Whether what was found is so; None when nothing was found where there was something to find."""
        if not self.loser and not self.winner:
            return None if self.truly_worse else True
        return self.loser in ("", self.truly_worse) and self.winner != self.truly_worse and bool(self.truly_worse)

    @property
    def deciding(self) -> Mapping[str, Any]:
        """The decision to tell: about the loser, else the winner, else the arm that came nearest to one."""
        order = {"terminate": 0, "promote": 1}
        return min(self.decisions, key=lambda each: (order.get(each["decision"], 2), -each["confidence"]))

    @property
    def conversions(self) -> int:
        return round(sum(each["conversions"] or 0 for each in self.decisions))

    @property
    def needed(self) -> int | None:
        """Conversions in all that a decision takes at the present ratio; None when decided, or never reached."""
        if self.loser or self.winner:
            return None
        return min((each["needed"] for each in self.decisions if each["needed"] is not None), default=None)

    @property
    def verdict(self) -> str:
        """The decision in a few words."""
        if self.status == "invalid":
            return "Invalid: the split of readers was not the one intended"
        found = [f"{self.loser} lost" if self.loser else "", f"{self.winner} won" if self.winner else ""]
        told = " and ".join(each for each in found if each)
        return f"{told} after {self.rounds} rounds" if told else f"No decision after {self.rounds} rounds"

    @property
    def missing(self) -> str:
        """What a decision would have taken; empty when there is one."""
        if self.loser or self.winner or self.status == "invalid":
            return ""
        if self.needed is None:
            return "At the difference that was seen, no number of readers would show one."
        return (
            f"At the ratio that was seen, about {self.needed:,} who read on, of both together, would decide it; "
            f"there were {self.conversions:,}."
        )

    @property
    def traffic(self) -> str:
        """What the site does with those who ask for the page when it is over."""
        total = sum(self.afterwards.values())
        parts = " and ".join(f"{count} were shown {label}" for label, count in self.afterwards.items())
        gone = [label for label in (self.loser,) if label and not self.afterwards.get(label)]
        head = f"{gone[0]} is no longer shown" if gone else "Both are still shown"
        return f"{head}: of {total} who asked for the page when it was over, {parts}."

    @property
    def truth(self) -> str:
        if not self.truly_worse:
            told = "A and B are truly equal"
            return f"{told}, so this is a false alarm." if self.is_true is False else f"{told}, and neither was called."
        told = f"{self.truly_worse} is truly worse"
        if self.is_true is None:
            return f"{told}, and this much traffic did not show it."
        return f"{told}, and that was found." if self.is_true else f"{told}, so this is wrong."


def told(stage: Stage, _story: Story) -> Trial | None:
    """Read in one transaction; None when nobody came."""
    came: Came | None = stage.made["experiment"]
    if came is None or not came.experiment_id:
        return None
    with stage.home.reading(stage.workspace_id) as session:
        return _trial(session, came, stage.rates)


def _trial(session: Session, came: Came, rates: Mapping[str, float]) -> Trial:
    from regrow.api import experiment_shapes
    from regrow.services import experiment_pictures, experiments
    from regrow.store import content
    from regrow.store import experiments as store

    row = experiments.found(session, came.experiment_id)
    made = store.evaluations(session, row.id)
    judged = {each.variant_id for each in made[-1]}
    return Trial(
        id=row.id,
        metric=row.metric,
        status=row.status,
        rates=dict(rates),
        rounds=came.rounds,
        readers=came.rounds * rounds.READERS,
        decisions=tuple(experiment_shapes.decision(each) for each in made[-1]),
        steps=_steps(made[: came.rounds]),
        picture=experiment_pictures.picture(session, row.id, judged),
        texts=_texts({each.label: each for each in content.variants_of(session, [row.piece_id]) if each.id in judged}),
        afterwards=came.afterwards,
    )


def _steps(made: Sequence[Sequence[ExperimentDecision]]) -> tuple[Step, ...]:
    found = []
    for number, some in enumerate(made, start=1):
        judged = next(each for each in some if each.label == JUDGED)
        counts = tuple((each.label, each.n or 0, round(each.conversions or 0)) for each in some)
        sure = max(each.confidence for each in some)
        found.append(Step(number, counts, judged.delta, judged.delta_low, judged.delta_high, sure))
    return tuple(found)


def _texts(variants: Mapping[str, Variant]) -> Texts:
    before, after = (prose.readable(str(variants[label].content.get("body", ""))) for label in (OTHER, JUDGED))
    parts = differences.between(before, after)
    return Texts(
        titles={label: rules.title_of(variants[label].content) for label in LABELS},
        angles={label: str(variants[label].content.get("angle", "")) for label in LABELS},
        statuses={label: variants[label].status for label in LABELS},
        parts=parts,
        counts=differences.counts(parts),
        similarity=prose.shingle_similarity(before, after),
    )


def as_json(_stage: Stage, trial: Trial) -> dict[str, Any]:
    return {
        "id": trial.id,
        "metric": trial.metric,
        "minimum_hours": 0,
        "is_simulated": True,
        "rates": trial.rates,
        "truly_worse": trial.truly_worse or None,
        "rounds": trial.rounds,
        "readers": trial.readers,
        "status": trial.status,
        "verdict": trial.verdict,
        "loser": trial.loser or None,
        "winner": trial.winner or None,
        "is_true": trial.is_true,
        "decision": trial.deciding,
        "decisions": list(trial.decisions),
        "needed": trial.needed,
        "afterwards": dict(trial.afterwards),
        "statuses": dict(trial.texts.statuses),
    }


def show(trial: Trial) -> None:
    output.line(f"\nThe experiment on who reads on, A against B, after each {rounds.READERS} simulated readers:")
    rates = ", ".join(f"{label} {rate:.0%}" for label, rate in trial.rates.items())
    output.fields(
        {
            "experiment": f"{trial.id}, on {trial.metric.replace('_', ' ')}",
            "true rates": rates,
            "minimum_hours": "0 for the demo; for an article it is a week when nobody says otherwise",
            "decided": trial.verdict,
        }
    )
    output.line()
    for each in trial.picture.terminal(TERMINAL):
        output.line(f"  {output.safe(each)}")
    output.line(f"\n{output.safe(trial.deciding['reason'])}")
    for each in (trial.missing, trial.traffic, trial.truth):
        if each:
            output.line(each)


ACT = Act("experiment", "The experiment", "experiment", "report_experiment.html.j2", rounds.play, told, as_json, show)
