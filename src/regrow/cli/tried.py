"""Which model keys there are, and what becomes of each when it is tried; no key is ever shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from regrow.cli.checks import FAILURE, OK, WARNING, Check
from regrow.kit import errors

if TYPE_CHECKING:
    from regrow.settings import Settings
    from regrow.wiring import Home

STATUSES = {"ok": OK, "refused": FAILURE, "unreachable": WARNING}
UNREADABLE = "unreadable"


def keys_of(settings: Settings, home: Home | None = None) -> list[tuple[str, str, str | None]]:
    """Provider, place and secret of every key in force: the installation's, then those of each workspace.

    A provider named in REGROW_MODELS stands here without a key too; one whose secret cannot be read says so instead
    of its place.
    """
    from regrow.domain import models

    named = {each.partition(":")[0].strip() for each in settings.models.split(",")}
    found: list[tuple[str, str, str | None]] = []
    for provider in models.KEYED:
        setting = models.key_setting(provider)
        secret = settings.text(setting) or None
        if secret or provider in named:
            found.append((provider, setting.upper(), secret))
    if home is not None:
        found += [each for workspace in home.everyone() for each in _own(home, workspace.id, workspace.slug)]
    return found


def checks_of(settings: Settings, keys: list[tuple[str, str, str | None]]) -> Iterator[Check]:
    """One check per key: taken, refused, or nobody there to ask."""
    from regrow import wiring

    asked = [key for key in keys if not key[1].startswith(UNREADABLE)]
    for provider, place, _ in (key for key in keys if key[1].startswith(UNREADABLE)):
        yield Check(f"model key {provider}", FAILURE, place)
    missing = [key for key in asked if key[2] is None and _needs_key(key[0], settings)]
    for provider, place, _ in missing:
        told = f"REGROW_MODELS names {provider} and there is no key: set {place}, or regrow models keys add {provider}"
        yield Check(f"model key {provider}", _of_missing(provider, keys), told)
    asked = [key for key in asked if key not in missing]
    for provider, place, verdict, detail in wiring.try_keys(settings, asked) if asked else ():
        yield Check(f"model key {provider}", STATUSES[verdict], f"{place}: {verdict}, {detail}")


def _needs_key(provider: str, settings: Settings) -> bool:
    from regrow.domain import models

    is_elsewhere = bool(settings.text(models.base_url_setting(provider)))
    return not is_elsewhere and provider in models.HOSTED


def _of_missing(provider: str, keys: list[tuple[str, str, str | None]]) -> str:
    """Workspaces with keys of their own get along without the installation's."""
    return WARNING if any(each[0] == provider and each[2] for each in keys) else FAILURE


def _own(home: Home, workspace_id: str, slug: str) -> Iterator[tuple[str, str, str | None]]:
    from regrow.domain import models
    from regrow.services import model_keys
    from regrow.store import model_keys as rows

    with home.reading(workspace_id) as session:
        for provider in models.KEYED:
            row = rows.newest(session, provider)
            if row is None:
                continue
            try:
                secret = model_keys.secret_of(session, home.sealer, provider)
            except errors.RegrowError as error:
                yield provider, f"{UNREADABLE} in {slug}: {error.detail}", None
                continue
            yield provider, f"{row.name} of {slug}", secret
