"""Taking turns: ours and its peers are timed one after the other in each round, so that load hits all alike."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Sequence

Act = Callable[[], object]


def seconds(act: Act) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def taken(acts: Sequence[Act], rounds: int, warm: int = 1) -> list[tuple[float, ...]]:
    """Seconds of each act in each round. The order turns round after round; `warm` rounds go before, untimed."""
    for _ in range(warm):
        for act in acts:
            act()
    times: list[list[float]] = [[] for _ in acts]
    gc.collect()
    for number in range(rounds):
        order = range(len(acts)) if number % 2 == 0 else reversed(range(len(acts)))
        for place in order:
            times[place].append(seconds(acts[place]))
    return [tuple(each) for each in times]


def scaled(count: int, scale: float, least: int = 1) -> int:
    """A count at this scale: 1.0 is the whole, less is quicker."""
    return max(round(count * scale), least)


def say(text: str) -> None:
    """Progress, for whoever watches."""
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()
