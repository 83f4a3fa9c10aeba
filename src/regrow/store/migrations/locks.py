"""Words that migrations use: row-level security, and tables that only grow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import op

ENTERED = "NULLIF(current_setting('app.workspace_id', true), '')"


def lock_rows(table: str) -> None:
    """PostgreSQL shows and takes rows of the entered workspace only, from the owner too."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY one_workspace ON {table} USING (workspace_id = {ENTERED}) WITH CHECK (workspace_id = {ENTERED})"
    )


def only_grow(table: str) -> None:
    """The database itself refuses to change or remove a row of this table."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} only grows' USING ERRCODE = 'restrict_violation'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
        )


def keep(table: str, columns: tuple[str, ...]) -> None:
    """The database itself refuses to rewrite these columns of a row, and to remove one."""
    told = f"{table} are kept as they were written"
    named = ", ".join(columns)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {table}_keep() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{told}' USING ERRCODE = 'restrict_violation'; END $$"
        )
        for verb, each in ((f"UPDATE OF {named} OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {table}_keep_{each.lower()} BEFORE {verb} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION {table}_keep()"
            )
        return
    for verb in (f"UPDATE OF {named}", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_keep_{verb.split()[0].lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{told}'); END"
        )


def settle(table: str, over: tuple[str, ...]) -> None:
    """The database itself refuses to change a row whose status is one of these, and to put another in its place."""
    is_over = f"OLD.status IN ({', '.join(repr(name) for name in over)})"
    _refuse(table, "settled", "UPDATE", is_over, f"{table} that ended are never changed")
    if op.get_bind().dialect.name == "sqlite":
        # INSERT OR REPLACE removes the row there was, which only some connections tell triggers of.
        again = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"
        _refuse(table, "replaced", "INSERT", again, f"{table} are kept as they were written")


def crown(table: str) -> None:
    """Of variants: the database itself refuses to change or remove a winner, and to make one that no decision made."""
    told = "a winner is never changed"
    _refuse(table, "winner_changed", "UPDATE", "OLD.status = 'winner'", told)
    _refuse(table, "winner_removed", "DELETE", "OLD.status = 'winner'", told)
    decided = (
        "EXISTS (SELECT 1 FROM experiment_decisions WHERE experiment_decisions.variant_id = NEW.id "
        "AND experiment_decisions.decision = 'promote' AND experiment_decisions.is_applied)"
    )
    unmade = "only a decision to promote makes a winner"
    _refuse(table, "winner_made", "UPDATE", f"NEW.status = 'winner' AND NOT {decided}", unmade)
    _refuse(table, "winner_born", "INSERT", "NEW.status = 'winner'", unmade)


def _refuse(table: str, name: str, verb: str, when: str, told: str) -> None:
    """A trigger that refuses what is done to a row `when` this holds of it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {table}_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {when} THEN "
            f"RAISE EXCEPTION '{told}' USING ERRCODE = 'restrict_violation'; END IF; "
            f"RETURN {'OLD' if verb == 'DELETE' else 'NEW'}; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_{name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_{name}()"
        )
        return
    op.execute(
        f"CREATE TRIGGER {table}_{name} BEFORE {verb} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{told}'); END"
    )


@contextmanager
def unlocked(*tables: str) -> Iterator[None]:
    """Rows of every workspace are within the owner's reach inside; what is forced binds owners too."""
    is_postgres = op.get_bind().dialect.name == "postgresql"
    for table in tables if is_postgres else ():
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    yield
    for table in tables if is_postgres else ():
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
