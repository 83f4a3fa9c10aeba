"""What answers of the site promise: policies, digests, caching, feeds, maps and whole addresses."""

from __future__ import annotations

import re

import feedparser

from tests.faces.stands import Stand

BODY = "Rye sours *first*.[^1]\n\n## Why\n\nIts bran carries yeast.\n\n## Sources\n\n[^1]: Starter diary\n"


def test_the_policy_lets_in_nothing_but_the_pages_own_style(stand: Stand) -> None:
    stand.press.article("a", "A", "Text.")
    for path in ("/", "/a", "/nothing"):
        answer = stand.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "'unsafe" not in policy
        assert "script-src" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers
        assert re.search(r'(?:src|href)="(?:https?:)?//(?!blog\.test)', answer.text) is None


def test_the_same_bytes_are_not_sent_twice(stand: Stand) -> None:
    stand.press.article("a", "A", "Text.")
    for path in ("/", "/a", "/feed.xml", "/atom.xml", "/sitemap.xml", "/robots.txt", "/card.png"):
        first = stand.get(path)
        tag = first.headers["etag"]
        again = stand.get(path, if_none_match=f'"other", W/{tag}')
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        head = stand.get(path, "HEAD")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(first.content))
        assert head.headers["etag"] == tag
    assert stand.get("/a").headers["last-modified"] == "Tue, 03 Mar 2026 09:30:00 GMT"
    stand.press.article("b", "B", "Another.")
    assert stand.get("/a", if_none_match=stand.get("/b").headers["etag"]).status_code == 200


def test_caches_keep_what_is_the_same_for_everybody_and_nothing_else(stand: Stand) -> None:
    stand.press.article("one", "One", "Text.")
    stand.press.variants("two", [{"title": "Two A", "body": "Text A."}, {"title": "Two B", "body": "Text B."}])
    assert stand.get("/one").headers["cache-control"] == "public, max-age=60"
    two = stand.get("/two")
    assert two.headers["cache-control"] == "private, no-cache"
    assert two.headers["vary"] == "Cookie"
    assert "Two A" in two.text
    assert "Text B." not in two.text
    # Lists and feeds tell the variant of reference, so everybody may have the same.
    for path in ("/", "/feed.xml", "/atom.xml"):
        answer = stand.get(path)
        assert answer.headers["cache-control"] == "public, max-age=60"
        assert "Two A" in answer.text
        assert "Two B" not in answer.text
        assert answer.text.count("Two A") == stand.get("/feed.xml").text.count("Two A") or path == "/"
    assert stand.get("/nothing").headers["cache-control"] == "no-store"


def test_feeds_are_valid_and_tell_whole_texts(stand: Stand) -> None:
    stand.press.article("a", "Salt & <pepper>", BODY)
    stand.press.article("b", "Bell \x07 and \ufffe", "Text with \x0b a control sign.")
    stand.press.looks(disclosure="Drafted with an AI.")
    for path, version in (("/feed.xml", "rss20"), ("/atom.xml", "atom10")):
        answer = stand.get(path)
        found = feedparser.parse(answer.content)
        assert (found.bozo, found.version) == (0, version)
        assert found.feed.title == "Bread at Home"
        assert found.feed.link == "http://blog.test/s/alice-and-co/"
        assert [entry.link.rpartition("/")[2] for entry in found.entries] == ["b", "a"]
        assert found.entries[1].published_parsed[:5] == (2026, 3, 3, 9, 30)
        assert found.entries[1].id == f"urn:regrow:{stand.press.made['a']}"
        text = found.entries[1].content[0].value
        assert "<em>first</em>" in text
        assert "Drafted with an AI." in text


def test_footnotes_of_a_feed_do_not_clash(stand: Stand) -> None:
    for slug in ("a", "b"):
        stand.press.article(slug, slug, BODY)
    for path in ("/feed.xml", "/atom.xml"):
        text = "".join(entry.content[0].value for entry in feedparser.parse(stand.get(path).content).entries)
        anchors = re.findall(r' id="([^"]+)"', text)
        assert len(anchors) == len(set(anchors)) >= 4
        assert set(re.findall(r'href="#([^"]+)"', text)) <= set(anchors)


def test_the_map_names_every_article_and_robots_names_the_map(stand: Stand) -> None:
    for slug in ("a", "b", "酵母"):
        stand.press.article(slug, slug, "Text.")
    told = stand.get("/sitemap.xml").text
    listed = re.findall(r"<loc>http://blog.test/s/alice-and-co/([^<]*)</loc>", told)
    assert listed == ["", "%E9%85%B5%E6%AF%8D", "b", "a"]
    assert "Sitemap: http://blog.test/s/alice-and-co/sitemap.xml" in stand.get("/robots.txt").text


def test_addresses_stand_behind_the_sites_own_and_no_hostile_host(stand: Stand) -> None:
    stand.press.article("a", "A", "Text.")
    evil = stand.get("/a", host='evil"><script>').text
    assert "evil" not in evil
    assert 'rel="canonical" href="http://localhost/s/alice-and-co/a"' in evil
    stand.press.looks(address="https://bread.example/")
    assert 'rel="canonical" href="https://bread.example/s/alice-and-co/a"' in stand.get("/a").text
    assert "<loc>https://bread.example/s/alice-and-co/a</loc>" in stand.get("/sitemap.xml").text
