"""E-mails on the command line: written, read, and given to mail programs as files."""

from __future__ import annotations

import email
import email.policy
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.faces import command_line
from tests.faces.command_line import inside, within


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A home with an e-mail in it that tests only read, and the generation it came with."""
    folder = tmp_path_factory.mktemp("mail")
    home = command_line.furnished(folder)
    return home, inside("generate", "--medium", "email", "--home", home, "--json", cwd=folder).json


@pytest.fixture
def piece(written: tuple[Path, dict[str, Any]]) -> dict[str, Any]:
    (found,) = written[1]["pieces"]
    return dict(found)


def test_generate_writes_an_email_when_it_is_asked_for(piece: dict[str, Any]) -> None:
    assert (piece["medium"], piece["origin"]) == ("email", "offline-extractive")
    assert piece["title"] == piece["variants"][0]["content"]["subject"]
    assert [variant["label"] for variant in piece["variants"]] == ["A", "B"]
    assert {"subject", "preheader", "body", "cta", "html"} <= piece["variants"][1]["content"].keys()


def test_showing_a_piece_shows_what_stands_in_the_inbox(written: Any, piece: dict[str, Any], capsys: Any) -> None:
    shown = within("pieces", "show", piece["id"], "--home", written[0], capsys=capsys).out
    for variant in piece["variants"]:
        held = variant["content"]
        assert f"subject    {held['subject']}\npreheader  {held['preheader']}\n" in shown
        assert f"call to action  {held['cta']}" in shown
        assert held["body"].splitlines()[0] in shown
    assert "<!doctype" not in shown
    listed = within("pieces", "list", "--home", written[0], capsys=capsys).out
    assert piece["title"] in listed


def test_a_message_goes_to_stdout_or_into_a_file(written: Any, piece: dict[str, Any], tmp_path: Path) -> None:
    words = ("pieces", "mail", piece["id"], "--home", str(written[0]))
    ended = inside(*words, "--label", "b", cwd=tmp_path)
    file = tmp_path / "steam.eml"
    told = inside(*words, "--label", "B", "--out", file, cwd=tmp_path)
    assert told.out == f"{file} is written.\n"
    assert file.read_bytes().replace(b"\r\n", b"\n").decode() == ended.out
    found = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert str(found["Subject"]) == piece["variants"][1]["content"]["subject"]
    assert (found.get_content_type(), found.defects) == ("multipart/alternative", [])


def test_a_file_is_not_written_over_without_being_told_to(
    written: Any, piece: dict[str, Any], tmp_path: Path, capsys: Any
) -> None:
    words = ("pieces", "mail", piece["id"], "--home", written[0], "--json")
    file = tmp_path / "kept.eml"
    file.write_text("mine")
    told = within(*words, "--out", file, capsys=capsys, code=4).json["error"]
    assert (told["code"], file.read_text()) == ("file_exists", "mine")
    assert "--force" in told["detail"]
    found = within(*words, "--out", file, "--force", capsys=capsys).json
    assert found["file"] == str(file)
    assert found["message"].encode() == file.read_bytes()
    assert found["name"].endswith("-a.eml")
    assert within(*words, "--out", tmp_path / "no" / "such.eml", capsys=capsys, code=7).json["error"]["detail"]
    assert within(*words, "--out", tmp_path, "--force", capsys=capsys, code=7).json["error"]["code"] == "not_writable"


def test_what_is_no_mail_is_refused(written: Any, piece: dict[str, Any], capsys: Any) -> None:
    home = written[0]
    others = within("pieces", "list", "--home", home, "--json", capsys=capsys).json["items"]
    post = next(each for each in others if each["medium"] == "social")
    refused = within("pieces", "mail", post["id"], "--home", home, "--json", capsys=capsys, code=4)
    assert refused.json["error"]["code"] == "not_an_email"
    missing = ("pieces", "mail", piece["id"], "--label", "Q", "--home", home, "--json")
    assert "A, B" in within(*missing, capsys=capsys, code=3).json["error"]["detail"]
    assert within("pieces", "mail", "pie_nobody", "--home", home, capsys=capsys, code=3).out == ""


def test_the_report_and_its_files_show_an_email(written: Any, piece: dict[str, Any], tmp_path: Path) -> None:
    from regrow import settings, wiring
    from regrow.cli.demo import files, story

    home = wiring.open_home(settings.load(Path(shutil.copytree(written[0], tmp_path / "home"))))
    made, workspace = written[1], home.workspace(None)
    played = story.Played(
        workspace_id=workspace.id,
        slug=workspace.slug,
        imported={"created": 1, "updated": 0, "unchanged": 0, "skipped": []},
        topic_id=made["topic_id"],
        generation_id=made["id"],
        topics=1,
    )
    paths = files.write(tmp_path / "out", story.collected(home, played, 1.0))
    home.close()
    held = piece["variants"][0]["content"]
    page = paths[0].read_text(encoding="utf-8")
    assert '<a href="#email">E-mail</a>' in page
    assert [part in page for part in (held["subject"], held["cta"], "email-1-A", "email-1-B")] == [True] * 4
    draft = (tmp_path / "out" / "drafts" / "email-1-a.md").read_text(encoding="utf-8")
    assert f'title: "{held["subject"]}"' in draft
    assert f'cta: "{held["cta"]}"' in draft
    assert "preheader: " in draft
    assert f"# {held['subject']}\n\n{held['body'].strip()}\n\n**{held['cta']}**\n" in draft
