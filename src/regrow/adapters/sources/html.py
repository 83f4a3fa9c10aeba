"""HTML that nobody vouches for, as Markdown."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import unquote

import bs4
import markdownify
from bs4.element import NavigableString, Tag

from regrow.adapters.sources import html_cleaning

MAX_CLEANED = 2_000_000
"""Characters; a page with more text than a long novel is taken without its marks, which take minutes to convert."""
_TAGS = re.compile(r"<[^>]*+>")
_ABROAD = re.compile(r"(?:https?|mailto|tel|ftp):", re.I)
_NO_FILE = re.compile(r"#|//|[a-z][a-z0-9+.-]*:", re.I)
_BLANKS = re.compile(r"\n{3,}")
_EMPHASIS = re.compile(r"(?<![\w/:.?&=#*\\-])([*_]+)(?=\S)")
_UNSURE = re.compile(r"([\\`\[\]])")

Lead = Callable[[str, str], str | None]
"""From an address and the words that link to it to a link in Markdown; None leaves it as it is."""


class Read(NamedTuple):
    """A page as Markdown, with the title its head gives it."""

    title: str
    body: str


def soup_of(text: str) -> bs4.BeautifulSoup:
    """The page as a tree, cleaned of all that is no text."""
    cleaned = html_cleaning.clean(text)
    with warnings.catch_warnings():
        # It warns of text that looks like a path or like XML; here both are just notes.
        warnings.simplefilter("ignore")
        if len(cleaned) <= MAX_CLEANED:
            return bs4.BeautifulSoup(cleaned, "html.parser")
        soup = bs4.BeautifulSoup("", "html.parser")
        soup.append(NavigableString(unescape(_TAGS.sub("\n", cleaned))))
        return soup


def read(text: str, lead: Lead | None = None) -> Read:
    soup = soup_of(text)
    return Read(taken_title(soup), markdown(soup, lead))


def taken_title(soup: Tag) -> str:
    """What the head calls the page; it is taken out, so that it does not stand in the text."""
    title = soup.find("title")
    return " ".join(title.extract().get_text().split()) if isinstance(title, Tag) else ""


def markdown(soup: Tag, lead: Lead | None = None) -> str:
    """Markdown of a tree, which is changed on the way."""
    for title in soup.find_all("title"):
        title.extract()
    _numbered(soup)
    found: str = _Converter(lead).convert_soup(soup)
    return _BLANKS.sub("\n\n", found).strip()


def _numbered(soup: Tag) -> None:
    """Writes each item's number on it: counting its siblings anew for each would take for ever on long lists."""
    for numbered in soup.find_all("ol"):
        start = str(numbered.get("start", "1"))
        number = int(start) if start.isdigit() and start.isascii() and len(start) < 7 else 1
        for item in numbered.find_all("li", recursive=False):
            item["number"] = str(number)
            number += 1


class _Converter(markdownify.MarkdownConverter):
    def __init__(self, lead: Lead | None) -> None:
        super().__init__(heading_style="atx", autolinks=False, table_infer_header=True)
        self._lead = lead

    def escape(self, text: str, parent_tags: Any) -> str:
        """Escapes what can begin emphasis; inside words and addresses these signs mean nothing."""
        text = _EMPHASIS.sub(r"\\\1", text)
        return text.replace("|", "\\|") if "td" in parent_tags or "th" in parent_tags else text

    def convert_a(self, el: Any, text: str, parent_tags: Any) -> str:
        address = " ".join(str(el.get("href") or "").split())
        shown = " ".join(text.split())
        if address and self._lead is not None and (found := self._lead(address, shown)) is not None:
            return found
        if not shown or not _ABROAD.match(address):
            return text
        address = address.replace("<", "%3C").replace(">", "%3E")
        return f"[{shown}](<{address}>)" if " " in address or ")" in address else f"[{shown}]({address})"

    def convert_img(self, el: Any, text: str, parent_tags: Any) -> str:
        return _UNSURE.sub(r"\\\1", str(el.get("alt") or ""))

    def convert_input(self, el: Any, text: str, parent_tags: Any) -> str:
        return _box(el, el.has_attr("checked")) if el.get("type") == "checkbox" else ""

    def convert_en_todo(self, el: Any, text: str, parent_tags: Any) -> str:
        return _box(el, str(el.get("checked", "")).lower() == "true")

    def convert_title(self, el: Any, text: str, parent_tags: Any) -> str:
        return ""

    def convert_li(self, el: Any, text: str, parent_tags: Any) -> str:
        mark = f"{el['number']}. " if el.get("number") else "- "
        first, *more = text.strip().split("\n")
        indent = " " * len(mark)
        return "\n".join([f"{mark}{first}", *(f"{indent}{line}" if line else "" for line in more)]) + "\n"

    def convert_pre(self, el: Any, text: str, parent_tags: Any) -> str:
        longest = max((len(run) for run in re.findall("`+", text)), default=0)
        fence = "`" * max(3, longest + 1)
        code = text.strip("\n")
        return f"\n\n{fence}\n{code}\n{fence}\n\n" if code.strip() else ""


def _box(el: Any, is_checked: bool) -> str:
    blank = "" if str(el.next_sibling or "").startswith((" ", "\n")) else " "
    return f"[{'x' if is_checked else ' '}]{blank}"


def local(address: str) -> str:
    """The file that a relative address names, decoded and without its anchor; empty when it leads elsewhere."""
    if _NO_FILE.match(address):
        return ""
    return unquote(address.partition("#")[0].partition("?")[0])
