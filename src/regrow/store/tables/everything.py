"""All tables at once, for migrations and for checks that must miss none."""

from __future__ import annotations

import importlib
import pkgutil

from regrow.store import tables
from regrow.store.tables.base import Base, Scoped

for _module in pkgutil.iter_modules(tables.__path__, f"{tables.__name__}."):
    if _module.name != __name__:
        importlib.import_module(_module.name)

metadata = Base.metadata


def scoped() -> list[type[Scoped]]:
    """Every mapped class that belongs to a workspace."""
    return [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Scoped)]


def declare() -> None:
    """Makes every table known: a row may refer to a table whose module nothing else has imported."""
    Base.registry.configure()
