"""Counting what stands in any amount of text in a bounded memory."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Bounded(Generic[K]):
    """Counts of things, and in how many stretches of the text each stands.

    Past `most` different things those seen least are forgotten (lossy counting, Manku and Motwani 2002), so that what
    comes back again and again is kept however long the text is.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._least = 1
        self._seen: dict[K, list[int]] = {}

    def add(self, thing: K, stretch: int) -> None:
        seen = self._seen.get(thing)
        if seen is None:
            self._seen[thing] = [1, 1, stretch]
            if len(self._seen) > self._most:
                self._forget()
            return
        seen[0] += 1
        if seen[2] != stretch:
            seen[1] += 1
            seen[2] = stretch

    @property
    def counts(self) -> dict[K, int]:
        return {thing: seen[0] for thing, seen in self._seen.items()}

    @property
    def stretches(self) -> dict[K, int]:
        return {thing: seen[1] for thing, seen in self._seen.items()}

    def _forget(self) -> None:
        while len(self._seen) > self._most // 2:
            self._seen = {thing: seen for thing, seen in self._seen.items() if seen[0] > self._least}
            self._least += len(self._seen) > self._most // 2
