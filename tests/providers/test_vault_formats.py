"""What becomes of each program's notes: titles, text, links, tags, times, identities, and what is left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from regrow.adapters.sources import opening, places
from regrow.domain.notes import parsing
from regrow.domain.notes.facts import ParsedNote
from regrow.domain.notes.vaults import Fetched, RawNote, Skipped, Vault
from tests import exports
from tests.importing import write


def taken(vault: Vault) -> tuple[dict[str, ParsedNote], dict[str, str]]:
    """All notes by path, and what was skipped with the reason."""
    listing = vault.listing()
    notes: dict[str, ParsedNote] = {}
    skipped = {one.path: one.reason for one in listing.skipped}
    for path in listing.paths:
        got = vault.fetch(path)
        raw = vault.understand(got) if isinstance(got, Fetched) else got
        if isinstance(raw, Skipped):
            skipped[raw.path] = raw.reason
        else:
            assert isinstance(raw, RawNote)
            notes[path] = parsing.parse(raw)
            json.dumps(notes[path].front_matter)
    return notes, skipped


def opened(path: Path, **more: Any) -> tuple[dict[str, ParsedNote], dict[str, str]]:
    return taken(opening.open_vault(path, **more))


def links(note: ParsedNote) -> list[str]:
    return [link.target for link in note.links]


def test_logseq(tmp_path: Path) -> None:
    notes, skipped = opened(write(tmp_path / "graph", exports.LOGSEQ))
    assert skipped == {}
    assert sorted(notes) == [
        "journals/2020_05_14.md", "pages/Bread___Хлеб.md", "pages/Diary.md", "pages/Old.org", "pages/Rye.md",
        "pages/What is it%3F.md",
    ]  # fmt: skip
    rye = notes["pages/Rye.md"]
    assert (rye.aliases, rye.tags) == (("Roggen", "ライ麦"), ("flour", "bread"))
    assert rye.body == (
        "facts:: [[Bread]]\n\n## Keeping\n\n- Rye keeps well.\n  - It needs a dry place.\n- [ ] buy more #bread"
    )
    bread = notes["pages/Bread___Хлеб.md"]
    assert bread.title == "Bread/Хлеб"
    assert bread.body.startswith(
        "A block: Rye keeps well.\n\nRye keeps well.\n\n- It needs a dry place.\n\nSee [[Roggen]]"
    )
    assert notes["journals/2020_05_14.md"].title == "2020-05-14"
    assert "may 14th, 2020" in dict(notes["journals/2020_05_14.md"].names)
    assert notes["pages/What is it%3F.md"].title == "What is it?"
    old = notes["pages/Old.org"]
    assert (old.title, old.body) == (
        "Old notes",
        "Above\n\n- [a site](https://example.org) and **bold**\n  ```python\n  x = 1\n  ```",
    )


def test_a_block_of_a_private_page_is_a_link_to_that_page(tmp_path: Path) -> None:
    for notes in (
        opened(write(tmp_path / "graph", exports.LOGSEQ))[0],
        opened(exports.put(tmp_path / "roam.json", json.dumps(exports.roam())))[0],
    ):
        assert notes[next(path for path in notes if "Diary" in path)].is_private
        public = [note for note in notes.values() if not note.is_private]
        assert not any("clock" in note.body for note in public)
        assert [note for note in public if "Hidden: [[Diary]]. Shown: yes." in note.body]


def test_a_changed_block_changes_the_note_that_shows_it(tmp_path: Path) -> None:
    root = write(tmp_path / "graph", exports.LOGSEQ)
    before = {path: digest_of(opening.open_vault(root), path) for path in ("pages/Bread___Хлеб.md", "pages/Old.org")}
    write(root, {"pages/Rye.md": exports.LOGSEQ["pages/Rye.md"].replace("dry place", "cool place")})
    after = {path: digest_of(opening.open_vault(root), path) for path in before}
    assert [before[path] == after[path] for path in before] == [False, True]


def digest_of(vault: Vault, path: str) -> str:
    vault.listing()
    got = vault.fetch(path)
    assert isinstance(got, Fetched)
    return got.digest


@pytest.mark.parametrize("is_nested", [False, True])
def test_notion(tmp_path: Path, is_nested: bool) -> None:
    data = exports.zipped(exports.notion())
    data = exports.zipped({"Export-9-Part-1.zip": data}) if is_nested else data
    notes, skipped = opened(exports.put(tmp_path / "n.zip", data))
    assert skipped == {}
    by_title = {note.title: note for note in notes.values()}
    assert sorted(by_title) == ["Herbs", "Rye", "Tasks", "Water"]
    assert by_title["Rye"].identity == exports.RYE
    assert [link.target for link in by_title["Rye"].links] == [
        f"Herbs {exports.HERB}.md", f"Tasks {exports.TABLE}_all.csv.md", exports.HERB
    ]  # fmt: skip
    assert by_title["Herbs"].body == "薬草とハーブ。\n"
    assert by_title["Tasks"].body.split("\n")[2:] == ["| [[Water]] | Open | garden |", "| Böden | Done |  |"]
    water = by_title["Water"]
    assert (water.front_matter["Status"], water.tags, water.is_private) == ("Open", ("garden", "private lane"), False)
    assert water.body == "Note: every morning.\n"


def test_notion_in_html(tmp_path: Path) -> None:
    page = (
        f'<html><head><title>Rye</title><style>x</style></head><body><article id="{exports.RYE}"><header>'
        '<h1 class="page-title">Rye</h1><table class="properties"><tr><th>Tags</th><td><span class="selected-value">'
        'мука</span><span class="selected-value">private</span></td></tr></table></header><p>Text <a href="Herbs%20'
        f'{exports.HERB}.html">herbs</a></p></article></body></html>'
    )
    other = page.replace("private", "flour").replace(exports.RYE, exports.HERB).replace("Rye", "Herbs")
    names = {f"Rye {exports.RYE}.html": page, f"Herbs {exports.HERB}.html": other}
    notes, _ = opened(exports.put(tmp_path / "n.zip", exports.zipped(names)))
    rye, herbs = (next(note for note in notes.values() if note.title == title) for title in ("Rye", "Herbs"))
    assert rye.is_private
    assert (herbs.tags, links(herbs)) == (("мука", "flour"), [f"Herbs {exports.HERB}.html.md"])
    assert herbs.body == f"Text [herbs](<Herbs {exports.HERB}.html.md>)"


def test_roam(tmp_path: Path) -> None:
    notes, skipped = opened(exports.put(tmp_path / "graph.json", json.dumps(exports.roam())))
    assert skipped == {}
    rye, day = notes["Rye.md"], notes["May 14th, 2020.md"]
    assert (rye.identity, rye.tags) == ("rye-page", ("flour", "мука"))
    assert rye.front_matter["created"] == "2020-09-13T12:26:40+00:00"
    assert rye.body.split("\n\n", 2)[2] == (
        "## Keeping\n\n- Rye *keeps* ==well==.\n  - In a dry place.\n\n- [ ] buy more"
    )
    assert "2020-05-14" in day.aliases
    assert day.body == (
        "Said Rye *keeps* ==well==., and so.\n\nRye *keeps* ==well==.\n\n- In a dry place.\n\n"
        "Hidden: [[Diary]]. Shown: yes."
    )


def test_roam_pages_that_are_none_are_told(tmp_path: Path) -> None:
    deep: dict[str, Any] = {"string": "x"}
    for _ in range(400):
        deep = {"string": "x", "children": [deep]}
    graph = [{"title": "A/B", "children": [deep]}, {"title": "A/B", "uid": "u"}, {"no": 1}, {"title": "../../up"}]
    notes, skipped = opened(exports.put(tmp_path / "graph.json", json.dumps(graph)))
    assert sorted(notes) == ["A/B (u).md", "A/B.md", "up.md"]
    assert notes["A/B.md"].body.startswith("x\n\n- x\n  - x")
    assert "an item of the list is no page" in skipped["graph.json"]
    text = "[" + '{"title": "Deep", "children": [' * 50_000 + "]}" * 50_000 + "]"
    notes, skipped = opened(exports.put(tmp_path / "deep.json", text))
    assert (notes, list(skipped)) == ({}, ["deep.json"])
    for broken in ('[{"title": "A"}, {"title": "B"', '[{"title": "A"}]]'):
        vault = opening.open_vault(exports.put(tmp_path / "cut.json", broken))
        listing = vault.listing()
        assert (listing.paths, listing.unreadable) == (["A.md"], ("",))
        assert "export it again" in listing.skipped[0].reason


def test_evernote(tmp_path: Path) -> None:
    notes, skipped = opened(exports.put(tmp_path / "all.enex", exports.EVERNOTE))
    assert (sorted(notes), skipped) == (["Diary.md", "Kräuter.md", "Rye.md"], {})
    rye = notes["Rye.md"]
    assert rye.body == (
        "Rye **keeps** well.\n\n- [x] bought\n\n[ ] grind\n\nSee [[Kräuter]].\n\n```\nx = 1\ny = 2\n```"
    )
    assert (rye.tags, rye.front_matter["created"]) == (("flour", "мука"), "2020-05-14T08:00:00+00:00")
    assert notes["Kräuter.md"].body == "ハーブ & Kräuter\xa0im Topf."
    assert notes["Diary.md"].is_private


def test_evernote_titles_that_several_notes_have(tmp_path: Path) -> None:
    named = [exports.enex_note("Same/..", f"<p>{number}</p>", f"2020051{number}T080000Z") for number in (1, 2)]
    several = exports.enex(*named, exports.enex_note("", "<p>3</p>", ""), exports.enex_note("", "<p>4</p>", ""))
    notes, _ = opened(exports.put(tmp_path / "all.enex", several))
    assert {path: note.body for path, note in notes.items()} == {
        "Same-.md": "1", "Same- (20200512T080000Z).md": "2", "Untitled.md": "3", "Untitled (2).md": "4"
    }  # fmt: skip
    assert len({note.identity for note in notes.values() if note.identity}) == 2


def test_evernote_that_breaks_off_or_declares_entities(tmp_path: Path) -> None:
    cut = exports.EVERNOTE[: exports.EVERNOTE.index("</note>", exports.EVERNOTE.index("</note>") + 1)]
    listing = opening.open_vault(exports.put(tmp_path / "cut.enex", cut)).listing()
    assert (listing.paths, listing.unreadable) == (["Rye.md"], ("",))
    assert "breaks off" in listing.skipped[0].reason
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol" * 10}">' for n in range(9))
    bomb = f"<?xml version='1.0'?><!DOCTYPE x [{lol}]><en-export><note><title>&l8;</title></note></en-export>"
    outside = (
        f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file://{tmp_path}/cut.enex'>]>"
        "<en-export><note><title>&e;</title></note></en-export>"
    )
    for text in (bomb, outside):
        listing = opening.open_vault(exports.put(tmp_path / "bad.enex", text)).listing()
        assert (listing.paths, listing.skipped[0].reason) == (
            [], "its XML declares entities, which no export does: it is not read"
        )  # fmt: skip


def test_evernote_notes_that_are_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MAX_BYTES", 2_000)
    text = exports.enex(exports.enex_note("Big", "x" * 3_000), exports.enex_note("Small", "y"))
    notes, skipped = opened(exports.put(tmp_path / "all.enex", text))
    assert list(notes) == ["Small.md"]
    assert "too large" in skipped["all.enex/Big"]


def test_keep(tmp_path: Path) -> None:
    notes, skipped = opened(exports.put(tmp_path / "takeout.zip", exports.zipped(exports.keep())))
    assert skipped == {"Keep/Gone.json": "it lies in Keep's bin: take it out there to import it"}
    rye, listed = notes["Keep/Rye.json"], notes["Keep/List.json"]
    assert rye.body == "Rye keeps well. #bread\n\n[On (rye)](<https://example.org/rye>)"
    assert (rye.tags, rye.identity) == (("мука", "bread"), "keep 1589443200000001")
    assert (listed.title, listed.body) == ("水をやる", "- [x] 水をやる\n- [ ] grind")
    assert listed.front_matter["archived"] is True


def test_keep_in_html(tmp_path: Path) -> None:
    page = (
        "<html><body><div class='note'><div class='heading'>Today</div><div class='title'>Rye</div>"
        "<div class='content'>Rye<br>keeps</div><div class='chips'><span class='label'>"
        "<span class='label-name'>мука</span></span></div></div>"
    )
    files = {"Rye.html": page, "Odd.html": "<p>x</p>"}
    notes, skipped = opened(write(tmp_path / "Keep", files), format_name="keep")
    assert (notes["Rye.html"].title, notes["Rye.html"].body.split(), notes["Rye.html"].tags) == (
        "Rye", ["Rye", "keeps"], ("мука",)
    )  # fmt: skip
    assert skipped == {"Odd.html": "it is no Keep note"}


def test_bear(tmp_path: Path) -> None:
    notes, skipped = opened(exports.put(tmp_path / "b.bear2bk", exports.zipped(exports.bear())))
    assert (sorted(notes), skipped) == (["Rye.md", "Хлеб.md"], {})
    rye = notes["Rye.md"]
    assert (rye.title, rye.identity) == ("Rye", "C4FFAFCB-F102-4FDE")
    assert rye.tags == ("two words", "two", "мука/ржаная")
    assert links(notes["Хлеб.md"]) == ["Rye"]
    for known, reason in (({"trashed": 1}, "Bear's bin"), ({"encrypted": 1}, "it is encrypted")):
        notes, skipped = opened(exports.put(tmp_path / "b.bear2bk", exports.zipped(exports.bear(**known))))
        assert sorted(notes) == ["Хлеб.md"]
        assert reason in skipped["Rye.md"]


def test_text_and_html_files(tmp_path: Path) -> None:
    notes, skipped = opened(write(tmp_path / "f", {**exports.FILES, "more.txt": "x", "n.htm": "<p>y"}))
    assert (sorted(notes), skipped) == (["Plain.md", "Rye.html", "more.txt", "n.htm", "sub/Herbs.txt"], {})
    assert notes["Rye.html"].title == "Rye & more"
    assert notes["Rye.html"].body == "Rye *keeps*.\n\n[herbs](<sub/Herbs.txt.md>) no"
    assert "rye" in dict(notes["Rye.html"].names)
    assert notes["sub/Herbs.txt"].title == "Herbs"


def test_several_exports_in_one_folder(tmp_path: Path) -> None:
    root = write(tmp_path / "all", {**exports.FILES, "keep/a.json": exports.keep()["Takeout/Keep/Rye.json"],
                                    "other.json": "{}", "t.note": "<note><title>T</title></note>"})  # fmt: skip
    write(root, {f"graph/{name}": text for name, text in exports.LOGSEQ.items()})
    write(root, {"one.enex": exports.EVERNOTE, "roam/r.json": json.dumps(exports.roam())})
    write(root, {f"bear/{name}": text for name, text in exports.bear().items()})
    exports.put(root / "n.zip", exports.zipped({"Export-1-Part-1.zip": exports.zipped(exports.notion())}))
    exports.put(root / "b.textpack", b"no archive")
    vault = opening.open_vault(root)
    assert vault.format == "mixed"
    notes, skipped = taken(vault)
    assert set(skipped) == {"b.textpack", "other.json", "t.note"}
    tops = {path.rpartition("/")[0] or path for path in notes}
    assert tops >= {"Plain.md", "keep", "graph/pages", "one.enex", "roam/r.json", "bear/Bear Notes"}
    assert notes["one.enex/Rye.md"].body.startswith("Rye **keeps** well.")
    assert [path for path in notes if path.startswith("n.zip/")]
    assert vault.listing().unreadable == ("b.textpack/",)


def test_what_obsidian_keeps_is_markdown_whatever_lies_beside(tmp_path: Path) -> None:
    root = write(tmp_path / "v", {"a.md": "a", "b.enex": exports.EVERNOTE})
    assert opening.open_vault(root).format == "mixed"
    (root / ".obsidian").mkdir()
    assert opening.open_vault(root).format == "markdown"
    assert list(opened(root)[0]) == ["a.md"]
    assert opening.open_vault(root, format_name="evernote").format == "evernote"


def test_tomboy(tmp_path: Path) -> None:
    text = (
        '<?xml version="1.0"?><note><title>Хлеб &amp; more</title><text><note-content version="0.1">'
        "Хлеб &amp; more\n\nIt <bold>keeps</bold>, see <link:internal>Rye</link:internal>."
        "<list><list-item>one</list-item></list></note-content></text><create-date>2020-05-14T08:00:00Z</create-date>"
        "<tags><tag>system:notebook:Kitchen</tag></tags></note>"
    )
    root = write(tmp_path / "t", {"1-2-3.note": text})
    assert (opening.open_vault(root).format, opened(root)) == ("files", opened(root, format_name="mixed"))
    note = opened(root)[0]["1-2-3.note"]
    assert (note.title, note.identity, note.tags, links(note)) == ("Хлеб & more", "1-2-3", ("Kitchen",), ["Rye"])
    assert all(part in note.body for part in ("It **keeps**, see [[Rye]].", "- one"))
