"""Deciding on texts beside others that are out: what came of it, its posts started, and what differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from regrow.cli import content, differing, exits, opened, output, publishing, working

if TYPE_CHECKING:
    from regrow.domain.workspaces import Actor
    from regrow.services.replacing import Decided
    from regrow.store.tenancy import Session
    from regrow.wiring import Home

VARIANT = "var_"
Act = Callable[["Session", "Actor", "Home"], "Decided"]


def decide(act: Act) -> None:
    """Decides in a transaction of its own, sees the posts out that it planned, and says what came of it.

    Exit code 1 when one of them did not go out, or nobody can tell.
    """
    with working.worker_home() as home:
        actor = opened.acting(home)
        with home.writing(actor.workspace_id) as session:
            done = act(session, actor, home)
            session.flush()
            found = content.piece_shapes(session, [done.piece])[0]
        posts = publishing.seen_out(home, done.posts) if done.posts else []
    value = {**found, "replacing": _shape(done, posts)} if done.variants else found
    output.give(value, lambda: _show(found, done, posts))
    if any(each["status"] in ("failed", "unknown", "missed") for each in posts):
        raise typer.Exit(exits.REFUSED)


def differences(home: Home, workspace_id: str, piece: Mapping[str, Any], columns: int, colours: bool) -> list[str]:
    """What differs from the texts that a piece's drafts are to replace, else from the version before."""
    from regrow.services import comparing

    waiting = {each["label"]: each for each in piece["replacing"]}
    wanted = []
    for variant in piece["variants"]:
        label, new = variant["label"], waiting.get(variant["label"])
        if new and new["replaces"]:
            wanted.append(comparing.Wanted(new["replaces"]["version"], new["version"], label=label))
        elif not waiting:
            wanted.append(comparing.Wanted(label=label))
    lines: list[str] = []
    with home.reading(workspace_id) as session:
        for each in wanted:
            found = comparing.compare(session, piece["id"], each)
            lines += [*differing.drawn(found, columns, colours), ""]
    return lines


def told(decided: Decided) -> str:
    """What came of a decision, in a few sentences."""
    return " ".join(f"{note[:1].upper()}{note[1:]}." for note in (each.rstrip(".") for each in decided.notes))


def queue_row(item: dict[str, Any]) -> dict[str, Any]:
    """A piece that waits as one row of a table."""
    waits = [f"{each['label']}{each['version']} for {_old(each)}" for each in item["replacing"]]
    return {**content.row_of(item), "replaces": ", ".join(waits)}


def _old(waiting: Mapping[str, Any]) -> str:
    old = waiting["replaces"]
    return f"{waiting['label']}{old['version']} ({old['status']})" if old else "nothing"


def _shape(done: Decided, posts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "variant_ids": [row.id for row in done.variants],
        "replaced": list(done.replaced),
        "posts": list(posts),
        "notes": list(done.notes),
    }


def _show(found: Mapping[str, Any], done: Decided, posts: Sequence[Mapping[str, Any]]) -> None:
    if not done.variants:
        selected = found["meta"].get("selected")
        only = f"; only variant {selected} will be published" if selected else ""
        output.line(f"{found['id']} is {found['status']}{only}.")
        return
    for row in done.variants:
        state = "rejected, and what is out stays" if row.status == "superseded" else row.status
        output.line(f"{row.label}, version {row.version} of {found['id']}, is {state}.")
    for post in posts:
        output.line(f"Its post {post['id']} is {post['status']}{': ' if post['address'] else ''}{post['address']}")
    for note in done.notes:
        output.line(f"{output.safe(note[:1].upper() + note[1:])}{'' if note.endswith('.') else '.'}")
