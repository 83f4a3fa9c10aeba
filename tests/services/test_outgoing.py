"""What goes out of a text: footnotes as on the site, and nothing of what has become private."""

from __future__ import annotations

from sqlalchemy import update

from regrow.domain.publishing.channel import Outgoing
from regrow.kit import clock, ids
from regrow.services import notes, publishing
from regrow.store import channels
from regrow.store.tables.content import Variant
from regrow.store.tables.notes import Note
from tests import publishing as outside
from tests.homes import Tenant

BODY = "Bread.[^1] Butter.[^2]\n\n## Sources\n\n[^1]: Rye\n[^2]: Staff pay\n"


def noted(alice: Tenant, is_private: bool) -> tuple[str, Outgoing]:
    """A variant, and what goes out of it: a text with two sources, one of which may have become private since."""
    (piece_id,) = outside.approved(alice, "Loaf", labels=())
    with alice.writing() as session:
        channel_id = channels.usable(session)[0].id
        kept, hidden = (notes.create(session, alice.owner, title, "x").id for title in ("Rye", "Staff pay"))
        content = {"title": "Loaf", "body": BODY, "sources": [kept, hidden]}
        said = {"label": "A", "version": 3, "content": content, "status": "live", "by": "model"}
        session.add(Variant(id=ids.new("var"), piece_id=piece_id, created_at=clock.now(), **said))
        session.flush()
        session.execute(update(Note).where(Note.id == hidden).values(is_private=is_private))
        (post,) = publishing.publish(session, alice.owner, alice.home.outside, piece_id, channel_id).posts
        return post.variant_id, publishing.outgoing(session, alice.home.channels, post)


def test_footnotes_go_out_as_on_the_site(alice: Tenant) -> None:
    variant_id, out = noted(alice, False)
    assert out.body == BODY
    anchor = f"note-{variant_id[-8:]}-source-2"
    assert f'<a href="#{anchor}" aria-label="Source 2">2</a>' in out.html
    assert f'<li id="{anchor}">Staff pay' in out.html
    assert "[^" not in out.html


def test_the_title_of_a_private_note_does_not_go_out(alice: Tenant) -> None:
    _variant_id, out = noted(alice, True)
    assert out.body == "Bread.[^1] Butter.\n\n## Sources\n\n[^1]: Rye\n"
    assert "Rye" in out.html
    assert "Staff pay" not in out.html + out.body
