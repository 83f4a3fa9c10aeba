"""Importing one vault in each format, against reading and hashing its bytes; memory of an export ten times as large."""

from __future__ import annotations

import hashlib
import io
import json
import random
import resource
import sys
import tempfile
import zipfile
from collections.abc import Callable
from html import escape
from pathlib import Path

from benchmarks import children, homes, imports, turns, vault
from benchmarks.figures import Figure, Result, only_told

NOTES = 1_000
FORMATS = ("logseq", "notion", "roam", "evernote", "keep", "bear", "files")
PEAKED = ("evernote", "roam")
"""Formats that are one file: what must not be read whole."""


def run(scale: float = 1.0) -> Result:
    """Each format in turns with its bytes alone, a first time and again."""
    notes = turns.scaled(NOTES, scale, 20)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="regrow-bench-") as place:
        for name in FORMATS:
            path, small = write(Path(place, "many"), name, notes), write(Path(place, "few"), name, notes // 10)
            turns.say(f"{name}: {notes} notes")
            rounds = [_round(path, name) for _ in range(turns.scaled(3, scale))]
            bare, first, again = zip(*rounds, strict=True)
            told = "reading and SHA-256 of the same bytes"
            figures.append(only_told(f"import of {notes:,} notes from {name}, first time", "s", first, bare, told))
            figures.append(only_told(f"the same from {name} again, unchanged", "s", again, bare, told))
            if name in PEAKED[: turns.scaled(len(PEAKED), scale)]:
                peaks = (_peak(path),), (_peak(small),)
                told = "that of a tenth of it"
                figures.append(Figure(f"peak memory of an import from {name}", "MB", *peaks, told, 1.25))
    return Result(
        "vaults", tuple(figures), ("The same generated notes in each format. HTML is parsed for evernote and files.",)
    )


def _round(path: Path, name: str) -> tuple[float, float, float]:
    bare = turns.seconds(lambda: bytes_alone(path))
    with homes.opened() as bench:
        first = turns.seconds(lambda: bench.home.import_notes(bench.id, path, format_name=name))
        again = turns.seconds(lambda: bench.home.import_notes(bench.id, path, format_name=name))
    return bare, first, again


def bytes_alone(path: Path) -> int:
    """Reads and hashes a folder, an archive entry by entry, or one file; gives back how many there were."""
    if path.is_dir():
        return imports.read_and_hash(path)
    if not zipfile.is_zipfile(path):
        hashlib.sha256(path.read_bytes()).hexdigest()
        return 1
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            hashlib.sha256(archive.read(entry)).hexdigest()
        return len(archive.namelist())


def write(folder: Path, name: str, notes: int) -> Path:
    """Writes that many generated notes as an export of that format; gives back where it is."""
    folder.mkdir(exist_ok=True)
    dice = random.Random(20)
    texts = {vault.name(number): vault.note(dice, number, notes) for number in range(max(notes, 2))}
    found = _WRITERS[name](texts)
    if isinstance(found, bytes):
        path = folder / f"{name}.export{'.zip' if found.startswith(b'PK') else '.json' if name == 'roam' else '.enex'}"
        path.write_bytes(found)
        return path
    for place, text in found.items():
        path = folder / name / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / name


Written = bytes | dict[str, str]


def _lines(text: str) -> list[str]:
    """The paragraphs of a note, without its front matter."""
    body = text.split("---\n", 2)[2] if text.startswith("---\n") else text
    return [line for line in body.split("\n") if line.strip()]


def _logseq(texts: dict[str, str]) -> Written:
    pages = {f"pages/{name}.md": "\n".join(f"- {line}" for line in _lines(text)) for name, text in texts.items()}
    return {"logseq/config.edn": "{}", **pages}


def _notion(texts: dict[str, str]) -> Written:
    return _zipped({f"Export-1/{name} {_mark(name)}.md": "\n\n".join(_lines(text)) for name, text in texts.items()})


def _roam(texts: dict[str, str]) -> Written:
    return json.dumps([
        {"title": name, "uid": _mark(name)[:9],
         "children": [{"string": line, "uid": f"{_mark(name)[:6]}{place}"} for place, line in enumerate(_lines(text))]}
        for name, text in texts.items()
    ]).encode()  # fmt: skip


def _evernote(texts: dict[str, str]) -> Written:
    notes = "".join(
        f"<note><title>{name}</title><content><![CDATA[<en-note>{_html(text)}</en-note>]]></content>"
        f"<created>2020{number % 12 + 1:02}{number % 28 + 1:02}T{number % 86_400:06}Z</created></note>"
        for number, (name, text) in enumerate(texts.items())
    )
    return f"<?xml version='1.0'?><en-export>{notes}</en-export>".encode()


def _keep(texts: dict[str, str]) -> Written:
    return _zipped({
        f"Keep/{name}.json": json.dumps({"title": name, "textContent": text, "createdTimestampUsec": number + 1})
        for number, (name, text) in enumerate(texts.items())
    })  # fmt: skip


def _bear(texts: dict[str, str]) -> Written:
    files = {f"{name}.textbundle/text.md": "\n\n".join(_lines(text)) for name, text in texts.items()}
    for name in texts:
        known = {"net.shinyfrog.bear": {"uniqueIdentifier": _mark(name)}}
        files[f"{name}.textbundle/info.json"] = json.dumps(known)
    return _zipped(files)


def _files(texts: dict[str, str]) -> Written:
    return {f"{name}.html": f"<title>{name}</title><body>{_html(text)}</body>" for name, text in texts.items()}


_WRITERS: dict[str, Callable[[dict[str, str]], Written]] = {
    "logseq": _logseq, "notion": _notion, "roam": _roam, "evernote": _evernote, "keep": _keep, "bear": _bear,
    "files": _files,
}  # fmt: skip


def _html(text: str) -> str:
    return "".join(f"<div>{escape(line)}</div>" for line in _lines(text))


def _mark(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def _zipped(files: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


def _peak(path: Path) -> float:
    """Peak memory in MB of a process of its own that imports the export."""
    return float(children.told("benchmarks.vaults", str(path)))


def main() -> None:
    """Imports the export named and writes this process's peak memory."""
    with homes.opened() as bench:
        bench.home.import_notes(bench.id, Path(sys.argv[1]))
    sys.stdout.write(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024) + "\n")


if __name__ == "__main__":
    main()
