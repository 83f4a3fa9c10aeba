"""Arms that join and leave while an experiment runs, and what that does to what was seen so far."""

from __future__ import annotations

from dataclasses import dataclass

from regrow.domain.experiments.planning import MOST_ARMS
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors
from regrow.services import editing, experiments
from regrow.store import audit
from regrow.store import experiments as store
from regrow.store.tables.content import Piece
from regrow.store.tables.experiments import Experiment, ExperimentArm
from regrow.store.tenancy import Session


@dataclass(frozen=True, slots=True)
class Changed:
    """`note` says which comparisons begin anew and which go on."""

    row: Experiment
    note: str


def change(
    session: Session,
    actor: Actor,
    id: str,
    add: str | None = None,
    remove: str | None = None,
    expected_version: int | None = None,
    is_automatic: bool | None = None,
) -> Changed:
    """Takes a variant in, another out, or both at once, which is how one takes another's place. `is_automatic` says
    from now on whether a text that loses is asked for anew by itself.
    """
    actor.must(Role.EDITOR)
    row = experiments.locked(session, id)
    editing.refuse_stale(row, expected_version, "experiment")
    is_switched = is_automatic is not None and is_automatic != row.is_automatic
    if add is None and remove is None and not is_switched:
        return Changed(row, "")
    experiments.refuse_ended(row)
    if is_switched:
        row.is_automatic = bool(is_automatic)
        audit.add(session, actor, "experiment.automatic_changed", id, is_automatic=row.is_automatic)
    if add is None and remove is None:
        experiments.touch(row)
        return Changed(row, "")
    return _arms_changed(session, actor, row, add, remove)


def _arms_changed(session: Session, actor: Actor, row: Experiment, add: str | None, remove: str | None) -> Changed:
    notes = [_removed(session, row, remove)] if remove is not None else []
    notes += [_added(session, row, add)] if add is not None else []
    arms = store.arms(session, [row.id])[row.id]
    live = [arm.variant_id for arm in arms if not arm.outcome]
    if not live:
        raise errors.Conflict("no arm would be left: add another one with it", "no_arm_left")
    experiments.share(session, row, live, experiments.weights(row, arms, {}), "arms changed")
    row.arms_changed += 1
    experiments.touch(row)
    audit.add(session, actor, "experiment.arms_changed", row.id, added=add, removed=remove)
    return Changed(row, " ".join(notes))


def _added(session: Session, row: Experiment, variant_id: str) -> str:
    variant = experiments.variant_of(session, row, variant_id)
    experiments.refuse_archived(editing.found(session, Piece, row.piece_id, "piece"))
    arms = store.arms(session, [row.id])[row.id]
    if any(arm.variant_id == variant_id for arm in arms):
        told = "this variant is or was an arm of this experiment: what left does not come back, begin a new one"
        raise errors.Conflict(told, "arm_known")
    if variant.status not in experiments.IN_USE:
        raise errors.Conflict(f"this variant is a {variant.status}: take one that is in use", "variant_not_in_use")
    live = [arm for arm in arms if not arm.outcome]
    if any(arm.label == variant.label for arm in live):
        told = f"the arm {variant.label} still runs: take it out first, or both in one change"
        raise errors.Conflict(told, "label_in_use")
    if len(live) >= MOST_ARMS:
        raise errors.Conflict(f"at most {MOST_ARMS} arms: take one out first", "too_many_arms")
    experiments.add_arm(session, row, variant, len(arms))
    session.flush()
    others = [arm.label for arm in live]
    known = f"What is known of {', '.join(others)} among themselves goes on; " if len(others) > 1 else ""
    return (
        f"{variant.label} joined and starts from zero: all that it is held against begins now. "
        f"{known}{'a' if known else 'A'} winner must beat {variant.label} too."
    )


def _removed(session: Session, row: Experiment, variant_id: str) -> str:
    arm = _live(session, row, variant_id)
    if arm.label == row.reference:
        raise errors.Conflict(
            f"{arm.label} is the declared control, all others are held against it: begin a new experiment instead",
            "control_stays",
        )
    arm.outcome, arm.left_at = "left", max(clock.now(), arm.joined_at)
    session.flush()
    return (
        f"{arm.label} left: its counts are kept and no longer decide. The others go on among themselves; one that was "
        f"worse than {arm.label} alone must be shown to be worse than who is left."
    )


def _live(session: Session, row: Experiment, variant_id: str) -> ExperimentArm:
    for arm in store.arms(session, [row.id])[row.id]:
        if arm.variant_id == variant_id and not arm.outcome:
            return arm
    raise errors.NotFound(f"no arm that runs here is {variant_id[:60]!r}", "arm_not_found")
