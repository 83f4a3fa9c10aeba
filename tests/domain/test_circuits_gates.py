"""Gates of regenerations that can be run again from what was kept of them, and the last look."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from regrow.domain import prose
from regrow.domain.brand import deciding, guard
from regrow.domain.brand.findings import GuardFacts, Text
from regrow.domain.brand.guidelines import Guidelines
from regrow.domain.circuits import gates, registering
from regrow.domain.circuits.registering import RegisteringFacts
from regrow.domain.writing import Voice

STANDS = RegisteringFacts("running", "approved", "loser", 0, 0)


@pytest.mark.parametrize(
    "changes",
    [
        *({"parent_status": "winner"}, {"parent_status": "superseded"}, {"piece_status": "rejected"}),
        *({"piece_status": "superseded"}, {"test_status": "invalid"}, {"registered": 2}, {"depth": 10}),
    ],
)
def test_the_last_look_refuses(changes: dict[str, Any]) -> None:
    assert "nothing was registered" in str(registering.refusal(replace(STANDS, **changes)))


@pytest.mark.parametrize("status", ["concluded", "inconclusive"])
def test_a_test_that_ended_meanwhile_still_gets_its_draft(status: str) -> None:
    facts = replace(STANDS, test_status=status)
    assert registering.refusal(facts) is None
    assert registering.note(facts) == f"the test is {status} by now: once approved, the new text needs a new test"
    assert (registering.refusal(STANDS), registering.note(STANDS)) == (None, "")


LONG = "A dough that rests for a day tastes better. " * 6
OTHER = "Salt goes in last, because it slows the yeast down before it has begun. " * 6


def test_a_new_text_is_compared_with_those_it_must_differ_from() -> None:
    assert gates.generated({"body": OTHER}, LONG, ["Something else entirely stands here today."])["is_new"]
    assert not gates.generated({"body": LONG}, LONG, [])["is_new"]
    assert not gates.generated({"body": OTHER}, LONG, [OTHER])["is_new"]
    assert not gates.generated({"body": "  "}, LONG, [])["is_new"]
    assert prose.shingle_similarity(LONG, OTHER) < 0.6


def guarded(text: str, **more: Any) -> tuple[dict[str, Any], GuardFacts]:
    facts = GuardFacts(
        label="B",
        texts=(Text("title", "Bread"), Text("body", text)),
        voice=Voice("Baker", words=40),
        guidelines=Guidelines(forbidden=("miracle",)),
        **more,
    )
    return deciding.by_rules(guard.as_json(guard.merged({"B": guard.judged(facts)}))), facts


def stored(found: dict[str, Any]) -> dict[str, Any]:
    """As the database gives it back."""
    again: dict[str, Any] = json.loads(json.dumps(found))
    return again


@pytest.mark.parametrize("text", [LONG, "A miracle, and a miracle again. " * 5, "", "It is 412 times better."])
def test_what_the_guard_said_comes_out_again_from_what_was_kept(text: str) -> None:
    verdict, facts = guarded(text, sources=(), private=("Secret plan",))
    kept = stored(gates.validated(verdict, facts))
    assert stored(gates.validated_again(kept)) == gates.told(kept)
    assert "Secret plan" not in json.dumps(kept)
    names = [each["check"] for each in kept["brand_guideline_checks"]]
    assert len(names) == len(guard.GUARD_CHECKS)
    assert kept["passed"] is (kept["validation_score"] >= 0.80)
    assert set(kept["tone_consistency_check"]) == {"passed", "findings", "voice_score"}


def test_the_findings_have_the_names_of_their_checks() -> None:
    found = guarded("A miracle. " * 3)[0]["findings"]
    assert {each["check"] for each in found} <= {check.__name__ for check in guard.GUARD_CHECKS}
    kept = gates.validated(*guarded("A miracle. " * 3))
    assert {"check": "forbidden_words", "passed": False} in kept["brand_guideline_checks"]


def test_a_changed_record_is_noticed() -> None:
    verdict, facts = guarded("A miracle happened to this dough. " * 3)
    kept = stored(gates.validated(verdict, facts))
    kept["validation_score"], kept["passed"], kept["findings"] = 0.95, True, []
    assert stored(gates.validated_again(kept)) != gates.told(kept)


@pytest.mark.parametrize(
    ("review", "writing", "validation", "is_registered", "status"),
    [
        (None, None, None, False, "failed"),
        ({"approved": False}, None, None, False, "cx08_rejected"),
        ({"approved": None}, None, None, False, "failed"),
        ({"approved": True}, None, None, False, "failed"),
        ({"approved": True}, {"is_new": True}, None, False, "failed"),
        ({"approved": True}, {"is_new": True}, {"passed": False}, False, "cx05_failed"),
        ({"approved": True}, {"is_new": True}, {"passed": True}, False, "failed"),
        ({"approved": True}, {"is_new": True}, {"passed": True}, True, "registered"),
        ({"approved": True}, {"is_new": False}, {"passed": True}, True, "failed"),
    ],
)
def test_the_status_that_gates_add_up_to(
    review: Any, writing: Any, validation: Any, is_registered: bool, status: str
) -> None:
    assert gates.status_of({"cx08": review, "cx06": writing, "cx05": validation}, is_registered) == status
