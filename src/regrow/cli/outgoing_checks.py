"""What `regrow doctor` looks at of what goes out: posts, messages to webhooks, and the pages that readers reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from regrow.cli.checks import OK, WARNING, Check, has_worker

if TYPE_CHECKING:
    from regrow.wiring import Home


def posts(home: Home) -> Check:
    """Whether anything that was to go out waits for a person."""
    from regrow.store import posts as post_store

    counted: Counter[str] = Counter()
    for workspace in home.everyone():
        with home.reading(workspace.id) as session:
            counted.update(post_store.counts(session))
    waiting = [f"{counted[status]} {status}" for status in ("unknown", "missed") if counted[status]]
    if waiting:
        told = f"{' and '.join(waiting)}: see regrow posts list --status {waiting[0].split()[1]}, then settle them"
        return Check("posts", WARNING, told)
    if counted["planned"] and not has_worker(home):
        return Check("posts", WARNING, f"{counted['planned']} planned and nobody works: start regrow serve or worker")
    return Check("posts", OK, f"{counted['planned']} planned, {counted['published']} published")


def dead_letters(home: Home) -> Check:
    """Messages that no receiver took and nobody sent once more since."""
    from regrow.store import deliveries

    dead: Counter[str] = Counter()
    for workspace in home.everyone():
        with home.reading(workspace.id) as session:
            dead.update(deliveries.dead(session))
    if not dead:
        return Check("dead letters", OK, "none")
    told = f"{dead.total()} messages were given up: see regrow channels deliveries {min(dead)} --outcome dead, then "
    return Check("dead letters", WARNING, f"{told}regrow channels replay, or publish the piece again")


def counting(home: Home) -> Check:
    """Whether readers of pages with several variants can be assigned and counted."""
    from regrow.store import posts as post_store

    if home.settings.is_sqlite or home.settings.text("secret_key"):
        return Check("counting", OK, "readers of pages with several variants are assigned and counted")
    for workspace in home.everyone():
        with home.reading(workspace.id) as session:
            has_choice = post_store.has_choice(session)
        if has_choice:
            told = "all readers see the first variant of each page and nobody is counted: set REGROW_SECRET_KEY"
            return Check("counting", WARNING, told)
    return Check("counting", OK, "no page has several variants; the first one that has needs REGROW_SECRET_KEY")


def public_address(home: Home) -> Check:
    """Sites whose readers are sent to this machine alone; what goes out carries that address."""
    from regrow.store import posts as post_store
    from regrow.store import sites

    shown = home.settings.public_address
    if home.settings.canonical_address:
        return Check("public address", OK, shown)
    without = []
    for workspace in home.everyone():
        with home.reading(workspace.id) as session:
            site = sites.served(session)
            if site is not None and not site.address and post_store.counts(session).get("published"):
                without.append(workspace.slug)
    if without:
        told = f"nobody outside can follow links to what is published of {', '.join(without[:5])}"
        return Check("public address", WARNING, f"{shown} is this machine alone, {told}: set REGROW_PUBLIC_ADDRESS")
    return Check("public address", OK, f"{shown}, this machine alone")


EVERY: tuple[Callable[[Home], Check], ...] = (posts, dead_letters, counting, public_address)
