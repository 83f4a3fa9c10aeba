"""Rating pieces on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.faces import command_line
from tests.faces.command_line import Ended, within


def said(home: Path, capsys: Any, *words: str, code: int | None = 0) -> Ended:
    return within("feedback", *words, "--home", home, capsys=capsys, code=code)


def listed(home: Path, capsys: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = within("pieces", "list", "--home", home, "--json", capsys=capsys).json["items"]
    return found


def test_rating_and_changing_ones_mind(tmp_path: Path, capsys: Any) -> None:
    home = command_line.furnished(tmp_path)
    piece = listed(home, capsys)[0]
    made = said(home, capsys, "give", piece["id"], "good", "--comment", "Opens well", "--json").json
    assert made.keys() >= {"id", "piece_id", "piece_version", "rating", "comment", "by", "at", "summary", "context"}
    assert (made["rating"], made["comment"], made["by"]) == ("good", "Opens well", "console")
    assert made["context"] == {"id": piece["context_id"], "validation": "approved", "confidence": "validated"}
    shown = said(home, capsys, "give", piece["id"], "acceptable").out
    assert f"{piece['id']} is rated acceptable by 1 person (1 acceptable)." in shown
    assert f"Its context {piece['context_id']} is conditionally approved, with confidence: confident." in shown
    context = within("contexts", "show", piece["context_id"], "--home", home, "--json", capsys=capsys).json
    assert (context["validation"], context["confidence"]) == ("conditionally_approved", "confident")
    found = said(home, capsys, "show", piece["id"], "--json").json
    assert found["summary"]["rating"] == "acceptable"
    assert [(each["rating"], each["by"]) for each in found["items"]] == [("acceptable", "console")]
    assert "workspace_id" not in str(found)


def test_showing_for_people(tmp_path: Path, capsys: Any) -> None:
    home = command_line.furnished(tmp_path)
    piece = listed(home, capsys)[0]["id"]
    empty = said(home, capsys, "show", piece)
    assert "nobody has rated this piece yet: rate one with regrow feedback give" in empty.out
    assert said(home, capsys, "show", piece, "--json").json["summary"] == {
        "rating": None,
        "people": 0,
        "counts": {"excellent": 0, "good": 0, "acceptable": 0, "poor": 0, "unacceptable": 0},
    }
    said(home, capsys, "give", piece, "poor", "--comment", "Too \x1b[31mlong")
    shown = said(home, capsys, "show", piece).out
    assert f"{piece} is rated poor by 1 person (1 poor)." in shown
    assert "console" in shown
    assert "\x1b" not in shown


def test_rated_pieces_and_what_they_had_in_common(tmp_path: Path, capsys: Any) -> None:
    home = command_line.furnished(tmp_path)
    for side in ("high", "low"):
        empty = said(home, capsys, "rated", side).out
        assert f"no piece is rated {side}: rate one with regrow feedback give" in empty
        assert "rate at least two pieces high and two low" in empty
    blog, *social = listed(home, capsys)
    for piece in social[:3]:
        said(home, capsys, "give", piece["id"], "excellent", "--comment", "crisp")
    for piece in (blog, social[3]):
        said(home, capsys, "give", piece["id"], "poor")
    found = said(home, capsys, "rated", "high", "--json").json
    assert [each["piece"]["id"] for each in found["items"]] == [piece["id"] for piece in social[2::-1]]
    assert found["items"][0]["summary"]["rating"] == "excellent"
    assert found["items"][0]["comments"][0]["comment"] == "crisp"
    assert found["next_cursor"] is None
    assert found["in_common"]
    shown = said(home, capsys, "rated", "high").out
    assert "In common:" in shown
    for sentence in found["in_common"]:
        assert f"- {sentence}" in shown
    assert all(piece["id"] in shown for piece in social[:3])
    assert "crisp" in shown
    low = said(home, capsys, "rated", "low", "--json").json
    assert [each["piece"]["id"] for each in low["items"]] == [social[3]["id"], blog["id"]]


def test_rated_goes_on_from_a_cursor(tmp_path: Path, capsys: Any) -> None:
    home = command_line.furnished(tmp_path)
    pieces = [piece["id"] for piece in listed(home, capsys)]
    for piece in pieces[:3]:
        said(home, capsys, "give", piece, "good")
    first = said(home, capsys, "rated", "high", "--limit", "2", "--json").json
    rest = said(home, capsys, "rated", "high", "--cursor", first["next_cursor"], "--json").json
    assert [each["piece"]["id"] for each in (*first["items"], *rest["items"])] == pieces[2::-1]
    assert f"--cursor {first['next_cursor']}" in said(home, capsys, "rated", "high", "--limit", "2").err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("give", "PIECE", "great"), 2, "use one of excellent, good, acceptable, poor, unacceptable"),
        (("give", "PIECE", "5"), 2, "use one of"),
        (("give", "PIECE", "good", "--comment", "x" * 2_001), 2, "at most 2000 characters"),
        (("give", "PIECE", "good", "--comment", "x" * 1_000_000), 2, "at most 2000 characters"),
        (("give", "PIECE", "good", "--comment", "a\x00b"), 2, "NUL"),
        (("give", "PIECE"), 2, ""),
        (("give", "pie_0000000000", "good"), 3, "there is no piece"),
        (("show", "pie_0000000000"), 3, "there is no piece"),
        (("rated", "middling"), 2, "middling"),
        (("rated", "high", "--limit", "0"), 2, ""),
        (("rated", "high", "--cursor", "%%%"), 2, "cursor"),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path: Path, capsys: Any, words: tuple[str, ...], code: int, told: str) -> None:
    home = command_line.furnished(tmp_path)
    piece = listed(home, capsys)[0]["id"]
    given = [piece if word == "PIECE" else word for word in words]
    ended = said(home, capsys, *given, "--json", code=code)
    assert told in ended.json["error"]["detail"]
    assert said(home, capsys, "show", piece, "--json").json["items"] == []


@pytest.mark.parametrize("command", ["give", "show", "rated"])
def test_help_has_an_example(capsys: Any, command: str) -> None:
    shown = within("feedback", command, "--help", capsys=capsys).out
    assert f"Example: regrow feedback {command} " in shown


def test_feedback_stands_under_review(capsys: Any) -> None:
    shown = within("--help", capsys=capsys).out
    review = shown[shown.index("Review:") : shown.index("Manage:")]
    assert "feedback" in review
