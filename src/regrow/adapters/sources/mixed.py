"""A place with several exports in it: each is read by its own reader, and all of them are one vault."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from regrow.adapters.sources import archives, documents, files, places
from regrow.adapters.sources.bear import Bear
from regrow.adapters.sources.documents import Documents
from regrow.adapters.sources.evernote import Evernote
from regrow.adapters.sources.files import Files, Part
from regrow.adapters.sources.keep import Keep
from regrow.adapters.sources.logseq import Logseq
from regrow.adapters.sources.notion import Notion
from regrow.adapters.sources.roam import Roam
from regrow.domain.notes import detecting
from regrow.domain.notes.detecting import Look
from regrow.domain.notes.vaults import Fetched, Listing, RawNote, Skipped, Vault

FORMAT = "mixed"
_DOCUMENTS = (*documents.PLAIN, ".csv")


def reader(place: Files, source: str, name: str) -> Vault:
    """The reader of that format."""
    if name == "mixed":
        return Mixed(place, source)
    if name == "markdown":
        return Documents(place, source, files.MARKDOWN, name)
    return _READERS[name](place, source)


_READERS: dict[str, Callable[[Files, str], Vault]] = {
    "logseq": Logseq, "notion": Notion, "roam": Roam, "evernote": Evernote, "keep": Keep, "bear": Bear,
    "files": Documents,
}  # fmt: skip


def look(place: Files, names: Sequence[str]) -> Look:
    """The names with the first bytes of the files that need it."""
    return Look(names, {name: head(place, name) for name in detecting.to_look_at(names)})


def head(place: Files, name: str) -> bytes:
    try:
        with place.open(name) as file:
            return file.read(detecting.HEAD_BYTES)
    except places.Unfit:
        return b""


class Mixed:
    """Every export below one place. Paths begin with where an export lies, then go on inside it."""

    format = FORMAT

    def __init__(self, place: Files, source: str, depth: int = 1) -> None:
        self.source = source
        self._files, self._depth = place, depth
        self._readers: dict[str, Vault] = {}
        self._owner: dict[str, str] = {}

    def listing(self) -> Listing:
        found = self._files.scan()
        skipped, unreadable = list(found.skipped), list(found.unreadable)
        self._readers, self._owner = {}, {}
        rest = list(found.paths)
        for folder in _graphs(rest):
            inside = [name for name in rest if name.startswith(f"{folder}/")]
            rest = [name for name in rest if not name.startswith(f"{folder}/")]
            self._readers[f"{folder}/"] = Logseq(Part(self._files, inside, folder), self.source)
        self._sort_in(rest, skipped, unreadable)
        for prefix, one in self._readers.items():
            inner = one.listing()
            self._owner.update((prefix + path, prefix) for path in inner.paths)
            skipped += (replace(each, path=prefix + each.path) for each in inner.skipped)
            unreadable += (prefix + each for each in inner.unreadable)
        return Listing(sorted(self._owner), tuple(skipped), tuple(unreadable))

    def _sort_in(self, names: list[str], skipped: list[Skipped], unreadable: list[str]) -> None:
        groups: dict[tuple[str, str], list[str]] = {}
        for name in names:
            kind = detecting.kind_of(name, head(self._files, name) if name.lower().endswith(".json") else b"")
            folder = name.rpartition("/")[0]
            if ".textbundle/" in name.lower():
                folder = name[: name.lower().index(".textbundle/")].rpartition("/")[0]
                groups.setdefault(("bear", folder), []).append(name)
            elif kind in ("roam", "evernote"):
                groups.setdefault((kind, name), []).append(name)
            elif kind in ("archive", "zip"):
                self._unpack(name, skipped, unreadable)
            elif kind == "keep":
                groups.setdefault((kind, folder), []).append(name)
            elif kind == "notion":
                groups.setdefault((kind, ""), []).append(name)
            elif files.has_ending(name, _DOCUMENTS):
                groups.setdefault(("files", ""), []).append(name)
            elif name.lower().endswith(".json"):
                skipped.append(Skipped(name, "it is no JSON that Roam or Google Keep writes"))
        for (kind, place), inside in groups.items():
            self._mount(kind, place, inside)

    def _mount(self, kind: str, place: str, names: list[str]) -> None:
        is_file = kind in ("roam", "evernote")
        part = Part(self._files, names, place.rpartition("/")[0] if is_file else place)
        one = Documents(part, self.source, _DOCUMENTS) if kind == "files" else reader(part, self.source, kind)
        prefix = f"{place}/" if place else ""
        if prefix in self._readers:
            one = _Both(self._readers[prefix], one)
        self._readers[prefix] = one

    def _unpack(self, name: str, skipped: list[Skipped], unreadable: list[str]) -> None:
        try:
            if self._depth >= archives.MAX_DEPTH:
                raise places.Unfit(f"archives in archives are read {archives.MAX_DEPTH} deep: unpack it first")
            inside = archives.opened(self._files.open(name), name.rpartition("/")[2], depth=self._depth)
        except places.Unfit as error:
            skipped.append(Skipped(name, str(error)))
            unreadable.append(f"{name}/")
            return
        kind = detecting.detect(look(inside, inside.scan().paths))
        one = Mixed(inside, self.source, self._depth + 1) if kind == "mixed" else reader(inside, self.source, kind)
        self._readers[f"{name}/"] = one

    def fetch(self, path: str) -> Fetched | Skipped:
        prefix = self._owner.get(path)
        if prefix is None:
            return Skipped(path, "it is not there any more: import again")
        return replace(self._readers[prefix].fetch(path.removeprefix(prefix)), path=path)

    def understand(self, fetched: Fetched) -> RawNote | Skipped:
        prefix = self._owner[fetched.path]
        inner = replace(fetched, path=fetched.path.removeprefix(prefix))
        return replace(self._readers[prefix].understand(inner), path=fetched.path)


class _Both:
    """Two readers of one folder, each with files of its own."""

    format = FORMAT

    def __init__(self, first: Vault, second: Vault) -> None:
        self.source = first.source
        self._first, self._second = first, second
        self._is_first: frozenset[str] = frozenset()

    def listing(self) -> Listing:
        one, two = self._first.listing(), self._second.listing()
        self._is_first = frozenset(one.paths)
        paths = sorted({*one.paths, *two.paths})
        return Listing(paths, (*one.skipped, *two.skipped), (*one.unreadable, *two.unreadable))

    def _of(self, path: str) -> Vault:
        return self._first if path in self._is_first else self._second

    def fetch(self, path: str) -> Fetched | Skipped:
        return self._of(path).fetch(path)

    def understand(self, fetched: Fetched) -> RawNote | Skipped:
        return self._of(fetched.path).understand(fetched)


def _graphs(names: Sequence[str]) -> Iterator[str]:
    """Folders that are Logseq graphs."""
    for name in names:
        if name.endswith("/logseq/config.edn"):
            yield name.removesuffix("/logseq/config.edn")
