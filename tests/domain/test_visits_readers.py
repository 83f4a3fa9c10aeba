"""Who is no reader: programs by their names, people who ask not to be counted, pages that nobody looks at."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from regrow import web
from regrow.domain.visits import crawlers, readers
from regrow.edge import limits

DATA = Path(os.environ.get("REGROW_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
LIST = crawlers.read((Path(web.__file__).parent / "crawlers.txt").read_text("utf-8"))
WEBKIT, APPLE = (f"AppleWebKit/{version} (KHTML, like Gecko)" for version in ("537.36", "605.1.15"))
CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/126.0.0.0 Safari/537.36"
READER = {"user-agent": CHROME, "accept-language": "en"}
BROWSERS = (
    CHROME,
    f"{CHROME} Edg/126.0.0.0",
    f"{CHROME} OPR/111.0.0.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {APPLE} Version/17.5 Mobile/15E148 Safari/604.1",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE} Version/17.5 Safari/605.1.15",
    f"Mozilla/5.0 (Linux; Android 10; CUBOT X30) {WEBKIT} Chrome/126.0.0.0 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
)
PROGRAMS = {
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": "search_engine",
    f"Mozilla/5.0 {WEBKIT[:-1]}; compatible; bingbot/2.0) Chrome/116.0 Safari/537.36": "search_engine",
    "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)": "search_engine",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)": "preview",
    "Twitterbot/1.0": "preview",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)": "preview",
    f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} HeadlessChrome/126.0.0.0 Safari/537.36": "headless",
    "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 PhantomJS/2.1.1 Safari/538.1": "headless",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)": "crawler",
    f"Mozilla/5.0 {WEBKIT[:-1]}; compatible; GPTBot/1.2; +https://openai.com/gptbot)": "crawler",
    "curl/8.5.0": "crawler",
    "Wget/1.21.4": "crawler",
    "python-requests/2.32.3": "crawler",
    "Somebody's own bot (on no list)": "crawler",
    "ExampleSpider 0.1": "crawler",
    "x" * 600: "crawler",
    "": "no_user_agent",
    "  ": "no_user_agent",
}  # fmt: skip


@pytest.mark.parametrize("name", BROWSERS)
def test_browsers_are_readers(name: str) -> None:
    assert LIST.reason(name) is None
    assert readers.reason_not_to_count("GET", {**READER, "user-agent": name}, LIST) is None


@pytest.mark.parametrize(("name", "reason"), PROGRAMS.items())
def test_programs_are_told_by_their_names(name: str, reason: str) -> None:
    assert LIST.reason(name) == reason
    assert readers.reason_not_to_count("GET", {**READER, "user-agent": name}, LIST) == reason


def test_every_example_of_the_public_list_is_found() -> None:
    place = DATA / "crawler-user-agents.json"
    if not place.exists():
        pytest.skip(f"no {place.name}: set REGROW_TEST_DATA to the folder that holds it")
    entries = json.loads(place.read_text("utf-8"))
    missed = [name for entry in entries for name in entry["instances"] if LIST.reason(name) is None]
    assert (len(entries) > 1_000, missed) == (True, [])


def test_words_and_expressions_are_told_apart() -> None:
    assert crawlers.plain(r"Mail\.RU_Bot") == ["Mail.RU_Bot"]
    assert crawlers.plain(r"[wW]get") == ["wget", "Wget"]
    assert crawlers.plain(r"Ahrefs(Bot|SiteAudit)") == []
    assert crawlers.plain(r"\d\.\d") == []


def test_the_first_section_that_fits_says_why() -> None:
    found = crawlers.read("# a comment\n[search_engine]\nFind(er|y)\n[crawler]\nFinder\n^Only\n")
    assert [found.reason(name) for name in ("a Finder", "a Findy", "Only this", "not Only")] == [
        "search_engine",
        "search_engine",
        "crawler",
        None,
    ]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"dnt": "1"}, "do_not_track"),
        ({"dnt": "1", "user-agent": "curl/8"}, "do_not_track"),
        ({"sec-gpc": "1"}, "global_privacy_control"),
        ({"dnt": "0", "sec-gpc": "0"}, None),
        ({"sec-purpose": "prefetch"}, "prefetch"),
        ({"sec-purpose": "prefetch;prerender"}, "prefetch"),
        ({"purpose": "prefetch"}, "prefetch"),
        ({"x-moz": "prefetch"}, "prefetch"),
        ({"x-purpose": "preview"}, "preview"),
        ({"sec-ch-ua": '"HeadlessChrome";v="126"'}, "headless"),
        ({"accept-language": ""}, "headless"),
    ],
)
def test_what_headers_say(more: dict[str, str], reason: str | None) -> None:
    assert readers.reason_not_to_count("GET", {**READER, **more}, LIST) == reason


def test_a_look_at_the_headers_alone_shows_nobody_anything() -> None:
    assert readers.reason_not_to_count("HEAD", READER, LIST) == "no_page"
    assert readers.reason_not_to_count("POST", READER, LIST) is None


def test_an_address_may_do_so_much_in_a_window() -> None:
    limit = limits.Limit(3, 60.0, b"salt")
    assert [limit.allows("192.0.2.1", 100.0) for _ in range(5)] == [True, True, True, False, False]
    assert limit.allows("192.0.2.2", 159.9)
    assert not limit.allows("192.0.2.1", 159.9)
    assert limit.allows("192.0.2.1", 160.0)


def test_a_hundred_thousand_from_one_address_take_one_place_and_many_addresses_a_bounded_one() -> None:
    limit = limits.Limit(100, 60.0, b"salt")
    assert sum(limit.allows("192.0.2.1", 1.0) for _ in range(100_000)) == 100
    assert len(limit._counts) == 1
    for number in range(limits.MOST_KEPT + 10):
        limit.allows(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 1.0)
    assert len(limit._counts) <= limits.MOST_KEPT


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_who_is_behind_an_address(address: str, network: str) -> None:
    assert limits.network(address) == network
