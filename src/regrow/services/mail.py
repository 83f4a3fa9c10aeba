"""An e-mail piece as mail: its HTML, its plain text, and the message that mail programs take."""

from __future__ import annotations

import base64
import email.policy
import functools
import hashlib
import re
import unicodedata
from collections.abc import Mapping
from email.message import EmailMessage
from html import escape
from typing import Any

from markdown_it import MarkdownIt

from regrow.services import markup, plain_text

MEDIUM = "email"
RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
Content = Mapping[str, Any]

_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_STYLES = {
    "p": "margin:0 0 16px",
    "h1": "margin:24px 0 8px;font-size:22px;line-height:1.3",
    "h2": "margin:24px 0 8px;font-size:20px;line-height:1.3",
    "h3": "margin:24px 0 8px;font-size:18px;line-height:1.3",
    "h4": "margin:24px 0 8px;font-size:16px;line-height:1.3",
    "ul": "margin:0 0 16px;padding:0 24px",
    "ol": "margin:0 0 16px;padding:0 24px",
    "li": "margin:0 0 8px",
    "blockquote": "margin:0 0 16px;padding:0 16px;border:solid #8a8f86;border-width:0 3px",
    "code": "white-space:pre-wrap",
    "hr": "margin:24px 0;border:0;border-top:1px solid #8a8f86",
    "a": "color:#2f6b3c",
}
_HIDDEN = (
    "display:none;visibility:hidden;opacity:0;overflow:hidden;max-height:0;max-width:0;"
    "font-size:1px;line-height:1px;mso-hide:all"
)
_DARK = (
    ":root{color-scheme:light dark;supported-color-schemes:light dark}"
    "@media (prefers-color-scheme:dark){"
    ".page{background:#161815!important}.column{background:#1f221e!important;color:#e9e8e1!important}"
    ".column a{color:#8fce98!important}.column a.button{background:#8fce98!important;color:#161815!important}}"
)
_FILLING = "&#847;&zwnj;&nbsp;" * 30
"""Keeps a mail program from showing the first words of the body behind the preheader."""
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNFIT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_BLANKS = re.compile(r"[ \t\n]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
_ENCODED_BYTES, _PLAIN_LENGTH = 39, 60


class _Line(str):
    """A header's text as it is; the standard library would decode what looks encoded in it."""

    name = "subject"


class _Policy(email.policy.EmailPolicy):
    """Keeps and folds the subject by itself: the standard library loses spaces where encoded words are broken."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        if name.lower() != _Line.name:
            return super().header_store_parse(name, value)
        if len(str(value).splitlines()) > 1:
            raise ValueError("a subject is one line")
        return name, _Line(value)

    def fold(self, name: str, value: Any) -> str:
        return _folded(name, str(value), self.linesep) if isinstance(value, _Line) else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii") if isinstance(value, _Line) else super().fold_binary(name, value)


POLICY = _Policy(linesep="\r\n", cte_type="7bit")
"""Only ASCII goes over the wire, in lines that every server takes."""


def with_html(medium: str, content: Content, language: str) -> dict[str, Any]:
    """The content with its `html` made anew from its other fields; content of other media as it is."""
    if medium != MEDIUM:
        return dict(content)
    return {**content, "html": html(content, language)}


def language_of(meta: Content) -> str:
    """The language that a piece is written in, for its HTML; English when nothing says so."""
    return str(meta.get("language") or "en")


def html(content: Content, language: str) -> str:
    """A whole HTML document that fetches nothing: a hidden preheader, one column, the call to action at its end."""
    body, subject = _many_lines(content, "body"), one_line(content, "subject")
    language = language if _LANGUAGE.fullmatch(language) else "en"
    return (
        f'<!doctype html>\n<html lang="{language}" dir="{_direction(f"{subject} {body}", language)}">\n<head>\n'
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="supported-color-schemes" content="light dark">\n'
        f"<title>{escape(subject)}</title>\n<style>{_DARK}</style>\n</head>\n"
        '<body class="page" style="margin:0;padding:0;background:#f6f4ef">\n'
        f'<div style="{_HIDDEN}">{escape(one_line(content, "preheader"))}{_FILLING}</div>\n'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>'
        '<td align="center" style="padding:24px 12px">\n'
        '<table class="column" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" '
        f'style="max-width:600px;background:#ffffff;color:#21251f;border-radius:8px;{_FONT};font-size:16px;'
        'line-height:1.55;overflow-wrap:anywhere"><tr><td style="padding:28px 28px 12px">\n'
        f"{_parser().render(body)}{_call(content)}"
        "</td></tr></table>\n</td></tr></table>\n</body>\n</html>\n"
    )


def text(content: Content) -> str:
    """The same to be read without HTML, the call to action last."""
    called, address = one_line(content, "cta"), markup.web_address(content.get("cta_url"))
    parts = [plain_text.of(_many_lines(content, "body")), plain_text.wrapped(called)]
    if address:
        parts[-1] = f"{parts[-1]}\n{address}".strip()
    return "\n\n".join(part for part in parts if part) + "\n"


def message(content: Content, language: str = "en") -> EmailMessage:
    """The mail with its plain text and its HTML; whoever sends it adds sender, recipient and date.

    Both parts are made from the fields, so that a stale or foreign `html` is never sent.
    """
    made = EmailMessage(policy=POLICY)
    made["Subject"] = one_line(content, "subject")
    plain, rich = text(content), html(content, language)
    made.set_content(plain)
    made.add_alternative(rich, subtype="html")
    # Named after what is inside, so that the same mail is the same bytes.
    made.set_boundary(f"=_{hashlib.sha256(f'{plain}{rich}'.encode()).hexdigest()[:40]}")
    return made


def one_line(content: Content, name: str) -> str:
    """A field as one line without control characters; empty when there is none."""
    return _BLANKS.sub(" ", _many_lines(content, name)).strip(" ")


def _many_lines(content: Content, name: str) -> str:
    value = content.get(name)
    return _UNFIT.sub("", _BREAKS.sub("\n", value)) if isinstance(value, str) else ""


@functools.lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return markup.parser(styles=_STYLES)


def _call(content: Content) -> str:
    called, address = escape(one_line(content, "cta")), markup.web_address(content.get("cta_url"))
    if not called:
        return ""
    if address is None:
        return f'<p style="margin:24px 0 16px;font-size:18px"><strong>{called}</strong></p>\n'
    style = (
        "display:inline-block;padding:12px 24px;border-radius:6px;background:#2f6b3c;color:#ffffff;"
        "text-decoration:none;font-weight:bold"
    )
    link = f'<a class="button" href="{escape(address)}" rel="noopener noreferrer" style="{style}">{called}</a>'
    return f'<p style="margin:24px 0 16px">{link}</p>\n'


def _direction(said: str, language: str) -> str:
    """How most letters run; the language decides between equals."""
    runs = [unicodedata.bidirectional(letter) for letter in said[:2_000]]
    right, left = sum(run in ("R", "AL") for run in runs), runs.count("L")
    if right == left:
        return "rtl" if language.split("-")[0].lower() in RIGHT_TO_LEFT else "ltr"
    return "rtl" if right > left else "ltr"


def _folded(name: str, value: str, linesep: str) -> str:
    """A header line of one or more encoded words (RFC 2047), plain when it is short and holds nothing but ASCII."""
    if value.isascii() and value.isprintable() and len(value) <= _PLAIN_LENGTH and "=?" not in value:
        return f"{name}: {value}{linesep}"
    words: list[bytes] = [b""]
    for letter in value:
        if len(words[-1]) + len(letter.encode()) > _ENCODED_BYTES:
            words.append(b"")
        words[-1] += letter.encode()
    encoded = (f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in words)
    return f"{name}: " + f"{linesep} ".join(encoded) + linesep
