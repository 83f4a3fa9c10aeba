"""New texts beside what is out on the command line and at the desk: listed, decided on, seen out, taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from regrow import settings, wiring
from tests import replacing as staged
from tests.faces import command_line, screens
from tests.faces.command_line import run
from tests.homes import Tenant
from tests.replacing import Stage


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return command_line.fresh(tmp_path)


@contextmanager
def inside(home: Path) -> Iterator[Tenant]:
    """The workspace of a home, as long as nobody else works there."""
    opened = wiring.open_home(settings.load(home))
    (workspace,) = opened.everyone()
    yield Tenant(opened, workspace.id, "")
    opened.close()


def told(home: Path, *words: str, code: int = 0) -> Any:
    return json.loads(run(*words, "--json", "--home", home, cwd=home.parent, code=code).out)


def said(home: Path, *words: str, code: int = 0) -> str:
    ended = run(*words, "--home", home, cwd=home.parent, code=code)
    return ended.out + ended.err


def with_draft(home: Path, label: str = "B", labels: str = "AB") -> tuple[Stage, str]:
    with inside(home) as tenant:
        stage = staged.lost(tenant, label, labels)
        return stage, stage.draft(label)


def statuses(home: Path, stage: Stage) -> dict[str, str]:
    with inside(home) as tenant:
        stage.tenant = tenant
        return stage.statuses()


def posts(home: Path, new: str) -> list[str]:
    return [post["status"] for post in told(home, "posts", "list")["items"] if post["variant_id"] == new]


def test_a_new_text_is_listed_approved_by_its_id_and_seen_out(home: Path) -> None:
    stage, new = with_draft(home)
    listed = told(home, "review")
    assert listed["waiting"] == 1
    (item,) = listed["items"]
    assert [each["variant_id"] for each in item["replacing"]] == [new]
    assert "B2 for B1 (loser)" in said(home, "review")
    shown = said(home, "approve", new, "--reason", "Better")
    assert f"B, version 2 of {stage.piece_id}, is live." in shown
    assert "is published" in shown
    assert f"B joins the experiment {stage.experiment_id} from zero once it stands on the site." in shown
    assert posts(home, new) == ["published"]
    again = told(home, "approve", new)
    assert (again["replacing"]["posts"], again["status"]) == ([], "published")
    assert told(home, "review")["items"] == []
    arms = told(home, "experiments", "show", stage.experiment_id)["arms"]
    assert {arm["variant_id"] for arm in arms if arm["share"]} == {stage.variants["A"], new}


def test_a_new_text_is_rejected_by_its_id(home: Path) -> None:
    stage, new = with_draft(home)
    shown = said(home, "reject", new, "--reason", "Too dry")
    assert "is rejected, and what is out stays" in shown
    assert statuses(home, stage) == {"A1": "live", "B1": "loser", "B2": "superseded"}
    assert "does not come back" in said(home, "approve", new, code=4)


def test_a_piece_that_was_set_back_is_approved_and_seen_out(home: Path) -> None:
    with inside(home) as tenant:
        stage = staged.set_back(tenant)
    found = told(home, "approve", stage.piece_id)
    assert [post["status"] for post in found["replacing"]["posts"]] == ["published", "published"]
    assert told(home, "pieces", "show", stage.piece_id)["status"] == "published"
    assert "published" in said(home, "reopen", stage.piece_id, code=4)


def test_the_desk_shows_what_is_replaced_and_why_and_decides(home: Path) -> None:
    stage, _new = with_draft(home)
    with screens.sitting("review", "--home", home, rows=40, columns=100) as desk:
        desk.until("1 of 1", "B, version 2, is to replace version 1 (loser)", "fewer readers clicked", "[q] leave")
        desk.press("d", "Variant B, version 1 -> 2", "Variant B")
        assert "Variant A" not in desk.screen.flat
        desk.press("d", "Variant A")
        desk.type("r")
        desk.until("Why not?")
        desk.type("Dry\r")
        assert desk.end() == "1 rejected; 0 of 1 still wait."
    assert statuses(home, stage)["B2"] == "superseded"


def test_the_desk_undoes_an_approval_that_is_out_already(home: Path) -> None:
    stage, new = with_draft(home)
    with inside(home) as tenant:
        other = staged.stage(tenant, slug="other")
        other.draft("A")
    with screens.sitting("review", "--home", home, rows=40, columns=100) as desk:
        desk.until("1 of 2", "B, version 2", "[q] leave")
        desk.press("a", "2 of 2", "B is approved.", "[u] takes it back")
        desk.press("u", "1 of 2", "Taken back: B is approved.", "B, version 2, is to replace")
        desk.type("r")
        desk.until("Why not?")
        desk.press("Dry\r", "2 of 2", "B is rejected.")
        desk.press("u", "1 of 2", "Taken back: B is rejected.")
        desk.press("a", "2 of 2", "B is approved.")
        desk.type("q")
        assert desk.end() == "1 approved; 1 of 2 still waits."
    assert statuses(home, stage) == {"A1": "live", "B1": "loser", "B2": "live"}
    assert sorted(posts(home, new)) == ["published", "removed"]


def test_the_desk_decides_on_a_set_back_piece_and_takes_it_back(home: Path) -> None:
    with inside(home) as tenant:
        stage = staged.set_back(tenant)
        other = staged.lost(tenant, slug="other")
        other.draft("B")
    with screens.sitting("review", "--home", home, rows=40, columns=100) as desk:
        desk.until("1 of 2", "A, version 2, is to replace version 1 (live)", "[q] leave")
        desk.press("d", "Variant A, version 1 -> 2")
        desk.press("a", "2 of 2", "Approved.")
        desk.press("u", "1 of 2", "Taken back: Approved.")
        desk.type("r")
        desk.until("Why not?")
        desk.press("Dry\r", "2 of 2", "Rejected.")
        desk.press("u", "1 of 2", "Taken back: Rejected.")
        desk.type("q")
        assert desk.end() == "Nothing decided; 2 of 2 still wait."
    assert statuses(home, stage) == {"A1": "live", "B1": "live", "A2": "draft", "B3": "draft"}


def test_two_new_texts_of_one_piece_are_decided_on_one_after_the_other(home: Path) -> None:
    stage, first = with_draft(home, "C", "ABC")
    with inside(home) as tenant:
        stage.tenant = tenant
        second = stage.draft("B")
    with screens.sitting("review", "--home", home, rows=60, columns=100) as desk:
        desk.until("1 of 1", "C, version 2", "B, version 3", "[q] leave")
        desk.press("a", "1 of 1", "C is approved.", "B, version 3, is to replace")
        desk.type("a")
        assert desk.end() == "2 approved; 0 of 1 still wait."
    assert (posts(home, first), posts(home, second)) == (["published"], ["published"])
    assert statuses(home, stage) == {"A1": "live", "B1": "superseded", "C1": "loser", "C2": "live", "B3": "live"}
