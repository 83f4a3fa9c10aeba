"""A Roam graph as its JSON export has it: pages with trees of blocks, and references between them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from regrow.adapters.sources import files, json_pieces, places
from regrow.adapters.sources.files import Files
from regrow.adapters.sources.spooling import Spool
from regrow.domain.notes import comments, outlines, parsing, roam
from regrow.domain.notes.facts import MAX_PATH_BYTES
from regrow.domain.notes.outlines import Block, References, Referred
from regrow.domain.notes.vaults import Fetched, Listing, RawNote, Skipped

FORMAT = "roam"
MAX_REFERRED = 200_000
MAX_BLOCK = 20_000
_KIND = "roam 1"


class Roam:
    """Pages by their title. They wait on disk; names, and the blocks that others point at, are in memory."""

    format = FORMAT

    def __init__(self, place: Files, source: str) -> None:
        self.source = source
        self._files = place
        self._spool = Spool()
        self._referred: dict[str, Referred] = {}

    def listing(self) -> Listing:
        found = self._files.scan()
        skipped, unreadable = list(found.skipped), list(found.unreadable)
        self._spool = Spool()
        self._referred = {}
        wanted: set[str] = set()
        for name in found.paths:
            if files.has_ending(name, (".json",)):
                try:
                    skipped += self._take(name, wanted)
                except places.Unfit as error:
                    skipped.append(Skipped(name, str(error)))
                    unreadable.append("")
        if wanted:
            for path in self._spool:
                self._hold(path, wanted)
        return Listing(sorted(self._spool), tuple(skipped), tuple(unreadable))

    def _take(self, name: str, wanted: set[str]) -> Iterator[Skipped]:
        with self._files.open(name) as file:
            for item in json_pieces.items(file, places.MAX_BYTES):
                if isinstance(item, json_pieces.Large):
                    yield Skipped(name, f"a page is larger than {places.MAX_BYTES // 1_000_000} MB: {item[:80]!r}")
                    continue
                page = _page(item)
                if page is None or not roam.title(page):
                    yield Skipped(name, f"an item of the list is no page: {item[:80]!r}")
                    continue
                uid = page.get("uid")
                path = self._spool.free_name(_stem(roam.title(page)), uid if isinstance(uid, str) else "")
                self._spool.add(path, item.encode("utf-8", "replace"))
                if "((" in item and len(wanted) < MAX_REFERRED:
                    wanted.update(roam.UID.findall(item))

    def _hold(self, path: str, wanted: set[str]) -> None:
        page = _page(self._spool.read(path).decode())
        blocks = roam.blocks(page) if page else []
        if page is None or not any(block.uid in wanted for block in blocks):
            return
        nothing = References(lambda uid: None, roam.clean)
        raw = self._note(Fetched(path, "", b""), page, blocks, nothing)
        private_page = roam.title(page) if isinstance(raw, Skipped) or parsing.parse(raw).is_private else ""
        for place, block in enumerate(blocks):
            if block.uid in wanted:
                whole = comments.uncover(outlines.render(outlines.below(blocks, place))[:MAX_BLOCK]).text
                text = comments.uncover(block.text).text.strip()
                line = f"\n{text}" if "```" in text else " ".join(text.split())
                self._referred[block.uid] = Referred(line[:MAX_BLOCK], whole, private_page)

    def fetch(self, path: str) -> Fetched | Skipped:
        """The page; its digest covers the blocks it points at, so that a change of them counts as one of the note."""
        try:
            data = self._spool.read(path)
        except places.Unfit as error:
            return Skipped(path, str(error))
        brought: Iterator[str] = iter(())
        if b"((" in data:
            brought = outlines.reached(roam.UID.findall(data.decode()), self._referred.get, roam.UID.findall)
        return Fetched(path, files.digest(_KIND, data, *(said.encode() for said in brought)), data)

    def understand(self, fetched: Fetched) -> RawNote | Skipped:
        page = _page(fetched.data.decode("utf-8", "replace"))
        if page is None:
            return Skipped(fetched.path, "its JSON is broken or nested too deeply")
        return self._note(fetched, page, roam.blocks(page), References(self._referred.get, roam.clean))

    @staticmethod
    def _note(got: Fetched, page: dict[str, Any], blocks: list[Block], references: References) -> RawNote | Skipped:
        cleaned = [Block(block.depth, roam.clean(block.text, references), block.uid) for block in blocks]
        return files.made(got, outlines.render(cleaned), roam.front(page, blocks))


def _page(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _stem(title: str) -> str:
    """A place for a page among the others: its title, with the folders that a namespace makes."""
    parts = [part.strip() for part in title.split("/")]
    kept = "/".join(part for part in parts if part not in ("", ".", "..")) or "untitled"
    return kept.encode()[: MAX_PATH_BYTES - 100].decode("utf-8", "ignore")
