"""Importing real vaults and the bundled one, counted against what their files hold."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from regrow.store import notes as stored
from regrow.store.tables.notes import Note, NoteLink
from tests.homes import Tenant
from tests.importing import by_path, counts, run
from tests.vaults import MARKERS, SAMPLE

DATA = Path(os.environ.get("REGROW_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
NOT_TEXT = re.compile(
    r"^[ \t>]*(?:[-*+][ \t]+)?(?P<fence>`{3,}|~{3,})[^`\n]*$(?s:.*?)(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|<!--(?s:.*?)(?:-->|\Z)|%%(?s:.*?)(?:%%|\Z)|``[^\n]*?``|`[^`\n]*`",
    re.M,
)
MEDIA = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".pdf", ".mp4", ".webp", ".edn", ".html", ".json")


def simple_count(files: Sequence[Path]) -> tuple[int, int, set[str]]:
    """Notes, wikilinks of public notes, and the private ones, by plain search with other means than the importer's."""
    links = 0
    private = set()
    for path in files:
        text = path.read_text(encoding="utf-8")
        head = re.match(r"---\n(.*?)\n---\n", text, re.S)
        if head and re.search(r"^publish(ed)?: false$", head[1], re.M):
            private.add(path.name)
            continue
        body = text[head.end() :] if head else text
        for inside in re.findall(r"\[\[([^\[\]\n]+)\]\]", NOT_TEXT.sub("", body)):
            names = [part.partition("#")[0].strip() for part in inside.split("|")]
            links += bool(names[-1]) and not names[-1].lower().endswith(MEDIA)
    return len(files), links, private


@pytest.mark.parametrize("name", ["vault_dendron", "vault_logseq_docs"])
def test_real_vaults(alice: Tenant, name: str) -> None:
    root = DATA / name
    if not root.is_dir():
        pytest.skip(f"no {name}: set REGROW_TEST_DATA to the folder that holds it")
    files = [path for path in root.rglob("*.md") if not any(part.startswith(".") for part in path.parts[1:])]
    notes, links, private = simple_count(files)
    report = run(alice, root)
    assert (counts(report), report["skipped"]) == ((notes, 0, 0, 0), [])
    assert counts(run(alice, root)) == (0, 0, notes, 0)
    with alice.reading() as session:
        assert session.scalar(select(func.count(Note.id))) == notes
        wiki = select(func.count(NoteLink.position)).where(NoteLink.kind != "markdown")
        assert session.scalar(wiki) == links
        led = session.scalar(wiki.where(NoteLink.to_note_id.is_not(None))) or 0
        assert led / links > (0.9 if name == "vault_dendron" else 0.4)
    assert {path.rpartition("/")[2] for path, note in by_path(alice).items() if note.is_private} == private


@pytest.mark.parametrize(
    ("name", "kind", "least", "skipped"),
    [
        ("vault_logseq_docs", "logseq", 334, 0),
        ("note_export_formats", "mixed", 600, 12),
        ("vault_dendron", "markdown", 1_013, 0),
    ],
)
def test_real_exports_are_imported_whole(alice: Tenant, name: str, kind: str, least: int, skipped: int) -> None:
    root = DATA / name
    if not root.is_dir():
        pytest.skip(f"no {name}: set REGROW_TEST_DATA to the folder that holds it")
    report = alice.home.import_notes(alice.id, root).as_dict()
    assert (report["format"], len(report["skipped"])) == (kind, skipped)
    assert report["created"] >= least
    assert all(one["reason"] for one in report["skipped"])
    again = alice.home.import_notes(alice.id, root).as_dict()
    assert counts(again) == (0, 0, report["created"], 0)


def test_the_sample_notes(alice: Tenant) -> None:
    report = run(alice, SAMPLE)
    assert report["created"] >= 40
    assert counts(run(alice, SAMPLE)) == (0, 0, report["created"], 0)
    notes = by_path(alice)
    assert any(note.is_private for note in notes.values())
    with alice.reading() as session:
        texts = " ".join(
            source.title + source.text for source in stored.sources(session, [n.id for n in notes.values()])
        )
    assert [word for word in MARKERS if word in texts] == []
