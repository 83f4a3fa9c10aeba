"""The built-in site over HTTP: what is published is there, what is not is nowhere, and what each answer promises."""

from __future__ import annotations

import json
import re

import feedparser
import pytest

from tests import published
from tests.faces.stands import Stand
from tests.homes import Tenant

BODY = "Rye sours *first*.[^1]\n\n## Why\n\nIts bran carries yeast.\n\n## Sources\n\n[^1]: Starter diary\n"


def data_of(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    told: dict[str, object] = json.loads(found[1])
    return told


def test_an_article_is_a_whole_page(stand: Stand) -> None:
    stand.press.article("why-rye", "Why rye sours", BODY)
    answer = stand.get("/why-rye")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    page = answer.text
    assert "<title>Why rye sours – Bread at Home</title>" in page
    assert '<link rel="canonical" href="http://blog.test/s/alice-and-co/why-rye">' in page
    assert '<meta name="description" content="Rye sours first.">' in page
    assert "Rye sours <em>first</em>" in page
    assert "<h1>Why rye sours</h1>" in page
    assert "<h2>Why</h2>" in page
    assert '<time datetime="2026-03-03T09:30:00+00:00">3 March 2026</time>' in page
    assert "1 min read" in page
    # Its source is listed under the draft's own heading, once, with the way there and back.
    assert page.count("Sources</h2>") == 1
    assert re.search(r'href="#note-\w{8}-source-1"', page)
    assert re.search(r'href="#note-\w{8}-ref-1"', page)
    assert "Starter diary" in page


def test_structured_data_and_social_tags_tell_the_same(stand: Stand) -> None:
    stand.press.article("a", "Bread </script> & salt", "Some text.")
    page = stand.get("/a").text
    article, crumbs = data_of(page)["@graph"]  # type: ignore[misc]
    assert article["@type"] == "BlogPosting"
    assert article["headline"] == "Bread </script> & salt"
    assert article["url"] == "http://blog.test/s/alice-and-co/a"
    assert article["datePublished"] == "2026-03-03T09:30:00+00:00"
    assert crumbs["@type"] == "BreadcrumbList"
    assert '<meta property="og:title" content="Bread &lt;/script&gt; &amp; salt">' in page
    assert article["image"][0].startswith("http://blog.test/s/alice-and-co/cards/a.png?v=")
    assert f'<meta property="og:image" content="{article["image"][0]}">' in page
    assert page.count("</script>") == 1


def test_the_list_is_paged_newest_first(stand: Stand) -> None:
    for number in range(23):
        stand.press.article(f"n-{number}", f"Note {number}", "Text.")
    first, second, third = (stand.get(f"/{query}").text for query in ("", "?page=2", "?page=3"))
    listed = [re.findall(r"<h2><a href=\"[^\"]*\">Note (\d+)<", page) for page in (first, second, third)]
    assert [int(each) for page in listed for each in page] == list(range(22, -1, -1))
    assert [len(page) for page in listed] == [10, 10, 3]
    assert 'rel="next" href="/s/alice-and-co/?page=2"' in first
    assert 'rel="prev"' not in first
    assert 'rel="prev" href="/s/alice-and-co/"' in second
    assert "?page=4" not in third
    for beyond in ("/?page=4", "/?page=0", "/?page=-1", "/?page=x", "/?page=99999999"):
        assert stand.get(beyond).status_code == 404


def test_an_empty_site_says_so(stand: Stand) -> None:
    answer = stand.get("/")
    assert answer.status_code == 200
    assert "Nothing here yet" in answer.text
    assert feedparser.parse(stand.get("/feed.xml").content).entries == []


@pytest.mark.parametrize("status", ["planned", "sending", "unknown", "failed", "missed", "cancelled"])
def test_what_is_not_published_is_nowhere(stand: Stand, status: str) -> None:
    stand.press.article("secret-plan", "Secret plan", "Nobody may read this.", status=status)
    for path in ("/secret-plan", "/cards/secret-plan.png"):
        assert stand.get(path).status_code == 404
    for path in ("/", "/feed.xml", "/atom.xml", "/sitemap.xml", "/secret-plan", "/robots.txt"):
        assert "ecret" not in stand.get(path).text.replace("/secret-plan", "")


def test_what_was_taken_back_is_gone_until_it_is_published_anew(stand: Stand) -> None:
    stand.press.article("old", "Old", "Old text.")
    assert stand.get("/old").status_code == 200
    stand.press.becomes("old", "removed")
    gone = stand.get("/old")
    assert gone.status_code == 410
    assert "taken back" in gone.text
    assert "Old text" not in gone.text
    assert '<meta name="robots" content="noindex">' in gone.text
    assert "/old" not in stand.get("/sitemap.xml").text
    # One that failed or was cancelled never stood there and says nothing; a new plan says "not yet".
    stand.press.article("old", "Old", "Old text.", status="cancelled")
    assert stand.get("/old").status_code == 410
    stand.press.article("old", "Old", "New text.", status="planned")
    assert stand.get("/old").status_code == 404


def test_a_channel_that_is_archived_publishes_no_more(stand: Stand) -> None:
    stand.press.article("a", "A", "Text.")
    stand.press.channel(archived_at=published.FIRST_DAY)
    assert stand.get("/a").status_code == 404
    assert "Nothing here yet" in stand.get("/").text


def test_a_site_that_is_not_served_is_not_there(stand: Stand) -> None:
    stand.press.article("a", "A", "Text.")
    stand.press.looks(is_served=False)
    for path in ("/", "/a", "/feed.xml", "/robots.txt"):
        answer = stand.get(path)
        assert answer.status_code == 404
        assert "Bread" not in answer.text


def test_one_workspace_never_shows_anothers(stand: Stand, charlie: Tenant) -> None:
    other = published.press(charlie, title="Charlie's")
    other.article("theirs", "Theirs", "Foreign text.")
    stand.press.article("ours", "Ours", "Our text.")
    assert stand.get("/theirs").status_code == 404
    assert "Theirs" not in stand.get("/").text
    assert stand.client.get("/s/charlie/theirs").status_code == 200
    # Neither the id of a workspace nor a name that nobody has leads anywhere, and both look alike.
    by_id, by_nobody = stand.client.get(f"/s/{charlie.id}/theirs"), stand.client.get("/s/nobody/theirs")
    assert (by_id.status_code, by_nobody.status_code) == (404, 404)
    assert by_id.text == by_nobody.text


def test_addresses_of_every_script_and_hostile_ones(stand: Stand) -> None:
    for slug, title in (("خبز-الجاودار", "خبز"), ("酵母", "酵母"), ("bäcker", "Bäcker"), ("a-1", "A1")):
        stand.press.article(slug, title, "Text.")
        assert stand.get(f"/{slug}").status_code == 200
    decomposed = stand.get("/ba\u0308cker")
    assert decomposed.status_code == 308
    assert decomposed.headers["location"].endswith("/s/alice-and-co/b%C3%A4cker")
    for path in ("/a/b", "//", "/%2e%2e%2fa", "/..%2f..%2fetc%2fpasswd", "/a%0d%0aX: 1", "/" + "x" * 3000, "/'--"):
        answer = stand.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
    assert stand.get("/a-1/").headers["location"] == "../a-1"
    assert stand.get("").headers["location"] == "alice-and-co/"
    assert stand.get("/a-1", "POST").status_code == 405


def test_nothing_that_a_draft_says_becomes_markup(stand: Stand) -> None:
    hostile = '<script>alert(1)</script> [x](javascript:alert(2)) ![y](http://e.test/z.png) <img src=x onerror="a()">'
    stand.press.article("h", '"><script>alert(3)</script>', f"{hostile}\n\n[^1]\n\n[^1]: <b onclick=x>hi</b>")
    for page in (stand.get("/h").text, stand.get("/").text):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert 'href="javascript' not in page
        assert "<b onclick" not in page


def test_neighbours_lead_on(stand: Stand) -> None:
    for slug in ("a", "b", "c"):
        stand.press.article(slug, f"Title {slug}", "Text.")
    page = stand.get("/b").text
    assert re.findall(r'<a rel="(prev|next)" href="/s/alice-and-co/(.)"', page) == [("prev", "a"), ("next", "c")]
    assert re.findall(r'<a rel="(prev|next)"', stand.get("/a").text) == ["next"]
    stand.press.becomes("c", "removed")
    assert re.findall(r'<a rel="(prev|next)"', stand.get("/b").text) == ["prev"]


def test_a_site_speaks_its_language_in_its_own_colours(stand: Stand) -> None:
    stand.press.article("a", "Warum Roggen", "Text.")
    look = {"accent": "#8a1c4a", "dark_accent": "#ffb3d1"}
    stand.press.looks(language="de-AT", title="Brot", look=look, disclosure="Mit KI entworfen.", time_zone="Asia/Tokyo")
    page = stand.get("/a").text
    assert '<html lang="de-AT" dir="ltr">' in page
    assert "Zum Text springen" in page
    assert ">3. März 2026<" in page
    assert "--accent: #8a1c4a" in page
    assert "--accent: #ffb3d1" in page
    assert '<p class="disclosure">Mit KI entworfen.</p>' in page
    stand.press.looks(language="ar")
    page = stand.get("/a").text
    assert '<html lang="ar" dir="rtl">' in page
    assert '<a class="skip" href="#text" lang="en" dir="ltr">' in page
    # Colours that nobody could read never reach a reader.
    stand.press.looks(look={"ink": "#eeeeee"}, time_zone="No/Where")
    assert "--ink: #20231f" in stand.get("/a").text


def test_cards_are_drawn_once_and_kept_for_as_long_as_they_are_true(stand: Stand) -> None:
    stand.press.article("a", "Why rye sours first", "Text.")
    address = re.findall(r'og:image" content="http://blog.test([^"]+)"', stand.get("/a").text)[0]
    answer = stand.client.get(address)
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG\r\n\x1a\n")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert stand.client.get(address.partition("?")[0] + "?v=old").headers["cache-control"] == "public, max-age=60"
    assert stand.client.get(address).content == answer.content
    kept = list((stand.press.tenant.home.settings.home / "cards").glob("*.png"))
    assert len(kept) == 1
    stand.press.looks(title="Renamed")
    assert address not in stand.get("/a").text


def test_the_api_is_where_it_was_and_pages_are_not_in_its_description(stand: Stand) -> None:
    assert stand.client.get("/api/notes").status_code == 401
    assert stand.client.get("/nothing").json()["code"] == "not_found"
    assert not [path for path in stand.client.get("/openapi.json").json()["paths"] if path.startswith("/s/")]


def test_measures_count_pages_by_kind_and_not_by_address(stand: Stand) -> None:
    stand.press.article("a", "A", "Text.")
    for path in ("/a", "/b", "/c"):
        stand.get(path)
    told = stand.client.get("/metrics").text
    assert 'route="/s/{workspace}/{slug}",status="404"} 2.0' in told
    assert "/alice-and-co" not in told


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_database_that_is_not_set_up_is_told_on_a_page(stand: Stand) -> None:
    stand.press.tenant.raw("ALTER TABLE sites RENAME TO elsewhere")
    answer = stand.get("/")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "Back in a moment" in answer.text
    assert "elsewhere" not in answer.text
