"""The acts of the demo: what each may use, and what each gives. The list of them is in `programme`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regrow.cli.demo.story import Story
    from regrow.wiring import Home


@dataclass(frozen=True, slots=True)
class Stage:
    """What an act may use: the home, what was written there, and what the acts before it made, by their keys.

    `rates` is how likely a simulated reader of each variant is to read on.
    """

    home: Home
    workspace_id: str
    generation_id: str
    random_seed: int
    rates: Mapping[str, float]
    made: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Act:
    """One act. What `play` makes is kept in the stage under `key`; None when there was nothing to do.

    `told` reads once all have been played what is to be told of it, None when there is nothing; the others tell that:
    as plain values below `key` of the JSON, on the terminal, and as the part of the report at `anchor`.
    """

    key: str
    heading: str
    anchor: str
    template: str
    play: Callable[[Stage], Any]
    told: Callable[[Stage, Story], Any]
    as_json: Callable[[Stage, Any], Any]
    show: Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Part:
    """An act's part of the report."""

    act: Act
    told: Any


def play(stage: Stage, acts: tuple[Act, ...]) -> None:
    """Plays them one after the other, each with what the ones before it made."""
    for act in acts:
        stage.made[act.key] = act.play(stage)


def collected(stage: Stage, story: Story, acts: tuple[Act, ...]) -> list[Part]:
    """What they have to tell, those with nothing left out."""
    parts = [Part(act, act.told(stage, story)) for act in acts]
    return [part for part in parts if part.told is not None]
