"""Colours, reading times and structured data of a site, as rules without a page."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain.publishing import looks, reading, structured
from regrow.domain.publishing.structured import Entry, Publisher

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
SITE = Publisher("Bread", "https://a.test/s/b/", "About bread", "en")
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ENTRY = Entry("urn:x:1", "Title", "https://a.test/s/b/title", "Summary", AT, AT)


def test_contrast_is_that_of_the_standard() -> None:
    assert looks.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert looks.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert looks.contrast("#fff", "#000") == looks.contrast("#000000", "#FFFFFF")


def test_the_plain_look_is_well_within_the_rules() -> None:
    assert looks.problems({}) == ()
    for is_dark in (False, True):
        made = looks.shades(looks.PLAIN, is_dark)
        assert looks.contrast(made.ink, made.paper) >= 12
        assert looks.contrast(made.accent, made.paper) >= 5.5


@pytest.mark.parametrize(
    ("given_look", "told"),
    [
        ({"ink": "#999999"}, "look.ink: #999999 on #fbfaf7 has a contrast of 2.7"),
        ({"accent": "#ffcc00"}, "choose a darker accent"),
        ({"dark_accent": "#333333"}, "choose a lighter dark_accent"),
        ({"accent": "red"}, "look.accent: a colour such as"),
        ({"accent": "#12345"}, "look.accent: a colour such as"),
        ({"accent": "#fff;}body{x"}, "look.accent: a colour such as"),
        ({"accent": 5}, "look.accent: a colour such as"),
        ({"font": "#000000"}, "look.font: unknown, use paper"),
    ],
)
def test_a_look_that_cannot_be_read_is_refused_with_what_to_do(given_look: dict[str, object], told: str) -> None:
    assert told in "; ".join(looks.problems(given_look))
    assert looks.look_of(given_look) == looks.PLAIN


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(looks.NAMES, COLOURS)))
def test_whatever_is_chosen_can_be_read(chosen: dict[str, str]) -> None:
    look = looks.look_of(chosen)
    for is_dark in (False, True):
        made = looks.shades(look, is_dark)
        assert looks.contrast(made.ink, made.paper) >= looks.LEAST_TEXT
        for front in (made.accent, made.quiet):
            assert looks.contrast(front, made.paper) >= looks.LEAST_QUIET
        assert looks.contrast(made.quiet, made.wash) >= looks.LEAST_QUIET


@pytest.mark.parametrize(
    ("text", "minutes"), [("", 1), ("word " * 200, 1), ("word " * 1100, 5), ("字" * 1500, 3), ("don't stop " * 110, 1)]
)
def test_reading_times(text: str, minutes: int) -> None:
    assert reading.minutes(text) == minutes


@pytest.mark.parametrize(
    ("text", "longest", "found"),
    [
        ("One. Two.", 200, "One. Two."),
        ("A first sentence. A second one that is long.", 25, "A first sentence."),
        ("no end in sight for this one", 20, "no end in sight for…"),
        ("3.5 percent of all loaves are sold", 20, "3.5 percent of all…"),
        ("面包师不看钟。面团看温度。", 8, "面包师不看钟。"),
        ("  many \n blanks ", 200, "many blanks"),
        ("x" * 50, 10, "x" * 9 + "…"),
    ],
)
def test_openings(text: str, longest: int, found: str) -> None:
    assert reading.opening(text, longest) == found


@given(st.text(), st.integers(10, 60))
def test_an_opening_is_never_longer_than_asked(text: str, longest: int) -> None:
    assert len(reading.opening(text, longest)) <= longest


@given(st.text())
def test_structured_data_cannot_leave_its_element(text: str) -> None:
    written = structured.written(structured.of_article(SITE, replace(ENTRY, title=text, summary=text)))
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written)["@graph"][0]["description"] == text


def test_a_blog_names_its_articles() -> None:
    told = structured.of_site(SITE, [ENTRY])
    assert told["@type"] == "Blog"
    assert told["blogPost"][0]["headline"] == "Title"
    assert "description" not in structured.of_site(replace(SITE, tagline=""), [])
