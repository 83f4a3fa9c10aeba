"""The benchmark that tells authors apart: every file held back once, one line of JSON last, and folders refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.quality import voice
from tests.house import tree

VOICES = tree.ROOT / "tests" / "domain" / "voices"


def test_two_authors_by_path_give_one_line_of_json_last(capsys: pytest.CaptureFixture[str]) -> None:
    voice.main([str(VOICES / "ines"), str(VOICES / "harold")])
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (found["authors"], found["held_back"], found["right"], found["accuracy"]) == (2, 12, 12, 1.0)
    assert found["interval_95"] == [0.7575, 1.0]
    assert found["by_chance"] == 0.5
    assert found["by_author"] == {"ines": {"files": 6, "right": 6}, "harold": {"files": 6, "right": 6}}


def test_one_author_in_two_folders_is_not_told_apart_as_two_are(tmp_path: Path) -> None:
    files = sorted((VOICES / "ines").glob("*.md"))
    for number, path in enumerate(files):
        folder = tmp_path / str(number % 2)
        folder.mkdir(exist_ok=True)
        (folder / path.name).write_text(path.read_text("utf-8"), "utf-8")
    found = voice.measured([tmp_path / "0", tmp_path / "1"], "en")
    assert found["accuracy"] < 1.0


def test_too_few_folders_or_texts_are_refused(tmp_path: Path) -> None:
    (tmp_path / "short.md").write_text("Three words only.", "utf-8")
    for folders in ([VOICES / "ines"], [VOICES / "ines", tmp_path][1:], [tmp_path, tmp_path]):
        with pytest.raises(SystemExit, match="at least two folders"):
            voice.measured(folders, "en")


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"), [(12, 12, 0.757, 1.0), (0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763)]
)
def test_the_interval_is_wilsons(hits: int, tries: int, low: float, high: float) -> None:
    assert voice.interval(hits, tries) == pytest.approx((low, high), abs=1e-3)
