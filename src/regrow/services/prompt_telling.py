"""Prompts as people see them: which version is in force, every version there is, and the variables of each."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from regrow.domain import functions
from regrow.domain.prompts import checking, naming, variables
from regrow.domain.prompts.naming import SHIPPED, WORKSPACE, Name
from regrow.domain.prompts.prompter import Prompter
from regrow.domain.prompts.variables import Variable
from regrow.kit import clock
from regrow.services import prompts
from regrow.store import prompts as store
from regrow.store.tables.prompts import PromptVersion
from regrow.store.tenancy import Session


def summaries(session: Session, prompter: Prompter) -> list[dict[str, Any]]:
    """Every prompt that a workspace may word itself."""
    newest = store.newest(session, variables.TEMPLATES)
    return [_summary(prompter, template, newest.get(template)) for template in variables.TEMPLATES]


def whole(session: Session, prompter: Prompter, template: str) -> dict[str, Any]:
    """One prompt with its text, its variables and its limits."""
    naming.refuse_unknown(template)
    row = store.newest(session, [template]).get(template)
    summary = _summary(prompter, template, row)
    return {
        **summary,
        "text": row.text if row and row.text else prompter.source(template, summary["shipped_version"]),
        "starting_text": prompter.starting_text(template),
        "variables": [_variable(each) for each in variables.of(template).values()],
        "most_characters": checking.MOST_CHARACTERS,
    }


def checked(session: Session, prompter: Prompter, template: str, text: str) -> dict[str, Any]:
    """What a sound text fills in; Invalid names every problem of one that is not."""
    naming.refuse_unknown(template)
    prompter.check(template, text)
    return {"variables": list(checking.names(text)), "characters": len(checking.tidy(text))}


def versions(session: Session, prompter: Prompter, template: str, limit: int, after: str | None) -> dict[str, Any]:
    """A page of the workspace's own, newest first, and after the last of them the shipped ones."""
    current = str(prompts.in_force(session, prompter, template))
    found = store.page(session, template, limit, after)
    items = [_own(row, current) for row in found.items]
    if found.next_cursor is None:
        items += [_shipped(version, current) for version in reversed(prompter.shipped(template))]
    return {"items": items, "next_cursor": found.next_cursor}


def one(session: Session, prompter: Prompter, template: str, version: str) -> dict[str, Any]:
    """The text of one version."""
    name = prompts.named(session, prompter, template, version)
    return {"name": str(name), "text": prompts.text_of(session, prompter, template, name)}


def _summary(prompter: Prompter, template: str, row: PromptVersion | None) -> dict[str, Any]:
    function, shipped = functions.BY_NAME[template], prompter.shipped(template)[-1]
    name = Name(WORKSPACE, row.version) if row and row.text else Name(SHIPPED, shipped)
    return {
        "name": template,
        "description": function.description,
        "medium": function.medium,
        "in_force": str(name),
        "version": row.version if row else 0,
        "shipped_version": shipped,
        "changed_at": clock.iso(row.at) if row else None,
        "changed_by": row.by if row else None,
    }


def _variable(variable: Variable) -> dict[str, Any]:
    told = {name: value for name, value in asdict(variable).items() if name != "templates"}
    return {**told, "is_required": variable.is_required, "most": variable.most}


def _own(row: PromptVersion, current: str) -> dict[str, Any]:
    name = str(Name(WORKSPACE, row.version))
    told = {each: getattr(row, each) for each in ("version", "how", "note", "by", "restores")}
    return {"name": name, "source": WORKSPACE, **told, "at": clock.iso(row.at), "is_in_force": name == current}


def _shipped(version: int, current: str) -> dict[str, Any]:
    name = str(Name(SHIPPED, version))
    told = {"how": "shipped", "note": "", "by": "regrow", "at": None, "restores": None}
    return {"name": name, "source": SHIPPED, "version": version, **told, "is_in_force": name == current}
