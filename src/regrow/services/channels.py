"""Channels: connected destinations; their secrets are sealed when they come in and never given out again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from regrow.domain.publishing import schedules
from regrow.domain.publishing import settings as rules
from regrow.domain.publishing.channel import Channel as Connected
from regrow.domain.publishing.channel import Register
from regrow.domain.sealing import Sealer
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids
from regrow.services import editing
from regrow.store import audit, channels, sites
from regrow.store.tables.channels import Channel
from regrow.store.tables.sites import Site
from regrow.store.tenancy import Session

SITE = "site"


def create(session: Session, actor: Actor, register: Register, sealer: Sealer, values: Mapping[str, Any]) -> Channel:
    """A channel that can be published to from now on.

    `values` are kind and name, and if wanted settings, secrets, site_id, time_zone and slots. Invalid names what is
    off; nobody outside is asked.
    """
    actor.must(Role.OWNER)
    kind = rules.declared(register.declared(), values["kind"])
    secrets = dict(values.get("secrets", {}))
    settings = rules.checked(kind, values.get("settings", {}), secrets)
    register.make(kind.name, settings, secrets)
    now = clock.now()
    row = Channel(
        id=ids.new("chn"),
        kind=kind.name,
        name=values["name"],
        site_id=_site_id(session, kind.name, values.get("site_id")),
        settings=settings,
        sealed=_sealed(sealer, secrets),
        time_zone=_zone_name(values.get("time_zone", "")),
        slots=schedules.checked_slots(values.get("slots", [])),
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    audit.add(session, actor, "channel.created", row.id, kind=kind.name)
    return row


def change(
    session: Session,
    actor: Actor,
    register: Register,
    sealer: Sealer,
    id: str,
    expected_version: int | None,
    values: Mapping[str, Any],
) -> Channel:
    """Settings and secrets that are not named stay as they are; a secret of an empty text is forgotten."""
    actor.must(Role.OWNER)
    row = editing.found(session, Channel, id, "channel")
    changed = {name: values[name] for name in ("name",) if name in values}
    if "settings" in values or "secrets" in values:
        merged = {**secrets_of(sealer, row), **values.get("secrets", {})}
        secrets = {name: value for name, value in merged.items() if value != ""}
        kind = rules.declared(register.declared(), row.kind)
        settings = rules.checked(kind, {**row.settings, **values.get("settings", {})}, secrets)
        register.make(row.kind, settings, secrets)
        changed |= {"settings": settings, "sealed": _sealed(sealer, secrets)}
    if "site_id" in values:
        changed["site_id"] = _site_id(session, row.kind, values["site_id"])
    if "time_zone" in values:
        changed["time_zone"] = _zone_name(values["time_zone"])
    if "slots" in values:
        changed["slots"] = schedules.checked_slots(values["slots"])
    editing.change(session, actor, row, "channel", expected_version, **changed)
    return row


def archive(session: Session, actor: Actor, id: str) -> Channel:
    """Takes the channel out of use and forgets its secrets; what is planned for it does not go out."""
    row = editing.found(session, Channel, id, "channel")
    editing.archive(session, actor, row, "channel", Role.OWNER)
    row.sealed = None
    return row


def pause(session: Session, actor: Actor, id: str) -> Channel:
    """Nothing goes out until it is resumed; plans stay. Pausing twice changes nothing."""
    return _pause(session, actor, id, is_paused=True)


def resume(session: Session, actor: Actor, id: str) -> Channel:
    """Plans go out again; those that were due too long ago are missed, and wait for a person."""
    return _pause(session, actor, id, is_paused=False)


def connected(register: Register, sealer: Sealer, row: Channel) -> Connected:
    """The channel to act with. Asks nobody."""
    return register.make(row.kind, row.settings, secrets_of(sealer, row))


def secrets_of(sealer: Sealer, row: Channel) -> dict[str, str]:
    """For whoever acts on the channel, and for nobody else."""
    if row.sealed is None:
        return {}
    found: dict[str, str] = json.loads(sealer.reveal(row.sealed))
    return found


def secret_names(register: Register, row: Channel) -> list[str]:
    """Which secrets a channel of this kind may hold; whether they are set is told by `sealed` alone."""
    named = {kind.name: kind for kind in register.declared()}
    return [each.name for each in named[row.kind].settings if each.is_secret] if row.kind in named else []


def site_of(session: Session, row: Channel | None) -> Site | None:
    """The site that a channel belongs to, else the built-in one."""
    if row is not None and row.site_id is not None:
        return session.get(Site, row.site_id)
    return sites.served(session)


def zone_name(session: Session, row: Channel) -> str:
    """The zone that its times are written in: its own, or its site's."""
    site = site_of(session, row)
    return row.time_zone or (site.time_zone if site is not None else "UTC")


def _pause(session: Session, actor: Actor, id: str, is_paused: bool) -> Channel:
    actor.must(Role.REVIEWER)
    row = editing.found(session, Channel, id, "channel")
    editing.refuse_archived(row, "channel")
    if (row.paused_at is not None) != is_paused:
        row.paused_at = clock.now() if is_paused else None
        row.updated_at = clock.now()
        row.version += 1
        audit.add(session, actor, "channel.paused" if is_paused else "channel.resumed", row.id)
    return row


def _site_id(session: Session, kind: str, site_id: str | None) -> str | None:
    if site_id is not None:
        site = editing.found(session, Site, site_id, "site")
        editing.refuse_archived(site, "site")
    if kind != SITE:
        return site_id
    served = sites.served(session)
    if served is None:
        raise errors.Conflict("this workspace serves no site: make one first", "no_site")
    if site_id not in (None, served.id):
        raise errors.Invalid(f"site_id: only the site that is served from here, {served.id}", "bad_site")
    if channels.usable_of_kind(session, SITE):
        raise errors.Conflict("the built-in site has its channel already", "site_channel_exists")
    return served.id


def _zone_name(name: str) -> str:
    if name:
        schedules.zone(name)
    return name


def _sealed(sealer: Sealer, secrets: Mapping[str, str]) -> str | None:
    return sealer.seal(json.dumps(dict(secrets))) if secrets else None
