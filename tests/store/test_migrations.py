"""What stood in a database before a schema change stands in it afterwards."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from regrow.store import content, database, migrate
from regrow.store.tables import everything
from regrow.store.tables.content import Generation, Piece
from tests.conftest import DatabaseUrls

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
MADE = {"workspace_id": "ws_old", "created_at": AT, "updated_at": AT}
ROWS = {
    "workspaces": {"id": "ws_old", "slug": "old", "name": "Old", "created_at": AT},
    "personas": {
        **{"id": "per_old", "name": "P", "description": "", "voice": "{}", "guidelines": "{}", "is_default": True},
        **{"version": 1, **MADE},
    },
    "topics": {
        **{"id": "top_old", "kind": "notes", "note_ids": "[]", "title": "T", "summary": "S", "why": "W"},
        **{"random_seed": 1, "version": 1, **MADE},
    },
    "generations": {
        **{"id": "gen_old", "task_id": "run_old", "topic_id": "top_old", "persona_id": "per_old"},
        **{"cluster_note_ids": "[]", "topic_summary": "S", "status": "draft", "warnings": "[]"},
        **{"created_at": AT, "workspace_id": "ws_old"},
    },
    "pieces": {
        **{"id": "pie_old", "generation_id": "gen_old", "medium": "blog", "sequence": 1, "status": "draft"},
        **{"version": 1, "meta": "{}", "origin": "model", "provenance": '{"function": "write_blog"}', **MADE},
    },
    "variants": {
        **{"id": "var_old", "piece_id": "pie_old", "label": "A", "version": 1, "content": '{"body": "Before."}'},
        **{"status": "draft", "by": "model", "created_at": AT, "workspace_id": "ws_old"},
    },
}


def upgraded_to(owner: sa.Engine, revision: str) -> None:
    settings = Config()
    settings.set_main_option("script_location", str(migrate.MIGRATIONS))
    settings.set_main_option("path_separator", "os")
    with owner.connect() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)
        connection.commit()


def enter(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT set_config('app.workspace_id', 'ws_old', true)"))


def put(owner: sa.Engine, table: str, row: dict[str, object]) -> None:
    """As the owner and past the ORM, which knows only the newest schema."""
    with owner.begin() as connection:
        described = sa.Table(table, sa.MetaData(), autoload_with=connection)
        enter(connection)
        is_json = {column.name for column in described.c if isinstance(column.type, sa.JSON)}
        literal = {name: sa.text(f"'{value}'") for name, value in row.items() if name in is_json}
        plain = {name: value for name, value in row.items() if name not in is_json}
        connection.execute(described.insert().values(**plain, **literal))


def test_pieces_from_before_versions_have_a_first_one(database_urls: DatabaseUrls) -> None:
    everything.declare()
    url = database_urls.owner_url.replace("postgresql://", "postgresql+psycopg://", 1)
    owner = database.engine(url, 2)
    upgraded_to(owner, "0004")
    for table, row in ROWS.items():
        put(owner, table, dict(row))
    migrate.upgrade(owner)
    assert migrate.is_current(owner)
    with database.reading(owner, "ws_old") as session:
        piece, generation = session.get_one(Piece, "pie_old"), session.get_one(Generation, "gen_old")
        assert (piece.line_id, generation.line_id) == ("pie_old", "gen_old")
        (version,) = content.versions(session, ["pie_old"])
        told = (version.version, version.how, version.by, version.origin, version.provenance, version.at)
        assert told == (1, "written", "model", "model", {"function": "write_blog"}, AT)
    with pytest.raises(sa.exc.DBAPIError, match="kept as they were written"):
        rewrite(owner)
    owner.dispose()


def rewrite(owner: sa.Engine) -> None:
    with owner.begin() as connection:
        enter(connection)
        connection.execute(sa.text("UPDATE variants SET content = '{}'"))
