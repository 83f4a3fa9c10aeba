"""The guard at work: what it is told, when it judges, and where its verdict is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from regrow.domain import personas as voices
from regrow.domain.brand import deciding, guard, guidelines
from regrow.domain.brand.checks import republished
from regrow.domain.brand.findings import GuardFacts, Published, Text
from regrow.domain.workspaces import Actor, Role
from regrow.domain.writing import Source, Voice
from regrow.kit import errors
from regrow.services import editing, judging, personas
from regrow.store import audit, notes
from regrow.store import content as content_store
from regrow.store import guarding as store
from regrow.store.replacing import Waiting
from regrow.store.tables.content import Generation, Piece
from regrow.store.tables.personas import Persona
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session

MOST_PRIVATE = 1_000
MOST_OUT = 20
"""Pieces that a text is compared with, besides titles of private notes: the newest ones."""
FIELDS = ("title", "subject", "preheader", "body", "cta", "cta_url")
OFFLINE = "offline-extractive"
Contents = Mapping[str, Mapping[str, Any]]
Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """Of a piece, what its verdict depends on besides its texts."""

    medium: str
    platform: str
    line_id: str
    origin: str

    @classmethod
    def of(cls, piece: Mapping[str, Any]) -> Judged:
        """From the columns of a piece."""
        platform = str(piece["meta"].get("platform", ""))
        return cls(piece["medium"], platform, piece["line_id"], piece["origin"])


@dataclass(frozen=True, slots=True)
class Known:
    """What all texts of one medium of a generation are held against."""

    voice: Voice
    guidelines: guidelines.Guidelines
    sources: tuple[Source, ...]
    private: tuple[str, ...]
    out: tuple[tuple[store.Out, Published], ...]

    def verdict(self, piece: Judged, contents: Contents) -> Found:
        """The stored shape."""
        facts = self.facts(piece)
        verdicts = {label: guard.judged(of_content(facts, label, content)) for label, content in contents.items()}
        return guard.as_json(guard.merged(verdicts))

    def facts(self, piece: Judged) -> GuardFacts:
        """All but the texts of a variant; texts of the piece's own line are no reason to write another."""
        return GuardFacts(
            medium=piece.medium,
            platform=piece.platform,
            language=self.voice.language,
            voice=self.voice,
            guidelines=self.guidelines,
            sources=self.sources,
            private=self.private,
            published=tuple(
                shown for row, shown in self.out if row.line_id != piece.line_id and row.platform == piece.platform
            ),
            is_offline=piece.origin == OFFLINE,
        )


def of_content(facts: GuardFacts, label: str, content: Mapping[str, Any]) -> GuardFacts:
    """The facts with one variant's texts."""
    texts = tuple(Text(name, value) for name in FIELDS if isinstance(value := content.get(name), str) and value)
    return replace(facts, label=label, texts=texts, hashtags=tuple(content.get("hashtags") or ()))


def known(session: Session, generation: Generation, medium: str, persona_id: str | None = None) -> Known:
    """As `known_of`, for a generation."""
    return known_of(session, generation.cluster_note_ids, medium, persona_id or generation.persona_id)


def known_of(session: Session, note_ids: Sequence[str], medium: str, persona_id: str) -> Known:
    """Read in a constant number of queries: the voice and the guidelines as they are now, the sources that may still
    be seen, and bounded lists of the rest.
    """
    persona = editing.found(session, Persona, persona_id, "persona")
    return Known(
        voice=voices.voice_for(persona.name, persona.voice, persona.guidelines, medium),
        guidelines=guidelines.of(persona.guidelines),
        sources=notes.sources(session, note_ids),
        private=store.private_titles(session, MOST_PRIVATE),
        out=tuple((row, _published(row)) for row in store.out(session, medium, MOST_OUT)),
    )


def _published(row: store.Out) -> Published:
    return Published(f"piece {row.piece_id}, {row.label}", republished.shingles_of(str(row.content.get("body", ""))))


def check(session: Session, actor: Actor, piece: Piece, generation: Generation, has_judge: bool = True) -> Found:
    """Judges the newest version of a piece and keeps the verdict with it; a failure is audited.

    Where a judge is set its run is begun, unless one is at it already; callers start it after their transaction.
    """
    rows = content_store.newest_variants(session, [piece.id])[piece.id]
    about = known(session, generation, piece.medium, piece.provenance.get("persona_id"))
    columns = {"medium": piece.medium, "meta": piece.meta, "line_id": piece.line_id, "origin": piece.origin}
    found = about.verdict(Judged.of(columns), {row.label: row.content for row in rows})
    note(session, actor, piece.id, found)
    if deciding.is_pending(piece.guard):
        task_id = (piece.guard or {})["judge_task_id"]
        piece.guard = deciding.by_rules(found, "pending", judge_task_id=task_id)
        return piece.guard
    persona_id = piece.provenance.get("persona_id") or generation.persona_id
    writer = str(piece.provenance.get("model", ""))
    labels = tuple(row.label for row in rows)
    version = judging.Version(piece.id, piece.version, piece.medium, labels, persona_id, writer)
    (piece.guard,) = judging.begin(session, actor, [version] if has_judge else [], [found])
    return piece.guard


def of_variant(session: Session, piece: Piece, generation: Generation, waiting: Waiting) -> Found:
    """The verdict on one text that waits beside what is out: the rules as they are now, and, while its version is the
    newest, what is kept of it.
    """
    version, variant = waiting.version, waiting.variant
    about = known(session, generation, piece.medium, version.provenance.get("persona_id"))
    columns = {"medium": piece.medium, "meta": piece.meta, "line_id": piece.line_id, "origin": version.origin}
    found = deciding.by_rules(about.verdict(Judged.of(columns), {variant.label: variant.content}))
    is_newest = piece.version == variant.version and piece.guard is not None
    return piece.guard or found if found["passed"] and is_newest else found


def note(session: Session, actor: Actor, piece_id: str, verdict: Found) -> None:
    """Records a failure; what passes is no event."""
    if not verdict["passed"]:
        checks = sorted({finding["check"] for finding in verdict["findings"]})
        audit.add(session, actor, "piece.guard_failed", piece_id, "refused", score=verdict["score"], checks=checks)


def again(session: Session, actor: Actor, id: str) -> Piece:
    """Judges a piece anew, with the guidelines and the notes as they are now; its status stays."""
    actor.must(Role.EDITOR)
    locked = content_store.locked_piece(session, id)
    if locked is None:
        raise errors.NotFound(f"there is no piece {id[:60]!r} here")
    check(session, actor, *locked)
    return locked[0]


@dataclass(frozen=True, slots=True)
class Loose:
    """A text that is no piece. Without a language, that of the persona; without a persona, the default one."""

    content: Mapping[str, Any]
    medium: str = "blog"
    platform: str = ""
    persona_id: str | None = None
    language: str = ""


def ask_text(session: Session, actor: Actor, loose: Loose, task_id: str | None = None) -> Run:
    """Begins the judging of a text that is not kept longer than that takes; Conflict without a judge."""
    found = check_text(session, actor, loose)
    persona = personas.chosen(session, loose.persona_id)
    return judging.ask(session, actor, {"A": loose.content}, persona.id, loose.medium, found, task_id)


def check_text(session: Session, actor: Actor, loose: Loose) -> Found:
    """The verdict on a text that is not kept. It has no sources, so its figures are not compared with any."""
    actor.must(Role.EDITOR)
    persona = personas.chosen(session, loose.persona_id)
    voice = voices.voice_for(persona.name, persona.voice, persona.guidelines, loose.medium)
    facts = GuardFacts(
        medium=loose.medium,
        platform=loose.platform,
        language=loose.language or voice.language,
        voice=voice,
        guidelines=guidelines.of(persona.guidelines),
        private=store.private_titles(session, MOST_PRIVATE),
        published=tuple(
            _published(row) for row in store.out(session, loose.medium, MOST_OUT) if row.platform == loose.platform
        ),
    )
    return deciding.by_rules(guard.as_json(guard.merged({"A": guard.judged(of_content(facts, "A", loose.content))})))
