"""Bear: backups and exports of text bundles, each a folder with a text and what Bear knows of it."""

from __future__ import annotations

import json
import re
from typing import Any

from regrow.adapters.sources import files, places
from regrow.adapters.sources.files import Files
from regrow.domain.notes.vaults import Fetched, Listing, RawNote, Skipped

FORMAT = "bear"
_KIND = "bear 1"
_TEXT = re.compile(r"\.textbundle/text\.(?:md|markdown|txt)$", re.I)
_KNOWN_TO_BEAR = "net.shinyfrog.bear"
_WIDE_TAG = re.compile(r"(?<!\S)#([^\s#][^#\n]{0,150}?[^\s#])#(?![\w#])")


class Bear:
    """Text bundles by their path. Notes in Bear's bin and encrypted ones are not taken."""

    format = FORMAT

    def __init__(self, place: Files, source: str) -> None:
        self.source = source
        self._files = place
        self._texts: dict[str, str] = {}
        self._infos: frozenset[str] = frozenset()

    def listing(self) -> Listing:
        found = self._files.scan()
        self._infos = frozenset(name for name in found.paths if name.endswith("/info.json"))
        plain = (name for name in found.paths if files.has_ending(name, files.MARKDOWN) and ".textbundle/" not in name)
        self._texts = {name: name for name in plain}
        for name in found.paths:
            if _TEXT.search(name):
                # Every text of a bundle is called `text`: its bundle's name is the note's.
                path = f"{_TEXT.sub('', name)}.md"
                self._texts[path if path not in self._texts else name] = name
        return Listing(sorted(self._texts), found.skipped, found.unreadable)

    def fetch(self, path: str) -> Fetched | Skipped:
        """Text and info as one: a note that is moved to the bin changes nothing but its info."""
        got = files.fetched(self._files, _KIND, path, self._texts.get(path))
        info = self._info_name(path)
        if isinstance(got, Skipped) or info not in self._infos:
            return got
        try:
            said = self._files.read(info)
        except places.Unfit as error:
            return Skipped(path, f"its info.json: {error}")
        return Fetched(path, files.digest(_KIND, got.data, said), len(said).to_bytes(8, "big") + said + got.data)

    def _info_name(self, path: str) -> str:
        return f"{self._texts.get(path, path).rpartition('/')[0]}/info.json"

    def understand(self, fetched: Fetched) -> RawNote | Skipped:
        info: dict[str, Any] = {}
        text = fetched.data
        if self._info_name(fetched.path) in self._infos:
            length = int.from_bytes(text[:8], "big")
            info, text = _known(text[8 : 8 + length]), text[8 + length :]
        if info.get("trashed") in (1, True):
            return Skipped(fetched.path, "it lies in Bear's bin: take it out there to import it", is_gone=True)
        if info.get("encrypted") in (1, True):
            return Skipped(fetched.path, "it is encrypted: unlock it in Bear and export it again")
        got = Fetched(fetched.path, fetched.digest, text)
        decoded = files.text_of(got)
        if isinstance(decoded, Skipped):
            return decoded
        listed = info.get("tags")
        said = {
            "id": info.get("uniqueIdentifier") if isinstance(info.get("uniqueIdentifier"), str) else "",
            "title": "" if decoded[0].lstrip().startswith("# ") else files.stem(fetched.path),
            "tags": [*(listed if isinstance(listed, list) else ()), *_WIDE_TAG.findall(decoded[0])],
            "created": info.get("creationDate", ""),
            "updated": info.get("modificationDate", ""),
            "archived": info.get("archived") in (1, True) or None,
        }
        return files.markdown(got, properties={key: value for key, value in said.items() if value})


def _known(data: bytes) -> dict[str, Any]:
    """What Bear says of a note; other programs that write text bundles say nothing here."""
    try:
        info = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    found = info.get(_KNOWN_TO_BEAR) if isinstance(info, dict) else None
    if found is None and isinstance(info, dict):
        found = {key: info[key] for key in ("uniqueIdentifier", "creationDate", "modificationDate") if key in info}
    return found if isinstance(found, dict) else {}
