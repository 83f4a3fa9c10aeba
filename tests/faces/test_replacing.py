"""New texts beside what is out, over HTTP and on the real site: reviewed, approved, published, shown and counted."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from regrow.cli.demo import simulated_readers
from regrow.kit import clock
from regrow.services import experiment_batches, experiments, visits
from regrow.store import experiments as store
from tests import replacing as staged
from tests.faces.command_line import wait_until
from tests.faces.conftest import Face, Server, is_problem
from tests.replacing import Stage


def decide(face: Face, id: str, decision: str, by: str = "variants", role: str = "reviewer", **said: Any) -> Any:
    return face.call("POST", f"/api/content/{by}/{id}/{decision}", role, json=said)


def queue(face: Face, stage: Stage) -> dict[str, Any] | None:
    items: list[dict[str, Any]] = face.call("GET", "/api/review", params={"limit": 200}).json()["items"]
    return next((each for each in items if each["id"] == stage.piece_id), None)


def get(face: Face, path: str, **headers: str) -> Any:
    return face.client.get(f"/s/alice/{path}", headers=headers)


def test_the_queue_names_what_a_draft_replaces_and_why(face: Face) -> None:
    stage = staged.lost(face.alice, slug="queued")
    assert queue(face, stage) is None
    waiting = face.call("GET", "/api/review").json()["waiting"]
    new = stage.draft("B")
    found = queue(face, stage)
    assert found is not None
    assert found["status"] == "published"
    (told,) = found["replacing"]
    assert (told["variant_id"], told["label"], told["version"], told["how"]) == (new, "B", 2, "circuit")
    assert told["replaces"] == {"variant_id": stage.variants["B"], "version": 1, "status": "loser"}
    assert (told["experiment_id"], "fewer readers clicked" in told["why"]) == (stage.experiment_id, True)
    assert face.call("GET", "/api/review").json()["waiting"] == waiting + 1
    assert [each["version"] for each in found["variants"]] == [1, 2]
    assert decide(face, new, "reject", reason="Too dry").status_code == 200
    assert queue(face, stage) is None


def test_a_piece_that_was_set_back_tells_what_its_drafts_replace(face: Face) -> None:
    stage = staged.set_back(face.alice, slug="set-back")
    found = queue(face, stage)
    assert found is not None
    assert [(each["label"], each["replaces"]["status"]) for each in found["replacing"]] == [
        ("A", "live"),
        ("B", "live"),
    ]
    assert {each["why"] for each in found["replacing"]} == {"a trigger of this piece fired"}
    plain = face.generation()["pieces"][0]
    items = face.call("GET", "/api/review", params={"limit": 200}).json()["items"]
    assert next(each for each in items if each["id"] == plain["id"])["replacing"] == []


def test_an_approved_draft_is_published_at_the_same_address_and_the_answer_says_what_came_of_it(face: Face) -> None:
    stage = staged.lost(face.alice, slug="approved")
    new = stage.draft("B")
    answer = decide(face, new, "approve")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["id"], told["status"]) == (stage.piece_id, "published")
    assert told["replacing"]["variant_ids"] == [new]
    (post,) = told["replacing"]["posts"]
    assert (post["status"], post["slug"], post["variant_id"]) == ("published", "approved", new)
    assert any(f"joins the experiment {stage.experiment_id}" in note for note in told["replacing"]["notes"])
    arms = {
        arm["variant_id"]: arm for arm in face.call("GET", f"/api/experiments/{stage.experiment_id}").json()["arms"]
    }
    assert {id: arm["share"] for id, arm in arms.items() if arm["share"]} == {stage.variants["A"]: 0.5, new: 0.5}
    again = decide(face, new, "approve").json()["replacing"]
    assert (again["posts"], again["notes"]) == ([], ["it was decided so before"])
    assert is_problem(decide(face, new, "reject"), 409, "variant_live")
    assert is_problem(decide(face, "var_unknown", "approve"), 404, "not_found")
    assert is_problem(decide(face, new, "approve", role="editor"), 403, "role_too_low")
    assert is_problem(decide(face, new, "approve", role="stranger"), 404, "not_found")


def test_the_same_request_twice_gives_one_answer_and_one_post(face: Face) -> None:
    stage = staged.lost(face.alice, slug="repeated")
    new = stage.draft("B")
    place, key = f"/api/content/variants/{new}/approve", {"Idempotency-Key": "approve-once"}
    first, second = (face.call("POST", place, "reviewer", headers=key) for _ in range(2))
    assert (first.status_code, second.json()) == (200, first.json())
    assert len([post for post in stage.posts() if post.variant_id == new]) == 1


def test_what_the_guard_failed_needs_an_owner(face: Face) -> None:
    stage = staged.lost(face.alice, slug="guarded")
    new = stage.draft("B", body="As an AI language model, I cannot. [insert name here] Lorem ipsum dolor sit amet.")
    assert is_problem(decide(face, new, "approve"), 409, "guard_failed")
    said = {"override": True, "reason": "A quotation"}
    assert is_problem(decide(face, new, "approve", **said), 403, "override_needs_owner")
    assert decide(face, new, "approve", role="owner", **said).json()["replacing"]["variant_ids"] == [new]


def test_a_set_back_piece_is_replaced_over_http(face: Face) -> None:
    stage = staged.set_back(face.alice, slug="whole")
    told = decide(face, stage.piece_id, "approve", "pieces").json()
    assert {post["status"] for post in told["replacing"]["posts"]} == {"published"}
    assert set(told["replacing"]["replaced"]) == set(stage.variants.values())
    assert told["status"] == "published"
    page = get(face, "whole").text
    assert ", again</h1>" in page
    other = staged.set_back(face.alice, slug="kept")
    told = decide(face, other.piece_id, "reject", "pieces", reason="Not now").json()
    assert (told["status"], told["meta"]["reject_reason"]) == ("published", "Not now")
    assert ", again</h1>" not in get(face, "kept").text


def test_the_old_text_is_served_until_the_new_one_is_and_feeds_keep_one_entry(face: Face) -> None:
    stage = staged.stage(face.alice, "A", slug="served")
    old = get(face, "served")
    assert "<h1>Loaf A</h1>" in old.text
    new = stage.draft("A", "trigger")
    staged.becomes(face.alice, stage.piece_id, "draft")
    assert get(face, "served").text == old.text
    assert get(face, "served", **{"If-None-Match": old.headers["etag"]}).status_code == 304
    assert decide(face, stage.piece_id, "approve", "pieces").status_code == 200
    after = get(face, "served", **{"If-None-Match": old.headers["etag"]})
    assert (after.status_code, "<h1>Loaf A, again</h1>" in after.text) == (200, True)
    assert "<h1>Loaf A</h1>" not in after.text
    assert stage.shown() == [new]
    for path in ("sitemap.xml", "feed.xml", "atom.xml"):
        told = get(face, path)
        if told.status_code == 200:
            assert len(set(re.findall(r"/s/alice/served(?=[\"<?])", told.text))) == 1, path
    assert get(face, "sitemap.xml").text.count("/s/alice/served<") == 1
    page = stage.page()
    assert page is not None
    assert (page.published_at, page.changed_at > page.published_at) == (
        staged.published.FIRST_DAY + timedelta(days=1),
        True,
    )
    # Its neighbours are other articles, never itself.
    assert 'rel="prev" href="/s/alice/served"' not in after.text


def test_readers_are_sent_to_the_new_text_and_counted_for_it_with_its_experiment(face: Face, server: Server) -> None:
    stage = staged.lost(face.alice, slug="journey")
    new = stage.draft("B")
    assert decide(face, new, "approve").status_code == 200
    wait_until(lambda: stage.shares().get(new) == 0.5)
    truth = simulated_readers.send(server.url, "alice", ["journey"], {"A": 0.5, "B": 0.5}, 24, {}, 7)
    assert truth.unanswered == 0
    shown = truth.exposures["journey"]
    assert set(shown) == {"A", "B"}
    now = clock.now()
    with face.alice.reading() as session:
        found = visits.totals(session, stage.piece_id, now - timedelta(hours=1), now + timedelta(hours=1))
    ids = {"A": stage.variants["A"], "B": new}
    assert {label: found[id].exposures for label, id in ids.items()} == dict(shown)
    assert stage.variants["B"] not in found
    with face.alice.writing() as session:
        row = experiments.locked(session, stage.experiment_id)
        assert experiment_batches.pull(session, row, now + timedelta(days=1)) > 0
        numbers = {arm.number: arm.variant_id for arm in store.arms(session, [row.id])[row.id]}
        counts = [arm for each in store.batches(session, row.id) for arm in each.counts["arms"]]
    seen = {numbers[int(arm[0])]: arm[1] for arm in counts if arm[1]}
    assert seen == {ids[label]: count for label, count in shown.items()}
