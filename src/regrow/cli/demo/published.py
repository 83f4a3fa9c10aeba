"""The demo's article on the built-in site: approved, and both its variants published there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from regrow.cli import output
from regrow.cli import publishing as posting
from regrow.cli.demo import audiences, counted
from regrow.cli.demo.acts import Act, Stage
from regrow.cli.demo.counted import Published
from regrow.kit import errors

if TYPE_CHECKING:
    from regrow.cli.demo.story import Story
    from regrow.store.tables.content import Piece
    from regrow.store.tenancy import Session
    from regrow.wiring import Home

TITLE = "Notes, written up"
DISCLOSURE = "Put together from notes by an offline writer. No language model took part."
TOLD = (errors.Conflict, errors.Invalid, errors.LimitReached, errors.Unavailable)
"""What keeps the article from its readers and is no reason to end the demo."""


@dataclass(frozen=True, slots=True)
class Out:
    """The article as it stands on the site, with the posts that put it there and the title of each label."""

    told: Published
    posts: tuple[dict[str, Any], ...]
    titles: Mapping[str, str]


def play(stage: Stage) -> Out | None:
    """Approves the article and publishes both variants on the site.

    None, with a word to the person, when there is no article that could be published.
    """
    home = stage.home
    piece = _article(home, stage.workspace_id, stage.generation_id)
    if piece is None:
        output.say("Nothing is published: no article was written.")
        return None
    try:
        posts = _published(home, piece)
    except TOLD as error:
        output.say(f"The article is not published: {output.safe(str(error))}")
        return None
    titles = _titles(home, piece)
    told = Published(piece.id, next(iter(titles.values())), str(posts[0]["slug"]), str(posts[0]["address"]))
    return Out(told, tuple(posts), titles)


def told(stage: Stage, _story: Story) -> Published | None:
    """With the readers that came to it, or why none did."""
    out: Out | None = stage.made["site"]
    if out is None:
        return None
    came = stage.made.get("experiment")
    return replace(out.told, audience=came.audience, trouble=came.trouble) if came is not None else out.told


def as_json(stage: Stage, found: Published) -> Any:
    return counted.as_json(found, stage.home.settings.home)


def _article(home: Home, workspace_id: str, generation_id: str) -> Piece | None:
    from regrow.store import content

    with home.reading(workspace_id) as session:
        found = [row for row in content.pieces_of(session, [generation_id]) if row.medium == "blog"]
    return next((row for row in found if row.status in ("draft", "approved")), None)


def _published(home: Home, piece: Piece) -> list[dict[str, Any]]:
    """The posts as they stand, once they are planned and their runs have ended."""
    from regrow.services import pieces, publishing
    from regrow.store import channels

    actor = home.operator(piece.workspace_id)
    with home.writing(piece.workspace_id) as session:
        _furnish(home, session)
        pieces.approve(session, actor, piece.id, expected_version=piece.version)
    with home.writing(piece.workspace_id) as session:
        channel = next(iter(channels.usable_of_kind(session, "site")), None)
        if channel is None:
            raise errors.Conflict("this workspace has no channel for its site", "no_site_channel")
        planned = publishing.publish(session, actor, home.outside, piece.id, channel.id)
    return posting.seen_out(home, planned.posts)


def _furnish(home: Home, session: Session) -> None:
    """The site says what it is: its texts were put together, and by what."""
    from regrow.services import sites
    from regrow.store import sites as site_store

    site = site_store.served(session)
    if site is not None:
        told = {"title": TITLE, "disclosure": DISCLOSURE}
        sites.change(session, home.operator(site.workspace_id), site.id, None, told)


def _titles(home: Home, piece: Piece) -> dict[str, str]:
    from regrow.domain import content as rules
    from regrow.store import content

    with home.reading(piece.workspace_id) as session:
        newest = content.newest_variants(session, [piece.id])[piece.id]
        return {each.label: rules.title_of(each.content) for each in newest}


ACT = Act("site", "On the site", "site", "report_site.html.j2", play, told, as_json, audiences.show)
