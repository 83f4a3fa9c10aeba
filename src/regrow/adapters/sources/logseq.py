"""A Logseq graph: pages and journals as outlines, with references to blocks of other pages."""

from __future__ import annotations

from regrow.adapters.sources import files, places
from regrow.adapters.sources.files import Files
from regrow.domain.notes import comments, front, logseq, org, outlines, parsing
from regrow.domain.notes.outlines import Block, References, Referred
from regrow.domain.notes.vaults import Fetched, Listing, RawNote, Skipped

FORMAT = "logseq"
MAX_REFERRED = 200_000
MAX_BLOCK = 20_000
_KIND = "logseq 1"
_PAGES = (*files.MARKDOWN, ".org")
_IGNORED = frozenset(("logseq", "bak", "assets", "draws", "whiteboards", "version-files"))
"""Settings, backups and drawings: nothing that somebody wrote as a page."""


class Logseq:
    """Pages by their path. The blocks that other pages point at are held in memory, and nothing else is."""

    format = FORMAT

    def __init__(self, place: Files, source: str) -> None:
        self.source = source
        self._files = place
        self._referred: dict[str, Referred] = {}

    def listing(self) -> Listing:
        found = self._files.scan()
        paths = [name for name in found.paths if _is_page(name)]
        self._referred = {}
        self._look_up(paths)
        return Listing(paths, found.skipped, found.unreadable)

    def _look_up(self, paths: list[str]) -> None:
        """Finds the blocks that somebody points at: first all pointers, then the pages that hold their ends."""
        wanted: set[str] = set()
        holders: dict[str, set[str]] = {}
        for path in paths:
            text = self._text(path)
            if "((" in text and len(wanted) < MAX_REFERRED:
                wanted.update(uid.lower() for uid in logseq.UID.findall(text))
            if "id:" in text.lower():
                holders[path] = {uid.lower() for uid in logseq.IDS.findall(text)}
        for path, uids in holders.items():
            if uids & wanted:
                self._hold(path, uids & wanted)

    def _text(self, path: str) -> str:
        try:
            data = self._files.read(path)
        except places.Unfit:
            # What cannot be read is told when its turn comes.
            return ""
        text = files.text_of(Fetched(path, "", data))
        return "" if isinstance(text, Skipped) else self._outlined(path, text[0])

    @staticmethod
    def _outlined(path: str, text: str) -> str:
        return org.markdown(text) if path.lower().endswith(".org") else text

    def _hold(self, path: str, uids: set[str]) -> None:
        text = self._text(path)
        raw = self._note(Fetched(path, "", b""), text, References(lambda uid: None, logseq.clean))
        is_private = isinstance(raw, Skipped) or parsing.parse(raw).is_private
        private_page = logseq.title(path) if is_private else ""
        # What stands in a comment on its own page must not come out on another.
        blocks = logseq.read(front.split(comments.uncover(text).text).body).blocks
        for place, block in enumerate(blocks):
            if block.uid in uids:
                whole = outlines.render(outlines.below(blocks, place))[:MAX_BLOCK]
                self._referred[block.uid] = Referred(_line(block.text), whole, private_page)

    def fetch(self, path: str) -> Fetched | Skipped:
        """The file; its digest covers the blocks it points at, so that a change of them counts as one of the note."""
        got = files.fetched(self._files, _KIND, path)
        if isinstance(got, Skipped) or b"((" not in got.data:
            return got
        uids = [uid.lower() for uid in logseq.UID.findall(got.data.decode("utf-8", "replace"))]
        brought = outlines.reached(uids, self._referred.get, logseq.UID.findall)
        return Fetched(path, files.digest(_KIND, got.data, *(said.encode() for said in brought)), got.data)

    def understand(self, fetched: Fetched) -> RawNote | Skipped:
        text = files.text_of(fetched)
        if isinstance(text, Skipped):
            return text
        references = References(self._referred.get, logseq.clean)
        return self._note(fetched, self._outlined(fetched.path, text[0]), references, text[1])

    @staticmethod
    def _note(got: Fetched, text: str, references: References, warning: str = "") -> RawNote | Skipped:
        parts = front.split(text)
        page = logseq.read(parts.body)
        blocks = [Block(block.depth, logseq.clean(block.text, references), block.uid) for block in page.blocks]
        said = {
            **(front.simple(parts.front) or front.salvage(parts.front) if parts.front else {}),
            **logseq.front(page),
        }
        stem_title = logseq.title(got.path)
        written = said.get("aliases", [])
        aliases = [*(written if isinstance(written, list) else [written]), *logseq.journal_names(got.path)]
        title = str(said.get("title") or stem_title)
        if title != stem_title:
            aliases.append(stem_title)
        properties = {**said, "title": title, "aliases": list(dict.fromkeys(map(str, aliases)))}
        return files.made(got, outlines.render(blocks), properties, [warning], parts.front or "")


def _line(text: str) -> str:
    """A block's own text as it can stand in a sentence, without its properties."""
    kept = "\n".join(line for line in text.split("\n") if not logseq.is_property(line)).strip()
    return f"\n{kept}" if "```" in kept else " ".join(kept.lstrip("# ").split())[:MAX_BLOCK]


def _is_page(name: str) -> bool:
    return files.has_ending(name, _PAGES) and not _IGNORED & set(name.lower().split("/")[:-1])
