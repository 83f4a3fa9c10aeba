"""Frozen dataclasses as plain JSON and back: a list in JSON is a tuple in a dataclass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypeVar

T = TypeVar("T")


def as_json(value: Any) -> dict[str, Any]:
    return {name: list(part) if isinstance(part, tuple) else part for name, part in asdict(value).items()}


def from_json(kind: type[T], stored: Mapping[str, Any]) -> T:
    return kind(**{name: tuple(part) if isinstance(part, list) else part for name, part in stored.items()})
