"""How often another try may be made over HTTP: counted by the day, under any race, and given back when it fails."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter

import pytest

from regrow.kit import clock
from regrow.store import regenerating as tries
from regrow.store.tables.content import Generation
from tests.faces.conftest import Face, is_problem
from tests.faces.test_regenerating import asked, posts, read


def test_five_times_a_day_and_then_not(face: Face) -> None:
    first = posts(face, 1)
    piece = first["pieces"][0]
    for _ in range(2):
        piece = asked(face, f"pieces/{piece['id']}/regenerate").json()
    for path in ("regenerate", "regenerate/social", "regenerate"):
        assert asked(face, f"generations/{first['id']}/{path}").status_code in (200, 201)
    for path in ("regenerate", "regenerate/social"):
        answer = asked(face, f"generations/{first['id']}/{path}")
        assert is_problem(answer, 429, "daily_limit")
        now = clock.now()
        left = math.ceil(86_400 - (now.hour * 3600 + now.minute * 60 + now.second))
        assert abs(int(answer.headers["retry-after"]) - left) <= 5
    face.call("PATCH", f"/api/workspaces/{face.alice.id}", json={"settings": {"regenerations_per_day": 6}})
    try:
        assert asked(face, f"generations/{first['id']}/regenerate").status_code == 201
        assert is_problem(asked(face, f"generations/{first['id']}/regenerate"), 429, "daily_limit")
    finally:
        face.call("PATCH", f"/api/workspaces/{face.alice.id}", json={"settings": {"regenerations_per_day": 5}})


@pytest.mark.parametrize("path", ["regenerate", "regenerate/social"])
def test_fifty_racing_for_five(face: Face, path: str) -> None:
    first = posts(face, 1)
    told: list[int] = []
    gate = threading.Barrier(50)

    def one() -> None:
        gate.wait()
        told.append(asked(face, f"generations/{first['id']}/{path}?wait=false").status_code)

    threads = [threading.Thread(target=one) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(told) == {202: 5, 429: 45}
    _until_written(face, first["id"], path)
    history = read(face, f"generations/{first['id']}/history")
    if path == "regenerate":
        assert len(history["regenerations"]) == 5
        return
    statuses = Counter(piece["status"] for piece in history["items"][0]["pieces"])
    assert statuses == {"superseded": 5, "draft": 1}
    assert sorted(piece["sequence"] for piece in history["items"][0]["pieces"]) == [1, 2, 3, 4, 5, 6]


def _until_written(face: Face, id: str, path: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = read(face, f"generations/{id}/history")
        done = len(found["regenerations"]) if path == "regenerate" else len(found["items"][0]["pieces"]) - 1
        if done == 5:
            return
        time.sleep(0.1)
    raise AssertionError("the tries never ended")


def test_a_failed_try_is_given_back(face: Face) -> None:
    """The notes of this one carry a text or two, and then no different ones: a failure that changes nothing."""
    texts = ["The oven was hot today and the bread came out dark.", "We sold nine loaves.", "Rain came at noon."]
    made = [face.made("/api/notes", {"title": f"Day {n}", "body": text})["id"] for n, text in enumerate(texts)]
    topic = face.made("/api/topics", {"note_ids": made, "title": "Days"})
    asked_for = {"topic_id": topic["id"], "media": ["social"], "social_count": 1, "variants": 1}
    first = face.made("/api/content/generate", asked_for)
    before = read(face, f"generations/{first['id']}")
    answer = asked(face, f"generations/{first['id']}/regenerate/blog")
    assert is_problem(answer, 409, "not_enough_source")
    assert read(face, f"generations/{first['id']}") == before
    with face.alice.reading() as session:
        assert tries.counts(session, first["id"], clock.now().date().isoformat()) == (0, 0)


def test_repeating_a_request_gives_the_same_try(face: Face) -> None:
    first = posts(face, 1)
    path = f"generations/{first['id']}/regenerate"
    answers = [asked(face, path, headers={"Idempotency-Key": "again-1"}) for _ in range(2)]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert len(read(face, f"generations/{first['id']}/history")["regenerations"]) == 1


def test_a_setting_of_zero_switches_it_off(face: Face) -> None:
    first = posts(face, 1)
    face.call("PATCH", f"/api/workspaces/{face.alice.id}", json={"settings": {"regenerations_per_day": 0}})
    try:
        answer = asked(face, f"generations/{first['id']}/regenerate")
        assert is_problem(answer, 429, "daily_limit")
        assert "switched off" in answer.json()["detail"]
    finally:
        face.call("PATCH", f"/api/workspaces/{face.alice.id}", json={"settings": {"regenerations_per_day": 5}})
    with face.alice.reading() as session:
        assert session.get_one(Generation, first["id"]).status == "draft"
