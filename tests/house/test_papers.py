"""Licence, notice, decision records and the map are there and up to date."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from setuptools import glob

from scripts import house_map
from tests.house import tree

HEADINGS = ["Status", "Context", "Decision", "Consequences", "Alternatives"]
DECISIONS = sorted((tree.ROOT / "docs" / "decisions").glob("*.md"))


def test_licence_and_notice() -> None:
    licence = (tree.ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    notice = (tree.ROOT / "NOTICE").read_text(encoding="utf-8")
    assert notice.startswith("Regrow\nCopyright 2026 The Regrow authors\n")
    taken = [path for path in tree.files() if path.suffix == ".LICENSE"]
    assert [path.name for path in taken] == ["crawlers.LICENSE"]
    assert all(path.relative_to(tree.ROOT).as_posix() in notice for path in taken)


def test_data_files_travel_with_the_package() -> None:
    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["regrow"]
    packed = {Path(name) for pattern in patterns for name in glob.glob(str(tree.SOURCE / pattern), recursive=True)}
    data = {path for path in tree.files() if path.is_relative_to(tree.SOURCE) and path.suffix != ".py"}
    assert data - packed == set()


def test_the_map_is_fresh() -> None:
    assert house_map.TARGET.read_text(encoding="utf-8") == house_map.render(), "run: make docs"


def test_decisions_are_numbered_without_gaps() -> None:
    assert [path.name[:5] for path in DECISIONS] == [f"{number:04}-" for number in range(1, len(DECISIONS) + 1)]
    assert len(DECISIONS) >= 9


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_one_page_under_five_headings(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(path.name[:4])}. ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    assert all(part.strip() for part in re.split(r"^## .+$", text, flags=re.MULTILINE))
    assert len(text.split()) <= 650
