"""The judge at work: a run of its own for every new version, whose verdict is kept when it speaks of that version."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from regrow.domain import content, families, functions, models
from regrow.domain import personas as voices
from regrow.domain.brand import deciding, guidelines, judging
from regrow.domain.brand.deciding import Found
from regrow.domain.brand.judging import Opinion
from regrow.domain.functions import Function
from regrow.domain.workspaces import Actor
from regrow.domain.writing import Answer, Brief, Examined, Judgement, Source
from regrow.kit import errors
from regrow.services import editing, runs
from regrow.services.runs import Plan
from regrow.store import audit, notes, workspaces
from regrow.store import content as content_store
from regrow.store.tables.content import Generation, Piece
from regrow.store.tables.personas import Persona
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session

NAME = functions.JUDGE.name
SETTING = f"{models.SETTING}.{NAME}"
FIELDS = ("title", "subject", "preheader", "body", "cta")
Contents = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Request:
    """What is judged: a version of a piece, or `contents` that are no piece, with the verdict of the rules on them.

    `seed` sets the orders in which the criteria are asked; `writer` is the model that wrote the text.
    """

    labels: tuple[str, ...]
    persona_id: str
    medium: str
    seed: int
    writer: str = ""
    piece_id: str = ""
    version: int = 0
    contents: dict[str, dict[str, Any]] = field(default_factory=dict)
    rules: dict[str, Any] = field(default_factory=dict)
    verdict: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run) -> Request:
        return cls(**{**run.request, "labels": tuple(run.request["labels"])})


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a piece that was just written, by which model and in whose voice; `version` counts from 1."""

    piece_id: str
    version: int
    medium: str
    labels: tuple[str, ...]
    persona_id: str
    writer: str


@dataclass(frozen=True, slots=True)
class _Read:
    """What a call is told of a text."""

    texts: tuple[tuple[str, str], ...]
    persona: Persona
    sources: tuple[Source, ...]


def named(session: Session) -> str:
    """The candidates that judge in this workspace; empty without a judge. The embedded writer is none."""
    found = workspaces.settings(session).values.get(SETTING)
    return families.others_first(found, "") if isinstance(found, str) else ""


def refuse_without(session: Session) -> None:
    """Conflict in a workspace that names no judge."""
    if not named(session):
        raise errors.Conflict(f"no judge model is set: set {SETTING} of the workspace to provider:model", "no_judge")


def begin(session: Session, actor: Actor, versions: Sequence[Version], found: Sequence[Found]) -> list[Found]:
    """Begins a run for each version where a judge is set; the verdicts of the rules say how it stands with it."""
    if not versions or not named(session):
        return [deciding.by_rules(each) for each in found]
    return [_begun(session, actor, *pair) for pair in zip(versions, found, strict=True)]


def _begun(session: Session, actor: Actor, version: Version, found: Found) -> Found:
    request = Request(
        version.labels, version.persona_id, version.medium, secrets.randbits(32), version.writer,
        version.piece_id, version.version,
    )  # fmt: skip
    try:
        # The text is kept even when the credits do not cover its judge, and the run leaves nothing then.
        with session.begin_nested():
            run = runs.begin(session, actor, _plan(request, {"piece_id": version.piece_id, "version": version.version}))
    except errors.TooMuchCost as error:
        return deciding.by_rules(found, "failed", judge_detail=error.detail)
    return deciding.by_rules(found, "pending", judge_task_id=run.id)


def ask(
    session: Session,
    actor: Actor,
    contents: Contents,
    persona_id: str,
    medium: str,
    rules: Found,
    task_id: str | None = None,
) -> Run:
    """Begins the judging of a text that is no piece. It is kept with the run until that has ended."""
    refuse_without(session)
    kept = {label: dict(each) for label, each in contents.items()}
    request = Request(tuple(kept), persona_id, medium, secrets.randbits(32), contents=kept, rules=rules)
    characters = sum(len(text) for each in kept.values() for _name, text in texts_of(each))
    return runs.begin(session, actor, _plan(request, {"characters": characters, "medium": medium}), task_id)


def _plan(request: Request, inputs: dict[str, Any]) -> Plan:
    stored = asdict(request)
    stored["labels"] = list(request.labels)
    return Plan(NAME, [functions.JUDGE], stored, functions.JUDGE.price(0, len(request.labels), 1), inputs, 0)


def texts_of(content: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The fields of a variant that people read."""
    return tuple((name, text) for name in FIELDS if isinstance(text := content.get(name), str) and text.strip())


def calls(run: Run) -> list[str]:
    """Every sample of every variant is a call."""
    numbers = range(1, judging.SAMPLES + 1)
    return [f"{NAME}.{label}.{number}" for label in run.request["labels"] for number in numbers]


def candidates(session: Session, run: Run, _function: Function) -> str:
    """The models to ask, those of another family than the writer of the text first."""
    refuse_without(session)
    return families.others_first(named(session), Request.of(run).writer)


def brief(session: Session, run: Run, function: Function) -> Brief:
    """One sample: the text as it stands, the voice, the guidelines and the notes as they are now.

    Conflict, before anything is paid, when the piece is not at that version any more.
    """
    wanted = Request.of(run)
    read = _read(session, wanted, function.part.partition(".")[0])
    order = judging.shuffled(_criteria(read), wanted.seed, function.part)
    persona = read.persona
    return Brief(
        topic_title="",
        topic_summary="",
        sources=read.sources,
        voice=voices.voice_for(persona.name, persona.voice, persona.guidelines, wanted.medium, persona.learned),
        labels=wanted.labels,
        examined=Examined(read.texts, order),
    )


def _criteria(read: _Read) -> tuple[str, ...]:
    said = guidelines.of(read.persona.guidelines)
    return judging.asked(bool(read.sources), said != guidelines.Guidelines())


def _read(session: Session, wanted: Request, label: str) -> _Read:
    persona = editing.found(session, Persona, wanted.persona_id, "persona")
    if not wanted.piece_id:
        return _Read(texts_of(wanted.contents[label]), persona, ())
    piece = editing.found(session, Piece, wanted.piece_id, "piece")
    if piece.version != wanted.version or piece.status not in content.CURRENT:
        raise errors.Conflict("the piece was changed before the judge had read it", "changed_meanwhile")
    generation = editing.found(session, Generation, piece.generation_id, "generation")
    rows = content_store.newest_variants(session, [piece.id])[piece.id]
    texts = next(texts_of(row.content) for row in rows if row.label == label)
    return _Read(texts, persona, notes.sources(session, generation.cluster_note_ids))


def may_lack(answer: Answer) -> bool:
    """A sample that no repair could make sense of is lost; the others go on."""
    return answer.failure == "invalid_output"


def parse(session: Session, run: Run, answers: Mapping[str, Answer]) -> dict[str, Opinion]:
    """What the samples of each variant come to; Unavailable when not one answer of a variant counts."""
    wanted = Request.of(run)
    opinions: dict[str, Opinion] = {}
    for label in wanted.labels:
        read = _read(session, wanted, label)
        samples = [_sample(answer) for name, answer in answers.items() if name.split(".")[1] == label]
        opinions[label] = judging.opinion(samples, read.texts, judging.answered(samples))
    if any(opinion.is_nothing for opinion in opinions.values()):
        raise errors.Unavailable(
            "the judge's answers make no sense: none of them counts, because they quote what is not in the text or "
            f"have another shape than was asked for; name another model in {SETTING}",
            "judge_nonsense",
            is_permanent=True,
        )
    return opinions


def _sample(answer: Answer) -> Judgement | None:
    """Its questions are those that were asked then: notes and guidelines may have changed since."""
    return None if answer.failure else judging.read(answer.output or {})


def save(session: Session, run: Run, answers: Mapping[str, Answer], opinions: Mapping[str, Opinion]) -> dict[str, Any]:
    """Keeps the verdict with the version it speaks of, or with the run when there is no piece."""
    wanted = Request.of(run)
    judges = sorted({answer.model for answer in answers.values() if not answer.failure})
    if not wanted.piece_id:
        verdict = deciding.together(wanted.rules, opinions, judges)
        run.request = {**run.request, "contents": {}, "verdict": verdict}
        return _told(verdict)
    piece = _still(session, run, wanted)
    if piece is None or piece.guard is None:
        return {"piece_id": wanted.piece_id, "version": wanted.version, "is_kept": False}
    verdict = deciding.together(piece.guard, opinions, judges)
    piece.guard = {**verdict, "judge_task_id": run.id}
    audit.add(session, runs.actor_of(run), "piece.judged", piece.id, version=piece.version, **_told(verdict))
    return {"piece_id": piece.id, "version": piece.version, "is_kept": True, **_told(verdict)}


def failed(session: Session, run: Run, error: Mapping[str, Any]) -> None:
    """The rules have the last word on a version whose judge failed, and the guard says why."""
    wanted = Request.of(run)
    detail = str(error["detail"])
    if not wanted.piece_id:
        verdict = deciding.by_rules(wanted.rules, "failed", judge_detail=detail)
        run.request = {**run.request, "contents": {}, "verdict": verdict}
        return
    piece = _still(session, run, wanted)
    if piece is not None and piece.guard is not None:
        piece.guard = deciding.by_rules(piece.guard, "failed", judge_detail=detail, judge_task_id=run.id)


def verdict_of(session: Session, task_id: str) -> Found:
    """What an ended run says of a text that is no piece: rules and judge, or the rules and why the judge failed."""
    found = Request.of(editing.found(session, Run, task_id, "run")).verdict
    if not found:
        raise errors.Conflict("the judge has not answered yet: look again in a moment", "judge_pending")
    return found


def pending(session: Session, piece_ids: Sequence[str]) -> dict[str, list[str]]:
    """The runs that judge these pieces, for the result of the run that wrote them; empty when there are none."""
    rows = content_store.pieces(session, piece_ids) if named(session) else []
    begun = [str(row.guard["judge_task_id"]) for row in rows if row.guard and deciding.is_pending(row.guard)]
    return {"judging": begun} if begun else {}


def _still(session: Session, run: Run, wanted: Request) -> Piece | None:
    """The piece, locked, if it is at the version that was judged and waits for this very run."""
    locked = content_store.locked_piece(session, wanted.piece_id)
    if locked is None:
        return None
    piece = locked[0]
    is_ours = bool(piece.guard) and (piece.guard or {}).get("judge_task_id") == run.id
    return piece if piece.version == wanted.version and is_ours else None


def _told(verdict: Found) -> dict[str, Any]:
    return {name: verdict[name] for name in ("score", "passed", "needs_person")}
