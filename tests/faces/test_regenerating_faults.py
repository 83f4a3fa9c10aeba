"""Another try with a model that misbehaves: a failure changes nothing, and no answer mixes up the posts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from regrow.kit import clock
from regrow.services import credits
from regrow.store import credits as ledger
from regrow.store import regenerating as tries
from regrow.store.tables.content import Generation, Piece, PieceVersion, Variant
from regrow.store.tables.credits import CreditHold
from regrow.testing.openai_server import OpenAIServer
from regrow.workflows import engine
from tests.faces import conftest
from tests.faces.conftest import Face, is_problem

FOR_GOOD = 40
"""More faults than a run makes requests, whatever it repairs and tries again."""
FAULTS = {
    "500": "model_unavailable",
    "401": "key_refused",
    "malformed": "invalid_output",
    "html": "model_unavailable",
    "ignores-schema": "invalid_output",
    "truncated-stream": "model_unavailable",
    "same": "invalid_output",
}


@pytest.fixture(scope="module")
def model() -> Iterator[OpenAIServer]:
    with OpenAIServer(keys=["sk-test-faults"]) as running:
        yield running


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def face(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, model: OpenAIServer
) -> Iterator[Face]:
    """A home that writes with the loopback model only, and whose credits count."""
    given = {
        "models": "openai:quick",
        "openai_api_key": SecretStr("sk-test-faults"),
        "openai_base_url": model.base_url,
    }
    with conftest.opened(request.param, tmp_path_factory.mktemp("home"), **given) as face:
        with face.alice.writing() as session:
            credits.grant(session, face.alice.owner, 100_000, "to begin with")
        yield face


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, model: OpenAIServer) -> Iterator[None]:
    """Waits between tries are cut to a moment; no fault is left for the next test."""
    monkeypatch.setattr(engine, "LONGEST_WAIT_SECONDS", 0.05)
    yield
    model.faults.clear()


def posts(face: Face, count: int = 2, **more: Any) -> dict[str, Any]:
    asked = {"topic_id": face.topic(), "social_count": count, **more}
    return face.made("/api/content/generate", asked)


def again(face: Face, generation: dict[str, Any]) -> Any:
    return face.call("POST", f"/api/content/generations/{generation['id']}/regenerate/social", "editor")


def platforms(pieces: list[dict[str, Any]]) -> dict[str, str]:
    return {piece["id"]: piece["meta"]["platform"] for piece in pieces if piece["medium"] == "social"}


def stored(face: Face, generation_id: str) -> Any:
    """Every row of a generation, and what history tells of it."""
    with face.alice.reading() as session:
        pieces = [*session.scalars(select(Piece).where(Piece.generation_id == generation_id).order_by(Piece.id))]
        ids = [piece.id for piece in pieces]
        rows = [
            *session.scalars(select(Generation).where(Generation.id == generation_id)),
            *pieces,
            *session.scalars(select(Variant).where(Variant.piece_id.in_(ids)).order_by(Variant.id)),
            *session.scalars(
                select(PieceVersion).where(PieceVersion.piece_id.in_(ids)).order_by(PieceVersion.piece_id)
            ),
        ]
        told = [{column.name: getattr(row, column.name) for column in row.__table__.columns} for row in rows]
    return told, [face.call("GET", f"/api/content/pieces/{id}/history").json() for id in ids]


def budget(face: Face) -> tuple[int, list[str]]:
    """The balance, and how the newest hold stands."""
    with face.alice.reading() as session:
        holds = session.scalars(select(CreditHold).order_by(CreditHold.at.desc()).limit(1)).all()
        return ledger.account(session).balance, [hold.status for hold in holds]


@pytest.mark.parametrize(("fault", "code"), FAULTS.items())
def test_a_model_that_fails_for_good_changes_nothing(face: Face, model: OpenAIServer, fault: str, code: str) -> None:
    first = posts(face)
    before, (balance, _) = stored(face, first["id"]), budget(face)
    model.faults.extend([fault] * FOR_GOOD)
    assert is_problem(again(face, first), 502, code)
    assert stored(face, first["id"]) == before
    assert budget(face) == (balance, ["released"])
    with face.alice.reading() as session:
        assert tries.counts(session, first["id"], clock.now().date().isoformat()) == (0, 0)


def test_a_try_that_failed_is_there_to_be_had(face: Face, model: OpenAIServer) -> None:
    """With one try a day: two that fail, then the one that counts, then none."""
    first = posts(face, 1)
    face.call("PATCH", f"/api/workspaces/{face.alice.id}", json={"settings": {"regenerations_per_day": 1}})
    try:
        for fault in ("malformed", "500"):
            model.faults.extend([fault] * FOR_GOOD)
            assert is_problem(again(face, first), 502)
            model.faults.clear()
        answer = again(face, first)
        assert answer.status_code == 200, answer.text
        assert is_problem(again(face, first), 429, "daily_limit")
    finally:
        face.call("PATCH", f"/api/workspaces/{face.alice.id}", json={"settings": {"regenerations_per_day": 5}})


@pytest.mark.parametrize("fault", ["", "reordered"])
@pytest.mark.parametrize("count", [5, 7])
def test_each_post_lands_on_the_piece_of_its_platform(face: Face, model: OpenAIServer, fault: str, count: int) -> None:
    """Seven posts make two platforms come twice: their pieces are paired one to one."""
    first = posts(face, count)
    old = platforms(first["pieces"])
    model.faults.extend([fault] if fault else [])
    answer = again(face, first)
    assert answer.status_code == 200, answer.text
    new = answer.json()
    assert sorted(piece["parent_piece_id"] for piece in new) == sorted(old)
    assert [piece["meta"]["platform"] for piece in new] == [old[piece["parent_piece_id"]] for piece in new]
    now = face.call("GET", f"/api/content/generations/{first['id']}").json()["pieces"]
    assert sorted(platforms(now)) == sorted(piece["id"] for piece in new)
    assert sorted(platforms(now).values()) == sorted(old.values())


@pytest.mark.parametrize("fault", ["", "reordered"])
@pytest.mark.parametrize("kept", [0, 5])
def test_of_two_posts_on_one_platform_the_approved_one_stays(
    face: Face, model: OpenAIServer, fault: str, kept: int
) -> None:
    first = posts(face, 7, media=["social"])
    old = platforms(first["pieces"])
    stays = first["pieces"][kept]["id"]
    assert list(old.values()).count(old[stays]) == 2
    approved = face.call("POST", f"/api/content/pieces/{stays}/approve").json()
    model.faults.extend([fault] if fault else [])
    answer = again(face, first)
    assert answer.status_code == 200, answer.text
    new = answer.json()
    assert sorted(piece["parent_piece_id"] for piece in new) == sorted(old.keys() - {stays})
    assert [piece["meta"]["platform"] for piece in new] == [old[piece["parent_piece_id"]] for piece in new]
    assert face.call("GET", f"/api/content/pieces/{stays}").json() == approved
