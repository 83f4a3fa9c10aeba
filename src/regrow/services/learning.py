"""Learning a voice from texts, and what was learned as the faces show it; no transaction is open meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from regrow.domain import suggestions
from regrow.domain.brand import languages, telling, voice
from regrow.domain.brand.voice import Learned
from regrow.domain.notes.vaults import Skipped
from regrow.domain.workspaces import Actor, Role
from regrow.kit import errors
from regrow.services import editing, personas, syllables
from regrow.store.tables.personas import Persona
from regrow.store.tenancy import Session


def from_texts(texts: Iterable[str], language: str | None = None) -> Learned:
    """What texts say of their writer, read one after the other; Invalid when that is too little."""
    if language is not None:
        languages.checked(language)
    return voice.learned(texts, language, syllables.count)


def from_all(texts: Sequence[str], language: str | None = None) -> Learned:
    """As `from_texts`, for texts held in hand: of more than is read, a part of each is."""
    shares = voice.shares([len(text) for text in texts])
    cut = [text[:share] for text, share in zip(texts, shares, strict=True)]
    found = from_texts(cut, language)
    return replace(found, is_cut=found.is_cut or sum(map(len, cut)) < sum(map(len, texts)))


def shown(learned: Mapping[str, Any] | None, settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """What was learned, with its sentences and what it suggests for the settings; None when nothing was."""
    if learned is None:
        return None
    found = voice.of(learned)
    return {
        "at": learned["at"],
        "medium": learned.get("medium"),
        "told": list(telling.told(found)),
        "suggestions": suggestions.suggested(found, settings, learned.get("medium")),
        **voice.as_json(found),
    }


class Files(Protocol):
    """Texts in files, as an adapter reads them."""

    @property
    def skipped(self) -> Sequence[Skipped]: ...

    @property
    def is_cut(self) -> bool: ...

    @property
    def bytes(self) -> int: ...

    def texts(
        self, shares: Callable[[Sequence[int]], list[int]], on_progress: Callable[[int, int], None] | None
    ) -> Iterable[str]: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """How to learn: in which language, of which medium the texts are, and whether to take over what is suggested."""

    language: str | None = None
    medium: str | None = None
    is_applied: bool = False


@dataclass(frozen=True, slots=True)
class Lesson:
    """What came of it: the persona, its settings before, what it had learned before, and files that were skipped."""

    row: Persona
    settings_before: Mapping[str, Any]
    learned_before: Mapping[str, Any] | None
    skipped: tuple[Skipped, ...]


def refuse_unfit(session: Session, actor: Actor, reference: str, asked: Asked) -> str:
    """The id of the persona, before anything is read: refuses an unknown or archived one, an unknown medium and what
    is no language.
    """
    actor.must(Role.EDITOR)
    row = personas.referred(session, reference)
    editing.refuse_archived(row, "persona")
    suggestions.checked_medium(asked.medium)
    if asked.language is not None:
        languages.checked(asked.language)
    return row.id


def from_files(own: Files, asked: Asked, on_progress: Callable[[int, int], None] | None = None) -> Learned:
    """What the files say; when that is too little, files that could not be read are named too."""
    try:
        found = from_texts(own.texts(voice.shares, on_progress), asked.language)
    except errors.Invalid as error:
        if not own.skipped:
            raise
        first = own.skipped[0]
        files = voice.counted(len(own.skipped), "file")
        told = f"{error.detail} Skipped: {files}, such as {first.path[:200]} ({first.reason})."
        raise errors.Invalid(told, error.code) from None
    return replace(found, is_cut=found.is_cut or own.is_cut)


def keep(
    session: Session, actor: Actor, id: str, found: Learned, asked: Asked, skipped: Sequence[Skipped] = ()
) -> Lesson:
    """Stores what was learned, and gives back what stood before."""
    row = editing.found(session, Persona, id, "persona")
    before, learned_before = row.voice, row.learned
    personas.learn(session, actor, id, None, found, asked.medium, asked.is_applied)
    return Lesson(row, before, learned_before, tuple(skipped))
