"""What versions of a prompt are called: `shipped-3`, `workspace-2`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from regrow.domain.prompts import variables
from regrow.kit import errors

SHIPPED, WORKSPACE = "shipped", "workspace"
_SHAPE = re.compile(r"(?:(shipped|workspace)(?:-([1-9][0-9]{0,8}))?|([1-9][0-9]{0,8}))")


@dataclass(frozen=True, slots=True)
class Name:
    """One version; 0 is the newest of its source."""

    source: str
    version: int = 0

    def __str__(self) -> str:
        return f"{self.source}-{self.version}" if self.version else self.source


def parse(text: str) -> Name:
    """Reads `workspace-2`, `2` (the same), `shipped-1` and `shipped`; Invalid says what to write instead."""
    match = _SHAPE.fullmatch(text.strip())
    if match is None or match[0] == WORKSPACE:
        raise errors.Invalid(
            f"{text[:40]!r} is no version: write workspace-2, shipped-1, or shipped for the newest shipped one",
            "bad_prompt_version",
        )
    return Name(match[1] or WORKSPACE, int(match[2] or match[3] or 0))


def refuse_unknown(template: str) -> None:
    """NotFound for what is no prompt that a workspace may word."""
    if template not in variables.TEMPLATES:
        raise errors.NotFound(f"there is no prompt {template[:60]!r}, only {', '.join(variables.TEMPLATES)}")
