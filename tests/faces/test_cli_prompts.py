"""`regrow prompts`: shown, checked, changed from a file or an editor, rolled back, previewed and compared."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from regrow.testing.openai_server import OpenAIServer
from tests.domain.test_prompts import text
from tests.faces import command_line
from tests.faces.command_line import within


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return command_line.furnished(tmp_path)


def said(home: Path, capsys: Any, *words: str | Path, code: int = 0) -> Any:
    """What a command gives as JSON."""
    ended = within("--home", home, "--json", "prompts", *words, capsys=capsys, code=code)
    return json.loads(ended.out) if code == 0 else ended.err


def file(folder: Path, told: str) -> Path:
    path = folder / "mine.txt"
    path.write_text(text(told), encoding="utf-8")
    return path


def test_a_text_is_taken_from_a_file_and_everything_names_the_version(home: Path, capsys: Any, tmp_path: Path) -> None:
    made = said(home, capsys, "change", "write_blog", file(tmp_path, "Laugh, {{ persona }}."), "--note", "for fun")
    assert (made["in_force"], made["text"]) == ("workspace-1", text("Laugh, {{ persona }}."))
    listed = said(home, capsys, "list")["items"]
    assert [each["in_force"] for each in listed] == ["workspace-1", "shipped-3", "shipped-2"]
    versions = said(home, capsys, "versions", "write_blog")["items"]
    assert [(each["name"], each["note"]) for each in versions][:2] == [("workspace-1", "for fun"), ("shipped-3", "")]
    assert said(home, capsys, "show", "write_blog", "--version", "1")["text"] == made["text"]
    found = said(home, capsys, "preview", "write_blog")
    assert "Laugh, Plain voice." in found["system"]
    assert said(home, capsys, "preview", "write_blog", "--version", "shipped")["template_version"] == 3


def test_versions_come_back_and_go(home: Path, capsys: Any, tmp_path: Path) -> None:
    for told in ("One.", "Two."):
        said(home, capsys, "change", "write_blog", file(tmp_path, told))
    parts = said(home, capsys, "diff", "write_blog", "workspace-1", "workspace-2")["fields"]["text"]
    assert [part["text"] for part in parts if part["op"] != "equal"] == ["One", "Two"]
    assert said(home, capsys, "rollback", "write_blog", "workspace-1")["in_force"] == "workspace-3"
    assert said(home, capsys, "reset", "write_blog")["in_force"] == "shipped-3"
    assert "you read 1" in said(home, capsys, "reset", "write_blog", "--version", "1", code=4)
    assert "workspace-9" in said(home, capsys, "rollback", "write_blog", "workspace-9", code=3)
    assert "there is no prompt" in said(home, capsys, "show", "write_poem", code=3)


def test_a_bad_text_is_refused_with_its_line_and_changes_nothing(home: Path, capsys: Any, tmp_path: Path) -> None:
    bad = file(tmp_path, "{% for x in notes %}")
    for words in (("change", "write_blog", bad), ("check", bad, "--for", "write_blog")):
        told = said(home, capsys, *words, code=2)
        assert "line 5" in told
        assert "loops and conditions are not run" in told
    assert said(home, capsys, "show", "write_blog")["version"] == 0
    assert "cannot be read" in said(home, capsys, "change", "write_blog", tmp_path / "none.txt", code=3)
    bad.write_bytes(b"=== system ===\n\xff")
    assert "line 2 is not UTF-8" in said(home, capsys, "change", "write_blog", bad, code=2)


def test_a_text_is_checked_without_a_home(capsys: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = tmp_path / "nowhere"
    assert "notes" in said(nowhere, capsys, "check", file(tmp_path, "Fine."), "--for", "write_blog")["variables"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text("Fine.").encode())))
    assert said(nowhere, capsys, "check", "-", "--for", "write_email")["characters"] == len(text("Fine."))
    assert not nowhere.exists()


def edit_with(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    monkeypatch.setenv("EDITOR", str(path))
    monkeypatch.delenv("VISUAL", raising=False)


def test_an_editor_opens_on_a_text_that_says_what_is_in_force(
    home: Path, capsys: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = said(home, capsys, "show", "write_blog", "--start")["starting_text"]
    edit_with(monkeypatch, tmp_path, f'cp "$1" {tmp_path}/seen; sed -i "s/^You write/Laugh. You write/" "$1"')
    made = said(home, capsys, "change", "write_blog")
    assert (tmp_path / "seen").read_text() == start
    assert made["text"] == start.replace("You write", "Laugh. You write", 1)
    edit_with(monkeypatch, tmp_path, f'cp "$1" {tmp_path}/seen')
    assert said(home, capsys, "change", "write_blog")["version"] == 1
    assert (tmp_path / "seen").read_text() == made["text"]


def test_what_was_typed_and_cannot_be_taken_is_kept(
    home: Path, capsys: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit_with(monkeypatch, tmp_path, 'echo "{{ typed }}" >> "$1"')
    told = said(home, capsys, "change", "write_blog", code=2)
    assert "no variable 'typed'" in told
    (kept,) = (home / "unsaved").iterdir()
    assert str(kept.name) in told
    assert kept.read_text().endswith("{{ typed }}\n")


def test_the_offline_writer_says_that_it_reads_no_prompt(home: Path, capsys: Any, tmp_path: Path) -> None:
    said(home, capsys, "change", "write_blog", file(tmp_path, "Laugh."))
    ended = within("--home", home, "prompts", "compare", "write_blog", "shipped", "workspace-1", capsys=capsys)
    assert "The offline writer reads no prompt" in ended.err
    assert "shipped-3" in ended.out.splitlines()[1]
    assert "workspace-1" in ended.out.splitlines()[1]
    assert "Laugh" in ended.out
    assert said(home, capsys, "compared")["items"] == []


def test_texts_stand_side_by_side(home: Path, tmp_path: Path) -> None:
    with OpenAIServer() as server:
        env = {"REGROW_MODELS": "openai:small", "OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "k" * 20}
        run = ("prompts", "compare", "write_blog", "shipped-2", "shipped", "--variants", "1", "--home", home)
        shown = command_line.inside(*run, cwd=tmp_path, env={**env, "COLUMNS": "120"})
        found = command_line.inside(*run, "--json", cwd=tmp_path, env=env).json
        assert server.calls == 4
    for told in ("shipped-2", "shipped-3", "openai:small", "guard score", "words more", "body"):
        assert told in shown.out
    assert max(map(len, shown.out.splitlines())) <= 120
    assert (found["before"]["template_version"], found["after"]["template_version"]) == (2, 3)
    listed = command_line.inside("prompts", "compared", "--home", home, "--json", cwd=tmp_path).json["items"]
    assert len(listed) == 2
    again = command_line.inside("prompts", "compared", found["id"], "--home", home, "--json", cwd=tmp_path).json
    assert again == found
