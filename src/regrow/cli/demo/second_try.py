"""A first review as a person would do it, played by the demo: a yes, a no with a reason, and another try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from regrow.cli import output, regenerating
from regrow.domain.writing import PLATFORM_LENGTHS
from regrow.kit import errors

if TYPE_CHECKING:
    from regrow.cli.demo.acts import Stage
    from regrow.store.tables.content import Piece
    from regrow.store.tables.runs import Run
    from regrow.wiring import Home

REASON = "Too long, and the point comes late."
INSTRUCTIONS = "shorter, lead with the number"
BEFORE, AFTER = "poor", "good"
"""How the two texts are rated; the script of the play, and no judgement of theirs."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What was decided; without `regenerated_id` the notes held no other text, and `refusal` is what was said then."""

    approved_id: str
    rejected_id: str
    task_id: str
    regenerated_id: str = ""
    refusal: str = ""


def play(stage: Stage) -> Reviewed | None:
    """Approves the post of the tersest platform, rejects that of the roomiest and has it written again.

    None, and nothing decided, when there are no two posts.
    """
    home, workspace_id = stage.home, stage.workspace_id
    posts = _posts(home, workspace_id, stage.generation_id)
    if len(posts) < 2:
        return None
    approved, rejected = posts[0], posts[-1]
    run = _decided(home, approved, rejected)
    try:
        result = regenerating.again(home, run)
    except errors.Conflict as error:
        if error.code != "not_enough_source":
            raise
        output.say("No second try: the notes around this topic hold no other text for the rejected post.")
        return Reviewed(approved.id, rejected.id, run.id, refusal=str(error))
    (new_id,) = result["piece_ids"]
    _rate(home, workspace_id, new_id, AFTER)
    return Reviewed(approved.id, rejected.id, run.id, new_id)


def _posts(home: Home, workspace_id: str, generation_id: str) -> list[Piece]:
    """The drafts for social platforms, those with the least room first."""
    from regrow.store import content

    with home.reading(workspace_id) as session:
        found = [row for row in content.pieces_of(session, [generation_id]) if row.medium == "social"]
    return sorted(found, key=lambda row: (PLATFORM_LENGTHS.get(str(row.meta.get("platform")), 0), row.sequence))


def _decided(home: Home, approved: Piece, rejected: Piece) -> Run:
    """The run that writes the rejected one again."""
    from regrow.services import pieces
    from regrow.services import regenerating as service

    actor = home.operator(approved.workspace_id)
    with home.writing(approved.workspace_id) as session:
        pieces.approve(session, actor, approved.id, expected_version=approved.version)
        pieces.reject(session, actor, rejected.id, REASON, expected_version=rejected.version)
    _rate(home, approved.workspace_id, rejected.id, BEFORE)
    with home.writing(approved.workspace_id) as session:
        return service.ask_piece(session, actor, rejected.id, service.Wish(INSTRUCTIONS))


def _rate(home: Home, workspace_id: str, piece_id: str, rating: str) -> None:
    from regrow.services import feedback

    with home.writing(workspace_id) as session:
        feedback.give(session, home.operator(workspace_id), piece_id, rating)
