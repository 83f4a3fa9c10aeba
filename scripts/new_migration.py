"""Starts the next schema change: a numbered file in store/migrations/versions, to be filled in."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ROOT / "src" / "regrow" / "store" / "migrations" / "versions"
TEXT = '''"""{sentence}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regrow.store.migrations import locks

revision = "{number:04}"
down_revision = {parent}

SCOPED: tuple[str, ...] = ()


def upgrade() -> None:
    """Create or change tables here; every table of a workspace goes into SCOPED, for its lock."""
    for table in SCOPED:
        locks.lock_rows(table)
'''


def newest(folder: Path) -> int:
    """Give the highest number in use, 0 in an empty folder."""
    names = (re.match(r"m(\d{4})_", path.name) for path in folder.glob("m*.py"))
    return max((int(name[1]) for name in names if name), default=0)


def start(words: str, folder: Path) -> Path:
    """Write the next file, named after `words`; ValueError when they hold no letter or digit."""
    slug = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    if not slug:
        raise ValueError("name the change: make migration NAME=add_personas")
    last = newest(folder)
    path = folder / f"m{last + 1:04}_{slug}.py"
    sentence = slug.replace("_", " ").capitalize()
    parent = f'"{last:04}"' if last else "None"
    with path.open("x", encoding="utf-8") as file:
        file.write(TEXT.format(sentence=sentence, number=last + 1, parent=parent))
    return path


if __name__ == "__main__":
    try:
        print(start(" ".join(sys.argv[1:]), VERSIONS).relative_to(ROOT))
    except ValueError as error:
        sys.exit(str(error))
