"""Which angle a label takes: A practice, B story and numbers, C reasons, D limits, and round again."""

from __future__ import annotations

from collections.abc import Sequence

from regrow.adapters.llm.offline import speech


def angles_of(labels: Sequence[str], turn: int = 0) -> list[int]:
    """An index into the angles per label; the same label keeps its angle whichever others are asked for.

    With every further turn the labels move on to angles that none of them had, as far as there are any.
    """
    taken: list[int] = []
    for number, label in enumerate(labels):
        is_letter = len(label) == 1 and "A" <= label.upper() <= "Z"
        wanted = (ord(label.upper()) - ord("A") if is_letter else number) % len(speech.ANGLES)
        free = [angle for angle in range(len(speech.ANGLES)) if angle not in taken[-3:]]
        taken.append(wanted if wanted in free else free[0])
    count = len(speech.ANGLES)
    return [(angle + turn * (len(labels) % count or 1)) % count for angle in taken]
