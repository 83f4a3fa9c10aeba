"""Requests for regenerations and whether a text may be written again: every complaint alone, in pairs, together."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from regrow.domain.brand import guard
from regrow.domain.circuits import eligibility, gates, guardrails, requests
from regrow.domain.circuits.eligibility import Facts
from regrow.kit import errors

HOUR = 3_600.0
NOW = 1_700_000_000.0
FINE = Facts(
    is_arm=True,
    is_winner=False,
    has_termination=True,
    confidence=0.97,
    delta=-0.2,
    evidence="randomised",
    is_ratio_off=False,
    registered=0,
    last_registered_at=None,
    now=NOW,
    claimed_confidence=0.97,
    claimed_delta=-1.1,
)
BROKEN: dict[str, dict[str, Any]] = {
    "variant_not_found": {"is_arm": False},
    "cx09_termination_not_found": {"has_termination": False},
    "confidence_below_threshold": {"confidence": 0.9499, "claimed_confidence": 0.9499},
    "delta_not_negative": {"delta": 0.0, "claimed_delta": 0.0},
    "max_regenerations_exceeded": {"registered": 2},
    "cooldown_period_active": {"last_registered_at": NOW - 12 * HOUR},
    "winning_variant": {"is_winner": True},
    "evidence_not_randomised": {"evidence": "observational"},
    "sample_ratio_mismatch": {"is_ratio_off": True},
    "decision_mismatch": {"claimed_confidence": 0.98},
}
"""For each rule, in their order, the least that breaks it and no other."""
BODY = {
    "ab_test_id": "exp_1",
    "losing_variant_id": "var_1",
    "circuit_execution_id": "cxe_1",
    "termination_reason": "It lost.",
    "confidence_score": 0.97,
    "performance_delta": -1,
}


def codes(facts: Facts) -> list[str]:
    return [each.partition(": ")[0] for each in eligibility.violations(facts)]


def complaint(body: Any) -> str:
    with pytest.raises(errors.Invalid) as caught:
        requests.read(body)
    return caught.value.detail


def test_the_guardrails_are_those_of_the_contract() -> None:
    told = (guardrails.MOST_PER_TEST, guardrails.COOLDOWN.total_seconds() / HOUR, guardrails.MOST_AT_ONCE)
    assert told == (2, 48, 1)
    assert (guardrails.MINIMUM_CONFIDENCE, guardrails.GUARD_PASSES_AT, guardrails.MOST_TRIES) == (0.95, 0.80, 1)
    assert guardrails.GUARD_PASSES_AT == guard.PASS_AT


def test_a_whole_request_is_read() -> None:
    read = requests.read(BODY)
    assert (read.generated_by, read.regeneration_instructions, read.performance_delta) == ("automated", "", -1.0)
    assert requests.read({**BODY, "regeneration_instructions": None}).regeneration_instructions == ""


def test_everything_that_is_missing_is_named_in_one_sentence() -> None:
    without = {name: value for name, value in BODY.items() if name not in ("confidence_score", "performance_delta")}
    assert complaint(without) == "Missing required fields: confidence_score, performance_delta"
    assert complaint({}) == f"Missing required fields: {', '.join(BODY)}"
    assert complaint({**BODY, "ab_test_id": None}) == "Missing required fields: ab_test_id"


@pytest.mark.parametrize(
    ("field", "values", "rule"),
    [
        ("ab_test_id", ["", "  ", 7, True, [], {}], "must be a non-empty string"),
        ("losing_variant_id", ["", 1.5], "must be a non-empty string"),
        ("circuit_execution_id", ["", ["cxe"]], "must be a non-empty string"),
        ("termination_reason", ["", 0], "must be a non-empty string"),
        ("ab_test_id", ["x" * 201], "must have at most 200 characters, this has 201"),
        ("termination_reason", ["x" * 4_001], "must have at most 4000 characters, this has 4001"),
        ("confidence_score", ["0.97", True, -0.01, 1.01, float("nan"), float("inf")], "must be a number from 0 to 1"),
        ("performance_delta", ["-1", False, [], float("nan"), float("-inf"), 1e10], "must be a number"),
        ("regeneration_instructions", [1, ["shorter"]], "must be a text"),
        ("regeneration_instructions", ["x" * 2_001], "must have at most 2000 characters, this has 2001"),
        ("generated_by", ["", "me", 1, "Manual"], "must be one of automated, manual"),
        ("regeneration_instruction", ["shorter"], "unknown field, use "),
    ],
)
def test_a_wrong_type_or_range_names_the_field_and_the_rule(field: str, values: list[Any], rule: str) -> None:
    told = {complaint({**BODY, field: value}) for value in values}
    assert len(told) == 1
    assert told.pop().startswith(f"{field}: {rule}")


def test_what_is_missing_and_what_is_wrong_are_told_together() -> None:
    assert complaint({"ab_test_id": "", "confidence_score": 2}) == (
        "Missing required fields: losing_variant_id, circuit_execution_id, termination_reason, performance_delta; "
        "ab_test_id: must be a non-empty string; confidence_score: must be a number from 0 to 1"
    )


@pytest.mark.parametrize("body", [None, [], "text", 7, True, [BODY]])
def test_what_is_no_object_is_no_request(body: Any) -> None:
    assert complaint(body).startswith("body: must be an object")


@given(some.recursive(some.none() | some.booleans() | some.floats() | some.text(), some.lists, max_leaves=3))
def test_no_value_of_any_field_bursts(value: Any) -> None:
    for name in (*BODY, "regeneration_instructions", "generated_by"):
        told = name
        try:
            requests.read({**BODY, name: value})
        except errors.Invalid as error:
            told = error.detail
        assert name in told


def test_a_loser_of_a_sure_decision_is_eligible() -> None:
    assert codes(FINE) == []
    found = eligibility.as_json(FINE)
    assert (found["eligible"], found["violations"], found["cooldown_remaining_hours"]) == (True, [], 0.0)
    assert found["variant_exists"]
    assert found["cx09_termination_found"]
    assert found["confidence_meets_threshold"]
    assert found["delta_negative"]


@pytest.mark.parametrize("code", BROKEN)
def test_each_violation_alone(code: str) -> None:
    assert codes(replace(FINE, **BROKEN[code])) == [code]
    detail = eligibility.violations(replace(FINE, **BROKEN[code]))[0].partition(": ")[2]
    assert len(detail) > 10
    found = eligibility.as_json(replace(FINE, **BROKEN[code]))
    assert found["eligible"] is False
    assert found["reason"].startswith(f"Not eligible for regeneration: {code}: ")


def test_all_violations_at_once_in_their_order() -> None:
    worst = replace(
        FINE,
        **{"is_arm": False, "confidence": 0.9, "delta": 0.1, "registered": 3, "last_registered_at": NOW - HOUR},
        **{"is_winner": True, "evidence": "observational", "is_ratio_off": True, "claimed_confidence": 0.94},
    )
    assert codes(replace(worst, has_termination=False)) == [
        *("variant_not_found", "cx09_termination_not_found", "confidence_below_threshold"),
        *("max_regenerations_exceeded", "cooldown_period_active", "winning_variant", "sample_ratio_mismatch"),
    ]
    assert codes(worst) == [code for code in BROKEN if code != "cx09_termination_not_found"]


@pytest.mark.parametrize("pair", list(itertools.combinations(BROKEN, 2)), ids="+".join)
def test_two_violations_are_both_told(pair: tuple[str, str]) -> None:
    found = codes(replace(FINE, **{**BROKEN[pair[0]], **BROKEN[pair[1]]}))
    silent = set() if "cx09_termination_not_found" not in pair else {"evidence_not_randomised", "decision_mismatch"}
    # Of a decision that is not there nothing else can be said.
    wanted = [code for code in BROKEN if code in pair and code not in silent]
    assert [code for code in found if code in pair] == wanted
    assert found == [code for code in BROKEN if code in found]


def test_the_recorded_decision_and_the_claim_must_both_pass() -> None:
    assert codes(replace(FINE, confidence=0.9, claimed_confidence=0.9)) == ["confidence_below_threshold"]
    assert codes(replace(FINE, confidence=0.9)) == ["confidence_below_threshold", "decision_mismatch"]
    assert codes(replace(FINE, claimed_delta=0.5)) == ["delta_not_negative", "decision_mismatch"]
    assert codes(replace(FINE, delta=0.5)) == ["delta_not_negative", "decision_mismatch"]
    assert codes(replace(FINE, claimed_confidence=0.95)) == []
    assert codes(replace(FINE, claimed_delta=-1e-12)) == []
    assert codes(replace(FINE, claimed_confidence=0.97 + 1e-12)) == []
    assert codes(replace(FINE, claimed_confidence=None, claimed_delta=None)) == []


@pytest.mark.parametrize(
    ("hours_ago", "left"), [(0, 48.0), (12, 36.0), (47.5, 0.5), (47.99, 0.1), (48, 0.0), (49, 0.0)]
)
def test_the_cooldown_ends_after_two_days(hours_ago: float, left: float) -> None:
    facts = replace(FINE, registered=1, last_registered_at=NOW - hours_ago * HOUR)
    assert eligibility.cooldown_hours(facts) == left
    assert codes(facts) == (["cooldown_period_active"] if left else [])
    if left:
        assert eligibility.violations(facts)[0] == (
            f"cooldown_period_active: {left:g} hours remaining before the cooldown expires"
        )


def test_what_was_asked_comes_out_again() -> None:
    for changes in ({}, *BROKEN.values()):
        found = gates.asked(replace(FINE, **changes))
        assert gates.asked_again(json.loads(json.dumps(found))) == found
