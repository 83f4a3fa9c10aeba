"""From a folder of notes to reviewed drafts, the way a person goes, offline and with a model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from regrow import wiring
from regrow.adapters.llm import prompts
from regrow.adapters.llm.offline import OfflineWriter
from regrow.domain import content, functions, prose
from regrow.domain.writing import Brief, Call
from regrow.kit import errors
from regrow.services import credits, generations, personas, pieces, topics
from regrow.store import content as content_store
from regrow.store import runs as run_store
from regrow.store import topics as topic_store
from regrow.store.tables.content import Piece
from regrow.store.tables.contexts import Context
from regrow.store.tables.notes import Note
from regrow.store.tables.runs import Run, UsageRow
from regrow.store.tables.topics import Topic
from regrow.store.tenancy import Session
from regrow.testing.openai_server import OpenAIServer
from regrow.workflows import starting
from tests import cluster, vaults
from tests.homes import Tenant, settings_for, tenant

KEY = "sk-test-journey-0123456789"


@pytest.fixture
def working(alice: Tenant) -> Iterator[Tenant]:
    """A workspace with the bundled notes and a worker, offline."""
    vaults.import_sample(alice)
    alice.home.launch()
    yield alice
    # A run is told as done a moment before its thread gives its connection back.
    alice.home.close(wait_seconds=0 if alice.home.settings.is_sqlite else 30)


def _generate(alice: Tenant, **request: object) -> str:
    with alice.writing() as session:
        run = generations.ask(session, alice.owner, **request)  # type: ignore[arg-type]
    starting.start(run)
    return run.id


def _pieces(alice: Tenant, task_id: str) -> list[Piece]:
    with alice.reading() as session:
        generation = vaults.generation_of(session, task_id)
        assert generation is not None
        return content_store.pieces_of(session, [generation.id])


def test_notes_become_drafts_that_are_approved(working: Tenant, charlie: Tenant) -> None:
    task_id = _generate(working)
    assert vaults.wait_for(working, task_id).status == "success"
    made = _pieces(working, task_id)
    assert [(piece.medium, piece.sequence) for piece in made] == [("blog", 1), *(("social", n) for n in range(1, 6))]
    assert {piece.origin for piece in made} == {"offline-extractive"}
    with working.reading() as session:
        variants = content_store.newest_variants(session, [piece.id for piece in made])
        known = set(session.scalars(select(Note.id)))
    for piece in made:
        a, b = variants[piece.id]
        assert prose.shingle_similarity(a.content["body"], b.content["body"]) < 0.6
        assert set(piece.provenance["sources"]) <= known
        assert {"function", "template", "template_version", "model", "settings", "cost"} <= set(piece.provenance)
    for piece in made:
        with working.writing() as session:
            pieces.approve(session, working.owner, piece.id)
    with working.reading() as session:
        generation = vaults.generation_of(session, task_id)
        assert generation is not None
        assert generation.status == "approved"
        live = content_store.newest_variants(session, [made[0].id])[made[0].id]
        assert {variant.status for variant in live} == {"live"}
    with charlie.reading() as session:
        assert vaults.generation_of(session, task_id) is None
        assert session.scalars(select(Note)).all() == []


def test_a_used_seed_is_not_chosen_again_and_the_end_is_told(working: Tenant) -> None:
    with working.reading() as session:
        everyone = list(session.scalars(select(Note.id)))
    task_id = _generate(working, media=["social"])
    vaults.wait_for(working, task_id)
    with working.reading() as session:
        used = topic_store.used(session, everyone)
        assert len(used) == 1
    with pytest.raises(errors.Conflict) as caught, working.writing() as session:
        topics.discover(session, working.owner, seed_note_id=next(iter(used)))
    assert caught.value.code == "no_unused_seed"
    with working.writing() as session:
        for note_id in everyone:
            topic_store.mark_used(session, note_id, "gen_test")
    with pytest.raises(errors.Conflict, match="mport more notes") as caught, working.writing() as session:
        generations.ask(session, working.owner)
    assert caught.value.code == "no_unused_seed"


def test_a_changed_voice_changes_the_text(working: Tenant) -> None:
    with working.writing() as session:
        topic = topics.discover(session, working.owner, random_seed=3)
        brisk = personas.create(session, working.owner, "Brisk", voice={"blog": {"words": 250, "sentence_words": 10}})
    bodies = []
    for request in ({}, {"persona_id": brisk.id}, {"instructions": "shorter, lead with the number"}):
        task_id = _generate(working, topic_id=topic.id, media=["blog"], **request)
        assert vaults.wait_for(working, task_id).status == "success"
        (piece,) = _pieces(working, task_id)
        with working.reading() as session:
            bodies.append(content_store.newest_variants(session, [piece.id])[piece.id][0].content["body"])
    plain, brisk_body, shorter = (len(prose.words(body)) for body in bodies)
    assert brisk_body < plain * 0.7
    assert shorter < plain
    assert prose.shingle_similarity(bodies[0], bodies[2]) < 0.9


def test_too_little_source_fails_and_gives_the_credits_back(working: Tenant) -> None:
    with working.writing() as session:
        credits.grant(session, working.owner, 100, "to begin with")
        titles = ("Reading Links", "Untitled")
        links = list(session.scalars(select(Note.id).where(Note.title.in_(titles))))
        topic = topics.create(session, working.owner, note_ids=links, title="Only links", summary="Nothing to say")
    task_id = _generate(working, topic_id=topic.id)
    end = vaults.wait_for(working, task_id)
    assert end.status == "failed"
    assert end.error is not None
    assert end.error["code"] == "not_enough_source"
    with working.reading() as session:
        from regrow.store import credits as ledger

        assert ledger.account(session).balance == 100
        assert session.scalars(select(Piece)).all() == []
        closed = session.scalars(select(Context).where(Context.owner == task_id)).all()
    assert {context.phase for context in closed} == {"failed"}
    assert all(context.finished_at for context in closed)


class TestOnSqlite:
    @pytest.fixture
    def database_kind(self) -> str:
        return "sqlite"

    def test_what_is_private_reaches_no_topic_no_prompt_and_no_draft(self, alice: Tenant) -> None:
        vaults.import_sample(alice)
        with alice.reading() as session:
            private = session.scalars(select(Note).where(Note.is_private)).all()
            seeds = list(session.scalars(select(Note.id).where(Note.is_private.is_(False))))
        hidden = [*vaults.MARKERS, *(note.title.lower() for note in private)]
        assert len(private) == 4
        seen = 0
        for seed in seeds[::2]:
            briefs = _briefs(alice, seed)
            seen += bool(briefs)
            for name, brief in briefs.items():
                call = Call(name, brief, functions.BY_NAME[name].output)
                prompt = prompts.render(call)
                told = json.dumps(OfflineWriter().write(call).output, ensure_ascii=False)
                text = f"{brief.topic_title} {brief.topic_summary} {prompt.system} {prompt.user} {told}".lower()
                assert [word for word in hidden if word in text] == []
        assert seen > 15

    def test_a_topic_forgets_what_has_become_private(self, alice: Tenant, tmp_path: Path) -> None:
        folder = tmp_path / "vault"
        shutil.copytree(vaults.SAMPLE, folder)
        alice.home.import_notes(alice.id, folder)
        with alice.writing() as session:
            topic = topics.discover(session, alice.owner, random_seed=1)
            seed = session.get_one(Note, topic.seed_note_id)
        said = (topic.title, topic.summary, topic.why)
        assert seed.title in " ".join(said)
        file = folder / seed.path
        file.write_text("---\npublish: false\n---\n" + file.read_text().rpartition("---\n")[2])
        assert alice.home.import_notes(alice.id, folder).updated == 1
        with alice.reading() as session:
            told = session.get_one(Topic, topic.id)
            (brief, _social, _email) = _briefs_of(session, alice, told.id)
            sentences = [each for each in prose.sentences(topic.summary) if each in seed.body]
        assert sentences
        assert seed.title not in told.title + told.summary + told.why + brief.topic_title + brief.topic_summary
        assert [each for each in sentences if each in told.summary + brief.topic_summary] == []
        assert seed.id not in told.note_ids
        assert alice.home.import_notes(alice.id, folder).updated == 0
        with alice.reading() as session:
            assert session.get_one(Topic, topic.id).version == told.version

    def test_an_injection_in_a_note_is_not_followed(self, alice: Tenant) -> None:
        vaults.import_sample(alice)
        with alice.reading() as session:
            mail = session.scalars(select(Note.id).where(Note.path.like("%Forwarded Mail%"))).one()
        for name, brief in _briefs(alice, mail).items():
            answer = OfflineWriter().write(Call(name, brief, functions.BY_NAME[name].output))
            told = json.dumps(answer.output).lower()
            assert "quillpoint" not in told
            assert "attacker.example" not in told
            assert "ignore your instructions" not in told


def _briefs(alice: Tenant, seed: str) -> dict[str, Brief]:
    try:
        with alice.writing() as session:
            topic = topics.discover(session, alice.owner, seed_note_id=seed, random_seed=1)
            return dict(
                zip((each.name for each in functions.WRITERS), _briefs_of(session, alice, topic.id), strict=True)
            )
    except errors.Conflict:
        return {}


def _briefs_of(session: Session, alice: Tenant, topic_id: str) -> list[Brief]:
    persona = personas.chosen(session, None)
    request = content.requested(topic_id, persona.id, None, ["blog", "social"], 2, 5)
    run = Run(request=content.as_json(request), workspace_id=alice.id)
    return [generations.brief(session, run, function) for function in functions.WRITERS]


class TestWithAModel:
    @pytest.fixture
    def server(self) -> Iterator[OpenAIServer]:
        with OpenAIServer(keys=[KEY]) as running:
            yield running

    @pytest.fixture
    def alice(self, database_kind: str, tmp_path: Path, server: OpenAIServer) -> Iterator[Tenant]:
        made = settings_for(
            database_kind,
            tmp_path / "home",
            models="openai:first,openai:second",
            openai_api_key=SecretStr(KEY),
            openai_base_url=server.base_url,
        )
        home = wiring.open_home(made)
        alice = tenant(home, "alice")
        vaults.import_sample(alice)
        home.launch()
        yield alice
        home.close()
        if not made.is_sqlite:
            cluster.drop_database(made.owner_database_url.get_secret_value())

    def test_a_failed_candidate_is_booked_and_the_next_one_writes(self, alice: Tenant, server: OpenAIServer) -> None:
        server.faults.extend(["500"])
        task_id = _generate(alice, media=["blog"])
        assert vaults.wait_for(alice, task_id).status == "success"
        with alice.reading() as session:
            rows = session.scalars(select(UsageRow).order_by(UsageRow.id)).all()
        assert sorted((row.model, row.outcome) for row in rows) == [("first", "server_error"), ("second", "ok")]
        (piece,) = _pieces(alice, task_id)
        assert (piece.origin, piece.provenance["model"]) == ("model", "openai:second")
        assert piece.provenance["cost"] == "unknown"

    def test_a_refused_key_stops_at_once_and_says_what_to_set(self, alice: Tenant, server: OpenAIServer) -> None:
        server.faults.extend(["401"])
        task_id = _generate(alice, media=["blog"])
        end = vaults.wait_for(alice, task_id)
        assert end.error is not None
        assert end.error["code"] == "key_refused"
        assert "OPENAI_API_KEY" in end.error["detail"]
        assert server.calls == 1

    def test_a_key_that_the_server_repeats_is_stored_nowhere(self, alice: Tenant, server: OpenAIServer) -> None:
        server.faults.extend(["echo-key", "echo-key"])
        task_id = _generate(alice, media=["blog"])
        assert vaults.wait_for(alice, task_id).status == "failed"
        with alice.reading() as session:
            rows = [*session.scalars(select(UsageRow)), *session.scalars(select(Context))]
            stored = repr([{c.name: getattr(row, c.name) for c in row.__table__.columns} for row in rows])
            events = repr([(event.message, event.error) for event in run_store.since(session, task_id, 0)])
        assert KEY not in stored + events

    def test_a_model_that_asks_for_patience_is_asked_again_later(self, alice: Tenant, server: OpenAIServer) -> None:
        server.faults.extend(["429-1", "503"])
        task_id = _generate(alice, media=["blog"])
        assert vaults.wait_for(alice, task_id).status == "success"
        with alice.reading() as session:
            told = [event.message for event in run_store.since(session, task_id, 0)]
            outcomes = sorted(session.scalars(select(UsageRow.outcome)))
        assert any("trying again in" in message for message in told)
        assert outcomes == ["ok", "rate_limited", "server_error"]

    def test_nothing_but_ids_and_answers_in_the_engines_own_tables(self, alice: Tenant) -> None:
        task_id = _generate(alice, media=["blog"])
        vaults.wait_for(alice, task_id)
        from dbos import DBOS

        (workflow,) = DBOS.list_workflows(workflow_ids=[task_id])
        assert workflow.input is not None
        assert list(workflow.input["args"]) == [alice.id, task_id, "generate", "write_blog"]
