"""Sites and channels: made with the workspace, changed by owners, their secrets sealed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from regrow.domain.workspaces import Role
from regrow.kit import errors
from regrow.services import channels, sites
from regrow.store import audit
from regrow.store import channels as channel_store
from regrow.store import sites as site_store
from regrow.store.tables.channels import Channel
from regrow.store.tables.sites import Site
from tests.homes import Tenant


def test_a_workspace_is_founded_with_its_site_and_channel(alice: Tenant, charlie: Tenant) -> None:
    with alice.writing() as session:
        site = site_store.served(session)
        assert site is not None
        assert (site.title, site.time_zone) == ("Alice and Co", "UTC")
        (channel,) = channel_store.usable(session)
        assert (channel.kind, channel.site_id) == ("site", site.id)
        assert sites.furnish(session, alice.owner, "Again").id == site.id
        assert session.scalars(select(Site.id)).all() == [site.id]
        assert sites.address_of(session, site, "http://x", "loaf") == "http://x/s/alice-and-co/loaf"
    with charlie.reading() as session:
        assert session.get(Site, site.id) is None


def test_a_second_served_site_is_refused_and_another_is_not(alice: Tenant) -> None:
    with alice.writing() as session:
        with pytest.raises(errors.Conflict, match="serves a site already"):
            sites.create(session, alice.owner, {"name": "B", "is_served": True})
        other = sites.create(session, alice.owner, {"name": "Elsewhere", "time_zone": "Europe/Berlin"})
        assert (other.title, other.is_served) == ("Elsewhere", False)


@pytest.mark.parametrize(
    "values",
    [
        {"time_zone": "Mars/Base"},
        {"language": "german!"},
        {"address": "javascript:alert(1)"},
        {"look": {"accent": "red"}},
        {"look": {"Accent": "#ffffff"}},
        {"look": {"ink": "#cccccc"}},
        {"look": {f"colour{number}": "#ffffff" for number in range(1_000)}},
    ],
)
def test_what_a_site_cannot_be_is_refused(alice: Tenant, values: dict[str, object]) -> None:
    with alice.writing() as session:
        site = site_store.served(session)
        assert site is not None
        with pytest.raises(errors.Invalid) as refused:
            sites.change(session, alice.owner, site.id, None, values)
        assert len(refused.value.detail) < 2_000
        sites.change(session, alice.owner, site.id, 1, {"look": {"accent": "#2f6b3c"}})
        assert site.version == 2
        with pytest.raises(errors.Stale):
            sites.change(session, alice.owner, site.id, 1, {"title": "Late"})


def test_only_owners_make_channels_and_the_site_has_one(alice: Tenant) -> None:
    home = alice.home
    with alice.writing() as session:
        wanted = {"kind": "site", "name": "Mine"}
        with pytest.raises(errors.Forbidden):
            channels.create(session, alice.actor(Role.REVIEWER), home.channels, home.sealer, wanted)
        with pytest.raises(errors.Conflict, match="its channel already"):
            channels.create(session, alice.owner, home.channels, home.sealer, wanted)
        with pytest.raises(errors.Invalid, match="no kind of channel"):
            channels.create(session, alice.owner, home.channels, home.sealer, {"kind": "pigeon", "name": "x"})
        (channel,) = channel_store.usable(session)
        channels.archive(session, alice.owner, channel.id)
        made = channels.create(session, alice.owner, home.channels, home.sealer, wanted)
        assert made.site_id == channel.site_id


def test_a_channel_is_changed_paused_and_resumed_on_the_record(alice: Tenant) -> None:
    home = alice.home
    with alice.writing() as session:
        (row,) = channel_store.usable(session)
        values = {"name": "Front", "slots": ["fri 09:00"], "time_zone": "Europe/Berlin"}
        channels.change(session, alice.owner, home.channels, home.sealer, row.id, 1, values)
        assert channels.zone_name(session, row) == "Europe/Berlin"
        reviewer = alice.actor(Role.REVIEWER)
        assert channels.pause(session, reviewer, row.id).paused_at is not None
        version = row.version
        assert channels.pause(session, reviewer, row.id).version == version
        assert channels.resume(session, reviewer, row.id).paused_at is None
        with pytest.raises(errors.Forbidden):
            channels.pause(session, alice.actor(Role.EDITOR), row.id)
        session.flush()
        told = [each.action for each in audit.page(session, 20, subject_id=row.id).items]
        assert told == ["channel.resumed", "channel.paused", "channel.changed", "channel.created"]


def test_channels_of_others_are_not_found(alice: Tenant, charlie: Tenant) -> None:
    with alice.reading() as session:
        id = session.scalars(select(Channel.id)).one()
    with charlie.writing() as session, pytest.raises(errors.NotFound):
        channels.pause(session, charlie.owner, id)
