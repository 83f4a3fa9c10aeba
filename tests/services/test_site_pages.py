"""Articles from drafts: their footnotes, what a note that became private takes with it, and their neighbours."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from regrow.services import articles, footnotes, notes, site_pages
from regrow.services.footnotes import ENGLISH
from regrow.store.tables.notes import Note
from regrow.web import words
from tests import published
from tests.homes import Tenant

DRAFT = (
    "# Pricing\n\nFlour is cheap.[^1] Rent is not.[^2]\n\n## Why\n\n- one[^1]\n\n"
    "## Sources\n\n[^1]: Shop *Overview*\n[^2]: https://example.org/rent\n[^3]: Never used\n"
)
PIECES = st.sampled_from(
    [
        *"<>[]()!&\"'`*_#:/\\ \n^ab1|~",
        *("[^1]", "[^1]: note\n", "```\n", "<script>", "javascript:", "](http://a.b)", "|-|\n"),
    ]
)
ALLOWED = frozenset(
    "h2 h3 h4 h5 h6 p a ul ol li em strong code pre blockquote hr br sup s table thead tbody tr th td div".split()
)


class Seen(HTMLParser):
    """Which elements a text has, and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.ids += [value or "" for name, value in attrs if name == "id"]


def test_a_draft_becomes_an_article() -> None:
    made = articles.made("Pricing", DRAFT, None, ENGLISH)
    assert "<h1>" not in made.html
    assert made.html.startswith("<p>Flour is cheap.")
    assert "Sources" not in made.html
    assert made.heading == "Sources"
    assert made.summary == "Flour is cheap. Rent is not."
    assert "Shop <em>Overview</em>" in made.sources
    assert '<a href="https://example.org/rent"' in made.sources
    # Two places lead to the first source and the way back is to the first of them; an unused one has no way back.
    seen = Seen(made.html + made.sources)
    assert seen.links.count("#note-source-1") == 2
    assert seen.ids.count("note-ref-1") == 1
    assert "#note-ref-3" not in seen.links
    assert {link[1:] for link in seen.links if link.startswith("#")} <= set(seen.ids)


def test_articles_on_one_page_share_no_anchor() -> None:
    two = [articles.made("Pricing", DRAFT, None, ENGLISH, id) for id in ("var_6a1f87e503ec6c1955aaaa0001", "var_0002")]
    seen = [Seen(made.html + made.sources) for made in two]
    assert len(seen[0].ids) == len(seen[1].ids) > 0
    assert not set(seen[0].ids) & set(seen[1].ids)
    for each in seen:
        assert {link[1:] for link in each.links if link.startswith("#")} <= set(each.ids)


def test_a_call_to_action_leads_to_the_web_or_is_not_there() -> None:
    plain = articles.made("T", "Text.", None, ENGLISH)
    called = articles.called(plain, " Order a loaf ", "https://example.org/order")
    assert (called.call, called.call_address) == ("Order a loaf", "https://example.org/order")
    for call, address in (("", "https://example.org"), ("Go", "javascript:alert(1)"), ("Go", None), ("Go", 5)):
        assert articles.called(plain, call, address) == plain


def test_headings_begin_at_the_second_level() -> None:
    assert "<h2>Other</h2>" in articles.made("Title", "# Other\n\n## Below\n", None, ENGLISH).html
    assert "<h3>Below</h3>" in articles.made("Title", "# Other\n\n## Below\n", None, ENGLISH).html
    assert "<h2>Below</h2>" in articles.made("Title", "Text\n\n## Below\n", None, ENGLISH).html


def test_code_keeps_what_looks_like_a_footnote() -> None:
    made = articles.made("T", "Write:\n\n```\n[^1]: a note\n```\n\nSo.[^1]\n\n[^1]: Real\n", None, ENGLISH)
    assert "[^1]: a note" in made.html
    assert "Real" in made.sources
    assert "a note" not in made.sources


def test_wide_blocks_scroll_by_themselves_and_the_keyboard_reaches_them() -> None:
    html = articles.made("T", "```py\nx = 1 < 2\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", None, ENGLISH).html
    assert '<pre tabindex="0"><code>x = 1 &lt; 2\n</code></pre>' in html
    assert '<div class="table" tabindex="0"><table>' in html


@given(st.lists(PIECES, max_size=40).map("".join))
def test_hostile_drafts_give_harmless_articles(body: str) -> None:
    made = articles.made("T", body, None, ENGLISH)
    seen = Seen(made.html + made.sources)
    assert seen.elements <= ALLOWED
    assert all(link.startswith(("#note-", "http://", "https://")) for link in seen.links)
    assert len(seen.ids) == len(set(seen.ids))


def test_footnotes_of_other_languages_keep_their_heading() -> None:
    noted = footnotes.read("Mehl.[^a]\n\n## Quellen\n\n[^a]: Notiz\n")
    assert (noted.heading, dict(noted.notes)) == ("Quellen", {"a": "Notiz"})
    text, seen = footnotes.html(noted, "n", footnotes.parser(0), words.GERMAN.footnotes)
    assert 'aria-label="Quelle 1"' in text
    assert "Zurück zu der Stelle" in footnotes.listed(noted, "n", seen, str, words.GERMAN.footnotes)


def test_a_note_that_became_private_is_named_no_more(alice: Tenant) -> None:
    press = published.press(alice)
    with alice.writing() as session:
        kept, hidden = (notes.create(session, alice.owner, title, "x").id for title in ("Shop diary", "Old salaries"))
    body = "Open.[^1] Secret.[^2] Known.[^3] Renamed.[^4]\n\n[^1]: Shop diary\n[^2]: Old salaries\n"
    body += "[^3]: https://example.org/a\n[^4]: Salaries before they were renamed\n"
    press.variants("a", [{"title": "A", "body": body, "sources": [kept, hidden]}])
    assert "Old salaries" in _sources(alice, "a")
    with alice.writing() as session:
        session.execute(update(Note).where(Note.id == hidden).values(is_private=True))
    shown = _sources(alice, "a")
    assert "Shop diary" in shown
    assert "https://example.org/a" in shown
    # Nobody knows what the private note was once called, so only what is surely public stays.
    assert "alaries" not in shown
    assert re.findall(r"#note-\w{8}-source-(\d)", _html(alice, "a")) == ["1", "2"]


def test_the_first_of_an_address_keeps_it(alice: Tenant) -> None:
    press = published.press(alice)
    first = press.article("same", "First", "Text.")
    press.article("same", "Second", "Other.")
    with alice.reading() as session:
        site = site_pages.front(session)
        assert site is not None
        page = site_pages.page(session, site, "same", ENGLISH)
        assert page is not None
        assert (page.piece_id, [face.title for face in page.faces]) == (first, ["First"])
        assert [each.slug for each in site_pages.newest(session, site, 5, 0, ENGLISH)[0]] == ["same"]


def test_neighbours_that_came_out_at_once_are_still_in_one_order(alice: Tenant) -> None:
    press = published.press(alice)
    press.at = published.FIRST_DAY
    for slug in ("a", "b", "c", "d"):
        press.article(slug, slug, "Text.")
    with alice.reading() as session:
        site = site_pages.front(session)
        assert site is not None
        listed = [page.slug for page in site_pages.newest(session, site, 9, 0, ENGLISH)[0]]
        assert sorted(listed) == ["a", "b", "c", "d"]
        for newer, older in itertools.pairwise(listed):
            page = site_pages.page(session, site, newer, ENGLISH)
            assert page is not None
            around = site_pages.around(session, site, page, ENGLISH)
            assert around.older is not None
            assert around.older.slug == older


def test_a_workspace_without_a_site_has_no_pages(alice: Tenant) -> None:
    published.press(alice).looks(archived_at=published.FIRST_DAY)
    with alice.reading() as session:
        assert site_pages.front(session) is None


def _page(alice: Tenant, slug: str) -> site_pages.Page:
    with alice.reading() as session:
        site = site_pages.front(session)
        assert site is not None
        found = site_pages.page(session, site, slug, ENGLISH)
    assert found is not None
    return found


def _sources(alice: Tenant, slug: str) -> str:
    return _page(alice, slug).reference.article.sources


def _html(alice: Tenant, slug: str) -> str:
    return _page(alice, slug).reference.article.html
