"""Personas: the voices that write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regrow.domain import personas as rules
from regrow.domain import suggestions
from regrow.domain.brand import guidelines as guideline_rules
from regrow.domain.brand import voice as brand_voice
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids
from regrow.services import editing
from regrow.store import audit, records
from regrow.store.tables.personas import Persona
from regrow.store.tenancy import Session


def create(
    session: Session,
    actor: Actor,
    name: str,
    description: str = "",
    voice: dict[str, Any] | None = None,
    guidelines: dict[str, Any] | None = None,
    is_default: bool = False,
) -> Persona:
    """`voice` maps a medium to settings (see domain.personas), `guidelines` lists of words (see domain.brand)."""
    actor.must(Role.EDITOR)
    now = clock.now()
    row = Persona(
        id=ids.new("per"),
        name=name,
        description=description,
        voice=rules.checked_voice(voice or {}),
        guidelines=guideline_rules.checked(guidelines or {}),
        learned=None,
        is_default=False,
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    audit.add(session, actor, "persona.created", row.id)
    if is_default:
        _make_default(session, row)
    return row


def change(session: Session, actor: Actor, id: str, expected_version: int | None, values: dict[str, Any]) -> Persona:
    actor.must(Role.EDITOR)
    row = editing.found(session, Persona, id, "persona")
    if "voice" in values:
        values["voice"] = rules.checked_voice(values["voice"])
    if "guidelines" in values:
        values["guidelines"] = guideline_rules.checked(values["guidelines"])
    if "learned" in values:
        values["learned"] = _with_examples(row, values["learned"])
    becomes_default = values.pop("is_default", None)
    if becomes_default is False and row.is_default:
        raise errors.Conflict("make another persona the default one instead", "needs_a_default")
    editing.change(session, actor, row, "persona", expected_version, **values)
    if becomes_default:
        _make_default(session, row)
    return row


def learn(
    session: Session,
    actor: Actor,
    id: str,
    expected_version: int | None,
    found: brand_voice.Learned,
    medium: str | None = None,
    is_applied: bool = False,
) -> Persona:
    """Keeps what was learned in place of what was learned before; `is_applied` also takes over what it suggests."""
    actor.must(Role.EDITOR)
    row = editing.found(session, Persona, id, "persona")
    suggestions.checked_medium(medium)
    values: dict[str, Any] = {
        "learned": {**brand_voice.as_json(found), "at": clock.iso(clock.now()), "medium": medium},
    }
    if is_applied:
        values["voice"] = suggestions.applied(row.voice, suggestions.suggested(found, row.voice, medium))
    editing.change(session, actor, row, "persona", expected_version, **values)
    audit.add(session, actor, "persona.learned", row.id, words=found.words, texts=found.texts, digest=found.digest)
    return row


def forget(session: Session, actor: Actor, id: str, expected_version: int | None = None) -> Persona:
    """Takes away what was learned; settings stay as they are. Without anything learned nothing changes."""
    actor.must(Role.EDITOR)
    row = editing.found(session, Persona, id, "persona")
    editing.refuse_stale(row, expected_version, "persona")
    if row.learned is not None:
        editing.change(session, actor, row, "persona", expected_version, learned=None)
    return row


def _with_examples(row: Persona, given: Any) -> dict[str, Any]:
    """What was learned with other examples: the rest is measured, and nobody's to write."""
    if not isinstance(given, Mapping) or set(given) != {"examples"}:
        raise errors.Invalid('learned: only examples can be changed, as {"examples": [...]}', "bad_examples")
    if row.learned is None:
        raise errors.Conflict("this persona has learned nothing yet: let it learn from texts first", "nothing_learned")
    found = brand_voice.with_examples(brand_voice.of(row.learned), given["examples"])
    return {**row.learned, "examples": list(found.examples)}


def archive(session: Session, actor: Actor, id: str) -> Persona:
    row = editing.found(session, Persona, id, "persona")
    if row.is_default:
        raise errors.Conflict(
            "the default persona cannot be archived: make another one the default first", "needs_a_default"
        )
    editing.archive(session, actor, row, "persona")
    return row


def chosen(session: Session, id: str | None) -> Persona:
    """The persona asked for, or the default one."""
    if id is None:
        row = records.one(session, Persona, is_default=True)
        if row is None:
            raise errors.Conflict("this workspace has no default persona: create one", "needs_a_default")
        return row
    row = editing.found(session, Persona, id, "persona")
    editing.refuse_archived(row, "persona")
    return row


def referred(session: Session, reference: str) -> Persona:
    """By its id, or by its name when one in use is called so; Conflict when several are."""
    row = records.get(session, Persona, reference)
    if row is not None:
        return row
    named = records.page(session, Persona, 2, name=reference).items
    if len(named) > 1:
        raise errors.Conflict(f"several personas are called {reference[:60]!r}: give the id of one", "which_persona")
    if not named:
        raise errors.NotFound(f"there is no persona {reference[:60]!r} here: see regrow personas list")
    return named[0]


def id_of(session: Session, reference: str | None) -> str | None:
    """The id of a persona that somebody named on the command line; None when nobody was."""
    return referred(session, reference).id if reference else None


def _make_default(session: Session, row: Persona) -> None:
    before = records.one(session, Persona, is_default=True)
    if before is not None:
        before.is_default = False
    row.is_default = True
