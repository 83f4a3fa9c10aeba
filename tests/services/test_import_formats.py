"""Every format through the services, on both databases: imported twice, renamed, thrown away, and in a dry run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from regrow.store import notes as stored
from regrow.store.tables.audit import AuditRow
from regrow.store.tables.notes import Note
from tests import exports
from tests.homes import Tenant
from tests.importing import by_path, counts, state, targets, write

Make = Callable[[Path, str], Path]


def logseq(place: Path, title: str) -> Path:
    files = {name.replace("Rye", title): text for name, text in exports.LOGSEQ.items()}
    for old in place.glob("graph/pages/*"):
        old.unlink()
    return write(place / "graph", files)


def files_of(place: Path, title: str) -> Path:
    for old in place.glob("f/*.html"):
        old.unlink()
    return write(
        place / "f", {name.replace("Rye", title): text for name, text in exports.FILES.items()} | {"b.txt": "b"}
    )


MAKERS: dict[str, Make] = {
    "logseq": logseq,
    "notion": lambda place, title: exports.put(place / "x.zip", exports.zipped(exports.notion(rye=title))),
    "roam": lambda place, title: exports.put(place / "x.json", json.dumps(exports.roam(title))),
    "evernote": lambda place, title: exports.put(
        place / "x.enex", exports.EVERNOTE.replace("<title>Rye</title>", f"<title>{title}</title>")
    ),
    "keep": lambda place, title: exports.put(place / "x.zip", exports.zipped(exports.keep(title))),
    "bear": lambda place, title: exports.put(place / "x.bear2bk", exports.zipped(exports.bear(title))),
    "files": files_of,
}


def taken(tenant: Tenant, path: Path, **more: Any) -> dict[str, Any]:
    return tenant.home.import_notes(tenant.id, path, **more).as_dict()


@pytest.mark.parametrize("name", MAKERS)
def test_twice_changes_nothing_and_a_renamed_page_stays_the_same_note(alice: Tenant, tmp_path: Path, name: str) -> None:
    first = taken(alice, MAKERS[name](tmp_path, "Rye"))
    assert (first["format"], first["dry_run"], first["created"] > 1) == (name, False, True)
    before = state(alice)
    notes = by_path(alice)
    assert counts(taken(alice, MAKERS[name](tmp_path, "Rye"))) == (0, 0, first["created"], 0)
    assert state(alice) == before
    rye = next(note for path, note in notes.items() if path.rpartition("/")[2].startswith("Rye"))
    renamed = taken(alice, MAKERS[name](tmp_path, "Roggen"))
    assert (renamed["created"], renamed["archived"]) == (0, 0)
    now = {note.id: note for note in by_path(alice).values()}
    assert set(now) == {note.id for note in notes.values()}
    assert now[rye.id].path != rye.path
    assert "Roggen" in now[rye.id].path


@pytest.mark.parametrize("name", MAKERS)
def test_links_lead_to_notes(alice: Tenant, tmp_path: Path, name: str) -> None:
    taken(alice, MAKERS[name](tmp_path, "Rye"))
    linked, expected = {
        "logseq": ("pages/Bread___Хлеб.md", ["pages/Rye.md", "journals/2020_05_14.md", "pages/Diary.md"]),
        "notion": (f"Rye {exports.RYE}.md", [f"Herbs {exports.HERB}.md", f"Tasks {exports.TABLE}_all.csv",
                                             f"Herbs {exports.HERB}.md"]),
        "roam": ("May 14th, 2020.md", ["Diary.md"]),
        "evernote": ("Rye.md", ["Kräuter.md"]),
        "keep": ("Keep/Rye.json", []),
        "bear": ("Хлеб.md", ["Rye.md"]),
        "files": ("Rye.html", ["sub/Herbs.txt"]),
    }[name]  # fmt: skip
    assert targets(alice, linked) == expected


@pytest.mark.parametrize("name", ["logseq", "roam", "evernote"])
def test_what_is_private_is_not_stored_and_never_seen(alice: Tenant, tmp_path: Path, name: str) -> None:
    taken(alice, MAKERS[name](tmp_path, "Rye"))
    assert "clock" not in str(state(alice))
    with alice.reading() as session:
        seen = " ".join(source.text for source in stored.sources(session, [one.id for one in by_path(alice).values()]))
    assert "Diary" not in seen
    assert "Hidden" not in seen
    assert name == "evernote" or "Shown: yes." in seen


@pytest.mark.parametrize("name", MAKERS)
def test_a_dry_run_says_what_an_import_does_and_writes_nothing(alice: Tenant, tmp_path: Path, name: str) -> None:
    empty, nothing = state(alice), everything(alice)
    path = MAKERS[name](tmp_path, "Rye")
    dry = taken(alice, path, is_dry=True)
    assert (state(alice), everything(alice)) == (empty, nothing)
    assert dry == {**taken(alice, path), "dry_run": True}
    MAKERS[name](tmp_path, "Roggen")
    before = everything(alice)
    dry = taken(alice, path, is_dry=True)
    assert everything(alice) == before
    assert dry == {**taken(alice, path), "dry_run": True}


def everything(tenant: Tenant) -> list[Any]:
    """Versions and times of all notes, and how many writes are on record."""
    with tenant.reading() as session:
        notes = session.execute(select(Note.id, Note.version, Note.updated_at, Note.archived_at).order_by(Note.id))
        return [*map(tuple, notes), session.scalar(sa.select(sa.func.count(AuditRow.id)))]


def test_what_its_program_threw_away_is_archived(alice: Tenant, tmp_path: Path) -> None:
    path = MAKERS["bear"](tmp_path, "Rye")
    assert taken(alice, path)["created"] == 2
    exports.put(path, exports.zipped(exports.bear(trashed=1)))
    for is_dry in (True, False):
        report = taken(alice, path, is_dry=is_dry)
        assert (counts(report), [one["path"] for one in report["skipped"]]) == ((0, 0, 1, 1), ["Rye.md"])
    assert list(by_path(alice)) == ["Хлеб.md"]
    exports.put(path, exports.zipped(exports.bear()))
    assert counts(taken(alice, path)) == (0, 1, 1, 0)


def test_an_export_that_broke_off_takes_nothing_away(alice: Tenant, tmp_path: Path) -> None:
    path = MAKERS["evernote"](tmp_path, "Rye")
    assert taken(alice, path)["created"] == 3
    exports.put(path, exports.EVERNOTE[:1_200])
    report = taken(alice, path)
    assert report["archived"] == 0
    assert "breaks off" in report["skipped"][0]["reason"]
    exports.put(path, exports.enex(exports.enex_note("Rye", "<div>only</div>")))
    assert counts(taken(alice, path)) == (0, 1, 0, 2)


def test_a_newer_export_elsewhere_goes_on_under_the_old_source(alice: Tenant, tmp_path: Path) -> None:
    first = MAKERS["notion"](tmp_path, "Rye")
    created = taken(alice, first, source="wiki")["created"]
    newer = MAKERS["notion"](tmp_path / "newer", "Roggen")
    report = taken(alice, newer, source="wiki")
    assert (report["created"], report["updated"], report["archived"]) == (0, 1, 0)
    assert report["unchanged"] == created - 1
    assert taken(alice, newer)["created"] == created


def test_a_folder_read_as_logseq_and_as_markdown_is_one_set_of_notes(alice: Tenant, tmp_path: Path) -> None:
    root = MAKERS["logseq"](tmp_path, "Rye")
    taken(alice, root, format_name="markdown")
    ids = {note.id for path, note in by_path(alice).items() if path.endswith(".md")}
    report = taken(alice, root)
    assert (report["created"], report["updated"], report["archived"]) == (1, 5, 0)
    assert ids <= {note.id for note in by_path(alice).values()}


def test_hostile_values_in_properties_are_storable(alice: Tenant, tmp_path: Path) -> None:
    page = {
        "title": "A\u0000\ud800",
        "uid": "\ud800u\u0000",
        "children": [{"string": "key\u0000:: \ud800x"}, {"string": "\u0000"}],
    }
    note = {
        "title": "\ud800",
        "textContent": "x\u0000y",
        "labels": [{"name": "l\ud800"}, {"name": 3}],
        "listContent": [1],
    }
    root = tmp_path / "all"
    exports.put(root / "r.json", json.dumps([page]))
    exports.put(root / "k" / "k.json", json.dumps(note))
    exports.put(root / "x.enex", exports.enex(exports.enex_note("T", "x&#0;y &#xD800;")))
    report = taken(alice, root)
    assert (report["created"], report["skipped"], report["format"]) == (3, [], "mixed")
