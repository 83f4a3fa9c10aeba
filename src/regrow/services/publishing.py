"""Publishing: what goes out is planned with its key first; the act and its record come later, each on its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regrow.domain import content
from regrow.domain.contexts import Complexity
from regrow.domain.publishing import posts as rules
from regrow.domain.publishing import schedules, slugs
from regrow.domain.publishing.channel import Outgoing, Register
from regrow.domain.publishing.schedules import Moment
from regrow.domain.sealing import Sealer
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids
from regrow.services import articles, channels, contexts, editing, footnotes, mail, site_pages, sites
from regrow.store import audit, records
from regrow.store import channels as channel_store
from regrow.store import content as content_store
from regrow.store import posts as post_store
from regrow.store import sites as site_store
from regrow.store.tables.channels import Channel
from regrow.store.tables.content import Generation, Piece, Variant
from regrow.store.tables.personas import Persona
from regrow.store.tables.posts import Post
from regrow.store.tenancy import Session

NAME = "publish"
MAY_GO_OUT = ("approved", "published")
SUMMARY = 300
"""Characters of a summary that is taken from the text."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What publishing needs of the installation."""

    register: Register
    sealer: Sealer


@dataclass(frozen=True, slots=True)
class Planned:
    """Posts of one piece on one channel. `note` says what the clocks of the zone did to the time, if anything."""

    posts: tuple[Post, ...]
    note: str = ""


def publish(
    session: Session, actor: Actor, outside: Outside, piece_id: str, channel_id: str, at: str | None = None
) -> Planned:
    """Plans one post per live variant, for now or for `at`: a time, or `next` for the next free slot of the channel.

    A variant that is there already stays as it is, so that one that failed can follow. Whoever calls starts the runs
    of what is due once this is committed. Conflict when the piece is not approved, or all of it is there already;
    Invalid when the channel would refuse it.
    """
    actor.must(Role.REVIEWER)
    piece, channel = _locked(session, piece_id, channel_id)
    variants = post_store.live_variants(session, piece.id)
    before = post_store.of_pair(session, channel.id, [row.id for row in variants])
    missing = _missing(variants, before)
    moment = moment_of(session, channel, at)
    slug = _slug(session, channel, piece, variants[0])
    planned = [_plan(session, actor, piece, channel, row, before, slug, moment.at) for row in missing]
    session.flush()
    _refuse_invalid(session, outside, channel, planned)
    detail: dict[str, Any] = {
        "channel_id": channel.id,
        "post_ids": [row.id for row in planned],
        "due_at": clock.iso(moment.at),
    }
    audit.add(session, actor, "piece.publishing_planned", piece.id, **detail)
    return Planned(tuple(planned), schedules.told(moment.note, moment.at, channels.zone_name(session, channel)))


def succeed(
    session: Session, actor: Actor, outside: Outside, piece: Piece, channel: Channel, variant: Variant, slug: str
) -> Post | None:
    """Plans a post of a variant, due now, at an address where another text of its piece stands; None when it is there
    already. The caller holds piece and channel, and starts the run once this is committed.
    """
    before = post_store.of_pair(session, channel.id, [variant.id])
    if any(row.status not in rules.ENDED for row in before):
        return None
    row = _plan(session, actor, piece, channel, variant, before, slug, clock.now())
    session.flush()
    _refuse_invalid(session, outside, channel, [row])
    detail: dict[str, Any] = {"channel_id": channel.id, "post_ids": [row.id], "due_at": clock.iso(row.due_at)}
    audit.add(session, actor, "piece.publishing_planned", piece.id, **detail)
    return row


def outgoing(session: Session, register: Register, row: Post, at: datetime | None = None) -> Outgoing:
    """What a post carries, the same in every attempt; `at` is when it is first sent, until the row says so itself."""
    variant = editing.found(session, Variant, row.variant_id, "variant")
    piece = editing.found(session, Piece, row.piece_id, "piece")
    channel = records.get(session, Channel, row.channel_id or "")
    site = channels.site_of(session, channel)
    served = site_store.served(session)
    said = variant.content
    shown = site_pages.shown_sources(session, {variant.id: said})[variant.id]
    is_public = None if shown is None else shown.__contains__
    body = articles.public(str(said.get("body", "")), is_public)
    return Outgoing(
        key=row.key,
        post_id=row.id,
        piece_id=piece.id,
        medium=piece.medium,
        label=variant.label,
        title=content.title_of(said),
        body=body,
        html=_html(piece, variant, body),
        slug=row.slug,
        language=str(piece.meta.get("language") or (site.language if site is not None else "en")),
        author=_author(session, piece),
        at=clock.iso(row.sent_at or at or row.created_at),
        address=sites.address_of(session, served, register.surroundings.address, _site_slug(session, row, channel)),
        summary=str(said.get("preheader") or said.get("summary") or "")[:SUMMARY],
        hashtags=tuple(map(str, said.get("hashtags") or ())),
        disclosure=site.disclosure if site is not None else "",
        meta=_meta(piece, said),
    )


def _locked(session: Session, piece_id: str, channel_id: str) -> tuple[Piece, Channel]:
    """The piece before the channel, as everywhere: whoever publishes waits for whoever decides."""
    locked = content_store.locked_piece(session, piece_id)
    if locked is None:
        raise errors.NotFound(f"there is no piece {piece_id[:60]!r} here")
    channel = channel_store.locked(session, channel_id)
    if channel is None:
        raise errors.NotFound(f"there is no channel {channel_id[:60]!r} here")
    editing.refuse_archived(channel, "channel")
    piece = locked[0]
    if piece.status not in MAY_GO_OUT:
        raise errors.Conflict(f"this piece is {piece.status}: approve it before it goes out", "not_approved")
    if not post_store.live_variants(session, piece.id):
        raise errors.Conflict("no variant of this piece is live: approve it again", "nothing_live")
    return piece, channel


def _missing(variants: Sequence[Variant], before: Sequence[Post]) -> list[Variant]:
    """Those that neither stand there nor are on their way."""
    standing = [row for row in before if row.status not in rules.ENDED]
    there = {row.variant_id for row in standing}
    missing = [row for row in variants if row.id not in there]
    if not missing:
        named = ", ".join(f"{row.id} ({row.status})" for row in standing)
        raise errors.Conflict(f"this is planned or published there already: {named}", "already_published")
    return missing


def moment_of(session: Session, channel: Channel, at: str | None) -> Moment:
    """The time that is meant: now, the next free slot, or as it is written in the zone of the channel."""
    now = clock.now()
    if at is None:
        return Moment(now)
    zone_name = channels.zone_name(session, channel)
    if at.strip().lower() == schedules.NEXT:
        taken = post_store.slot_times(session, channel.id, now)
        return schedules.next_slot(channel.slots, schedules.zone(zone_name), now, taken)
    found = schedules.moment(at, zone_name)
    schedules.refuse_far(found.at, now)
    return found


def _slug(session: Session, channel: Channel, piece: Piece, variant: Variant) -> str:
    """A piece keeps the slug that it had on this channel; a new one never takes that of another piece."""
    own = [row.slug for row in post_store.of_piece(session, piece.id) if row.channel_id == channel.id and row.slug]
    if own:
        return own[-1]
    said = variant.content
    words = content.title_of(said) or " ".join(str(said.get("body", "")).split()[:8])
    wanted = slugs.slug_of(words, f"{piece.medium}-{piece.id[-10:]}")
    return slugs.free(wanted, post_store.slugs(session, channel.id, wanted[: slugs.LONGEST - 8], piece.id))


def _plan(
    session: Session,
    actor: Actor,
    piece: Piece,
    channel: Channel,
    variant: Variant,
    before: Sequence[Post],
    slug: str,
    at: datetime,
) -> Post:
    """The intent, with its key, before anything is sent."""
    now = clock.now()
    number = 1 + sum(row.variant_id == variant.id for row in before)
    id = ids.new("pst")
    told = {"piece_id": piece.id, "variant_id": variant.id, "channel_id": channel.id}
    owner = f"{NAME}:{id}"
    context_id = contexts.open_context(session, actor, NAME, told, Complexity.LOW, owner, piece.context_id)
    row = Post(
        id=id,
        platform=_platform(piece, channel),
        status="planned",
        key=rules.key_of(actor.workspace_id, channel.id, variant.id, number),
        number=number,
        round=1,
        attempts=0,
        slug=slug,
        outside_id="",
        address="",
        detail="",
        answer="",
        context_id=context_id,
        by=actor.id,
        due_at=at,
        version=1,
        created_at=now,
        updated_at=now,
        **told,
    )
    session.add(row)
    return row


def _platform(piece: Piece, channel: Channel) -> str:
    """What a social post was written for, else the kind of its channel."""
    return str(piece.meta.get("platform") or channel.kind) if piece.medium == "social" else channel.kind


def _refuse_invalid(session: Session, outside: Outside, channel: Channel, planned: Sequence[Post]) -> None:
    made = channels.connected(outside.register, outside.sealer, channel)
    limits = made.capabilities
    problems: list[str] = []
    for row in planned:
        out = outgoing(session, outside.register, row)
        if out.medium not in limits.media:
            raise errors.Invalid(
                f"the channel {channel.name} takes {', '.join(limits.media)}, and this is {out.medium}",
                "medium_not_taken",
            )
        problems += [f"variant {out.label}: {each}" for each in (*_too_long(out, limits), *made.validate(out))]
    if problems:
        raise errors.Invalid("; ".join(problems), "not_publishable", problems=problems)


def _too_long(out: Outgoing, limits: Any) -> list[str]:
    measured = (("title", out.title, limits.longest_title), ("text", out.body, limits.longest_body))
    return [
        f"the {name} has {len(text)} characters, and at most {most} go out: shorten it"
        for name, text, most in measured
        if most is not None and len(text) > most
    ]


def _html(piece: Piece, variant: Variant, body: str) -> str:
    """As on the built-in site: footnotes are a list with ways back, and the title is not told twice."""
    if piece.medium == mail.MEDIUM:
        return mail.html(variant.content, mail.language_of(piece.meta))
    made = articles.made(content.title_of(variant.content), body, None, footnotes.ENGLISH, variant.id)
    return made.html + made.sources


def _author(session: Session, piece: Piece) -> str:
    generation = editing.found(session, Generation, piece.generation_id, "generation")
    persona = records.get(session, Persona, generation.persona_id)
    return persona.name if persona is not None else ""


def _site_slug(session: Session, row: Post, channel: Channel | None) -> str:
    """The slug of the piece on the built-in site, as far as it stands there or is about to."""
    if channel is not None and channel.kind == channels.SITE:
        return row.slug
    standing = [each for each in post_store.of_piece(session, row.piece_id) if each.platform == channels.SITE]
    return next((each.slug for each in standing if each.status == "published"), "")


def _meta(piece: Piece, said: Any) -> dict[str, Any]:
    named = ("cta", "cta_url", "preheader", "angle")
    return {
        "piece_id": piece.id,
        "generation_id": piece.generation_id,
        "platform": str(piece.meta.get("platform") or ""),
        **{name: str(said[name]) for name in named if said.get(name)},
    }
