"""A folder of Markdown notes: Obsidian, Dendron, Zettelkasten, or plain files."""

from __future__ import annotations

import hashlib
import os

from regrow.adapters.sources import files, places
from regrow.adapters.sources.folders import Folder
from regrow.adapters.sources.places import MAX_BYTES as MAX_BYTES
from regrow.domain.notes.vaults import Fetched, Listing, RawNote, Skipped

FORMAT = "markdown"
IGNORED_FOLDERS = frozenset(("node_modules", "templates", "_templates", "template", "_template"))
"""Besides every folder whose name begins with a dot, and the folder Logseq keeps its settings in."""


class MarkdownFolder:
    """Reads notes below one folder. Nothing outside it is opened, and no file is read whole above `MAX_BYTES`.

    `source` names the folder for ever. By default it is the folder's name and a mark of its full path, so that two
    folders of one name stay apart; give the old name to go on after moving a folder.
    """

    format = FORMAT

    def __init__(self, folder: str | os.PathLike[str], source: str | None = None) -> None:
        root = places.folder(folder)
        self.source = places.checked_source(source) if source else places.source_of(root)
        self._folder = Folder(root, files.MARKDOWN, _is_ignored)
        self._is_dendron = any((above / "dendron.yml").is_file() for above in (root, *root.parents))

    def listing(self) -> Listing:
        """Every note file, sorted by path; ignored folders and other files are passed over in silence."""
        return self._folder.scan()

    def fetch(self, path: str) -> Fetched | Skipped:
        """Reads one listed file; a file that is gone, locked, too large or changing is skipped with the reason."""
        try:
            data = self._folder.read(path)
        except places.Unfit as error:
            return Skipped(path, str(error))
        return Fetched(path, hashlib.sha256(data).hexdigest(), data)

    def understand(self, fetched: Fetched) -> RawNote | Skipped:
        """The text and front matter of what was fetched."""
        return files.markdown(fetched, self._is_dendron)


def _is_ignored(entry: os.DirEntry[str]) -> bool:
    name = entry.name.lower()
    return name in IGNORED_FOLDERS or (name == "logseq" and os.path.isfile(os.path.join(entry.path, "config.edn")))
