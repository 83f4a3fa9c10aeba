"""What must hold of evidence whatever the counts: no null has a mean above 1, labels and cuts do not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regrow.domain.experiments import (
    closure,
    dispersion,
    grid,
    many,
    means,
    observing,
    proportions,
    ratios,
    sample_ratio,
)
from regrow.domain.experiments.observing import Seen

COUNTS = st.tuples(st.integers(0, 5_000), st.integers(0, 5_000), st.floats(0, 1), st.floats(0, 1))
BATCHES = st.lists(COUNTS, min_size=1, max_size=12)


def counts(batches: list[tuple[int, int, float, float]]) -> tuple[np.ndarray, np.ndarray]:
    n = np.array([[a, b] for a, b, _p, _q in batches], dtype=float)
    return n, np.floor(n * np.array([[p, q] for _a, _b, p, q in batches]))


@given(BATCHES)
def test_labels_do_not_matter(batches: list[tuple[int, int, float, float]]) -> None:
    n, x = counts(batches)
    there = proportions.log_e(proportions.states(n, x))
    back = proportions.log_e(proportions.states(n[:, ::-1], x[:, ::-1]))
    assert np.allclose(there, back[::-1, ::-1])


@given(st.integers(1, 2_000), st.integers(1, 2_000), st.integers(1, 30))
def test_cutting_a_batch_with_the_same_split_changes_nothing(a: int, b: int, parts: int) -> None:
    whole = proportions.states([[a * parts, b * parts]], [[a, b]])
    cut = proportions.states([[a, b]] * parts, [[a / parts, b / parts]] * parts)
    assert np.allclose(whole, cut)


@given(BATCHES)
def test_the_path_ends_where_the_state_is(batches: list[tuple[int, int, float, float]]) -> None:
    n, x = counts(batches)
    assert np.allclose(proportions.path(n, x)[-1], proportions.log_e(proportions.states(n, x)))


def test_long_paths_are_worked_through_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = np.random.default_rng(5)
    n = dice.integers(0, 50, (97, 3)).astype(float)
    x = np.floor(n * dice.random((97, 3)))
    whole, state = proportions.path(n, x), proportions.states(n, x)
    monkeypatch.setattr(proportions, "CHUNK", 10 * 3 * 3 * 24)
    assert np.allclose(proportions.path(n, x), whole)
    assert np.allclose(proportions.states(n, x), state)


def test_no_null_has_a_mean_above_one() -> None:
    """The exact mean of a batch's factor, by the moment generating function of two binomials, at every node."""
    dice = np.random.default_rng(7)
    n = dice.integers(1, 2_000, (20_000, 2)).astype(float)
    p = np.sort(dice.random((20_000, 2)) ** dice.integers(1, 6, (20_000, 1)), axis=1)[:, ::-1]
    share = n[:, 0] / n.sum(axis=1)
    c = 1 + share[:, None] * grid.FALLS
    own = n[:, :1] * np.log1p(p[:, :1] * (np.exp(-grid.NODES) / c - 1))
    other = n[:, 1:] * np.log1p(p[:, 1:] * (1 / c - 1))
    assert float((own + other).max()) <= 1e-9
    assert float((np.exp(own + other) @ grid.WEIGHTS).max()) <= 1 + 1e-9


@given(st.lists(st.floats(0, 1e4), min_size=2, max_size=6))
def test_closure_never_gives_more_than_an_arm_has(e: list[float]) -> None:
    told = closure.adjusted(np.array(e))
    assert (told <= np.array(e) + 1e-9).all()
    assert (told >= 0).all()


def naive(n: np.ndarray, x: np.ndarray) -> np.ndarray:
    """One-sided pooled z of running totals, as a witness."""
    total, hits = n.cumsum(axis=1), x.cumsum(axis=1)
    rate = hits.sum(axis=2) / total.sum(axis=2)
    gap = hits[..., 1] / total[..., 1] - hits[..., 0] / total[..., 0]
    spread = np.sqrt(np.maximum(rate * (1 - rate), 1e-12) * (1 / total[..., 0] + 1 / total[..., 1]))
    return np.asarray(-gap / spread)


@pytest.mark.parametrize("is_changing", [False, True], ids=["steady", "shares and rates change"])
def test_alike_variants_are_rarely_told_apart_however_often_one_looks(is_changing: bool) -> None:
    """A small A/A suite of 400 experiments and 60 looks; the whole one is in the benchmarks."""
    dice = np.random.default_rng(11)
    experiments, looks = 400, 60
    share = np.linspace(0.1, 0.5, looks) if is_changing else np.full(looks, 0.5)
    rate = np.linspace(0.08, 0.02, looks) if is_changing else np.full(looks, 0.03)
    n = np.stack([np.round(400 * (1 - share)), np.round(400 * share)], axis=-1)
    x = dice.binomial(n.astype(int), rate[:, None], (experiments, looks, 2)).astype(float)
    worse, naively = 0, (naive(np.broadcast_to(n, x.shape), x)[:, 3:] > 1.645).any(axis=1).mean()
    better = 0
    for each in x:
        log_e = proportions.path(n, each)[:, 1, 0]
        worse += bool((log_e >= np.log(20)).any())
        better += bool((proportions.path(n, each)[:, 0, 1] >= np.log(20)).any())
    most = 0.05 + 3 * np.sqrt(0.05 * 0.95 / experiments)
    assert worse / experiments <= most
    assert better / experiments <= most
    assert naively > 0.2


def test_a_truly_worse_variant_is_found() -> None:
    dice = np.random.default_rng(13)
    n = np.full((40, 2), 500.0)
    x = dice.binomial(n.astype(int), [0.05, 0.035]).astype(float)
    assert closure.losing(proportions.path(n, x), control=0)[-1, 1] >= 0.95


def test_intervals_cover_the_truth_at_every_look() -> None:
    dice = np.random.default_rng(17)
    truth, missed = 0.8, 0
    for _ in range(150):
        n = np.full((12, 2), 1_000.0)
        x = dice.binomial(n.astype(int), [0.05, 0.05 * truth]).astype(float)
        for look in range(1, 13, 3):
            seen = ratios.ratio(x[:look, 1], n[:look, 1], x[:look, 0], n[:look, 0])
            if not seen.low <= truth - 1 <= seen.high:
                missed += 1
                break
    assert missed / 150 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)


def test_counts_that_vary_more_are_found_out_and_tempered() -> None:
    dice = np.random.default_rng(19)
    n = np.full((300, 2), 1_000.0)
    plain = dice.binomial(n.astype(int), 0.1).astype(float)
    wild = dice.binomial(n.astype(int), np.clip(0.1 + 0.02 * dice.standard_normal(n.shape), 0, 1)).astype(float)
    factors = [dispersion.estimated(x[:, 1], n[:, 1], x[:, 0], n[:, 0]) for x in (plain, wild)]
    assert factors[0] < 1.5 < 2.0 < factors[1]
    state = proportions.states(n, wild)
    assert np.abs(proportions.log_e(state, factors[1])).max() < np.abs(proportions.log_e(state)).max()
    assert dispersion.estimated([1] * 3, [10] * 3, [1] * 3, [10] * 3) == 1.0


@settings(max_examples=30)
@given(st.integers(0, 2**31), st.floats(0.05, 0.95))
def test_a_fair_split_is_not_flagged(seed: int, share: float) -> None:
    units = np.random.default_rng(seed).multinomial(20_000, [share, 1 - share])
    assert not sample_ratio.judged(units, [share, 1 - share]).is_flagged


def test_a_broken_split_is_flagged_and_changing_shares_are_not() -> None:
    assert sample_ratio.judged([10_600, 9_400], [0.5, 0.5]).is_flagged
    assert not sample_ratio.judged([[900, 100], [500, 500]], [[0.9, 0.1], [0.5, 0.5]]).is_flagged
    assert sample_ratio.judged([1_400, 600], [0.5, 0.5]).is_flagged


def test_means_hold_under_drift_and_find_what_differs() -> None:
    dice = np.random.default_rng(23)
    wrong = 0
    for _ in range(120):
        level = np.linspace(30, 10, 40)
        n = np.stack([np.full(40, 60.0), np.linspace(10, 60, 40).round()], axis=1)
        values = [[dice.exponential(level[b], int(n[b, a])) for a in range(2)] for b in range(40)]
        told = means.sums(
            n, [[v.sum() for v in row] for row in values], [[(v**2).sum() for v in row] for row in values]
        )
        wrong += bool((means.path(told)[:, 1, 0] >= np.log(20)).any())
    assert wrong / 120 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 120)
    n = np.full((40, 2), 100.0)
    drawn = dice.exponential([20.0, 12.0], (40, 100, 2))
    told = means.sums(n, drawn.sum(axis=1), (drawn**2).sum(axis=1))
    assert means.path(told)[-1, 1, 0] > np.log(20)
    seen = means.difference(told, 1, 0)
    assert seen.low < -8.0 + 0.5 < seen.high
    assert seen.high < 0


def test_what_was_known_before_takes_variance_away() -> None:
    dice = np.random.default_rng(29)
    before = dice.gamma(1, 10, 4_000)
    after = 0.8 * before + dice.gamma(1, 6, 4_000)
    told = means.cuped(after, before, means.slope_of(after, before), float(before.mean()))
    assert told.mean() == pytest.approx(after.mean())
    assert told.var() / after.var() == pytest.approx(1 - np.corrcoef(before, after)[0, 1] ** 2, abs=0.01)
    assert means.winsorised([1, 2, 1_000], means.cap_of(range(101))).tolist() == [1, 2, 99]
    assert means.slope_of([1, 2], [3, 3]) == 0.0


def history(posts: int, dice: np.random.Generator) -> list[Seen]:
    hours = dice.integers(0, 24, posts)
    return [
        Seen(float(dice.poisson(40 * np.exp(0.5 * np.sin(hour / 24 * 2 * np.pi)))), 1_000.0, float(hour), False)
        for hour in hours
    ]


def test_posts_are_compared_with_what_is_usual_at_their_hour() -> None:
    dice = np.random.default_rng(31)
    low, high = Seen(24, 1_000, 18, False), Seen(66, 1_000, 6, False)
    seen = observing.compared(history(120, dice), [low], [high])
    assert not seen.lack
    assert abs(seen.delta) < 0.35
    worse = observing.compared(history(120, dice), [Seen(5, 1_000, 6, False)], [high])
    assert (worse.delta < -0.5, worse.confidence) == (True, observing.MOST_CONFIDENCE)
    few = observing.compared(history(19, dice), [low], [high])
    assert (few.lack, few.confidence, few.posts) == ("posts", 0.0, 19)


def test_many_at_once_are_judged_as_each_alone() -> None:
    dice = np.random.default_rng(37)
    sizes = dice.integers(1, 6, 200)
    ids = np.repeat(np.arange(200), sizes)
    n = dice.integers(0, 3_000, ids.size).astype(float)
    x = np.floor(n * dice.beta(2, 30, ids.size))
    for has_control in (False, True):
        told = many.judged(ids, n, x, has_control)
        for each in range(200):
            mine, control = ids == each, 0 if has_control else None
            path = proportions.path(n[mine][None], x[mine][None])
            assert np.allclose(told.losing[mine], closure.losing(path, control)[-1], atol=1e-9)
            assert np.allclose(told.winning[mine], closure.winning(path, control)[-1], atol=1e-9)
    assert many.judged([], [], []).losing.size == 0
