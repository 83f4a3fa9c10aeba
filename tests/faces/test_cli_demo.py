"""The demo: what it writes, what it never writes, and that it can be cut short and run again."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.faces import command_line
from tests.faces.command_line import Ended, run, running, within

PLACES = {"href", "src", "srcset", "action", "data", "poster", "xlink:href", "style"}


class Page(HTMLParser):
    """What of a page matters here: its elements, where it points, and the text of its style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.points: list[tuple[str, str]] = []
        self.anchors: list[str] = []
        self.handlers: list[str] = []
        self.metas: list[dict[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.points += [(name, value or "") for name, value in attrs if name in PLACES]
        self.anchors += [value or "" for name, value in attrs if name == "id"]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        if tag == "meta":
            self.metas.append(dict(attrs))


@pytest.fixture(scope="module")
def played(demo: Any) -> Any:
    return demo


def test_it_does_the_main_job_on_the_bundled_notes(played: Any) -> None:
    assert played["notes"] >= 40
    assert (played["topics"], played["generations"], played["pieces"], played["variants"]) == (1, 1, 6, 12)
    assert played["private"] >= 1
    assert played["seconds"] < 120
    # The new text of what lost is a draft more.
    more = 1 if played["regeneration"]["new_variant_id"] else 0
    assert [Path(path).is_file() for path in played["files"]] == [True] * (13 + more)
    assert Path(played["report"]).name == "report.html"


def test_drafts_are_markdown_with_front_matter(played: Any) -> None:
    drafts = [Path(path) for path in played["files"] if path.endswith(".md")]
    assert {path.name for path in drafts} >= {"blog-1-a.md", "blog-1-b.md", "social-6-linkedin-a.md"}
    for path in drafts:
        _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
        head = dict(line.split(": ", 1) for line in front.splitlines())
        assert head["origin"] == '"offline-extractive"'
        decided = '"approved"' if "-x-" in path.name else '"draft"'
        assert head["status"] == ('"published"' if path.name.startswith("blog") else decided)
        assert set(head) >= {"title", "medium", "variant", "sources", "topic"}
        assert body.strip()


def test_the_report_asks_nothing_of_any_other_place(played: Any) -> None:
    text = Path(played["report"]).read_text(encoding="utf-8")
    page = Page(text)
    assert page.elements.isdisjoint({"script", "img", "link", "iframe", "object", "embed", "form", "base"})
    assert page.handlers == []
    outside = [
        value for name, value in page.points if name != "href" or not value.startswith(("#", "https://", "http://"))
    ]
    assert outside == []
    targets = [value[1:] for name, value in page.points if name == "href" and value.startswith("#")]
    assert set(targets) <= set(page.anchors)
    assert len(page.anchors) == len(set(page.anchors))
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = next(each["content"] for each in page.metas if each.get("http-equiv") == "Content-Security-Policy")
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_running_it_again_leaves_what_was_there(played: Any) -> None:
    before = {path: Path(path).read_bytes() for path in played["files"]}
    folder = Path(played["report"]).parents[2]
    again = run("demo", "--json", cwd=folder, env={"REGROW_MODELS": "openai:gpt-5.2", "OPENAI_API_KEY": "sk-not-used"})
    assert again.json["workspace"] != played["workspace"]
    assert again.json["report"] != played["report"]
    assert again.json["topic"]["title"] == played["topic"]["title"]
    assert "offline" in again.err
    assert {path: Path(path).read_bytes() for path in played["files"]} == before
    assert len(run("workspaces", "list", "--home", folder / ".demo", "--json", cwd=folder).json["items"]) == 2


def vault(folder: Path) -> Path:
    """Notes that link to each other, with titles and texts that try to break out, one of them private."""
    notes = folder / "vault"
    notes.mkdir()
    things = ("oven", "starter", "counter", "mill", "cellar", "van")
    doings = ("cleaned every Monday", "checked before the first bake", "repaired in March", "shown to every apprentice")
    for number in range(6):
        title = f'Oven <script>alert({number})</script> "quoted" & more {number}'
        links = " ".join(f"[[note {other}]]" for other in range(6) if other != number)
        body = "\n\n".join(
            f"The {things[number]} is {doing} because it {why} {number + 3} times a year. A {things[number]} like ours "
            f"needs {minutes + number} minutes of care, and the {('baker', 'owner', 'driver')[minutes % 3]} writes the "
            f"result on sheet {minutes}."
            for minutes, (doing, why) in enumerate(
                zip(doings, ("failed", "leaked", "stood still", "froze"), strict=True), 4
            )
        )
        hostile = '<img src="http://192.0.2.1/x.png"> [click](javascript:alert(1)) ![pic](http://192.0.2.1/y.png)'
        (notes / f"note {number}.md").write_text(f"# {title}\n\n{body}\n\n{hostile}\n\nSee {links}.\n")
    (notes / "Hidden affair.md").write_text(
        "---\npublish: false\n---\n# Hidden affair\n\nA secret about note 1 [[note 1]].\n"
    )
    return notes


def test_notes_of_others_cannot_break_out_of_the_report(tmp_path: Path) -> None:
    found = run("demo", "--notes", vault(tmp_path), "--random-seed", "3", "--json", cwd=tmp_path).json
    assert (found["notes"], found["private"]) == (7, 1)
    text = Path(found["report"]).read_text(encoding="utf-8")
    page = Page(text)
    assert page.elements.isdisjoint({"script", "img"})
    assert not any(value.lower().startswith("javascript") for _, value in page.points)
    everything = text + "".join(Path(path).read_text(encoding="utf-8") for path in found["files"])
    assert "Hidden affair" not in everything
    assert "secret" not in everything


@pytest.mark.parametrize(("notes", "code"), [("nowhere", None), ("empty", 4)])
def test_notes_that_are_none_leave_no_workspace_behind(
    tmp_path: Path, capsys: Any, notes: str, code: int | None
) -> None:
    (tmp_path / "empty").mkdir()
    told = within("demo", "--notes", tmp_path / notes, "--home", tmp_path / "home", "--json", capsys=capsys, code=code)
    assert told.code in (2, 3, 4)
    assert told.json["error"]["detail"]
    assert within("workspaces", "list", "--home", tmp_path / "home", "--json", capsys=capsys).json["items"] == []


@pytest.mark.parametrize("seconds", [0.8, 2.0])
def test_killed_halfway_it_runs_again(tmp_path: Path, capsys: Any, seconds: float) -> None:
    home = tmp_path / "home"
    with running("demo", "--home", home, cwd=tmp_path) as process:
        time.sleep(seconds)
        process.kill()
    found = run("demo", "--home", home, "--json", cwd=tmp_path).json
    assert (found["pieces"], found["variants"]) == (6, 12)
    for place in within("workspaces", "list", "--home", home, "--json", capsys=capsys).json["items"]:
        words = ("--workspace", place["slug"], "--home", home, "--json")
        made = within("generations", "list", *words, capsys=capsys).json["items"]
        assert len(made) <= 1


def test_the_summary_for_people_says_what_to_do_next(demo_for_people: tuple[Path, Ended]) -> None:
    ended = demo_for_people[1]
    assert "report.html" in ended.out
    assert "approve PIECE_ID" in ended.out
    assert re.search(r"decided +(A lost|No decision)", ended.out)
    assert {line.partition(":")[0] for line in ended.err.splitlines()} == {
        *("Importing", "Writing", "Writing again"),
        *("Publishing", "Readers"),
    }
    assert command_line.SAMPLES.is_dir()
