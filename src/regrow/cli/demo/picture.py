"""The link graph of a topic as points on a plane: linked notes near, the others apart, the same every time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, EDGE = 640.0, 400.0, 30.0
ROUNDS = 250


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float


def placed(count: int, edges: Sequence[tuple[int, int]], centre: int = 1) -> dict[int, Point]:
    """A place for each of the numbers 1 to `count`; `centre` begins in the middle.

    Fruchterman and Reingold, Graph Drawing by Force-directed Placement, 1991, from a circle instead of chance.
    """
    spots = _circle(count, centre)
    if count < 2:
        return {number: Point(WIDTH / 2, HEIGHT / 2) for number in spots}
    ideal = 0.8 * math.sqrt(1 / count)
    for turn in range(ROUNDS):
        step = 0.12 * (1 - turn / ROUNDS)
        pushes = {number: _push(number, spots, edges, ideal) for number in spots}
        spots = {number: _moved(spot, pushes[number], step) for number, spot in spots.items()}
    return _fitted(spots)


def _circle(count: int, centre: int) -> dict[int, complex]:
    ring = [number for number in range(1, count + 1) if number != centre]
    spots = {
        number: 0.4 * complex(math.cos(2 * math.pi * place / len(ring)), math.sin(2 * math.pi * place / len(ring)))
        for place, number in enumerate(ring)
    }
    return {centre: 0j, **spots} if count else {}


def _push(number: int, spots: dict[int, complex], edges: Sequence[tuple[int, int]], ideal: float) -> complex:
    here = spots[number]
    total = -here * 0.15
    for other, there in spots.items():
        if other != number:
            away = here - there
            total += away * (ideal / max(abs(away), 0.01)) ** 2
    for one, two in edges:
        if number in (one, two):
            towards = spots[two if number == one else one] - here
            total += towards * abs(towards) / ideal
    return total


def _moved(spot: complex, push: complex, step: float) -> complex:
    size = abs(push)
    return spot + push / size * min(size, step) if size else spot


def _fitted(spots: dict[int, complex]) -> dict[int, Point]:
    xs, ys = [spot.real for spot in spots.values()], [spot.imag for spot in spots.values()]
    wide, high = max(max(xs) - min(xs), 0.01), max(max(ys) - min(ys), 0.01)
    return {
        number: Point(
            round(EDGE + (spot.real - min(xs)) / wide * (WIDTH - 2 * EDGE), 1),
            round(EDGE + (spot.imag - min(ys)) / high * (HEIGHT - 2 * EDGE), 1),
        )
        for number, spot in spots.items()
    }
