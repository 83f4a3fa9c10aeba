"""Whatever an e-mail piece holds, the mail made of it is sound, shows it whole, and does nothing on its own."""

from __future__ import annotations

import email
import email.header
import email.policy
import re
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regrow.services import mail

TEA = {
    "subject": "Tea in three minutes",
    "preheader": "What a warm pot does",
    "body": "A *warm* pot keeps [tea](https://tea.example/pot) hot.\n\n- first\n- second",
    "cta": "Warm the pot first",
}
PIECES = st.sampled_from(
    [
        *"ab <>&\"'*_`#[]()!-\\|=?:;,.@~\n\r\t\x00\x0b\x1b\x7f\x85\u2028\u2029\u00a0\u200d\u202e\ufeff\ufffe",
        *("\r\nBcc: victim@example.org\r\n", "=?utf-8?q?=0D=0ABcc=3A_x?=", "\nFrom here\n", "\n.\n", "  ", "\n\n"),
        *("<script>alert(1)</script>", "<img src=http://192.0.2.1/x onerror=alert(1)>", "</title></style>", "<!--"),
        *("[a](javascript:alert(1))", "[b](data:text/html,x)", "<javascript:alert(1)>", "![p](http://192.0.2.1/p.png)"),
        *("[c](http://a.b/c)", '[d](https://a.b/"onload=x)', "- item\n", "> said\n", "```\ncode\n", "## head\n"),
        *("Привет", "שלום", "مرحبا", "日本語", "ไทย", "👩\u200d🍳", "e\u0301", "x" * 1000, "語" * 1000, "\ud800"),
    ]
)
TEXTS = st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=80)
ADDRESSES = st.sampled_from(
    ["https://example.org/x?a=1&b=2", "HTTP://example.org", "javascript:alert(1)", "https://", 'http://a.b/"onx="1', ""]
)
CONTENTS = st.fixed_dictionaries(
    {},
    optional={
        **{name: TEXTS | st.none() | st.integers() for name in ("subject", "preheader", "body", "cta", "html")},
        "cta_url": ADDRESSES | TEXTS | st.none(),
    },
)


class Seen(HTMLParser):
    """What of a document matters here."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.root: dict[str, str | None] = {}
        self.title = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "background", "action")]
        self.root = dict(attrs) if tag == "html" else self.root

    def handle_data(self, data: str) -> None:
        self.title += data if self.elements[-1:] == ["title"] else ""


def read_back(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def part(found: EmailMessage, kind: str) -> str:
    body = found.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@settings(max_examples=150, deadline=None)
@given(CONTENTS, st.sampled_from(["en", "de", "ar", '"><script>', ""]))
def test_any_content_makes_a_mail_that_is_read_back_whole(content: dict[str, Any], language: str) -> None:
    data = mail.message(content, language).as_bytes()
    found = read_back(data)
    assert [defect for each in found.walk() for defect in each.defects] == []
    assert [defect for each in found.walk() for header in each.values() for defect in header.defects] == []
    assert list(found.keys()) == ["Subject", "MIME-Version", "Content-Type"]
    assert str(found["Subject"]) == mail.one_line(content, "subject")
    assert [each.get_content_type() for each in found.iter_parts()] == ["text/plain", "text/html"]
    assert (part(found, "plain"), part(found, "html")) == (mail.text(content), mail.html(content, language))
    lines = data.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert data.isascii()


@settings(max_examples=150, deadline=None)
@given(CONTENTS)
def test_the_html_of_any_content_does_nothing_on_its_own(content: dict[str, Any]) -> None:
    text = mail.html(content, "en")
    seen = Seen(text)
    assert set(seen.elements).isdisjoint({"script", "img", "iframe", "object", "embed", "form", "base", "link", "svg"})
    assert [name for name in seen.attributes if name.startswith("on")] == []
    assert [link for link in seen.links if not link.lower().startswith(("http://", "https://"))] == []
    assert "url(" not in text.partition("</style>")[0]
    assert [seen.elements.count(name) for name in ("html", "head", "title", "style", "body")] == [1] * 5
    assert re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", text + mail.text(content)) is None


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("name", ["subject", "preheader", "cta"])
def test_nobody_can_plant_a_header(name: str, sign: str) -> None:
    data = mail.message({**TEA, name: f"Tea{sign}Bcc: victim@example.org{sign}{sign}<p>planted</p>"}).as_bytes()
    found = read_back(data)
    assert found["Bcc"] is None
    assert found.keys() == ["Subject", "MIME-Version", "Content-Type"]
    assert b"\r\nBcc" not in data
    assert re.search(rb"(?m)^Bcc", data) is None


def test_a_subject_cannot_be_set_in_two_lines_by_hand() -> None:
    made = mail.message(TEA)
    del made["Subject"]
    with pytest.raises(ValueError, match="one line"):
        made["Subject"] = "Tea\r\nBcc: victim@example.org"


@pytest.mark.parametrize(
    "subject", ["Tea", "Thé\u00a0: 3 minutes", "茶" * 200, "=?utf-8?q?hi?= there", "a  b " * 60, "👩\u200d🍳" * 30]
)
def test_a_subject_is_folded_into_lines_that_every_server_takes(subject: str) -> None:
    data = mail.message({**TEA, "subject": subject}).as_bytes()
    head = data.partition(b"\r\nMIME-Version")[0]
    assert all(len(line) <= 76 for line in head.split(b"\r\n"))
    assert str(read_back(data)["Subject"]) == re.sub(" +", " ", subject).strip()
    old = email.message_from_bytes(data)["Subject"]
    parts = email.header.decode_header(old) if isinstance(old, str) else []
    decoded = "".join(word if isinstance(word, str) else word.decode(charset or "ascii") for word, charset in parts)
    assert decoded == re.sub(" +", " ", subject).strip()


def test_the_same_mail_is_the_same_bytes_and_others_may_add_headers() -> None:
    assert mail.message(TEA).as_bytes() == mail.message(dict(TEA)).as_bytes()
    made = mail.message(TEA)
    made["From"], made["To"] = "Zoë <zoe@example.org>", "reader@example.org"
    found = read_back(made.as_bytes())
    assert str(found["From"]) == "Zoë <zoe@example.org>"
    assert part(found, "plain") == mail.text(TEA)


def test_plain_text_ends_on_the_call_to_action_and_its_address() -> None:
    assert mail.text(TEA) == (
        "A warm pot keeps tea (https://tea.example/pot) hot.\n\n- first\n- second\n\nWarm the pot first\n"
    )
    assert mail.text({**TEA, "cta_url": "https://tea.example/order"}).endswith(
        "Warm the pot first\nhttps://tea.example/order\n"
    )


def test_the_html_is_one_document_with_a_hidden_preheader_and_a_closing_line() -> None:
    text = mail.html({**TEA, "subject": "Tea & <b>milk</b>"}, "de")
    seen = Seen(text)
    assert seen.root == {"lang": "de", "dir": "ltr"}
    assert seen.title.strip() == "Tea & <b>milk</b>"
    assert text.startswith("<!doctype html>")
    assert text.index("What a warm pot does") < text.index("<em>warm</em>") < text.index("<strong>Warm the pot first")
    assert "display:none" in text.partition("What a warm pot does")[0].rpartition("<div")[2]
    assert "prefers-color-scheme:dark" in text
    assert "max-width:600px" in text


@pytest.mark.parametrize(
    ("address", "is_button"),
    [
        ("https://tea.example/order?a=1&b=2", True),
        ("http://tea.example", True),
        ("javascript:alert(1)", False),
        ("https://tea.example/ x", False),
        ("https://", False),
        ("http://[::1", False),
        ("//tea.example", False),
        ('https://tea.example/"onclick="x', False),
        (7, False),
        (None, False),
    ],
)
def test_the_call_to_action_is_a_button_only_with_a_web_address(address: object, is_button: bool) -> None:
    text = mail.html({**TEA, "cta_url": address}, "en")
    assert ('class="button"' in text) is is_button
    assert ("<strong>Warm the pot first</strong>" in text) is not is_button
    links = [link for link in Seen(text).links if link != "https://tea.example/pot"]
    assert links == ([address] if is_button else [])


@pytest.mark.parametrize(
    ("body", "language", "direction"),
    [
        ("الشاي جاهز في ثلاث دقائق", "en", "rtl"),
        ("התה מוכן בתוך שלוש דקות", "he", "rtl"),
        ("Tea is ready when שלום says so", "en", "ltr"),
        ("1 2 3", "ar", "rtl"),
        ("1 2 3", "en", "ltr"),
    ],
)
def test_the_direction_is_that_of_most_letters(body: str, language: str, direction: str) -> None:
    assert Seen(mail.html({"body": body}, language)).root == {"lang": language, "dir": direction}


def test_html_is_made_anew_for_emails_and_left_alone_in_other_media() -> None:
    stale = {**TEA, "html": "<script>alert(1)</script>", "sources": ["not_1"]}
    made = mail.with_html("email", stale, "fr")
    assert made == {**stale, "html": mail.html(TEA, "fr")}
    assert stale["html"] == "<script>alert(1)</script>"
    assert part(read_back(mail.message(stale, "fr").as_bytes()), "html") == made["html"]
    assert mail.with_html("blog", {"title": "t", "body": "b"}, "en") == {"title": "t", "body": "b"}
    assert [mail.language_of(meta) for meta in ({}, {"language": "de"}, {"language": None})] == ["en", "de", "en"]
