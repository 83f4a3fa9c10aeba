"""The measurement of false alarms reads a folder and tells its figures."""

from __future__ import annotations

from pathlib import Path

from benchmarks.quality import guard


def test_a_folder_is_measured(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("The loaf is back, and [[Steam|the steam]] too.", encoding="utf-8")
    (tmp_path / "b.txt").write_text("Dear [insert name], the loaf is back.", encoding="utf-8")
    (tmp_path / "c.png").write_bytes(b"\x89PNG")
    told = guard.measured(tmp_path)
    assert (told["files"], told["passed"], told["words"]) == (2, 1, 15)
    assert told["by_check"] == {"placeholders/veto": 66.667}
    assert told["findings_per_1000_words"] == 66.667
