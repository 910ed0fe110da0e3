"""Every revision goes up, down and up again; a crash half-way leaves nothing; models equal migrations."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from storage import schema
from storage.errors import SchemaMismatch
from storage.tables import metadata

ROOT = Path(__file__).parents[2]


def revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    return [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def shape(url: str) -> dict[str, list[str]]:
    engine = create_engine(url)
    try:
        seen = inspect(engine)
        return {
            name: sorted(column["name"] for column in seen.get_columns(name))
            for name in seen.get_table_names()
            if name != "alembic_version"
        }
    finally:
        engine.dispose()


def test_each_revision_goes_up_down_and_up(empty_url: str) -> None:
    steps = revisions()
    for before, step in zip(["base", *steps], steps, strict=False):
        schema.upgrade(empty_url, step)
        up = shape(empty_url)
        schema.downgrade(empty_url, before)
        assert shape(empty_url) != up
        schema.upgrade(empty_url, step)
        assert shape(empty_url) == up
    assert schema.current(empty_url) == schema.newest() == steps[-1]
    schema.downgrade(empty_url, "base")
    assert shape(empty_url) == {}


def test_the_migrations_make_the_tables_of_the_models(database_url: str) -> None:
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
    finally:
        engine.dispose()


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    before = shape(database_url)
    assert schema.upgrade(database_url) == schema.newest()
    assert shape(database_url) == before


@pytest.mark.parametrize("statement", [1, 9, 20, 30])
def test_a_crash_in_the_middle_of_a_migration_leaves_nothing(empty_url: str, statement: int) -> None:
    program = f"""
        import os
        from sqlalchemy import event
        from sqlalchemy.engine import Engine
        from storage import schema
        seen = 0
        @event.listens_for(Engine, "before_cursor_execute")
        def crash(connection, cursor, sql, *rest):
            global seen
            seen += sql.lstrip().startswith(("CREATE", "INSERT", "UPDATE"))
            if seen == {statement}:
                os._exit(9)
        schema.upgrade({empty_url!r})
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], env=environment, check=False)
    assert done.returncode == 9
    assert schema.current(empty_url) is None
    assert shape(empty_url) == {}
    schema.upgrade(empty_url)
    assert schema.current(empty_url) == schema.newest()


def test_the_file_is_copied_before_it_is_migrated_and_three_copies_are_kept(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    schema.upgrade(url, "0001")
    assert list(tmp_path.glob("*.bak")) == []
    with sqlite3.connect(tmp_path / "desk.db") as connection:
        connection.execute("INSERT INTO setting VALUES ('k', '1')")
    connection.close()
    for number in range(4):
        (tmp_path / f"desk.db.before-old{number}.bak").touch()
        os.utime(tmp_path / f"desk.db.before-old{number}.bak", (number, number))
    schema.upgrade(url)
    assert sorted(path.name for path in tmp_path.glob("*.bak")) == [
        "desk.db.before-0001.bak",
        "desk.db.before-old2.bak",
        "desk.db.before-old3.bak",
    ]
    copy = sqlite3.connect(tmp_path / "desk.db.before-0001.bak")
    assert copy.execute("SELECT value FROM setting").fetchall() == [("1",)]
    copy.close()


def test_a_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    schema.upgrade(url)
    with sqlite3.connect(tmp_path / "desk.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(SchemaMismatch, match="9999"):
        schema.upgrade(url)
    with pytest.raises(SchemaMismatch, match="9999"):
        schema.require_current(url)
