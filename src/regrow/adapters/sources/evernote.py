"""Evernote exports: ENEX files with any number of notes, streamed, their pictures and attachments left out."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from bs4.element import NavigableString, Tag

from regrow.adapters.sources import enex, files, html, places
from regrow.adapters.sources.files import Files
from regrow.adapters.sources.spooling import Spool
from regrow.domain.notes.facts import MAX_ID, MAX_PATH_BYTES
from regrow.domain.notes.vaults import Fetched, Listing, RawNote, Skipped

FORMAT = "evernote"
_KIND = "evernote 1"
_CODE = re.compile(r"-en-codeblock:\s*true")
_SHARED = re.compile(r"https://(?:share|www)\.evernote\.com/(?:note|shard)/")
_CHECKED = re.compile(r"--en-checked:\s*(true|false)")


class Evernote:
    """Notes by notebook and title. They wait on disk; only their names are in memory."""

    format = FORMAT

    def __init__(self, place: Files, source: str) -> None:
        self.source = source
        self._files = place
        self._spool = Spool()
        self._identities: Counter[str] = Counter()
        self._titles: set[str] = set()

    def listing(self) -> Listing:
        found = self._files.scan()
        skipped, unreadable = list(found.skipped), list(found.unreadable)
        self._spool, self._identities, self._titles = Spool(), Counter(), set()
        names = [name for name in found.paths if files.has_ending(name, (".enex",))]
        for name in names:
            try:
                skipped += self._take(name, len(names) > 1)
            except places.Unfit as error:
                skipped.append(Skipped(name, str(error)))
                # Notes behind the break are not known to be gone.
                unreadable.append("")
        return Listing(sorted(self._spool), tuple(skipped), tuple(unreadable))

    def _take(self, name: str, is_one_of_many: bool) -> list[Skipped]:
        skipped: list[Skipped] = []
        with self._files.open(name) as file:
            for note in enex.notes(file):
                title = " ".join(note.texts.get("title", "").split()) or "Untitled"
                if note.is_large:
                    most = places.MAX_BYTES // 1_000_000
                    skipped.append(Skipped(f"{name}/{title[:100]}", f"too large: notes may have {most} MB of text"))
                    continue
                created = note.texts.get("created", "").strip()
                stem = _stem(f"{name[:-5]}/" if is_one_of_many else "", title)
                said = {"texts": note.texts, "tags": note.tags}
                data = json.dumps(said, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
                self._spool.add(self._spool.free_name(stem, created), data)
                self._identities[created] += 1
                self._titles.add(title)
        return skipped

    def fetch(self, path: str) -> Fetched | Skipped:
        try:
            data = self._spool.read(path)
        except places.Unfit as error:
            return Skipped(path, str(error))
        return Fetched(path, files.digest(_KIND, data), data)

    def understand(self, fetched: Fetched) -> RawNote | Skipped:
        said = json.loads(fetched.data)
        texts: dict[str, str] = said["texts"]
        soup = html.soup_of(texts.get("content", ""))
        _settle(soup)
        title = " ".join(texts.get("title", "").split()) or "Untitled"
        properties: dict[str, Any] = {
            "title": title,
            "id": self._identity(texts, title),
            "tags": said["tags"],
            "created": enex.moment(texts.get("created", "")),
            "updated": enex.moment(texts.get("updated", "")),
            "author": texts.get("author", "").strip()[:500],
            "source": texts.get("source-url", "").strip()[:2_000],
        }
        return files.made(fetched, html.markdown(soup, self._lead), properties)

    def _lead(self, address: str, shown: str) -> str | None:
        """A link to another note by its words, which Evernote takes from its title."""
        is_inside = address.startswith("evernote:")
        if not is_inside and not (_SHARED.match(address) and shown in self._titles):
            return None
        return f"[[{shown}]]" if shown and not set(shown) & set("[]|#") else shown

    def _identity(self, texts: dict[str, str], title: str) -> str:
        """Its guid; else the second it was created in, which outlives a new title; with the title if shared."""
        created = texts.get("created", "").strip()
        if guid := texts.get("guid", "").strip():
            return guid[:MAX_ID]
        if created and self._identities[created] == 1:
            return f"evernote {created}"[:MAX_ID]
        return f"evernote {created} {title}"[:MAX_ID].strip() if created else ""


def _stem(folder: str, title: str) -> str:
    kept = title.replace("/", "-").encode()[: MAX_PATH_BYTES - 100 - len(folder.encode())].decode("utf-8", "ignore")
    return f"{folder}{kept.strip('. ') or 'untitled'}"


def _settle(soup: Tag) -> None:
    """Evernote's code blocks and checklists, which it writes as styles, as the tags they stand for."""
    for block in soup.find_all("div"):
        if _CODE.search(str(block.get("style", ""))):
            lines = [_plain(line) for line in block.find_all("div", recursive=False)] or [_plain(block)]
            block.name = "pre"
            block.clear()
            block.append(NavigableString("\n".join(lines)))
    for item in soup.find_all("li"):
        if checked := _CHECKED.search(str(item.get("style", ""))):
            item.insert(0, NavigableString("[x] " if checked[1] == "true" else "[ ] "))


def _plain(tag: Tag) -> str:
    for line_end in tag.find_all("br"):
        line_end.replace_with(NavigableString("\n"))
    return tag.get_text().replace("\xa0", " ").rstrip("\n")
