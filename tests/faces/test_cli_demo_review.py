"""The review that the demo plays: what it decides and shows, and what it does where there is no other text."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.cli.demo import files, review
from regrow.cli.demo.acts import Part as Told
from regrow.cli.demo.review import Deed, Kept, Review, Second
from regrow.cli.demo.story import Counts, Ledger, NoteRef, PieceTold, Story, TopicTold, VariantTold
from regrow.domain import differences
from regrow.domain.differences import Op, Part
from regrow.kit import clock
from regrow.services.comparing import Compared, Side
from tests.faces import command_line
from tests.faces.command_line import Ended, run, within
from tests.faces.test_cli_demo import Page, vault

PLAY = """
import json, sys
from pathlib import Path
from regrow import settings, wiring
from regrow.cli import working
from regrow.cli.demo import acts, files, review, rounds, story

folder, generation_id, topic_id = Path(sys.argv[1]), *sys.argv[2:]
home = wiring.open_home(settings.load(folder / "home"))
with working.closing(home):
    workspace = home.workspace(None)
    stage = acts.Stage(home, workspace.id, generation_id, 1, rounds.RATES)
    acts.play(stage, (review.ACT,))
    imported = {"created": 0, "updated": 0, "unchanged": 71, "skipped": []}
    played = story.Played(workspace.id, workspace.slug, imported, topic_id, generation_id, 1)
    told = story.collected(home, played, 1.0)
    parts = acts.collected(stage, told, (review.ACT,))
    found = parts[0].told
    paths = files.write(folder / "out", told, parts)
    told = {"second_try": review.as_json(stage, found), "refusal": found.refusal, "files": list(map(str, paths))}
    print(json.dumps(told))
"""


class Section(HTMLParser):
    """The headings, texts and marks of one section of the report."""

    def __init__(self, text: str, id: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.marked: dict[str, str] = {"del": "", "ins": ""}
        self.text = ""
        self._open: list[str] = []
        found = re.search(rf'<section class="part" id="{id}".*?</section>', text, re.DOTALL)
        assert found is not None
        self.feed(found[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append("unseen" if ("class", "unseen") in attrs else tag)
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        if "unseen" not in self._open:
            for tag in self.marked.keys() & set(self._open):
                self.marked[tag] += f" {data}"


def home_of(played: Any) -> Path:
    return Path(played["report"]).parents[1]


@pytest.fixture(scope="module")
def played(demo: Any) -> Any:
    return demo


@pytest.fixture(scope="module")
def words(played: Any) -> tuple[str, ...]:
    return ("--home", str(home_of(played)), "--workspace", played["workspace"], "--json")


@pytest.fixture(scope="module")
def section(played: Any) -> Section:
    return Section(Path(played["report"]).read_text(encoding="utf-8"), "second")


def test_the_second_try_is_told_as_json(played: Any) -> None:
    told = played["second_try"]
    assert " ".join(told) == "rejected reason instructions regenerated similarity words_added words_removed"
    assert told["instructions"] == "shorter, lead with the number"
    assert told["rejected"] != told["regenerated"]
    assert 0 <= told["similarity"] < 0.6
    assert min(told["words_added"], told["words_removed"]) > 0


def test_one_is_approved_one_replaced_and_the_rest_are_drafts(played: Any, words: Any, capsys: Any) -> None:
    found = within("pieces", "list", *words, capsys=capsys).json["items"]
    statuses = {piece["meta"].get("platform", "blog"): piece["status"] for piece in found if piece["sequence"] < 6}
    assert statuses.pop("x") == "approved"
    assert statuses.pop("linkedin") == "superseded"
    assert statuses.pop("blog") == "published"
    assert set(statuses.values()) == {"draft"}
    new = next(piece for piece in found if piece["id"] == played["second_try"]["regenerated"])
    assert (new["status"], new["parent_piece_id"]) == ("draft", played["second_try"]["rejected"])
    assert re.match(r"[^.]*\d", new["body"]), "it was asked to lead with a number"
    names = [Path(path).name for path in played["files"]]
    assert "social-6-linkedin-a.md" in names
    assert not any(name.startswith("social-1-") for name in names)


def test_what_it_says_is_what_the_commands_say(played: Any, words: Any, capsys: Any) -> None:
    told = played["second_try"]
    found = within("diff", told["regenerated"], *words, capsys=capsys).json
    assert {name: found[name] for name in ("similarity", "words_added", "words_removed")}.items() <= told.items()
    for side, rating in (("low", "poor"), ("high", "good")):
        piece_id = told["rejected" if side == "low" else "regenerated"]
        shown = within("feedback", "show", piece_id, *words, capsys=capsys).json
        assert [each["rating"] for each in shown["items"]] == [rating]
    assert played["model_calls"] == 3 + bool(played["regeneration"]["event_id"])


def test_the_report_shows_both_texts_with_what_changed_marked(played: Any, section: Section, words: Any) -> None:
    told = played["second_try"]
    found = run("diff", told["regenerated"], *words, cwd=home_of(played)).json
    for tag, op in (("del", "delete"), ("ins", "insert")):
        changed = [part["text"] for parts in found["fields"].values() for part in parts if part["op"] == op]
        legend = "struck through" if tag == "del" else "underlined"
        assert section.marked[tag].replace(legend, "").split() == " ".join(changed).split()
    spoken = " ".join(section.text.split())
    assert all(words in spoken for words in ("[removed: ", "[added: ", "struck through", "underlined"))


def test_the_report_says_who_decided_what_why_and_when(played: Any, section: Section) -> None:
    told, text = played["second_try"], " ".join(section.text.split())
    assert "plays the reviewer from a fixed script" in text
    for wanted in (told["reason"], told["instructions"], "rated poor", "rated good", "hardly a phrase is the same"):
        assert wanted in text
    assert len(re.findall(r"console, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", text)) == 3
    assert "No language model wrote either text, and the brand guard went by its rules alone" in text
    assert section.headings[0] == 2
    assert set(section.headings[1:]) == {3}


def test_the_command_it_names_restores_the_old_text(played: Any, section: Section, tmp_path: Path) -> None:
    """In a copy of the home, because the tests share it."""
    home = Path(shutil.copytree(home_of(played), tmp_path / ".demo"))
    line = next(line for line in section.text.splitlines() if line.strip().startswith("regrow") and " restore " in line)
    restored = run(*shlex.split(line)[1:], "--json", cwd=home.parent).json
    old = run("pieces", "show", played["second_try"]["rejected"], *shlex.split(line)[1:5], "--json", cwd=home.parent)
    assert (restored["id"], restored["version"]) == (played["second_try"]["regenerated"], 2)
    assert restored["body"] == old.json["body"]


def test_people_are_told_what_was_played_and_what_to_do_next(demo_for_people: tuple[Path, Ended]) -> None:
    folder, ended = demo_for_people
    assert "played by the demo" in ended.out
    assert re.search(r"rejected +pie_\w+ \(LinkedIn post\): “Too long, and the point comes late.”", ended.out)
    new = re.search(r"second try +(pie_\w+), \d+% alike: \d+ words more and \d+ fewer", ended.out)
    assert new is not None
    where = "regrow --home .demo --workspace demo-1"
    for command in ("review", f"diff {new[1]}", "regenerate piece PIECE_ID"):
        assert f"  {where} {command}\n" in ended.out
    assert f"{new[1]} version 1" in run("diff", new[1], "--home", ".demo", cwd=folder).out


def test_a_second_demo_in_the_home_plays_its_own_review(tmp_path: Path) -> None:
    folder = vault(tmp_path)
    one, other = (run("demo", "--notes", folder, "--json", cwd=tmp_path).json for _ in range(2))
    ids = {each["second_try"][name] for each in (one, other) for name in ("rejected", "regenerated")}
    assert len(ids) == 4
    assert one["workspace"] != other["workspace"]
    text = Path(other["report"]).read_text(encoding="utf-8")
    assert f"--workspace {other['workspace']} restore" in text
    assert one["second_try"]["rejected"] not in text


def told_of(evil: str) -> Story:
    """A story with nothing in it but one note of this title."""
    topic = TopicTold("top_1", evil, evil, evil, (NoteRef("not_1", 1, evil, True),), ())
    counts, ledger = Counts(1, 0, 0, 0), Ledger(True, 0, 0)
    return Story(Path("home"), "ws_1", "demo-1", "gen_1", 1.0, 1, counts, topic, (), (), ledger, (), ())


def reviewed(evil: str) -> Review:
    """A review in which every text is this one."""
    variant = VariantTold("A", "", evil, evil, (evil,), (NoteRef("not_1", 1, evil, True),), evil)
    piece = PieceTold(evil, "social", 1, evil, evil, evil, {}, (variant,))
    deed, side = Deed(evil, clock.now()), Side(evil, 1)
    fields = {"body": (Part("equal", evil), Part("delete", evil), Part("insert", evil))}
    second = Second(
        piece=piece,
        asked=deed,
        instructions=evil,
        written_at=clock.now(),
        rating=evil,
        compared=Compared("A", side, side, 0.1, 1, 1, fields),
        kept=(Kept(evil, 1, evil, clock.now()),),
    )
    return Review(piece, deed, piece, deed, evil, evil, second, evil)


@pytest.mark.parametrize("has_second", [True, False])
def test_whatever_the_texts_hold_they_stay_text(has_second: bool) -> None:
    evil = '</p></del><script>alert(1)</script><img src="http://192.0.2.1/x" onerror=x>" onclick="x" \'& {{ 7 * 7 }}'
    told = reviewed(evil)
    page = files.report(told_of(evil), [Told(review.ACT, told if has_second else replace(told, second=None))])
    found = Page(page)
    assert found.elements.isdisjoint({"script", "img"})
    assert found.handlers == []
    assert all(value.startswith("#") for _name, value in found.points)
    assert Section(page, "second").text.count(evil) >= (20 if has_second else 8)


def test_a_report_without_a_review_says_that_nothing_is_approved() -> None:
    page = files.report(told_of("Bread"))
    assert "Nothing is approved and nothing is published" in page
    assert 'id="second"' not in page
    assert 'href="#second"' not in page


def test_notes_that_hold_no_other_text_end_the_review_there(tmp_path: Path) -> None:
    """The notes lose their text after the first drafts, so that nothing else can be said."""
    notes, home = shutil.copytree(command_line.SAMPLES, tmp_path / "notes"), command_line.fresh(tmp_path)
    words = ("--home", home, "--json")
    run("import", "notes", notes, *words, cwd=tmp_path)
    topic = run("topics", "discover", "--random-seed", "1", *words, cwd=tmp_path).json
    made = run("generate", *words, cwd=tmp_path).json
    for path in notes.rglob("*.md"):
        path.write_text(f"# {path.stem}\n\nNothing more.\n", encoding="utf-8")
    run("import", "notes", notes, *words, cwd=tmp_path)
    script = [sys.executable, "-c", PLAY, str(tmp_path), made["id"], topic["id"]]
    env = command_line.environment(None)
    ended = subprocess.run(script, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert "No second try: the notes around this topic hold no other text" in ended.stderr
    found = json.loads(ended.stdout)
    assert found["second_try"] is None
    report, *drafts = (Path(path).read_text(encoding="utf-8") for path in found["files"])
    text = " ".join(Section(report, "second").text.split())
    assert "It stays rejected." in text
    assert " ".join(found["refusal"].split()) in text
    assert "Nothing is lost" not in text
    assert sum('status: "rejected"' in draft for draft in drafts) == 2
    assert [path for path in found["files"] if path.endswith("social-1-linkedin-a.md")] != []


def test_a_similarity_has_words() -> None:
    assert review.alike(1.0) == review.alike(0.8) == "nearly the same text"
    assert review.alike(0.4) == "much of it is the same"
    assert review.alike(0.39) == "little of it is the same"
    assert review.alike(0.0) == "hardly a phrase is the same"


def test_marks_stop_at_breaks_and_spaces() -> None:
    parts = [
        Part("equal", "We "),
        Part("delete", "bake. \n\nWe sell "),
        Part("insert", "mill "),
        Part("equal", "well."),
    ]
    assert review.side(parts, "delete") == [
        Part("equal", "We "),
        Part("delete", "bake."),
        Part("equal", " \n\n"),
        Part("delete", "We sell"),
        Part("equal", " "),
        Part("equal", "well."),
    ]
    assert review.side([Part("insert", "\n\n")], "insert") == [
        Part("insert", "↵"),
        Part("equal", "\n"),
        Part("insert", "↵"),
        Part("equal", "\n"),
    ]


@given(st.text("ab .\n", max_size=40), st.text("ab .\n", max_size=40))
def test_each_side_is_its_text(before: str, after: str) -> None:
    parts = differences.between(before, after)
    sides: tuple[tuple[Op, str], ...] = (("delete", before), ("insert", after))
    for op, whole in sides:
        told = review.side(parts, op)
        assert "".join(part.text for part in told).replace("↵", "") == whole
        assert all(part.text.strip() == part.text != "" for part in told if part.op == op)
