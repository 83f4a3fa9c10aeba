"""The judge of a regenerated text, where a workspace has one: what it is asked, and what its samples come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from regrow.domain import families
from regrow.domain import personas as voices
from regrow.domain.brand import guidelines, judging
from regrow.domain.brand.judging import Opinion
from regrow.domain.functions import Function
from regrow.domain.writing import Answer, Brief, Examined
from regrow.kit import errors
from regrow.services import editing
from regrow.services import judging as judges
from regrow.services.circuits import Wanted
from regrow.store import notes
from regrow.store.tables.circuits import ContentRegenerationEvent as Event
from regrow.store.tables.content import Generation
from regrow.store.tables.personas import Persona
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session


@dataclass(frozen=True, slots=True)
class Judged:
    """What the samples come to, and the models that gave them."""

    opinion: Opinion
    judges: tuple[str, ...]


def calls(wanted: Wanted) -> list[str]:
    """Every sample is a call."""
    return [f"{judges.NAME}.{wanted.label}.{number}" for number in range(1, judging.SAMPLES + 1)]


def candidates(session: Session, event: Event) -> str:
    """The models to ask, those of another family than the writer of the text first."""
    judges.refuse_without(session)
    return families.others_first(judges.named(session), str((event.cx06_generation_result or {}).get("model", "")))


def brief(session: Session, run: Run, event: Event, function: Function) -> Brief:
    """One sample: the new text, and the voice, the guidelines and the notes as they are now."""
    wanted = Wanted.of(run)
    persona = editing.found(session, Persona, wanted.persona_id, "persona")
    generation = editing.found(session, Generation, wanted.generation_id, "generation")
    sources = notes.sources(session, generation.cluster_note_ids)
    said = guidelines.of(persona.guidelines)
    criteria = judging.asked(bool(sources), said != guidelines.Guidelines())
    order = judging.shuffled(criteria, wanted.seed, function.part.partition(".")[2])
    return Brief(
        topic_title="",
        topic_summary="",
        sources=sources,
        voice=voices.voice_for(persona.name, persona.voice, persona.guidelines, wanted.medium, persona.learned),
        labels=(wanted.label,),
        examined=Examined(judges.texts_of(event.new_variant_content or {}), order),
    )


def may_lack(answer: Answer) -> bool:
    """A sample that no repair could make sense of is lost; the others go on."""
    return answer.template == judges.NAME and judges.may_lack(answer)


def opinion(session: Session, run: Run, event: Event, answers: Mapping[str, Answer]) -> Judged:
    """Unavailable when not one answer counts: a judge that makes no sense lets nothing pass."""
    samples = [answers[name] for name in calls(Wanted.of(run)) if name in answers]
    read = [None if each.failure else judging.read(each.output or {}) for each in samples]
    found = judging.opinion(read, judges.texts_of(event.new_variant_content or {}), judging.answered(read))
    if found.is_nothing:
        raise errors.Unavailable(
            f"the judge's answers make no sense, none of them counts: name another model in {judges.SETTING}",
            "judge_nonsense",
            is_permanent=True,
        )
    return Judged(found, tuple(sorted({each.model for each in samples if not each.failure})))
