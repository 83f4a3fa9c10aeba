"""The port behind which prompts are kept and rendered."""

from __future__ import annotations

from typing import Protocol

from regrow.domain.writing import Call, Prompt


class Prompter(Protocol):
    """Knows the shipped templates, and what a workspace's own text becomes when it is filled in."""

    def shipped(self, template: str) -> tuple[int, ...]:
        """The versions that came with this installation, oldest first."""
        ...

    def source(self, template: str, version: int) -> str:
        """A shipped template as its file says it; NotFound when there is no such version."""
        ...

    def starting_text(self, template: str) -> str:
        """A text that only fills variables and says what the newest shipped template says: a good start."""
        ...

    def check(self, template: str, text: str) -> None:
        """Invalid when the text does more than to fill variables, names every problem with its line."""
        ...

    def rendered(self, call: Call) -> Prompt:
        """What a model would be told for this call, but for the marker of its frames, which is always the same."""
        ...
