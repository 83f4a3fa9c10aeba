"""Answers known from elsewhere, to six digits: spec, the closed form of one node, and third parties' figures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from regrow.domain.experiments import closure, grid, margins, means, needed, proportions, ratios, sample_ratio, slots

WORSE = [
    (100, 60, 1 / 2, 3.688580, 0.974993),
    (60, 100, 1 / 2, -2.117049, 0.0),
    (30, 10, 1 / 2, 2.387155, 0.908109),
    (21, 0, 1 / 2, 3.176251, 0.958258),
    (500, 400, 1 / 2, 4.565737, 0.989598),
    (90, 60, 1 / 3, -1.504963, 0.0),
]


@pytest.mark.parametrize(("reference", "variant", "share", "log_e", "confidence"), WORSE)
def test_evidence_that_a_variant_is_worse(
    reference: int, variant: int, share: float, log_e: float, confidence: float
) -> None:
    state = proportions.states([[3e6 * (1 - share), 3e6 * share]], [[reference, variant]])
    assert proportions.log_e(state)[1, 0] == pytest.approx(log_e, abs=1e-6)
    assert grid.log_e(variant, reference, share) == pytest.approx(log_e, abs=1e-6)
    assert closure.losing(proportions.log_e(state)[None], control=0)[-1, 1] == pytest.approx(confidence, abs=1e-6)


def test_one_node_is_the_binomial_likelihood_ratio() -> None:
    likelihood = ratios.Likelihood([10], [1_000], [30], [1_000], 1.0)
    assert float(likelihood.at(-math.log(2))) == pytest.approx(4.575811, abs=1e-6)
    assert float(likelihood.at(-math.log(2))) == pytest.approx(-10 * math.log(2) - 40 * math.log(0.75))
    assert float(likelihood.at(0.0)) == 0.0


@pytest.mark.parametrize(
    ("x", "other", "low", "high"), [(60, 100, -0.6480, -0.0002), (800, 1_000, -0.3121, -0.0704), (0, 10, -1.0, 0.5368)]
)
def test_intervals(x: int, other: int, low: float, high: float) -> None:
    seen = ratios.ratio([x], [50_000], [other], [50_000])
    assert (seen.low, seen.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))
    assert seen.low <= seen.delta <= seen.high
    assert abs(seen.shrunk) < abs(seen.delta)


@pytest.mark.parametrize(
    ("counts", "concentration", "log_bayes"),
    [
        ([821_588, 815_482], 1e2, 6.532367666),
        ([821_588, 815_482], 1e4, 8.765972285),
        ([1_119, 800, 790, 780], 1e2, 37.62137991),
        ([1_119, 800, 790, 780], 1e4, 11.43205309),
        ([820, 800, 790, 780], 1e2, -4.72142487),
    ],
)
def test_sample_ratio(counts: list[int], concentration: float, log_bayes: float) -> None:
    shares = [1 / len(counts)] * len(counts)
    assert float(sample_ratio.log_bayes(counts, shares, concentration)) == pytest.approx(log_bayes, abs=1e-6)


@pytest.mark.parametrize(
    ("pairs", "difference", "e"), [(5, -1.0, 16.666), (6, -1.0, 31.466), (5, -3.0, 23.696), (8, -0.5, 78.041)]
)
def test_slot_pairs(pairs: int, difference: float, e: float) -> None:
    assert math.exp(slots.log_e([difference] * pairs)) == pytest.approx(e, abs=1e-3)


@pytest.mark.parametrize(("ratio", "conversions"), [(0.0, 21), (0.5, 85), (0.7, 248), (0.8, 618), (0.9, 3_115)])
def test_conversions_that_a_decision_takes(ratio: float, conversions: int) -> None:
    state = proportions.states([[1e6, 1e6]], [[1_000, 1_000 * ratio]])
    assert needed.to_lose(state, 1_000 * (1 + ratio), 1, control=0) == conversions


def test_the_two_directions_of_a_mean_are_the_two_sided_mixture() -> None:
    """(E+ + E-) / 2 is Johari's mSPRT: d -0.01, se^2 1e-5, tau 0.01 gives 28.4033447."""
    sd = 0.1
    n = 2 * sd**2 / 1e-5
    told = means.sums([[n, n]], [[n * 0.99, n * 1.0]], [[n * (sd**2 + 0.99**2), n * (sd**2 + 1.0)]])
    logs = means.path(told)[-1]
    rho = (means.TAU_IN_SD**2 * (sd**2 + 0.005**2)) / 1e-5
    z2 = 0.01**2 / 1e-5
    both = (math.exp(logs[0, 1]) + math.exp(logs[1, 0])) / 2
    assert both == pytest.approx(math.exp(-0.5 * math.log1p(rho) + rho * z2 / (2 * (1 + rho))), rel=5e-3)


def test_a_margin_of_nothing_is_the_plain_evidence() -> None:
    likelihood = ratios.Likelihood([60], [3e6], [100], [3e6], 1.0)
    assert margins.log_e(likelihood, 1e-9) == pytest.approx(3.688580, abs=1e-5)
    assert margins.log_e(likelihood, 0.2) < 3.0
    with pytest.raises(ValueError, match="margin: a share"):
        margins.log_e(likelihood, 0.0)


def test_complaints_are_worse_when_there_are_more() -> None:
    likelihood = ratios.Likelihood([100], [3e6], [60], [3e6], 1.0)
    assert margins.log_e(likelihood, 1e-9, is_more_worse=True) == pytest.approx(3.688580, abs=0.5)
    assert margins.log_e(likelihood, 1e-9) < 0


def test_weights_are_those_of_the_paper() -> None:
    assert np.isclose(grid.WEIGHTS.sum(), 1.0)
    assert (grid.NODES.size, grid.NODES[0], grid.NODES[-1]) == (24, 0.01, pytest.approx(1.5))
