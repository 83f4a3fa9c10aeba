"""The verdict of rules and judge together: who has the last word, and what is told of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from regrow.domain.brand import guard, judging
from regrow.domain.brand.judging import Opinion

Found = dict[str, Any]
"""A verdict in its stored shape, that of the contract; `judge` and what belongs to it stand beside."""
State = Literal["none", "pending", "done", "failed"]
KEYS = ("judge_task_id", "judge_detail", "judge_score", "rule_score", "voice_score", "criteria", "doubts", "judges")
"""What of a verdict comes from a judge, besides its state."""


def by_rules(found: Mapping[str, Any], state: State = "none", **more: Any) -> Found:
    """The verdict of the rules alone, and how it stands with the judge. It has no voice score."""
    plain = {name: value for name, value in found.items() if name not in KEYS}
    return {**plain, "judge": state, "needs_person": False, **more}


def is_pending(found: Mapping[str, Any] | None) -> bool:
    return bool(found) and found is not None and found.get("judge") == "pending"


def together(found: Mapping[str, Any], opinions: Mapping[str, Opinion], judges: list[str]) -> Found:
    """Rules and judge: the lower score counts, so that neither lets pass what the other refuses.

    A veto of the rules caps the score as ever, and what the rules fail needs no person. Where the judge is in doubt
    about a variant, and none is clearly bad, a person decides.
    """
    judged = min(opinion.score for opinion in opinions.values())
    score = math.floor(min(found["score"], judged) * 1_000 + 1e-9) / 1_000
    doubts = [f"{label}: {why}" for label, opinion in opinions.items() for why in opinion.doubts]
    is_bad = any(not opinion.doubts and opinion.score < guard.PASS_AT for opinion in opinions.values())
    voices = [voice for opinion in opinions.values() if (voice := opinion.voice) is not None]
    return {
        **by_rules(found, "done"),
        "score": score,
        "passed": score >= guard.PASS_AT,
        "method": "rules+judge",
        "findings": [*found["findings"], *findings(opinions)],
        "needs_person": bool(found["passed"] and doubts and not is_bad),
        "judge_score": math.floor(judged * 1_000 + 1e-9) / 1_000,
        "rule_score": found["score"],
        "voice_score": min(voices) if voices else None,
        "criteria": [criterion for label, opinion in opinions.items() for criterion in _criteria(label, opinion)],
        "doubts": doubts,
        "judges": judges,
    }


def findings(opinions: Mapping[str, Opinion]) -> Iterator[Found]:
    """What the judge found, each with its passage and how to fix it."""
    for label, opinion in opinions.items():
        for mark in opinion.marks:
            vote, score = mark.evidence, mark.score
            if score is None or score >= 1 or vote is None or vote.place is None:
                continue
            yield {
                "check": f"judge_{mark.criterion}",
                "severity": "major" if score < judging.MARKS["partly"] else "minor",
                "quote": vote.place.quote,
                "field": vote.place.field,
                "start": vote.place.start,
                "label": label,
                "how": judging.BY_NAME[mark.criterion].how,
            }


def _criteria(label: str, opinion: Opinion) -> Iterator[Found]:
    for mark in opinion.marks:
        votes = [vote.verdict for vote in mark.votes]
        yield {"label": label, "criterion": mark.criterion, "score": mark.score, "votes": votes, "lost": mark.lost}
