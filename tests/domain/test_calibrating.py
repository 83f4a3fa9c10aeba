"""Calibrating: known answers of the measures, the threshold that fits, and labels as files hold them."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regrow.domain.brand import calibrating, guard, labels
from regrow.domain.brand.calibrating import Rated
from regrow.kit import errors


def rated(good: list[float], bad: list[float]) -> list[Rated]:
    return [*(Rated(score, True) for score in good), *(Rated(score, False) for score in bad)]


def test_kappa_has_the_value_of_the_textbook() -> None:
    """20 and 15 agreed on out of 50, with 5 and 10 against: 0.7 agreed, 0.5 by chance."""
    found = calibrating.Agreement(0.8, 20, 5, 10, 15)
    assert (found.accuracy, found.kappa) == (0.7, pytest.approx(0.4))
    assert calibrating.Agreement(0.8, 10, 0, 0, 0).kappa == 0.0
    assert calibrating.Agreement(0.8, 5, 0, 5, 0).kappa == 0.0
    assert calibrating.Agreement(0.8, 5, 0, 0, 5).kappa == 1.0


@pytest.mark.parametrize(
    ("right", "count", "low", "high"), [(10, 10, 0.7225, 1.0), (0, 10, 0.0, 0.2775), (81, 263, 0.2553, 0.3662)]
)
def test_wilson_has_known_values(right: int, count: int, low: float, high: float) -> None:
    """The last one is that of Newcombe (1998), table I."""
    assert calibrating.wilson(right, count) == pytest.approx((low, high), abs=2e-4)


def test_the_four_counts_at_a_threshold() -> None:
    found = calibrating.at(rated([0.9, 0.8, 0.5], [0.8, 0.2]), guard.PASS_AT)
    assert (found.good_passed, found.good_failed, found.bad_passed, found.bad_failed) == (2, 1, 1, 1)
    assert (found.count, found.accuracy) == (5, 0.6)


def test_a_judge_that_is_right_keeps_the_threshold_of_the_guard() -> None:
    told = calibrating.report(rated([0.9, 1.0] * 30, [0.2, 0.5] * 30))
    assert (told["at"]["accuracy"], told["at"]["kappa"], told["best"]["threshold"]) == (1.0, 1.0, guard.PASS_AT)
    assert told["is_enough"] is True
    assert told["advice"].startswith("0.80 fits")
    assert told["best"]["low"] <= guard.PASS_AT <= told["best"]["high"]


@pytest.mark.parametrize(
    ("good", "bad", "way"), [([0.5, 0.6], [0.1, 0.2], "strict"), ([0.95, 1.0], [0.85, 0.9], "lenient")]
)
def test_a_judge_that_is_off_is_told_with_the_threshold_that_fits(
    good: list[float], bad: list[float], way: str
) -> None:
    told = calibrating.report(rated(good * 30, bad * 30))
    assert max(bad) < told["best"]["threshold"] <= min(good)
    assert told["best"]["accuracy"] == 1.0
    assert f"too {way}" in told["advice"]
    assert told["at"]["accuracy"] == 0.5


@pytest.mark.parametrize(("good", "bad"), [(1, 1), (29, 200), (200, 3)])
def test_too_few_labels_are_said_plainly(good: int, bad: int) -> None:
    told = calibrating.report(rated([1.0] * good, [0.0] * bad))
    assert told["is_enough"] is False
    assert told["advice"].startswith(f"there are too few labels to go by: {min(good, bad)} of the rarer kind")
    low, high = told["at"]["accuracy_low"], told["at"]["accuracy_high"]
    assert low < 1.0 == pytest.approx(high)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_no_other_threshold_separates_better(good: list[float], bad: list[float]) -> None:
    texts = rated(good, bad)
    best = calibrating.fit(texts)

    def youden(threshold: float) -> float:
        found = calibrating.at(texts, threshold)
        return found.good_passed / len(good) - found.bad_passed / len(bad)

    known = sorted({*good, *bad})
    between = [(low + high) / 2 for low, high in itertools.pairwise(known)]
    assert all(youden(best.threshold) >= youden(each) - 1e-6 for each in (guard.PASS_AT, *between))
    assert best.low <= best.high
    assert calibrating.fit(texts) == best
    assert -1.0 <= calibrating.at(texts, best.threshold).kappa <= 1.0


def test_labels_of_a_table_and_of_lines() -> None:
    table = 'Label,text,persona,note\r\ngood,"Bake, then rest.\nLong.",per_1,x\r\nNO,Buy now!!!,,y\r\n'
    found = labels.read(table)
    assert [(each.is_good, each.persona_id) for each in found] == [(True, "per_1"), (False, "")]
    assert found[0].text.replace("\r", "") == "Bake, then rest.\nLong."
    lines = "\n".join(json.dumps({"text": f"t {label}", "label": label}) for label in (1, 0, "yes", "bad", True))
    assert [each.is_good for each in labels.read(lines)] == [True, False, True, False, True]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "columns"),
        ("words,label\na,good\n", "columns"),
        ("text,label\na,good\n", "good and texts"),
        ("text,label\na,perhaps\nb,good\n", "line 2: its label is none"),
        ("text,label\n,good\n", "line 2: it has no text"),
        ('{"text": "a"', "line 1: an object"),
        ('{"text": "a", "label": "good"}\n[1]', "line 2: an object"),
        ('{"text": 5, "label": "good"}', "no text"),
        ('{"text": "a", "label": "good", "persona": 5}', "persona"),
        ("text,label\n" + "a" * 100_001 + ",good\n", "longer"),
        ("text,label\n" + "a,good\n" * 1_001, "more than 1,000"),
    ],
)
def test_labels_that_cannot_be_used_are_told(text: str, told: str) -> None:
    with pytest.raises(errors.Invalid) as caught:
        labels.read(text)
    assert told in caught.value.detail
