"""The strict JSON reader: everything clean comes through, everything else is one kind of error."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.edge import bodies
from regrow.edge.bodies import BadJson

CLEAN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
WHOLE = st.integers(-bodies.LARGEST_INTEGER, bodies.LARGEST_INTEGER)
VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | CLEAN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(CLEAN, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.booleans())
def test_clean_json_comes_through(value: Any, is_ascii: bool) -> None:
    assert bodies.parse(json.dumps(value, ensure_ascii=is_ascii).encode()) == value


@given(st.binary(max_size=40) | st.text('{}[]":,\\u0d8 e1.-"', max_size=40).map(str.encode))
def test_anything_is_read_or_refused(body: bytes) -> None:
    refused = False
    found = None
    try:
        found = bodies.parse(body)
    except BadJson:
        refused = True
    assert refused or json.loads(body) == found


@pytest.mark.parametrize(
    ("body", "at"),
    [
        (b'{"a": [1, {"b": "\\u0000"}]}', "body.a.1.b"),
        (b'{"a": "\\ud83d"}', "body.a"),
        (b'{"a": {"x\\u0000": 1}}', "body.a"),
        (b'"\\udfff"', "body"),
    ],
)
def test_text_that_cannot_be_stored_is_found_where_it_stands(body: bytes, at: str) -> None:
    with pytest.raises(BadJson) as caught:
        bodies.parse(body)
    assert [problem["at"] for problem in caught.value.more["problems"]] == [at]


def test_a_whole_pair_of_surrogates_is_a_character() -> None:
    assert bodies.parse(b'"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


def test_depth_is_counted() -> None:
    assert bodies.parse(b"[" * bodies.DEEPEST + b"]" * bodies.DEEPEST) is not None
    with pytest.raises(BadJson, match="nested deeper"):
        bodies.parse(b"[" * (bodies.DEEPEST + 1) + b"]" * (bodies.DEEPEST + 1))


def test_thousands_of_bad_texts_are_not_all_told() -> None:
    with pytest.raises(BadJson) as caught:
        bodies.parse(json.dumps(["\x00"] * 5_000).encode())
    assert len(caught.value.more["problems"]) == 100


@pytest.mark.parametrize(
    ("body", "most"),
    [
        pytest.param(b"[" + b"0," * 250_000 + b"0]", 16_000_000, id="a long list"),
        pytest.param(b'{"' + b"k" * 100_000 + b'":[' + b"0," * 50_000 + b"0]}", 4_000_000, id="numbers, long name"),
        pytest.param(b'{"' + b"k" * 100_000 + b'":[' + b'"",' * 30_000 + b'""]}', 4_000_000, id="texts, long name"),
    ],
)
def test_memory_stays_near_the_size_of_the_body(body: bytes, most: int) -> None:
    tracemalloc.start()
    try:
        assert bodies.parse(body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most


def test_a_place_is_told_short_and_clean() -> None:
    with pytest.raises(BadJson) as caught:
        bodies.parse(json.dumps({"\ud800": "\x00", "k" * 1_000: "\x00"}).encode())
    places = [problem["at"] for problem in caught.value.more["problems"]]
    assert places == ["body", "body.\N{REPLACEMENT CHARACTER}", "body." + "k" * (bodies.LONGEST_PLACE - 5)]
