"""Who acts, in which workspace, and what each role may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from regrow.domain import budgets, functions, models
from regrow.kit import errors


class Role(StrEnum):
    VIEWER = "viewer"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    OWNER = "owner"


RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class Actor:
    """One caller. `id` is a key, a member, or `system`; every audit row names it.

    `member_id` is whose key it is, when it is somebody's.
    """

    workspace_id: str
    id: str
    role: Role
    name: str = ""
    member_id: str | None = None

    @property
    def person_id(self) -> str:
        """The same for all keys of one member; a key of nobody, and the console, stand for themselves."""
        return self.member_id or self.id

    def must(self, role: Role) -> None:
        """Forbidden unless the actor holds `role` or a higher one."""
        if RANK[self.role] < RANK[role]:
            raise errors.Forbidden(
                f"this needs the role {role}; yours is {self.role}. Ask an owner for a key with that role.",
                "role_too_low",
            )


def system(workspace_id: str) -> Actor:
    """Regrow itself, for work nobody asked for by hand (recovery, schedules)."""
    return Actor(workspace_id, "system", Role.OWNER, "Regrow")


SETTINGS: dict[str, tuple[int, int, int]] = {
    "topic_min_notes": (3, 1, 50),
    "topic_max_notes": (12, 2, 50),
    "regenerations_per_day": (5, 0, 1_000),
    budgets.SETTING: (0, 0, 100_000_000),
}
"""Workspace settings that are whole numbers: default, lowest, highest."""

TEXT_SETTINGS: tuple[str, ...] = (models.SETTING, *(f"{models.SETTING}.{name}" for name in functions.BY_NAME))
"""Workspace settings that name candidates; an empty text leaves the choice to the next wider setting."""


def checked_settings(values: Mapping[str, object]) -> dict[str, int | str]:
    """Known settings within their ranges; Invalid names every one that is off."""
    problems: list[str] = []
    done: dict[str, int | str] = {}
    for name, value in values.items():
        if name in TEXT_SETTINGS:
            if problem := _text_problem(value):
                problems.append(f"{name}: {problem}")
            done[name] = str(value).strip()
            continue
        if name not in SETTINGS:
            problems.append(f"{name}: unknown setting, use one of {', '.join((*SETTINGS, *TEXT_SETTINGS))}")
            continue
        _default, low, high = SETTINGS[name]
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            done[name] = value
        else:
            problems.append(f"{name}: a whole number from {low} to {high}")
    if problems:
        raise errors.Invalid("; ".join(problems), "bad_settings", problems=problems)
    return done


def refuse_crossed(values: Mapping[str, object]) -> None:
    """Invalid when the settings in force would want more notes of a topic than they allow."""
    least, most = setting(values, "topic_min_notes"), setting(values, "topic_max_notes")
    if least > most:
        raise errors.Invalid(f"topic_min_notes ({least}) is above topic_max_notes ({most}): set both", "bad_settings")


def _text_problem(value: object) -> str:
    if not isinstance(value, str):
        return "a text such as openai:gpt-5-mini,offline:extractive"
    try:
        models.pairs(value)
    except errors.Invalid as error:
        return error.detail
    return ""


def shown_settings(values: Mapping[str, object]) -> dict[str, int | str]:
    """All settings in force, by name."""
    texts = {name: text if isinstance(text := values.get(name), str) else "" for name in TEXT_SETTINGS}
    return {**{name: setting(values, name) for name in SETTINGS}, **texts}


def setting(values: Mapping[str, object], name: str) -> int:
    found = values.get(name)
    return found if isinstance(found, int) else SETTINGS[name][0]
