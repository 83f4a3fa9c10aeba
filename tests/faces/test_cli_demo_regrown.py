"""How the demo tells what was written again: each end it may come to, each gate, and the picture of the lineage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from regrow.cli.demo import descent, files, gates, regrown, written_again
from regrow.cli.demo.acts import Part, Stage
from regrow.cli.demo.descent import Text
from regrow.cli.demo.regrowth import Deed, Regrown, Standing, Words
from regrow.cli.demo.written_again import Tried
from regrow.domain import differences
from regrow.kit import clock
from regrow.services.circuits import Refusal
from tests.faces.test_cli_demo import Page
from tests.faces.test_cli_demo_review import Section, told_of

EVIL = '</p><script>alert(1)</script><img src="http://192.0.2.1/x" onerror=x>" onclick="x"'
FEW = "there are too few notes for another text"


def words_of(id: str, label: str, version: int, status: str, body: str, title: str = "Bread") -> Words:
    return Words(id, label, version, status, title, body)


def event_of(**more: Any) -> dict[str, Any]:
    """A regeneration as it is on record, with nothing reached yet."""
    empty = ("cx08_approved", "cx06_generated", "cx05_validation_passed", "cx08_approval_signal", "failure_reason")
    later = ("cx06_generation_result", "cx05_validation_result", "cx05_validation_score", "new_variant_id")
    return {"id": "reg_1", "status": "initiated", "generated_by": "manual", **dict.fromkeys((*empty, *later)), **more}


CHECKS = [{"check": "test_is_invalid", "passed": True}, {"check": "wishes_to_publish", "passed": False}]
VETOED = event_of(
    status="cx08_rejected", cx08_approved=False, failure_reason="no",
    cx08_approval_signal={"checks": CHECKS, "vetoes": ["the instructions ask to publish"], "opinion": None},
)  # fmt: skip
WELL = {"checks": CHECKS[:1], "vetoes": [], "opinion": {"veto": False, "reason": "fine"}}
UNWRITTEN = event_of(status="failed", cx08_approved=True, cx08_approval_signal=WELL, failure_reason=FEW)
WRITTEN = {"model": "m", "sources": ["not_1"], "similarity": {"lost": 0.1, "won": 0.2}}
UNGUARDED = event_of(
    status="cx05_failed", cx08_approved=True, cx06_generated=True, cx05_validation_passed=False,
    cx08_approval_signal=WELL, cx06_generation_result=WRITTEN, cx05_validation_score=0.7,
    cx05_validation_result={
        "validation_score": 0.7, "method": "rules", "brand_guideline_checks": [{"check": "numbers", "passed": False}],
        "tone_consistency_check": {"passed": True}, "findings": [{"severity": "veto", "check": "numbers", "how": "9"}],
    },
)  # fmt: skip


@pytest.mark.parametrize(
    ("event", "passed", "found"),
    [
        (event_of(), [None, None, None], []),
        (VETOED, [False, None, None], ["the instructions ask to publish"]),
        (UNWRITTEN, [True, None, None], [FEW]),
        (UNGUARDED, [True, True, False], ["veto numbers: 9"]),
    ],
)
def test_gates_are_told_as_they_are(event: Mapping[str, Any], passed: list[bool | None], found: list[str]) -> None:
    told = gates.told(event)
    assert [each.has_passed for each in told] == passed
    assert [each for gate in told for each in gate.found] == found
    assert [gate.name for gate in told] == ["review", "writing", "brand guard"]
    if event is VETOED:
        assert (told[0].mark, told[0].well, len(told[0].looked)) == ("refused", 1, 2)
        assert "2 reasons to refuse were looked for by rules, 1 found" in told[0].words


MAY = {
    "eligible": True, "reason": "Eligible", "cx09_termination_found": True, "regenerations_count": 0,
    "cooldown_remaining_hours": 0.0,
}  # fmt: skip


def a_regrown(**more: Any) -> Regrown:
    """A text that was written again, with texts and names of others in it that try to break out."""
    at = clock.now()
    lost, new = words_of("var_1", "A", 1, "loser", EVIL, EVIL), words_of("var_3", "A", 2, "live", "We bake.", EVIL)
    other = words_of("var_2", "B", 1, "live", EVIL, EVIL)
    parts = differences.between(lost.body, new.body)
    texts = [Text(each.id, each.label, each.version, each.status, EVIL) for each in (lost, other, new)]
    tried = Tried("exp_1", "var_1", EVIL, at, MAY, event_id="reg_1", is_approved=True, notes=(EVIL,))
    given: dict[str, Any] = {
        "tried": tried, "event": {**UNGUARDED, "id": EVIL}, "reason": EVIL, "test_status": "running",
        "gates": gates.told(UNGUARDED), "lost": lost, "new": new, "others": (other,), "parts": parts,
        "counts": differences.counts(parts), "boxes": descent.drawn(texts, {"var_3": "var_1"}), "depth": 1,
        "standings": (Standing(new, "runs", at, 0),), "trail": (Deed(at, EVIL, EVIL, EVIL, "done"),),
    }  # fmt: skip
    return Regrown(**{**given, **more})


def test_hostile_texts_stay_texts() -> None:
    page = files.report(told_of("Bread"), [Part(regrown.ACT, a_regrown())])
    found = Page(page)
    assert found.elements.isdisjoint({"script", "img"})
    assert found.handlers == []
    assert Section(page, "regeneration").text.count(EVIL) >= 8


def test_what_is_said_of_each_end() -> None:
    whole = a_regrown()
    assert whole.verdict == "A, version 2, took the place of version 1"
    assert whole.follows.startswith("The next readers decide")
    assert whole.traffic == ""
    waiting = replace(whole, tried=replace(whole.tried, is_approved=False))
    assert waiting.verdict == "A, version 2, is a draft"
    vetoed = replace(whole, new=None, event=VETOED, parts=())
    assert (vetoed.verdict, vetoed.similarity) == ("No new text: cx08 rejected", None)
    ended = replace(whole, test_status="concluded")
    assert ended.follows.endswith("a new experiment is needed to try the new one.")
    anew = replace(ended, tried=replace(whole.tried, next_id="exp_2"))
    assert "began a new one, exp_2" in anew.follows
    seen = replace(whole, tried=replace(whole.tried, afterwards={"var_1": 0, "var_2": 19, "var_3": 21}))
    assert seen.traffic == (
        "Of 40 who asked for the page afterwards, 0 were shown A, version 1, 19 were shown B, version 1, "
        "21 were shown A, version 2."
    )
    assert whole.limit == "2 of the test's 2 regenerations were left, which are 48 hours apart at least"


@pytest.mark.parametrize(
    ("event", "wanted"), [(VETOED, "the instructions ask to publish"), (UNWRITTEN, FEW), (UNGUARDED, "veto numbers: 9")]
)
def test_a_gate_that_refuses_is_shown_as_it_is(event: Mapping[str, Any], wanted: str, capsys: Any) -> None:
    found = a_regrown(event=event, gates=gates.told(event), new=None, parts=(), reason="no", depth=0)
    found = replace(found, tried=replace(found.tried, is_approved=False, notes=()))
    text = Section(files.report(told_of("Bread"), [Part(regrown.ACT, found)]), "regeneration").text
    assert wanted in text
    assert "Nothing came of the text that lost" in text
    assert "New text" not in text
    regrown.show(found)
    assert wanted in " ".join(capsys.readouterr().out.split())
    as_json = regrown.as_json(None, found)  # type: ignore[arg-type]
    assert (as_json["success"], as_json["status"], as_json["new_variant_id"]) == (False, event["status"], None)


def test_a_loser_that_may_not_be_written_again_is_told_why() -> None:
    refusal = Refusal(403, "Not eligible", ("sample_ratio_mismatch: off", "cooldown_period_active: 3 hours"))
    whole = a_regrown(event=None, new=None, parts=(), gates=(), reason="")
    tried = replace(whole.tried, event_id="", refusal=refusal, is_approved=False, notes=())
    found = replace(whole, tried=tried)
    assert found.verdict == "Not written again"
    text = Section(files.report(told_of("Bread"), [Part(regrown.ACT, found)]), "regeneration").text
    assert all(each in text for each in refusal.violations)


def test_the_picture_stands_each_text_below_the_one_it_came_of() -> None:
    texts = [Text(id, "A", number, "live", "") for number, id in enumerate("abcde", start=1)]
    boxes = descent.drawn(texts, {"c": "a", "d": "c", "e": "a"})
    assert [(box.text.id, box.depth) for box in boxes] == [("a", 0), ("c", 1), ("d", 2), ("e", 1), ("b", 0)]
    places = {box.text.id: box.y for box in boxes}
    assert [box.parent_y for box in boxes] == [None, places["a"], places["c"], places["a"], None]
    assert sorted(places.values()) == list(places.values())
    assert all(box.x + box.width <= descent.WIDTH for box in boxes)
    assert max(places.values()) + descent.BOX <= descent.height(boxes)
    assert (descent.drawn([], {}), descent.height([])) == ((), descent.BOX + 2 * descent.EDGE)


def test_without_an_experiment_there_is_nothing_to_tell() -> None:
    stage = Stage(None, "ws_1", "gen_1", 1, {})  # type: ignore[arg-type]
    stage.made["experiment"] = None
    assert written_again.play(stage) is None
    stage.made["regeneration"] = None
    assert regrown.told(stage, told_of("Bread")) is None
