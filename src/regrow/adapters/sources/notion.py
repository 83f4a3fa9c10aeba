"""A Notion export: Markdown or HTML pages whose names end in their id, and databases as CSV."""

from __future__ import annotations

import posixpath
import re
from typing import Any
from urllib.parse import unquote

from regrow.adapters.sources import csv_tables, documents, files, notion_pages, places
from regrow.adapters.sources.files import Files
from regrow.domain.notes import detecting
from regrow.domain.notes.vaults import Fetched, Listing, RawNote, Skipped

FORMAT = "notion"
_KIND = "notion 1"
ID = detecting.NOTION_ID
_ADDRESS = re.compile(r"https?://(?:www\.)?notion\.(?:so|site)/(?:[^\s()<>?#]*[-/])?([0-9a-f]{32})\b[^\s()<>]*")
_LINK = re.compile(r"\[([^\[\]\n]++)\]\((https?://(?:www\.)?notion\.(?:so|site)/[^\s()<>]++)\)")
_CSV_LINK = re.compile(r"\]\(([^()\s]+?)(?:_all)?\.csv\)")
_PROPERTY = re.compile(r"([^:\n]{1,80}): (.*)$")
_PAGES = (".md", ".html", ".csv")


class Notion:
    """Pages by their place in the export. A page keeps its id whatever it is called and wherever it is moved."""

    format = FORMAT

    def __init__(self, place: Files, source: str) -> None:
        self.source = source
        self._files = place
        self._names: frozenset[str] = frozenset()
        self._ids: frozenset[str] = frozenset()
        self._databases: dict[str, str] = {}
        self._columns: dict[str, frozenset[str]] = {}

    def listing(self) -> Listing:
        found = self._files.scan()
        names = {name for name in found.paths if files.has_ending(name, _PAGES)}
        # A database comes as its current view and as all of it; a page of that name is only its heading.
        names -= {f"{name[: -len('_all.csv')]}.csv" for name in names if name.endswith("_all.csv")}
        names = {name for name in names if name.rpartition("/")[2] != "index.html"}
        bases = {_base(name) for name in names if name.endswith(".csv")}
        names = {name for name in names if name.endswith(".csv") or not (_base(name) in bases and self._is_bare(name))}
        self._names = frozenset(names)
        self._ids = frozenset(match[1] for name in names if (match := ID.search(name)))
        self._databases = {_folder_of(name): name for name in names if name.endswith(".csv")}
        self._columns = {}
        return Listing(sorted(names), found.skipped, found.unreadable)

    def _is_bare(self, name: str) -> bool:
        """Whether a page beside a database of its name holds no more than that name."""
        if not name.endswith(".md"):
            return False
        try:
            return len(self._files.read(name).strip().splitlines()) <= 1
        except places.Unfit:
            return False

    def fetch(self, path: str) -> Fetched | Skipped:
        return files.fetched(self._files, _KIND, path)

    def understand(self, fetched: Fetched) -> RawNote | Skipped:
        text = files.text_of(fetched)
        if isinstance(text, Skipped):
            return text
        named = ID.search(fetched.path)
        stem = _base(fetched.path).rpartition("/")[2]
        title = ID.sub("", fetched.path.rpartition("/")[2]).strip() if named else stem
        said: dict[str, Any] = {"title": title or "Untitled", "id": named[1] if named else ""}
        if fetched.path.endswith(".csv"):
            return files.made(fetched, self._table(fetched.path, text[0]), said, text[1:])
        if fetched.path.endswith(".html"):
            return self._page(fetched, text, said)
        return self._markdown(fetched, text, said)

    def _table(self, path: str, text: str) -> str:
        folder = _folder_of(path)
        titles = {
            _title_of(name) for name in self._names if name.startswith(f"{folder}/") and not name.endswith(".csv")
        }
        return csv_tables.table(text, lambda name: f"[[{name}]]" if name in titles and _is_linkable(name) else name)

    def _markdown(self, got: Fetched, text: tuple[str, str], said: dict[str, Any]) -> RawNote | Skipped:
        body = text[0].lstrip("\n")
        if body.startswith("# "):
            head, _, body = body.partition("\n")
            said["title"] = head[2:].strip() or said["title"]
        columns = self._columns_for(got.path)
        body = body.lstrip("\n")
        if columns:
            body = _taken(body, columns, said)
        body = _LINK.sub(self._led, body)
        body = _CSV_LINK.sub(lambda match: self._to_database(match, got.path), body)
        return files.made(got, body, said, text[1:])

    def _to_database(self, match: re.Match[str], path: str) -> str:
        """A link to a database as a link to the note that it has become: all of it, its view, or its heading."""
        place = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(match[1])))
        for ending, written in (("_all.csv", "_all.csv.md"), (".csv", ".csv.md"), (".md", ".md")):
            if f"{place}{ending}" in self._names:
                return f"]({match[1]}{written})"
        return match[0]

    def _columns_for(self, path: str) -> frozenset[str]:
        """The columns of the database that a page is a row of; none when it is a row of none."""
        database = self._databases.get(path.rpartition("/")[0])
        if database is None:
            return frozenset()
        if database not in self._columns:
            try:
                rows = csv_tables.rows(self._files.read(database).decode("utf-8", "replace"), 1)
            except places.Unfit:
                rows = []
            self._columns[database] = frozenset(rows[0] if rows else ())
        return self._columns[database]

    def _page(self, got: Fetched, text: tuple[str, str], said: dict[str, Any]) -> RawNote | Skipped:
        return notion_pages.note(got, text, said, lambda address, shown: self._lead(address, shown, got.path))

    def _lead(self, address: str, shown: str, path: str) -> str | None:
        found = _ADDRESS.match(address)
        if found and found[1] in self._ids and shown:
            return _wikilink(found[1], shown)
        return documents.lead(address, shown, path, self._names)

    def _led(self, match: re.Match[str]) -> str:
        found = _ADDRESS.match(match[2])
        return _wikilink(found[1], match[1]) if found and found[1] in self._ids else match[0]


def _wikilink(page_id: str, shown: str) -> str:
    return f"[[{page_id}|{shown.replace('|', ' ').replace('[', '(').replace(']', ')')}]]"


def _is_linkable(name: str) -> bool:
    return not set(name) & set("[]|#\n")


def _base(path: str) -> str:
    """The path without its ending; both files of a database have the same."""
    return re.sub(r"(?:_all)?\.(?:md|html|csv)$", "", path)


def _folder_of(path: str) -> str:
    """The folder that holds the rows of a database."""
    return _base(path)


def _title_of(path: str) -> str:
    return ID.sub("", path.rpartition("/")[2]).strip()


def _taken(body: str, columns: frozenset[str], said: dict[str, Any]) -> str:
    """Takes the properties off that a row's page begins with: lines named like columns of its database."""
    lines = body.split("\n")
    place = 0
    while place < len(lines) and (match := _PROPERTY.match(lines[place])) and match[1] in columns:
        notion_pages.keep(said, match[1], match[2])
        place += 1
    return "\n".join(lines[place:]).lstrip("\n")
