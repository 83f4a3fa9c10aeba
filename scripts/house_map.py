"""Writes docs/map.md: the rooms of the house and what each module holds, from the modules' own first sentences."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "regrow"
TARGET = ROOT / "docs" / "map.md"
# From the outside in: the order in which the arrows point.
ROOMS = "cli api edge workflows services store adapters domain kit testing".split()
HEAD = """# The house, room by room
Written by `make docs` from the first sentence of each module; not edited by hand.
Each room may import the rooms below it: `__main__ -> cli -> wiring -> api -> edge -> workflows -> services ->
store | adapters -> domain -> kit`. `.importlinter` holds that.
"""


def sentence(module: Path) -> str:
    """Give the first line of a module's docstring; an empty text where there is none."""
    text = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split())


def lines(module: Path, base: Path) -> str:
    """Give one list entry: path inside `base`, and what is there."""
    return f"- `{module.relative_to(base).as_posix()}` {sentence(module)}"


def room(folder: Path) -> list[str]:
    """Give the section of one room: its purpose, then its modules, sub-folders after files."""
    own = folder / "__init__.py"
    entries = [f"## {folder.name}", sentence(own) if own.exists() else "", ""]
    modules = (m for m in folder.rglob("*.py") if m != own and "versions" not in m.parts)
    ordered = sorted(modules, key=lambda m: (len(m.relative_to(folder).parts), m.as_posix()))
    return [*entries, *(lines(m, folder) for m in ordered if sentence(m)), ""]


def rooms() -> list[Path]:
    """Give the rooms that exist: the known ones in their order, then any other."""
    found = {folder.name: folder for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists()}
    known = [found.pop(name) for name in ROOMS if name in found]
    return known + [found[name] for name in sorted(found)]


def render() -> str:
    """Give the whole page."""
    entrance = [lines(module, PACKAGE) for module in sorted(PACKAGE.glob("*.py"))]
    sections = [line for folder in rooms() for line in room(folder)]
    return "\n".join([HEAD, *entrance, "", *sections]).rstrip() + "\n"


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"wrote {TARGET.relative_to(ROOT)}\n")
