"""Runs in the environment of gbstats: pairs of counts in, confidences that the second is worse, and seconds, out."""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from gbstats.bayesian.tests import EffectBayesianABTest, EffectBayesianConfig
from gbstats.frequentist.tests import SequentialConfig, SequentialTwoSidedTTest
from gbstats.models.statistics import ProportionStatistic


def main() -> None:
    pairs = [tuple(map(int, pair)) for pair in json.load(sys.stdin)]
    told = {}
    for name, judge in (("sequential", sequential), ("bayes", bayes)):
        judge(1_000, 50, 1_000, 40)
        began = time.process_time()
        confidences = [judge(*pair) for pair in pairs]
        told[name] = {"seconds": time.process_time() - began, "worse": confidences}
    json.dump(told, sys.stdout)


def sequential(n: int, x: int, other_n: int, other_x: int) -> float:
    """1 - p in the direction of the sign, for (reference n, reference x, variant n, variant x)."""
    a, b = ProportionStatistic(n=n, sum=x), ProportionStatistic(n=other_n, sum=other_x)
    result = SequentialTwoSidedTTest(a, b, SequentialConfig(sequential_tuning_parameter=5_000)).compute_result()
    return float(1 - result.p_value) if result.expected < 0 else 0.0


def bayes(n: int, x: int, other_n: int, other_x: int) -> float:
    a, b = ProportionStatistic(n=n, sum=x), ProportionStatistic(n=other_n, sum=other_x)
    with np.errstate(all="ignore"):
        return float(1 - EffectBayesianABTest(a, b, EffectBayesianConfig()).compute_result().chance_to_win)


if __name__ == "__main__":
    main()
