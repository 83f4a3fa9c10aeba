"""Prompts: which version is in force, and changing, rolling back and resetting it. No version is ever lost."""

from __future__ import annotations

from collections.abc import Iterable

from regrow.domain.prompts import checking, naming, variables
from regrow.domain.prompts.naming import SHIPPED, WORKSPACE, Name
from regrow.domain.prompts.prompter import Prompter
from regrow.domain.workspaces import Actor, Role
from regrow.domain.writing import Wording
from regrow.kit import clock, errors, ids
from regrow.store import audit, prompts
from regrow.store.tables.prompts import PromptVersion
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session

LONGEST_NOTE = 500


def fixed(session: Session, calls: Iterable[str]) -> dict[str, str]:
    """The workspace's own versions in force for these calls: what a run keeps to from its beginning to its end."""
    wanted = set(calls) & set(variables.TEMPLATES)
    if not wanted:
        return {}
    newest = prompts.newest(session, sorted(wanted))
    return {name: str(Name(WORKSPACE, row.version)) for name, row in newest.items() if row.text}


def wording_of(session: Session, run: Run, call: str, template: str) -> Wording:
    """The words that a call of a run is put in."""
    named = run.prompts.get(call)
    return wording(session, template, naming.parse(named)) if named else Wording()


def wording(session: Session, template: str, name: Name) -> Wording:
    """Of a version of the workspace's own, or of a shipped one; NotFound when the workspace has no such version."""
    if name.source == SHIPPED:
        return Wording(name.version)
    row = found(session, template, name.version)
    if not row.text:
        raise errors.Conflict(f"{name} put the shipped {template} in force: name shipped instead", "no_text")
    return Wording(row.version, row.text)


def found(session: Session, template: str, version: int) -> PromptVersion:
    row = prompts.at(session, template, version)
    if row is None:
        raise errors.NotFound(
            f"{template} has no version {Name(WORKSPACE, version)} here: see regrow prompts versions {template}"
        )
    return row


def in_force(session: Session, prompter: Prompter, template: str) -> Name:
    """The version that runs which begin now are put in."""
    naming.refuse_unknown(template)
    row = prompts.newest(session, [template]).get(template)
    if row is not None and row.text:
        return Name(WORKSPACE, row.version)
    return Name(SHIPPED, prompter.shipped(template)[-1])


def named(session: Session, prompter: Prompter, template: str, text: str | None) -> Name:
    """The version that somebody named, which there is; the one in force when nobody named any."""
    if not text:
        return in_force(session, prompter, template)
    naming.refuse_unknown(template)
    name = naming.parse(text)
    if name.source == WORKSPACE:
        wording(session, template, name)
        return name
    version = name.version or prompter.shipped(template)[-1]
    prompter.source(template, version)
    return Name(SHIPPED, version)


def text_of(session: Session, prompter: Prompter, template: str, name: Name) -> str:
    """A version as it was written."""
    if name.source == SHIPPED:
        return prompter.source(template, name.version)
    return found(session, template, name.version).text


def change(
    session: Session,
    actor: Actor,
    prompter: Prompter,
    template: str,
    text: str,
    expected_version: int | None = None,
    note: str = "",
) -> PromptVersion:
    """Puts a new text in force for runs that begin from now on. A text that is in force already makes no version.

    Invalid names everything in it that is more than text and variables, Stale comes when somebody else was first.
    """
    actor.must(Role.OWNER)
    naming.refuse_unknown(template)
    tidy = checking.tidy(text)
    prompter.check(template, tidy)
    newest = _newest(session, template, expected_version)
    if newest is not None and newest.text == tidy:
        return newest
    return _added(session, actor, template, newest, "changed", tidy, note=note)


def roll_back(
    session: Session,
    actor: Actor,
    prompter: Prompter,
    template: str,
    version: str,
    expected_version: int | None = None,
) -> PromptVersion | None:
    """Puts an earlier text in force again, as a new version; None when the shipped one stands and always did."""
    actor.must(Role.OWNER)
    naming.refuse_unknown(template)
    name = naming.parse(version)
    if name.source == SHIPPED:
        _refuse_old(prompter, template, name)
        return reset(session, actor, template, expected_version)
    newest = _newest(session, template, expected_version)
    row = found(session, template, name.version)
    if newest is not None and newest.text == row.text:
        return newest
    if row.text:
        prompter.check(template, row.text)
    return _added(session, actor, template, newest, "rolled_back", row.text, restores=row.version)


def reset(session: Session, actor: Actor, template: str, expected_version: int | None = None) -> PromptVersion | None:
    """Puts the shipped template in force; the workspace's own versions stay. None when there never was one."""
    actor.must(Role.OWNER)
    naming.refuse_unknown(template)
    newest = _newest(session, template, expected_version)
    if newest is None or not newest.text:
        return newest
    return _added(session, actor, template, newest, "reset", "")


def _refuse_old(prompter: Prompter, template: str, name: Name) -> None:
    newest = prompter.shipped(template)[-1]
    prompter.source(template, name.version or newest)
    if name.version not in (0, newest):
        raise errors.Conflict(
            f"{name} knows less than calls need today, so it can be shown, previewed and compared but not put in "
            f"force: take what you like of it into a text of your own with regrow prompts change {template}",
            "old_shipped_prompt",
        )


def _newest(session: Session, template: str, expected_version: int | None) -> PromptVersion | None:
    """The newest version; Stale when that is not the one that the caller read (0: none)."""
    newest = prompts.newest(session, [template]).get(template)
    at = newest.version if newest else 0
    if expected_version is not None and expected_version != at:
        raise errors.Stale(
            f"somebody changed this prompt meanwhile (it is at version {at}, you read {expected_version}): "
            "read it again and repeat your change"
        )
    return newest


def _added(
    session: Session,
    actor: Actor,
    template: str,
    newest: PromptVersion | None,
    how: str,
    text: str,
    note: str = "",
    restores: int | None = None,
) -> PromptVersion:
    row = PromptVersion(
        id=ids.new("prv"),
        template=template,
        version=newest.version + 1 if newest else 1,
        how=how,
        text=text,
        restores=restores,
        note=note[:LONGEST_NOTE],
        by=actor.id,
        at=clock.now(),
    )
    prompts.add(session, row)
    audit.add(session, actor, f"prompt.{how}", row.id, template=template, version=row.version, restores=restores)
    return row
