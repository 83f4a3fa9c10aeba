"""Folders of Markdown, HTML and text files, as Apple Notes exporters and many others leave them; Tomboy notes too."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from regrow.adapters.sources import csv_tables, files, html, notion_pages, tomboy
from regrow.adapters.sources.files import Files
from regrow.domain.notes.vaults import Fetched, Listing, RawNote, Skipped

FORMAT = "files"
PLAIN = (*files.MARKDOWN, *files.HTML, *files.TEXT, *files.TOMBOY)


class Documents:
    """One note per file. HTML and text become Markdown; a link to another file of the folder leads to its note."""

    def __init__(self, place: Files, source: str, endings: Sequence[str] = PLAIN, format_name: str = FORMAT) -> None:
        self.source, self.format = source, format_name
        self._files, self._endings = place, tuple(endings)
        self._names: frozenset[str] = frozenset()
        self._is_dendron = False

    def listing(self) -> Listing:
        found = self._files.scan()
        paths = [name for name in found.paths if files.has_ending(name, self._endings)]
        self._names = frozenset(paths)
        self._is_dendron = any(name.rpartition("/")[2] == "dendron.yml" for name in found.paths)
        return Listing(paths, found.skipped, found.unreadable)

    def fetch(self, path: str) -> Fetched | Skipped:
        return files.fetched(self._files, "files 1", path)

    def understand(self, fetched: Fetched) -> RawNote | Skipped:
        if files.has_ending(fetched.path, files.MARKDOWN):
            return files.markdown(fetched, self._is_dendron)
        text = files.text_of(fetched)
        if isinstance(text, Skipped):
            return text
        stem = files.stem(fetched.path)
        if files.has_ending(fetched.path, files.HTML):
            if notion_pages.is_page(text[0]):
                return notion_pages.note(fetched, text, {"title": stem}, self._lead_from(fetched.path))
            page = html.read(text[0], self._lead_from(fetched.path))
            return files.made(fetched, page.body, titled(page.title, page.body, stem), text[1:])
        if files.has_ending(fetched.path, (".csv",)):
            return files.made(fetched, csv_tables.table(text[0]), {"title": stem}, text[1:])
        if files.has_ending(fetched.path, files.TOMBOY):
            return tomboy.note(fetched, text[0])
        return files.made(fetched, text[0].strip(), {"title": stem}, text[1:])

    def _lead_from(self, path: str) -> html.Lead:
        return lambda address, shown: lead(address, shown, path, self._names)


def titled(title: str, body: str, stem: str) -> dict[str, object]:
    """The title of a file that may have none inside, and its file name as another name for links."""
    if not title and body.startswith("# "):
        title = body[2 : body.find("\n") if "\n" in body else len(body)].strip()
    return {"title": title or stem, "aliases": [stem] if title and title != stem else []}


def lead(address: str, shown: str, path: str, names: frozenset[str]) -> str | None:
    """A link to another file as a link to its note. `.md` marks it as one, whatever the file is called."""
    local = html.local(address)
    place = posixpath.normpath(posixpath.join(posixpath.dirname(path), local)) if local else ""
    if not shown or place not in names:
        return None
    return f"[{shown}](<{local if files.has_ending(local, files.MARKDOWN) else f'{local}.md'}>)"
