"""Sites: where content is published; the built-in one is made with its workspace."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from regrow.domain.publishing import looks, schedules
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids
from regrow.services import editing, markup
from regrow.store import audit, sites, workspaces
from regrow.store.tables.channels import Channel
from regrow.store.tables.sites import Site
from regrow.store.tenancy import Session

NAME = "Site"
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
MOST_PROBLEMS = 10
"""Of one look, that are told at once."""
DEFAULTS: Mapping[str, Any] = {
    "title": "",
    "tagline": "",
    "language": "en",
    "time_zone": "UTC",
    "address": "",
    "disclosure": "",
    "look": {},
}


def furnish(session: Session, actor: Actor, title: str) -> Site:
    """The built-in site of a workspace with its channel; what is there already stays as it is."""
    found = sites.served(session)
    if found is not None:
        return found
    row = create(session, actor, {"name": NAME, "title": title, "is_served": True})
    now = clock.now()
    channel = Channel(
        id=ids.new("chn"),
        kind="site",
        name=NAME,
        site_id=row.id,
        settings={},
        time_zone="",
        slots=[],
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(channel)
    audit.add(session, actor, "channel.created", channel.id, kind="site")
    return row


def create(session: Session, actor: Actor, values: Mapping[str, Any]) -> Site:
    """A site; Conflict for a second one that is served."""
    actor.must(Role.EDITOR)
    checked = _checked({**DEFAULTS, "is_served": False, **values})
    if checked["is_served"]:
        _refuse_second(session)
    now = clock.now()
    row = Site(id=ids.new("sit"), version=1, created_at=now, updated_at=now, **checked)
    row.title = row.title or row.name
    session.add(row)
    session.flush()
    audit.add(session, actor, "site.created", row.id, is_served=row.is_served)
    return row


def change(session: Session, actor: Actor, id: str, expected_version: int | None, values: dict[str, Any]) -> Site:
    actor.must(Role.EDITOR)
    row = editing.found(session, Site, id, "site")
    checked = _checked(values)
    if checked.get("is_served") and not row.is_served:
        _refuse_second(session)
    editing.change(session, actor, row, "site", expected_version, **checked)
    return row


def archive(session: Session, actor: Actor, id: str) -> Site:
    row = editing.found(session, Site, id, "site")
    editing.archive(session, actor, row, "site")
    return row


def address_of(session: Session, site: Site | None, server: str, slug: str) -> str:
    """Where an article of this slug stands on the built-in site; empty when it is served nowhere.

    `server` is where readers reach this server; a site with an address of its own has it in front.
    """
    if site is None or not site.is_served or not slug:
        return ""
    workspace = workspaces.find(session, site.workspace_id)
    return f"{site.address.rstrip('/') or server}/s/{workspace.slug}/{slug}" if workspace is not None else ""


def _refuse_second(session: Session) -> None:
    found = sites.served(session)
    if found is not None:
        raise errors.Conflict(f"this workspace serves a site already, {found.id}: change that one", "site_served")


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    problems: list[str] = []
    if "time_zone" in values:
        schedules.zone(values["time_zone"])
    if "language" in values and _LANGUAGE.fullmatch(values["language"]) is None:
        problems.append("language: write a tag such as en or de-AT")
    if values.get("address") and markup.web_address(values["address"]) is None:
        problems.append("address: write where readers reach the server, such as https://example.org")
    problems += looks.problems(values.get("look", {}))[:MOST_PROBLEMS]
    if problems:
        raise errors.Invalid("; ".join(problems), "bad_site", problems=problems)
    return dict(values)
