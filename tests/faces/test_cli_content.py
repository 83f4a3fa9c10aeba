"""Notes in, topics, drafts and decisions on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from regrow.domain.functions import FUNCTIONS
from tests.faces import command_line, desks
from tests.faces.command_line import inside, run, within


def test_import_notes_twice_changes_nothing(tmp_path: Path, capsys: Any) -> None:
    home = command_line.fresh(tmp_path)
    first = within("import", "notes", command_line.SAMPLES, "--home", home, "--json", capsys=capsys).json
    assert first["created"] >= 40
    assert (first["updated"], first["unchanged"], first["archived"]) == (0, 0, 0)
    again = within("import", "notes", command_line.SAMPLES, "--home", home, "--json", capsys=capsys).json
    assert (again["created"], again["updated"], again["unchanged"], again["archived"]) == (0, 0, first["created"], 0)


def test_import_tells_what_was_skipped_and_why(tmp_path: Path, capsys: Any) -> None:
    home = command_line.fresh(tmp_path)
    vault = tmp_path / "vault"
    vault.mkdir()
    (vault / "Good.md").write_text("# Good\n\nSomething that is worth a note.\n")
    (vault / "Stranger.md").symlink_to(Path(__file__))
    found = within("import", "notes", vault, "--home", home, "--json", capsys=capsys).json
    assert found["created"] == 1
    assert [each["path"] for each in found["skipped"]] == ["Stranger.md"]
    assert found["skipped"][0]["reason"]
    shown = within("import", "notes", vault, "--home", home, capsys=capsys)
    assert "Stranger.md" in shown.out
    assert "topics discover" in shown.err


@pytest.mark.parametrize("place", ["nowhere", "file"])
def test_import_of_what_is_no_folder(tmp_path: Path, capsys: Any, place: str) -> None:
    home = command_line.fresh(tmp_path)
    (tmp_path / "file").write_text("x")
    told = within("import", "notes", tmp_path / place, "--home", home, "--json", capsys=capsys, code=None)
    assert told.code in (2, 3)
    assert place in told.json["error"]["detail"]


def test_topics_without_notes(tmp_path: Path, capsys: Any) -> None:
    home = command_line.fresh(tmp_path)
    told = within("topics", "discover", "--home", home, "--json", capsys=capsys, code=4)
    assert told.json["error"]["code"] == "no_unused_seed"
    assert within("generate", "--home", home, "--json", capsys=capsys, code=4).json["error"]["code"] == "no_unused_seed"


def test_topics_are_found_again_under_the_same_seed(tmp_path: Path, capsys: Any) -> None:
    home = command_line.furnished(tmp_path)
    one, two = (
        within("topics", "discover", "--random-seed", "7", "--home", home, "--json", capsys=capsys).json
        for _ in range(2)
    )
    assert one["note_ids"] == two["note_ids"]
    assert one["why"]
    assert within("topics", "show", one["id"], "--home", home, "--json", capsys=capsys).json == one
    listed = within("topics", "list", "--home", home, "--json", capsys=capsys).json["items"]
    assert {one["id"], two["id"]} <= {each["id"] for each in listed}
    assert within("topics", "archive", one["id"], "--home", home, "--json", capsys=capsys).json["archived_at"]
    told = within("generate", one["id"], "--home", home, "--json", capsys=capsys, code=4)
    assert told.json["error"]["code"] == "topic_archived"


def test_a_used_seed_is_refused(tmp_path: Path, capsys: Any) -> None:
    home = command_line.furnished(tmp_path)
    used = within("generations", "list", "--home", home, "--json", capsys=capsys).json["items"][0]["seed_note_id"]
    told = within("topics", "discover", "--seed-note", used, "--home", home, "--json", capsys=capsys, code=4)
    assert told.json["error"]["code"] == "no_unused_seed"


def test_generate_gives_a_blog_and_five_social_pieces_in_two_versions(tmp_path: Path) -> None:
    home = command_line.furnished(tmp_path)
    made = run("generate", "--home", home, "--json", cwd=tmp_path)
    told = made.err.splitlines()
    assert {line.partition(":")[0] for line in told} == {"Writing"}
    assert told[-1] == "Writing: Done"
    found = made.json
    assert found["status"] == "draft"
    assert [piece["medium"] for piece in found["pieces"]] == ["blog", *["social"] * 5]
    for piece in found["pieces"]:
        assert piece["origin"] == "offline-extractive"
        assert piece["guard"]["passed"]
        assert [variant["label"] for variant in piece["variants"]] == ["A", "B"]
        assert piece["body"] == piece["variants"][0]["content"]["body"]
        assert piece["provenance"]["sources"]
        assert "workspace_id" not in piece
    shown = inside("generations", "show", found["id"], "--home", home, "--json", cwd=tmp_path).json
    assert shown == found


def test_generate_of_one_medium_with_a_voice_a_campaign_and_wishes(tmp_path: Path, capsys: Any) -> None:
    home = command_line.furnished(tmp_path)
    persona = within(
        "personas", "create", "Baker", "--voice", "social.tone=lively", "--home", home, "--json", capsys=capsys
    )
    campaign = within("campaigns", "create", "Spring", "--home", home, "--json", capsys=capsys)
    words = ("--medium", "social", "--social-count", "2", "--variants", "1", "--instructions", "Keep it short")
    ids = ("--persona", "Baker", "--campaign", campaign.json["id"])
    found = inside("generate", *words, *ids, "--home", home, "--json", cwd=tmp_path).json
    assert [(piece["medium"], len(piece["variants"])) for piece in found["pieces"]] == [("social", 1)] * 2
    assert {piece["campaign_id"] for piece in found["pieces"]} == {campaign.json["id"]}
    assert found["persona_id"] == persona.json["id"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("top_0000000000",), 3),
        (("--persona", "per_0000000000"), 3),
        (("--campaign", "cam_0000000000"), 3),
        (("--instructions", "x" * 2_001), 2),
        (("--social-count", "0"), 2),
    ],
)
def test_generate_refuses_what_it_cannot_use(tmp_path: Path, capsys: Any, words: tuple[str, ...], code: int) -> None:
    home = command_line.furnished(tmp_path)
    told = within("generate", *words, "--home", home, "--json", capsys=capsys, code=code)
    assert told.json["error"]["detail"]


def test_generate_without_enough_credits(tmp_path: Path, capsys: Any) -> None:
    home = command_line.furnished(tmp_path)
    assert within("credits", "grant", "1", "--home", home, "--json", capsys=capsys).json == {
        "balance": 1,
        "is_unlimited": False,
    }
    told = within("generate", "--home", home, "--json", capsys=capsys, code=6)
    assert told.json["error"]["code"] == "insufficient_credits"
    assert within("credits", "show", "--home", home, "--json", capsys=capsys).json["balance"] == 1
    assert within("credits", "--home", home, "--json", capsys=capsys).json["balance"] == 1
    assert within("credits", "ledger", "--home", home, "--json", capsys=capsys).json["items"][0]["kind"] == "grant"


def test_generate_says_when_the_model_cannot_be_reached(tmp_path: Path, capsys: Any) -> None:
    home = command_line.furnished(tmp_path)
    env = {"REGROW_MODELS": "openai:gpt-5.2"}
    told = inside("generate", "--medium", "blog", "--home", home, "--json", cwd=tmp_path, env=env, code=7)
    assert told.json["error"]["detail"]
    failed = within("usage", "--home", home, "--json", capsys=capsys).json["items"]
    assert {each["provider"] for each in failed} <= {"offline", "openai"}


def test_deciding_on_a_piece(tmp_path: Path, capsys: Any) -> None:
    home = command_line.furnished(tmp_path)
    drafts = within("pieces", "list", "--status", "draft", "--home", home, "--json", capsys=capsys).json["items"]
    one, two = drafts[0]["id"], drafts[1]["id"]
    approved = within("approve", one, "--home", home, "--json", capsys=capsys).json
    assert approved["status"] == "approved"
    assert {each["status"] for each in approved["variants"]} == {"live"}
    rejected = within("reject", two, "--reason", "Too long", "--home", home, "--json", capsys=capsys).json
    assert (rejected["status"], rejected["meta"]["reject_reason"]) == ("rejected", "Too long")
    assert "is approved" in within("approve", one, "--home", home, capsys=capsys).out
    left = within("pieces", "list", "--status", "draft", "--home", home, "--json", capsys=capsys).json["items"]
    assert len(left) == len(drafts) - 2


def test_reading_a_piece(tmp_path: Path, capsys: Any) -> None:
    home = command_line.furnished(tmp_path)
    piece = within("pieces", "list", "--home", home, "--json", capsys=capsys).json["items"][0]
    shown = within("pieces", "show", piece["id"], "--home", home, capsys=capsys).out
    assert piece["title"] in shown
    assert "offline-extractive" in shown
    only = within("pieces", "show", piece["id"], "--label", "b", "--home", home, "--json", capsys=capsys).json
    assert [each["label"] for each in only["variants"]] == ["B"]
    assert within("pieces", "show", piece["id"], "--label", "Q", "--home", home, capsys=capsys, code=3).out == ""


def test_text_of_others_cannot_steer_the_terminal(tmp_path: Path, capsys: Any) -> None:
    home = command_line.furnished(tmp_path)
    piece = within("pieces", "list", "--home", home, "--json", capsys=capsys).json["items"][0]
    body = "line\x1b]0;owned\x07\nnext \x9b31m"
    desks.write_version(home, piece["id"], {"title": "Red \x1b[31m title", "body": body})
    shown = within("pieces", "show", piece["id"], "--home", home, capsys=capsys).out
    assert "\x1b" not in shown + within("pieces", "list", "--home", home, capsys=capsys).out
    assert "\nnext" in shown


def test_lists_go_on_from_a_cursor(tmp_path: Path, capsys: Any) -> None:
    home = command_line.furnished(tmp_path)
    first = within("pieces", "list", "--limit", "4", "--home", home, "--json", capsys=capsys).json
    rest = within("pieces", "list", "--cursor", first["next_cursor"], "--home", home, "--json", capsys=capsys).json
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (4, 2, None)
    assert within("pieces", "list", "--cursor", "%%%", "--home", home, capsys=capsys, code=2).out == ""


def test_progress_usage_contexts_and_functions(tmp_path: Path, capsys: Any) -> None:
    home = command_line.furnished(tmp_path)
    usage = within("usage", "--home", home, "--json", capsys=capsys).json
    assert usage["total"]["calls"] == len(usage["items"]) == 2
    task = usage["items"][0]["task_id"]
    ended = within("progress", task, "--wait", "--home", home, "--json", capsys=capsys).json
    assert (ended["phase"], ended["percent"], ended["status"]) == ("DONE", 100, "success")
    assert within("progress", "run_0000000000", "--home", home, capsys=capsys, code=3).out == ""
    contexts = within("contexts", "list", "--home", home, "--json", capsys=capsys).json["items"]
    outer = next(each for each in contexts if each["parent_id"] is None)
    inner = within("contexts", "list", "--parent", outer["id"], "--home", home, "--json", capsys=capsys).json["items"]
    assert {each["name"] for each in inner} == {"write_blog", "write_social"}
    assert within("contexts", "show", outer["id"], "--home", home, "--json", capsys=capsys).json["phase"] == "done"
    functions = within("functions", "list", "--home", home, "--json", capsys=capsys).json["items"]
    assert [each["name"] for each in functions] == [each.name for each in FUNCTIONS]


@pytest.mark.parametrize(("columns", "is_drawn"), [(100, True), (40, False)])
def test_tables_on_a_terminal_keep_ids_whole(tmp_path: Path, columns: int, is_drawn: bool) -> None:
    home = command_line.furnished(tmp_path)
    shown = command_line.on_terminal("pieces", "list", "--home", home, cwd=tmp_path, columns=columns)
    ids = [each["id"] for each in inside("pieces", "list", "--home", home, "--json", cwd=tmp_path).json["items"]]
    assert len(ids) == 6
    assert [id for id in ids if id not in shown] == []
    assert ("───" in shown) is is_drawn
    assert "\x1b" not in shown


def test_models_that_are_none_are_refused_before_anything_is_begun(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = command_line.furnished(tmp_path)
    before = within("credits", "ledger", "--home", home, "--json", capsys=capsys).json
    monkeypatch.setenv("REGROW_MODELS", "nonsense")
    told = within("generate", "--home", home, "--json", capsys=capsys, code=2)
    assert "nonsense" in told.json["error"]["detail"]
    assert within("credits", "ledger", "--home", home, "--json", capsys=capsys).json == before
