"""A workspace's own prompts: every version kept, one in force, previewed with what is really there."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from regrow.domain.workspaces import Role
from regrow.kit import errors
from regrow.services import generations, notes, prompt_previews, prompts, regenerating, topics
from regrow.services.prompt_previews import Inputs
from regrow.store import content as content_store
from regrow.store import prompts as store
from regrow.store.tables.audit import AuditRow
from regrow.store.tables.prompts import PromptVersion
from regrow.store.tables.runs import Run
from regrow.store.tables.topics import Topic
from tests import tries, vaults
from tests.domain.test_prompts import text
from tests.homes import Tenant

BLOG = "write_blog"


def change(alice: Tenant, told: str, expected: int | None = None, template: str = BLOG, **more: Any) -> PromptVersion:
    with alice.writing() as session:
        return prompts.change(session, alice.owner, alice.home.prompter, template, text(told), expected, **more)


def in_force(alice: Tenant, template: str = BLOG) -> str:
    with alice.reading() as session:
        return str(prompts.in_force(session, alice.home.prompter, template))


def rolled_back(alice: Tenant, version: str, expected: int | None = None) -> PromptVersion | None:
    with alice.writing() as session:
        return prompts.roll_back(session, alice.owner, alice.home.prompter, BLOG, version, expected)


def reset(alice: Tenant) -> PromptVersion | None:
    with alice.writing() as session:
        return prompts.reset(session, alice.owner, BLOG)


def previewed(alice: Tenant, version: str | None = None, template: str = BLOG, **inputs: Any) -> Any:
    with alice.reading() as session:
        return prompt_previews.preview(session, alice.home.prompter, template, version, Inputs(**inputs))


def audited(alice: Tenant) -> list[tuple[str, int]]:
    with alice.reading() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action.like("prompt.%")).order_by(AuditRow.id)).all()
    return [(row.action, row.detail["version"]) for row in rows]


def test_the_shipped_one_is_in_force_until_a_workspace_words_its_own(alice: Tenant, charlie: Tenant) -> None:
    assert in_force(alice) == "shipped-3"
    row = change(alice, "Laugh.", note="for fun")
    assert (row.version, row.how, row.note, row.by) == (1, "changed", "for fun", "key_owner")
    assert (in_force(alice), in_force(alice, "write_social")) == ("workspace-1", "shipped-3")
    assert in_force(charlie) == "shipped-3"


def test_versions_are_kept_and_an_earlier_one_comes_back_as_a_new_one(alice: Tenant) -> None:
    change(alice, "One.")
    change(alice, "Two.")
    back = rolled_back(alice, "workspace-1")
    assert back is not None
    assert (back.version, back.how, back.restores, back.text) == (3, "rolled_back", 1, text("One."))
    gone = reset(alice)
    assert gone is not None
    assert (gone.version, gone.how, gone.text, in_force(alice)) == (4, "reset", "", "shipped-3")
    rolled_back(alice, "2")
    assert in_force(alice) == "workspace-5"
    with alice.reading() as session:
        found = store.page(session, BLOG, 10).items
    assert [row.version for row in found] == [5, 4, 3, 2, 1]
    assert audited(alice) == [
        ("prompt.changed", 1),
        ("prompt.changed", 2),
        ("prompt.rolled_back", 3),
        ("prompt.reset", 4),
        ("prompt.rolled_back", 5),
    ]


def test_going_back_to_the_shipped_one_is_a_reset(alice: Tenant) -> None:
    assert (reset(alice), rolled_back(alice, "shipped")) == (None, None)
    change(alice, "One.")
    rolled_back(alice, "shipped-3")
    assert in_force(alice) == "shipped-3"
    with pytest.raises(errors.Conflict, match="previewed and compared but not put in force"):
        rolled_back(alice, "shipped-1")
    with pytest.raises(errors.NotFound, match="no shipped version 9"):
        rolled_back(alice, "shipped-9")


def test_what_changes_nothing_makes_no_version(alice: Tenant) -> None:
    first = change(alice, "One.")
    assert change(alice, "One.").id == first.id
    assert rolled_back(alice, "workspace-1").id == first.id  # type: ignore[union-attr]
    assert audited(alice) == [("prompt.changed", 1)]


def test_a_version_that_never_was_is_not_found(alice: Tenant, charlie: Tenant) -> None:
    change(alice, "One.")
    for tenant, version in ((alice, "workspace-2"), (charlie, "workspace-1")):
        with pytest.raises(errors.NotFound, match="regrow prompts versions write_blog"):
            rolled_back(tenant, version)
        with pytest.raises(errors.NotFound):
            previewed(tenant, version)


def test_whoever_is_second_is_told(alice: Tenant) -> None:
    change(alice, "One.", 0)
    with pytest.raises(errors.Stale, match="at version 1, you read 0"):
        change(alice, "Two.", 0)
    with pytest.raises(errors.Stale):
        rolled_back(alice, "shipped", 0)
    assert change(alice, "Two.", 1).version == 2


def test_two_at_the_same_moment_leave_two_versions_or_one_is_told(alice: Tenant) -> None:
    told: list[errors.RegrowError] = []

    def act(number: int) -> None:
        try:
            change(alice, f"Text {number}.")
        except errors.RegrowError as error:
            told.append(error)

    threads = [threading.Thread(target=act, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with alice.reading() as session:
        found = [row.version for row in store.page(session, BLOG, 10).items]
    assert len(found) + len(told) == 6
    assert sorted(found) == list(range(1, len(found) + 1))
    assert {type(error) for error in told} <= {errors.Stale}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.REVIEWER])
def test_only_owners_change_what_everything_is_written_with(alice: Tenant, role: Role) -> None:
    actor, prompter = alice.actor(role), alice.home.prompter
    with alice.writing() as session:
        with pytest.raises(errors.Forbidden):
            prompts.change(session, actor, prompter, BLOG, text())
        with pytest.raises(errors.Forbidden):
            prompts.roll_back(session, actor, prompter, BLOG, "shipped")
        with pytest.raises(errors.Forbidden):
            prompts.reset(session, actor, BLOG)
    assert audited(alice) == []


def test_a_text_that_does_more_than_fill_variables_is_refused_and_nothing_kept(alice: Tenant) -> None:
    with pytest.raises(errors.Invalid, match="line 5"):
        change(alice, "{{ ''.__class__ }}")
    with pytest.raises(errors.NotFound, match="there is no prompt 'write_poem'"):
        change(alice, "x", template="write_poem")
    assert (in_force(alice), audited(alice)) == ("shipped-3", [])


@pytest.mark.parametrize("table", ["prompt_versions", "prompt_trials"])
def test_the_database_itself_keeps_every_version(alice: Tenant, table: str) -> None:
    change(alice, "One.")
    task = tries.begun(alice, generations.ask, topic_id=tries.topic(alice)).task_id
    alice.raw(
        "INSERT INTO prompt_trials (id, task_id, template, topic_id, persona_id, sides, created_at, workspace_id) "
        f"SELECT 'ptr_1', '{task}', 'write_blog', t.id, p.id, '{{}}', t.created_at, t.workspace_id "
        "FROM topics t JOIN personas p ON p.workspace_id = t.workspace_id"
    )
    for statement in (f"UPDATE {table} SET template = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(sa.exc.DBAPIError, match="only grows"):
            alice.raw(statement)


def prompts_of(alice: Tenant, task_id: str) -> dict[str, str]:
    with alice.reading() as session:
        return dict(session.get_one(Run, task_id).prompts)


def test_a_run_keeps_to_the_version_that_was_in_force_when_it_began(alice: Tenant) -> None:
    topic = tries.topic(alice)
    plain = tries.begun(alice, generations.ask, topic_id=topic)
    change(alice, "One.")
    begun = tries.begun(alice, generations.ask, topic_id=topic)
    change(alice, "Two.")
    reset(alice)
    assert prompts_of(alice, plain.task_id) == {}
    assert prompts_of(alice, begun.task_id) == {"write_blog": "workspace-1"}
    with alice.reading() as session:
        run = session.get_one(Run, begun.task_id)
        found = prompts.wording_of(session, run, BLOG, BLOG)
        assert (found.version, found.text) == (1, text("One."))
        assert prompts.wording_of(session, run, "write_social", "write_social").text == ""


def test_another_try_is_put_in_the_version_in_force_by_then(alice: Tenant) -> None:
    begun = tries.begun(alice, generations.ask, topic_id=tries.topic(alice), media=["blog"])
    made = begun.done()["generation_id"]
    change(alice, "Again.")
    again = tries.begun(alice, regenerating.ask_medium, made, "blog")
    assert prompts_of(alice, again.task_id) == {"write_blog": "workspace-1"}
    assert again.done()["generation_id"] == made


def test_a_preview_is_filled_with_the_topic_and_the_persona(alice: Tenant) -> None:
    topic = tries.topic(alice)
    change(alice, "Laugh, {{ persona }}.")
    found = previewed(alice, topic_id=topic, instructions="Shorter.")
    assert (found.version, found.template, found.template_version) == ("workspace-1", "workspace/write_blog", 1)
    assert "Laugh, Plain voice." in found.system
    assert "How to read what you are given" in found.system
    for told in ("Salt slows the yeast", "Shorter."):
        assert told in found.user
    assert found.characters == len(found.system) + len(found.user)
    assert found.characters / 5 < found.tokens < found.characters / 3
    assert found.topic_id == topic
    shipped = previewed(alice, "shipped-2")
    assert (shipped.template, shipped.template_version, shipped.topic_id) == ("write_blog", 2, topic)
    assert "Laugh" not in shipped.system


def test_a_preview_of_a_piece_holds_what_it_must_differ_from(alice: Tenant) -> None:
    made = tries.begun(alice, generations.ask, topic_id=tries.topic(alice), social_count=2).done()
    with alice.reading() as session:
        pieces = {row.medium: row for row in content_store.pieces_of(session, [made["generation_id"]])}
    found = previewed(alice, template="write_social", piece_id=pieces["social"].id)
    assert "The texts to be replaced" in found.user
    assert found.system.count("text and hashtags together") == 1
    with pytest.raises(errors.Invalid, match="write_social writes such pieces"):
        previewed(alice, piece_id=pieces["social"].id)


def test_what_is_private_is_in_no_preview(alice: Tenant) -> None:
    topic = tries.topic(alice)
    with alice.writing() as session:
        secret = notes.create(
            session, alice.owner, "Ledger", "The heronwing ledger is ours alone. " * 20, tags=["private"]
        )
        row = session.get_one(Topic, topic)
        row.note_ids = [*row.note_ids, secret.id]
    found = previewed(alice, topic_id=topic)
    assert secret.id not in found.note_ids
    assert len(found.note_ids) == 10
    assert "heronwing" not in found.user + found.system


def test_no_marker_of_the_sample_notes_is_in_any_preview(alice: Tenant) -> None:
    vaults.import_sample(alice)
    with alice.writing() as session:
        for seed in range(3):
            topics.discover(session, alice.owner, random_seed=seed)
    for template in ("write_blog", "write_social", "write_email"):
        found = previewed(alice, template=template)
        assert [word for word in vaults.MARKERS if word in found.user + found.system] == []
        assert len(found.note_ids) > 2


def test_without_a_topic_there_is_nothing_to_fill_in(alice: Tenant, charlie: Tenant) -> None:
    topic = tries.topic(charlie)
    with pytest.raises(errors.NotFound, match="regrow topics discover"):
        previewed(alice)
    with pytest.raises(errors.NotFound, match="there is no topic"):
        previewed(alice, topic_id=topic)
    with pytest.raises(errors.NotFound, match="there is no piece"):
        previewed(alice, piece_id="pie_000000000000000")
