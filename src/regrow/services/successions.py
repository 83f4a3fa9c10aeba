"""What follows when a new text takes the place of one that is out: its posts at the same address, its experiment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from regrow.domain import replacing as rules
from regrow.domain.workspaces import Actor
from regrow.kit import errors
from regrow.services import experiment_arms, experiment_decisions, publishing
from regrow.services.publishing import Outside
from regrow.store import audit, posts, replacing
from regrow.store import channels as channel_store
from regrow.store import content as content_store
from regrow.store import experiments as experiment_store
from regrow.store.tables.channels import Channel
from regrow.store.tables.content import Piece, Variant
from regrow.store.tables.experiments import Experiment
from regrow.store.tables.posts import Post
from regrow.store.tenancy import Session

NOWHERE = "the text before it stands on no channel: publish it when it is to go out"


@dataclass(frozen=True, slots=True)
class Planned:
    """Posts to start once this is committed, and what has to be said of them in words."""

    posts: tuple[Post, ...]
    notes: tuple[str, ...]


def plan(session: Session, actor: Actor, outside: Outside, piece: Piece, variants: Sequence[Variant]) -> Planned:
    """On every site channel where the text before stands published: a post of the new one at its address, due now.

    Nothing else is posted to by this; the notes say so. The caller holds the piece.
    """
    before = {row.id: replacing.before(session, row) for row in variants}
    stood = _stood(session, [old.id for rows in before.values() for old in rows])
    planned: list[Post] = []
    notes: list[str] = []
    for variant in variants:
        places = [(channel, _of(rows, before[variant.id])) for channel, rows in stood]
        places = [(channel, rows) for channel, rows in places if rows]
        notes += [] if places else [f"{variant.label}: {NOWHERE}"]
        for channel, rows in places:
            why = rules.why_not_there(_place(channel, rows, before[variant.id]), variant.label)
            if why is not None:
                notes.append(why)
                continue
            slug = next(row.slug for row in reversed(rows) if row.status == "published")
            made = publishing.succeed(session, actor, outside, piece, channel, variant, slug)
            planned += [made] if made is not None else []
    return Planned(tuple(planned), tuple(dict.fromkeys(notes)))


def join(session: Session, actor: Actor, variant: Variant) -> list[str]:
    """Takes a text into the running experiments that the one before it lost in, from zero; says in words what comes of
    each. On the site it joins once it stands there, so that nobody is sent to what is not shown.
    """
    lost = experiment_store.lost_in(session, variant.piece_id, variant.parent_variant_id or "")
    running = [row for row in lost if row.status == "running"]
    if lost and not running:
        last = lost[-1]
        return [f"the experiment {last.id} has ended, it is {last.status}: begin a new one to try {variant.label}"]
    return [_joined(session, actor, row, variant) for row in running]


def end_tests(session: Session, actor: Actor, piece: Piece, labels: Collection[str]) -> list[str]:
    """Ends the running experiments whose arms are about to be replaced under these labels; says so in words."""
    rows = content_store.variants_of(session, [piece.id])
    replaced = {row.id for row in rows if row.status == "live" and row.label in labels}
    ended = []
    for row in experiment_store.of_piece(session, piece.id, "running"):
        arms = experiment_store.arms(session, [row.id])[row.id]
        if any(arm.variant_id in replaced and not arm.outcome for arm in arms):
            experiment_decisions.end(session, actor, row.id)
            ended.append(f"the experiment {row.id} ended, because its arms were replaced: begin a new one")
    return ended


def went_out(session: Session, actor: Actor, post: Post) -> None:
    """A text that stands on the site now takes its place in the experiment there. The caller holds the piece."""
    variant = session.get(Variant, post.variant_id)
    if variant is None or variant.status not in posts.LIVE or not variant.parent_variant_id:
        return
    if variant.id in posts.shown_on_site(session, [variant.id]):
        join(session, actor, variant)


def _joined(session: Session, actor: Actor, row: Experiment, variant: Variant) -> str:
    arms = experiment_store.arms(session, [row.id])[row.id]
    known = next((arm for arm in arms if arm.variant_id == variant.id), None)
    if known is not None and not known.outcome:
        return f"{variant.label} is an arm of the experiment {row.id} already"
    if row.source == rules.SITE and variant.id not in posts.shown_on_site(session, [variant.id]):
        return f"{variant.label} joins the experiment {row.id} from zero once it stands on the site"
    try:
        note = experiment_arms.change(session, actor, row.id, add=variant.id).note
    except errors.Conflict as error:
        audit.add(session, actor, "variant.not_joined", variant.id, experiment_id=row.id, reason=error.detail)
        return f"{variant.label} does not join the experiment {row.id}: {error.detail}"
    audit.add(session, actor, "variant.joined", variant.id, experiment_id=row.id)
    return f"experiment {row.id}: {note}"


def _stood(session: Session, variant_ids: Collection[str]) -> list[tuple[Channel, list[Post]]]:
    """The channels where these stand or stood, each with their posts; all locked, the channels first."""
    found = replacing.stood(session, variant_ids)
    channels = {id: channel_store.locked(session, id) for id in sorted({channel_id for channel_id, _post in found})}
    rows: dict[str, list[Post]] = {id: [] for id in channels}
    for channel_id, post_id in sorted(found, key=lambda each: each[1]):
        row = posts.locked(session, post_id)
        rows[channel_id] += [row] if row is not None else []
    return [(channel, rows[id]) for id, channel in channels.items() if channel is not None]


def _of(rows: Iterable[Post], variants: Iterable[Variant]) -> list[Post]:
    ids = {row.id for row in variants}
    return [row for row in rows if row.variant_id in ids]


def _place(channel: Channel, rows: Sequence[Post], before: Sequence[Variant]) -> rules.Place:
    winners = {row.id for row in before if row.status == "winner"}
    standing = {row.variant_id for row in rows if row.status == "published"}
    return rules.Place(
        name=channel.name,
        kind=channel.kind,
        is_archived=channel.archived_at is not None,
        is_paused=channel.paused_at is not None,
        statuses={row.status for row in rows},
        is_won=bool(winners & standing),
    )
