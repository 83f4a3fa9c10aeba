"""Google Keep as Takeout exports it: one JSON file per note, and one HTML file that says the same."""

from __future__ import annotations

import json
from typing import Any

from bs4.element import Tag

from regrow.adapters.sources import files, html
from regrow.adapters.sources.files import Files
from regrow.domain.notes import detecting, logseq
from regrow.domain.notes.facts import MAX_ID
from regrow.domain.notes.vaults import Fetched, Listing, RawNote, Skipped

FORMAT = "keep"
_KIND = "keep 1"
_TITLE_LENGTH = 80


class Keep:
    """Notes by their file. What lies in Keep's bin is not taken."""

    format = FORMAT

    def __init__(self, place: Files, source: str) -> None:
        self.source = source
        self._files = place

    def listing(self) -> Listing:
        found = self._files.scan()
        notes = [name for name in found.paths if files.has_ending(name, (".json",))]
        told = {name[:-5] for name in notes}
        pages = [name for name in found.paths if name.endswith(".html") and name[:-5] not in told]
        return Listing(sorted(notes + pages), found.skipped, found.unreadable)

    def fetch(self, path: str) -> Fetched | Skipped:
        return files.fetched(self._files, _KIND, path)

    def understand(self, fetched: Fetched) -> RawNote | Skipped:
        text = files.text_of(fetched)
        if isinstance(text, Skipped):
            return text
        if fetched.path.endswith(".html"):
            return _page(fetched, text[0])
        try:
            note = json.loads(text[0])
        except (ValueError, RecursionError):
            return Skipped(fetched.path, "its JSON is broken: export it again")
        if not isinstance(note, dict) or not any(key in note for key in detecting.KEEP_KEYS):
            return Skipped(fetched.path, "it is no Keep note")
        if note.get("isTrashed") is True:
            return Skipped(fetched.path, "it lies in Keep's bin: take it out there to import it", is_gone=True)
        return _note(fetched, note, text[1])


def _note(got: Fetched, note: dict[str, Any], warning: str) -> RawNote | Skipped:
    stem = files.stem(got.path)
    body = _text(note.get("textContent"))
    items = note.get("listContent")
    if isinstance(items, list):
        body = "\n".join([body, *_items(items)]).strip()
    links = [line for line in map(_annotation, _listed(note, "annotations")) if line and line not in body]
    created = note.get("createdTimestampUsec")
    said: dict[str, Any] = {
        "title": " ".join(_text(note.get("title")).split()) or _first_words(body) or stem,
        # The file is named after the title; the microsecond of its making stays when the title changes.
        "id": f"keep {created}" if isinstance(created, int) and created > 0 else f"keep {stem}"[:MAX_ID],
        "tags": [_text(label.get("name")) for label in _listed(note, "labels") if _text(label.get("name"))],
        "created": _moment(created),
        "updated": _moment(note.get("userEditedTimestampUsec")),
        "pinned": note.get("isPinned") is True or None,
        "archived": note.get("isArchived") is True or None,
    }
    return files.made(got, "\n\n".join([body, *links]).strip(), said, [warning])


def _items(items: list[Any]) -> list[str]:
    return [
        f"- [{'x' if item.get('isChecked') is True else ' '}] {' '.join(_text(item.get('text')).split())}"
        for item in items
        if isinstance(item, dict)
    ]


def _annotation(one: dict[str, Any]) -> str:
    url = _text(one.get("url")).strip()
    title = " ".join(_text(one.get("title")).split()).replace("[", "(").replace("]", ")")
    if not url.startswith(("https://", "http://")) or set(url) & set("<> \n"):
        return ""
    return f"[{title}](<{url}>)" if title else f"<{url}>"


def _listed(note: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = note.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _first_words(body: str) -> str:
    """A note without a title goes by how it begins."""
    line = body.lstrip("-[] x\n").partition("\n")[0].strip()
    return line if len(line) <= _TITLE_LENGTH else line[:_TITLE_LENGTH].rpartition(" ")[0] or line[:_TITLE_LENGTH]


def _moment(microseconds: Any) -> str:
    return logseq.moment(microseconds // 1000) if isinstance(microseconds, int) and microseconds > 0 else ""


def _page(got: Fetched, text: str) -> RawNote | Skipped:
    """A note that came as HTML only, as older exports have them."""
    soup = html.soup_of(text)
    note = soup.find(class_="note")
    if not isinstance(note, Tag):
        return Skipped(got.path, "it is no Keep note")
    stem = files.stem(got.path)
    head = note.find(class_="title")
    title = " ".join(head.extract().get_text().split()) if isinstance(head, Tag) else ""
    labels = [" ".join(one.get_text().split()) for one in note.find_all(class_="label-name")]
    content = note.find(class_="content")
    if note.find(class_="trashed") is not None:
        return Skipped(got.path, "it lies in Keep's bin: take it out there to import it", is_gone=True)
    body = html.markdown(content) if isinstance(content, Tag) else ""
    said = {"title": title or _first_words(body) or stem, "id": f"keep {stem}"[:MAX_ID], "tags": labels}
    return files.made(got, body, said)
