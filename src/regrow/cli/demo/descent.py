"""Which text came of which, as boxes under one another with room to draw the lines between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH = 420
BOX, STEP, INDENT, EDGE = 58, 84, 44, 2
TURN = 20
"""How far from its box's left edge a line goes down."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text as the picture names it: its label and version, what it is now, and how it came."""

    id: str
    label: str
    version: int
    status: str
    how: str


@dataclass(frozen=True, slots=True)
class Box:
    """A text on the plane, and the height of the one it came of; None for one that nothing came before."""

    text: Text
    depth: int
    x: int
    y: int
    parent_y: int | None

    @property
    def width(self) -> int:
        return WIDTH - EDGE - self.x


def drawn(texts: Sequence[Text], parents: Mapping[str, str]) -> tuple[Box, ...]:
    """Every text once, below the one it came of; `parents` is by child. Those of no family stand in their order."""
    known = {each.id for each in texts}
    order: list[tuple[Text, int]] = []

    def add(text: Text, depth: int) -> None:
        order.append((text, depth))
        for each in texts:
            if parents.get(each.id) == text.id:
                add(each, depth + 1)

    for each in texts:
        if parents.get(each.id) not in known:
            add(each, 0)
    heights = {text.id: EDGE + STEP * place for place, (text, _) in enumerate(order)}
    return tuple(
        Box(text, depth, EDGE + INDENT * depth, heights[text.id], heights.get(parents.get(text.id, "")))
        for text, depth in order
    )


def height(boxes: Sequence[Box]) -> int:
    return STEP * max(len(boxes) - 1, 0) + BOX + 2 * EDGE
