"""A workspace's own prompt all the way through the durable engine, and two versions on the same inputs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from regrow import wiring
from regrow.adapters.llm.prompter import FilePrompter
from regrow.domain.workspaces import Role
from regrow.kit import errors
from regrow.services import generations, notes, prompt_sides, prompt_trials, prompts, runs, workspaces
from regrow.services.prompt_previews import Inputs
from regrow.services.prompt_trials import Wanted
from regrow.store.tables.content import Generation, Piece
from regrow.store.tables.contexts import Context
from regrow.store.tables.credits import CreditHold
from regrow.store.tables.prompts import PromptTrial
from regrow.store.tables.runs import ProgressEvent, Run, UsageRow
from regrow.store.tables.topics import Topic
from regrow.testing.openai_server import OpenAIServer
from regrow.workflows import starting
from tests import cluster, tries, vaults
from tests.homes import Tenant, settings_for, tenant

LAUGH = "Laugh a lot."


@pytest.fixture
def openai() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def alice(database_kind: str, tmp_path: Path, openai: OpenAIServer) -> Iterator[Tenant]:
    made = settings_for(
        database_kind,
        tmp_path / "home",
        models="openai:small",
        openai_api_key=SecretStr("prompt_key_0123456789"),
        openai_base_url=openai.base_url,
    )
    (tmp_path / "home" / "prices").mkdir(parents=True)
    listed = f'base_url = "{openai.base_url}"\n[models]\nsmall = {{ input = 1, output = 2 }}\n'
    (tmp_path / "home" / "prices" / "openai.here.toml").write_text(listed, encoding="utf-8")
    home = wiring.open_home(made)
    alice = tenant(home, "alice")
    home.launch()
    yield alice
    home.close()
    if not made.is_sqlite:
        cluster.drop_database(made.owner_database_url.get_secret_value())


def own(alice: Tenant, first: str = LAUGH, template: str = "write_blog") -> str:
    """A text of the workspace's own, which begins with these words; its name."""
    told = FilePrompter().starting_text(template).replace("=== system ===", f"=== system ===\n{first}")
    with alice.writing() as session:
        row = prompts.change(session, alice.owner, alice.home.prompter, template, told)
    return f"workspace-{row.version}"


def compare(alice: Tenant, wanted: Wanted) -> ProgressEvent:
    with alice.writing() as session:
        run = prompt_trials.ask(session, alice.owner, alice.home.prompter, wanted)
    starting.start(run)
    return vaults.wait_for(alice, run.id)


def shown(alice: Tenant, end: ProgressEvent) -> dict[str, Any]:
    assert end.result is not None, end.error
    with alice.reading() as session:
        return prompt_sides.written(session.get_one(PromptTrial, end.result["trial_id"]))


def usage(alice: Tenant) -> list[tuple[str, str, int]]:
    with alice.reading() as session:
        rows = session.scalars(select(UsageRow).order_by(UsageRow.id)).all()
    return [(row.function, row.template, row.template_version) for row in rows]


def test_texts_are_written_in_the_workspaces_words_and_name_the_version(alice: Tenant, openai: OpenAIServer) -> None:
    topic = tries.topic(alice)
    own(alice)
    with alice.writing() as session:
        run = generations.ask(session, alice.owner, topic_id=topic, social_count=1)
    own(alice, "Weep.")
    starting.start(run)
    assert vaults.wait_for(alice, run.id).status == "success"
    blog, social = openai.asked
    assert blog.system.startswith(LAUGH)
    assert social.system.startswith("You write social media posts")
    with alice.reading() as session:
        found = {row.medium: row.provenance for row in session.scalars(select(Piece))}
    told = {medium: (each["template"], each["template_version"], each["model"]) for medium, each in found.items()}
    assert told == {
        "blog": ("workspace/write_blog", 1, "openai:small"),
        "social": ("write_social", 3, "openai:small"),
    }
    assert found["blog"]["settings"]["max_output_tokens"] == 16_000
    assert usage(alice) == [("write_blog", "workspace/write_blog", 1), ("write_social", "write_social", 3)]


def test_two_versions_on_the_same_inputs_stand_side_by_side(alice: Tenant, openai: OpenAIServer) -> None:
    topic, version = tries.topic(alice), own(alice)
    end = compare(alice, Wanted("write_blog", "shipped", version, Inputs(topic, instructions="Shorter.")))
    found = shown(alice, end)
    before, after = openai.asked
    assert before.system.startswith("You write blog articles")
    assert after.system.startswith(LAUGH)
    assert strip(before.user) == strip(after.user)
    for side, template in (("before", ("write_blog", 3)), ("after", ("workspace/write_blog", 1))):
        told = found[side]
        assert (told["template"], told["template_version"]) == template
        assert (told["model"], told["origin"]) == ("openai:small", "model")
        assert told["settings"]["max_output_tokens"] == 16_000
        assert told["cost"] > 0
        assert told["input_tokens"] > 500
        assert 0 <= told["score"] <= 1
        assert [each["label"] for each in told["pieces"][0]["variants"]] == ["A", "B"]
    assert (found["before"]["version"], found["after"]["version"]) == ("shipped-3", "workspace-1")
    for number, difference in enumerate(found["differences"]):
        texts = [found[side]["pieces"][0]["variants"][number]["content"]["body"] for side in ("before", "after")]
        parts = difference["fields"]["body"]
        assert "".join(part["text"] for part in parts if part["op"] != "insert") == texts[0]
        assert "".join(part["text"] for part in parts if part["op"] != "delete") == texts[1]
    assert [each["label"] for each in found["differences"]] == ["A", "B"]
    assert found["warning"] == ""


def strip(told: str) -> list[str]:
    """The lines of a message without the marker of its frames, which is another one in each call."""
    return [line for line in told.splitlines() if line and "material-" not in line]


def test_a_comparison_is_a_run_like_any_other_and_leaves_no_piece(alice: Tenant) -> None:
    topic, version = tries.topic(alice), own(alice, template="write_social")
    end = compare(alice, Wanted("write_social", version, "shipped", Inputs(topic, social_count=2)))
    found = shown(alice, end)
    assert [piece["platform"] for piece in found["before"]["pieces"]] == ["linkedin", "x"]
    assert [each["what"] for each in found["differences"]] == ["linkedin", "linkedin", "x", "x"]
    assert usage(alice) == [("write_social", "workspace/write_social", 1), ("write_social", "write_social", 3)]
    with alice.reading() as session:
        assert session.scalar(select(func.count(Piece.id))) == 0
        assert session.scalar(select(func.count(Generation.id))) == 0
        (hold,) = session.scalars(select(CreditHold)).all()
        run = session.get_one(Run, end.task_id)
        assert run.prompts == {"write_social.before": "workspace-1", "write_social.after": "shipped-3"}
        contexts = session.scalars(select(Context).order_by(Context.id)).all()
        phases = session.scalars(select(ProgressEvent.phase).where(ProgressEvent.task_id == run.id)).all()
        assert runs.outcome(session, run.id) == end.result
    assert (hold.status, hold.amount > 0) == ("charged", True)
    assert [(row.name, row.phase) for row in contexts] == [
        ("compare_prompts", "done"),
        ("write_social.before", "done"),
        ("write_social.after", "done"),
    ]
    assert {"INIT", "PREP", "AI_CALL", "PARSE", "SAVE", "DONE"} == set(phases)
    assert set(end.result or {}) == {"trial_id"}


def test_the_budget_holds_for_comparisons_too(alice: Tenant, openai: OpenAIServer) -> None:
    topic, version = tries.topic(alice), own(alice)
    with alice.writing() as session:
        workspaces.change(session, alice.owner, alice.id, None, {"budget_usd_per_month_cents": 1})
    end = compare(alice, Wanted("write_blog", "shipped", version, Inputs(topic)))
    assert end.error is not None
    assert (end.error["code"], openai.calls) == ("budget_reached", 0)
    with alice.reading() as session:
        assert session.scalar(select(func.count(PromptTrial.id))) == 0


def test_a_side_that_fails_leaves_nothing_but_what_was_used(alice: Tenant, openai: OpenAIServer) -> None:
    topic, version = tries.topic(alice), own(alice)
    openai.faults.extend(["", "401"])
    end = compare(alice, Wanted("write_blog", "shipped", version, Inputs(topic)))
    assert end.error is not None
    assert (end.status, end.error["code"], openai.calls) == ("failed", "key_refused", 2)
    assert usage(alice) == [("write_blog", "write_blog", 3), ("write_blog", "workspace/write_blog", 1)]
    with alice.reading() as session:
        assert session.scalar(select(func.count(PromptTrial.id))) == 0
        assert session.scalars(select(CreditHold.status)).all() == ["released"]


def test_what_is_private_reaches_neither_side(alice: Tenant, openai: OpenAIServer) -> None:
    topic, version = tries.topic(alice), own(alice)
    with alice.writing() as session:
        secret = notes.create(session, alice.owner, "Ledger", "The heronwing is ours. " * 30, tags=["private"])
        row = session.get_one(Topic, topic)
        row.note_ids = [*row.note_ids, secret.id]
    compare(alice, Wanted("write_blog", "shipped", version, Inputs(topic)))
    assert openai.calls == 2
    assert [asked for asked in openai.asked if "heronwing" in asked.system + asked.user] == []


def test_the_same_version_twice_is_refused_before_anything_is_paid(alice: Tenant) -> None:
    topic = tries.topic(alice)
    for before, after in (("shipped", "shipped-3"), ("", "shipped")):
        with pytest.raises(errors.Invalid, match="both are shipped-3"):
            asked(alice, Role.OWNER, Wanted("write_blog", before, after, Inputs(topic)))
    with pytest.raises(errors.NotFound):
        asked(alice, Role.OWNER, Wanted("write_blog", "shipped", "workspace-7", Inputs(topic)))
    with pytest.raises(errors.Forbidden):
        asked(alice, Role.VIEWER, Wanted("write_blog", "shipped-2", "shipped", Inputs(topic)))


def asked(alice: Tenant, role: Role, wanted: Wanted) -> Run:
    with alice.writing() as session:
        return prompt_trials.ask(session, alice.actor(role), alice.home.prompter, wanted)


def test_the_offline_writer_reads_no_prompt_so_only_prompts_are_compared(alice: Tenant, openai: OpenAIServer) -> None:
    topic, version = tries.topic(alice), own(alice)
    with alice.writing() as session:
        workspaces.change(session, alice.owner, alice.id, None, {"models.write_blog": "offline:extractive"})
    with alice.reading() as session:
        assert not prompt_trials.reads_prompts(session, alice.home.writer, "write_blog")
        assert prompt_trials.reads_prompts(session, alice.home.writer, "write_social")
        wanted = Wanted("write_blog", "shipped", version, Inputs(topic))
        found = prompt_sides.prompts_alone(session, alice.home.prompter, wanted)
    assert "The offline writer reads no prompt" in found["warning"]
    assert found["after"]["told"]["system"].startswith(LAUGH)
    assert (found["before"]["pieces"], found["before"]["cost"], found["id"]) == ([], None, None)
    (difference,) = found["differences"]
    inserted = [part["text"] for part in difference["fields"]["system"] if part["op"] == "insert"]
    assert any(LAUGH in part for part in inserted)
    assert not any("material-" in part["text"] for part in difference["fields"]["user"] if part["op"] != "equal")
    assert openai.calls == 0
    end = compare(alice, wanted)
    assert "The offline writer stood in for a model" in shown(alice, end)["warning"]
