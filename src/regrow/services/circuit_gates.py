"""The gates of a regeneration: review, writing, brand guard; each puts down what it found before anything goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from regrow.domain import content, functions, likeness
from regrow.domain import personas as voices
from regrow.domain.brand import deciding, guard, guidelines
from regrow.domain.circuits import gates, registering
from regrow.domain.circuits.guardrails import RUNNING, Status
from regrow.domain.circuits.registering import RegisteringFacts
from regrow.domain.circuits.reviewing import ReviewFacts
from regrow.domain.rewriting import Review
from regrow.domain.writing import PLATFORM_LENGTHS, Answer
from regrow.kit import clock, errors, plain
from regrow.services import (
    circuit_briefs,
    circuit_judging,
    circuit_lessons,
    editing,
    experiments,
    guarding,
    regenerating,
)
from regrow.services.circuits import Wanted
from regrow.store import circuits as store
from regrow.store import experiments as experiment_store
from regrow.store.tables.circuits import ContentRegenerationEvent as Event
from regrow.store.tables.content import Generation, Piece, Variant
from regrow.store.tables.experiments import Experiment, ExperimentDecision
from regrow.store.tables.personas import Persona
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session

Answers = Mapping[str, Answer]
Refused = dict[str, Any] | None


def review(session: Session, run: Run, answers: Answers) -> Refused:
    """Before a model's opinion is asked: what the rules refuse is not asked of any model."""
    wanted, event = Wanted.of(run), under_way(session, run)
    found = gates.reviewed(review_facts(session, wanted, event), None)
    if not found["approved"]:
        return _rejected(event, found)
    lesson = circuit_lessons.learned(session, event, wanted.medium)
    event.cx08_approval_signal = {**(event.cx08_approval_signal or {}), **found, "approved": None, "lesson": lesson}
    return None


def write(session: Session, run: Run, answers: Answers) -> Refused:
    """Before anything is written: the rules, and where a model was asked its opinion, which can only refuse."""
    wanted, event = Wanted.of(run), under_way(session, run)
    if functions.REVIEW.name in answers:
        recorded = event.cx08_approval_signal or {}
        opinion: Review = functions.REVIEW.parse(circuit_briefs.EMPTY, answers[functions.REVIEW.name].output or {})
        found = gates.reviewed(plain.from_json(ReviewFacts, recorded["facts"]), opinion)
    else:
        found = gates.reviewed(review_facts(session, wanted, event), None)
        if found["approved"]:
            found["lesson"] = circuit_lessons.learned(session, event, wanted.medium)
    if not found["approved"]:
        return _rejected(event, found)
    _reviewed(event, found, "cx08_approved")
    return None


def judge(session: Session, run: Run, answers: Answers) -> Refused:
    """Before a judge is asked about the new text: it must be one, and the guard's rules must let it pass."""
    event = under_way(session, run)
    written(session, run, event, answers)
    found = _guarded(session, run, event, None)
    return None if found["passed"] else _failed(event, found)


def save(session: Session, run: Run, answers: Answers) -> Refused:
    """Before the new text is registered: the guard with the persona as it is now, and a last look at the test."""
    event = under_way(session, run)
    if event.status != "cx06_generated":
        written(session, run, event, answers)
    opinion = circuit_judging.opinion(session, run, event, answers) if Wanted.of(run).has_judge else None
    found = _guarded(session, run, event, opinion)
    if not found["passed"]:
        return _failed(event, found)
    last = last_look(session, event)
    _validated(event, {**found, "registering": plain.as_json(last)}, "cx05_passed")
    refusal = registering.refusal(last)
    return None if refusal is None else {"code": "not_registered", "detail": refusal, "kind": errors.Conflict.kind}


GATES: Mapping[str, Callable[[Session, Run, Answers], Refused]] = {
    functions.REVIEW.name: review,
    functions.REGENERATE_VARIANT.name: write,
    functions.JUDGE.name: judge,
}


def failed(session: Session, run: Run, error: Mapping[str, Any]) -> None:
    """Ends the event of a run that failed, unless a gate has ended it already."""
    event = store.locked(session, Wanted.of(run).event_id)
    if event is None or event.status not in RUNNING:
        return
    ended(event, "failed")
    event.failure_reason = str(error["detail"])
    event.failure_details = {name: error[name] for name in ("code", "kind") if error.get(name)}


def ended(event: Event, status: Status) -> None:
    """The last thing that happens to an event; the database takes no change of it afterwards."""
    event.completed_at = clock.now()
    event.duration_ms = max(0, round((event.completed_at - clock.aware(event.initiated_at)).total_seconds() * 1_000))
    event.status = status


def under_way(session: Session, run: Run) -> Event:
    """The event of a run, kept from everybody else."""
    event = store.locked(session, Wanted.of(run).event_id)
    if event is None:
        raise errors.Bug(f"the regeneration of the run {run.id} is gone")
    return event


def review_facts(session: Session, wanted: Wanted, event: Event) -> ReviewFacts:
    """Everything that the review looks at, as it is now."""
    test = editing.found(session, Experiment, event.ab_test_id, "experiment")
    piece = editing.found(session, Piece, wanted.piece_id, "piece")
    parent = editing.found(session, Variant, event.parent_variant_id, "variant")
    persona = editing.found(session, Persona, wanted.persona_id, "persona")
    generation = editing.found(session, Generation, wanted.generation_id, "generation")
    cluster = regenerating.cluster_of(session, generation)
    arm = store.standing(session, test.id, parent.id)
    decided, counted = _counts(session, event)
    voice = voices.voice_for(persona.name, persona.voice, persona.guidelines, wanted.medium)
    return ReviewFacts(
        test_status=test.status,
        piece_status=piece.status,
        variant_status=parent.status,
        arm_outcome=arm.outcome if arm is not None else "",
        medium=wanted.medium,
        text=str(parent.content.get("body", "")),
        notes=cluster.notes,
        notes_left=cluster.left,
        notes_least=cluster.least,
        depth=store.depth(session, parent.id),
        platform=wanted.platform,
        media=tuple(functions.BY_MEDIUM),
        platforms=tuple(PLATFORM_LENGTHS),
        instructions=event.regeneration_instructions or "",
        guidelines=guidelines.complete(persona.guidelines),
        language=voice.language,
        is_persona_archived=persona.archived_at is not None,
        decided=decided,
        counted=counted,
    )


def written(session: Session, run: Run, event: Event, answers: Answers) -> None:
    """Puts down the text in the answer; Invalid when it is none, or one of those that it was to differ from."""
    wanted = Wanted.of(run)
    name = circuit_briefs.writing_call(wanted)
    function, answer = functions.called(name), answers[name]
    brief = circuit_briefs.writing(session, run, function, is_parsing=True)
    draft = function.parse(brief, answer.output or {})
    (piece,) = content.pieces_of(draft, brief.voice.language)
    (new,) = piece.variants
    lost, *won = (each.text for each in brief.replaced)
    found = gates.generated(new.content, lost, won)
    if not found["is_new"]:
        told = f"the new text is too alike to one it replaces, allowed is under {likeness.MOST_SIMILAR}"
        raise errors.Invalid(told, "invalid_output")
    used = {"model": answer.model, "origin": answer.origin, "template": answer.template}
    patterns = list(brief.rewriting.patterns) if brief.rewriting is not None else []
    more = {"template_version": answer.template_version, "sources": list(new.source_note_ids), "patterns": patterns}
    event.cx06_generation_result = {**found, **used, **more}
    event.cx06_generated_at, event.cx06_generated = clock.now(), True
    event.new_variant_content = new.content
    event.status = "cx06_generated"


def last_look(session: Session, event: Event) -> RegisteringFacts:
    """How test, piece and text stand now, with all three kept from everybody else until the transaction ends."""
    test = experiments.locked(session, event.ab_test_id)
    parent = experiment_store.variants(session, [event.parent_variant_id])[event.parent_variant_id]
    piece = editing.found(session, Piece, test.piece_id, "piece")
    count = store.stands(session, test.id, parent.id).registered
    return RegisteringFacts(test.status, piece.status, parent.status, count, store.depth(session, parent.id))


def _guarded(session: Session, run: Run, event: Event, opinion: circuit_judging.Judged | None) -> dict[str, Any]:
    """The verdict of the guard, with the persona, the notes and all other texts as they are now."""
    wanted, new = Wanted.of(run), event.new_variant_content or {}
    generation = editing.found(session, Generation, wanted.generation_id, "generation")
    piece = editing.found(session, Piece, wanted.piece_id, "piece")
    origin = str((event.cx06_generation_result or {}).get("origin", ""))
    known = guarding.known(session, generation, wanted.medium, wanted.persona_id)
    about = guarding.Judged(wanted.medium, wanted.platform, piece.line_id, origin)
    facts = guarding.of_content(known.facts(about), wanted.label, new)
    verdict = deciding.by_rules(guard.as_json(guard.merged({wanted.label: guard.judged(facts)})))
    if opinion is not None:
        verdict = deciding.together(verdict, {wanted.label: opinion.opinion}, list(opinion.judges))
    return gates.validated(verdict, facts)


def _counts(session: Session, event: Event) -> tuple[tuple[float, ...] | None, tuple[float, ...] | None]:
    """What the decision says that was counted of the text, and what the batches it speaks of hold."""
    decision = editing.found(session, ExperimentDecision, event.circuit_execution_id, "decision")
    if decision.n is None or decision.conversions is None or "through" not in decision.facts:
        return None, None
    number = next(
        (
            arm.number
            for arm in experiment_store.arms(session, [event.ab_test_id])[event.ab_test_id]
            if arm.variant_id == event.parent_variant_id
        ),
        None,
    )
    through = decision.facts["through"]
    rows = [
        arm
        for batch in experiment_store.counted(session, [event.ab_test_id])[event.ab_test_id]
        for arm in batch.arms
        if batch.number <= through and arm[0] == number
    ]
    counted = (sum(float(row[1] or 0) for row in rows), sum(float(row[2] or 0) for row in rows))
    return (float(decision.n), float(decision.conversions)), counted


def _rejected(event: Event, found: dict[str, Any]) -> Refused:
    told = "; ".join(found["vetoes"])
    _reviewed(event, found, None)
    event.failure_reason, event.failure_details = told, {"gate": "cx08", "vetoes": found["vetoes"]}
    ended(event, "cx08_rejected")
    return {"code": "cx08_rejected", "detail": f"the review refused: {told}", "kind": errors.Conflict.kind}


def _reviewed(event: Event, found: dict[str, Any], status: Status | None) -> None:
    event.cx08_approval_signal = {**(event.cx08_approval_signal or {}), **found}
    event.cx08_approved = bool(found["approved"])
    event.cx08_approved_at = clock.now() if found["approved"] else None
    event.status = status or event.status


def _failed(event: Event, found: dict[str, Any]) -> Refused:
    _validated(event, found, None)
    checks = sorted({str(each["check"]) for each in found["findings"]})
    told = f"the brand guard gave {found['validation_score']:.2f} of at least {guard.PASS_AT:.2f}"
    told += f", because of {', '.join(checks)}" if checks else ""
    event.failure_reason, event.failure_details = told, {"gate": "cx05", "checks": checks}
    ended(event, "cx05_failed")
    return {"code": "cx05_failed", "detail": told, "kind": errors.Conflict.kind}


def _validated(event: Event, found: dict[str, Any], status: Status | None) -> None:
    event.cx05_validation_result = found
    event.cx05_validation_score = found["validation_score"]
    event.cx05_validation_passed = found["passed"]
    event.cx05_validated_at = clock.now()
    event.status = status or event.status
