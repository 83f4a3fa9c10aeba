"""Secrets do not survive redaction, and ordinary text does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.kit.redaction import HIDDEN, redact, shorten


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abcDEF123456.xyz-789", "abcDEF123456"),
        ("authorization=basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("Incorrect API key provided: sk-proj-abc123DEF456.", "abc123DEF456"),
        ("key sk-ab****************wxyz is wrong", "wxyz"),
        ("rk.live01.Zm9vYmFyYmF6cXV4 failed", "Zm9vYmFyYmF6cXV4"),
        ("postgresql+psycopg://regrow:hunter2@db:5432/regrow", "hunter2"),
        ("https://token123456@git.example.org/x", "token123456"),
        ("redis://:s3cretpw@cache/0", "s3cretpw"),
        ("OPENAI_API_KEY=abcd1234efgh", "abcd1234efgh"),
        ('{"api_key": "abcd1234efgh", "n": 1}', "abcd1234efgh"),
        ('{\\"password\\": \\"correct-horse\\"}', "correct-horse"),
        ("password: correct-horse", "correct-horse"),
        ("AIzaSyA1234567890abcdefghijkl", "1234567890abcdefghijkl"),
        ("ghp_abcdefghijklmnop1234", "abcdefghijklmnop1234"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "eyJzdWIiOiIxIn0"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEabc\n-----END PRIVATE KEY-----", "MIIEabc"),
    ],
)
def test_a_secret_is_hidden(text: str, secret: str) -> None:
    hidden = redact(text)
    assert secret not in hidden
    assert HIDDEN in hidden
    assert redact(hidden) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "the model answered 429, too many requests; it asks to wait 120 s",
        "https://example.org/path?page=2 and me@example.org",
        "1,023 tokens: 365 written, the password policy is strict",
        "risk-averse readers of sk-notes",
        "a basic knowledge of bearer authentication is required",
        "openai at 127.0.0.1:8080 did not finish in time",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert redact(text) == text


def test_a_known_secret_is_hidden_whatever_it_looks_like() -> None:
    assert redact("it says swordfish twice: swordfish", ["swordfish"]) == f"it says {HIDDEN} twice: {HIDDEN}"
    assert redact("abcdef abc", ["abcd", "abcdef"]) == f"{HIDDEN} abc"
    assert redact("a short one", ["a", ""]) == "a short one"


SECRETS = st.text(alphabet="abcdefghijkXYZ0123456789_-", min_size=8, max_size=60)


@given(SECRETS, st.text(max_size=50), st.text(max_size=50))
def test_a_known_secret_never_survives(secret: str, before: str, after: str) -> None:
    assert secret not in redact(before + secret + after, [secret])


@given(st.text(max_size=400), st.integers(2, 80))
def test_shortening_gives_one_printable_line_within_the_limit(text: str, limit: int) -> None:
    line = shorten(text, limit)
    assert len(line) <= limit
    assert line.isprintable()
