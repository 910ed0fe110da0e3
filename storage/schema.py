"""Bring a database to this program's revision, all or nothing, with a copy of the file before."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, pool, text
from sqlalchemy.exc import DBAPIError

from storage.engine import writer_engine
from storage.errors import NotRead, NotSaved, SchemaMismatch
from storage.failures import reason
from storage.urls import parse_url, sqlite_path

MIGRATIONS = Path(__file__).parent / "migrations"
KEPT_COPIES = 3
_UPGRADE_LOCK = 0x7A68_7562  # any number of our own; held while tables change on PostgreSQL


def upgrade(url: str | URL, revision: str = "head", *, migrations: Path = MIGRATIONS) -> str:
    """Upgrade to ``revision`` in one transaction and return the revision reached.

    A SQLite file that holds data is copied to ``<file>.before-<old revision>.bak`` first; three copies are
    kept. Raises SchemaMismatch (the database is of a newer program) or NotSaved; then nothing has changed.
    """
    return _move(url, revision, migrations, up=True)


def downgrade(url: str | URL, revision: str, *, migrations: Path = MIGRATIONS) -> str:
    """Go back to ``revision`` (``base`` drops every table), all or nothing. Raises as ``upgrade`` does."""
    return _move(url, revision, migrations, up=False)


def current(url: str | URL) -> str | None:
    """Return the database's revision, or None when it is empty or not there. Raises NotRead."""
    path = sqlite_path(url)
    if path is not None and not path.exists():
        return None
    engine = create_engine(parse_url(url), poolclass=pool.NullPool)
    try:
        with engine.connect() as connection:
            return _revision(connection)
    except DBAPIError as error:
        raise NotRead(reason(error)) from error
    finally:
        engine.dispose()


def newest(migrations: Path = MIGRATIONS) -> str:
    """Return this program's revision."""
    found = ScriptDirectory.from_config(_config(migrations)).get_current_head()
    if found is None:
        raise SchemaMismatch("no migrations were found")
    return found


def require_current(url: str | URL) -> None:
    """Raise SchemaMismatch unless the database is at this program's revision."""
    have, need = current(url), newest()
    if have != need:
        raise SchemaMismatch(
            f"the database is at revision {have or 'none'}, this program needs {need}: db upgrade"
        )


def _move(url: str | URL, revision: str, migrations: Path, *, up: bool) -> str:
    config = _config(migrations)
    script = ScriptDirectory.from_config(config)
    before = current(url)
    known = {each.revision for each in script.walk_revisions()}
    if before is not None and before not in known:
        raise SchemaMismatch(f"the database is at revision {before}, which this program does not know")
    target = script.get_current_head() if revision == "head" else revision
    if before == target and target is not None:
        return target
    path = sqlite_path(url)
    if path is not None and before is not None:
        _copy_before(path, before)
    engine = writer_engine(url)
    try:
        return _run(engine, config, revision, up=up)
    except CommandError as error:
        raise SchemaMismatch(str(error)) from error
    except DBAPIError as error:
        raise NotSaved(f"the database was not changed: {reason(error)}") from error
    finally:
        engine.dispose()


def _run(engine: Engine, config: Config, revision: str, *, up: bool) -> str:
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        config.attributes["connection"] = connection
        (command.upgrade if up else command.downgrade)(config, revision)
        return _revision(connection) or "base"


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    return config


def _copy_before(path: Path, revision: str) -> None:
    """Copy the file with SQLite's backup API, whole or not at all, and keep the newest copies only."""
    target = path.with_name(f"{path.name}.before-{revision}.bak")
    partial = target.with_name(target.name + ".part")
    try:
        with (
            contextlib.closing(sqlite3.connect(path)) as source,
            contextlib.closing(sqlite3.connect(partial)) as copy,
        ):
            source.backup(copy)
        partial.replace(target)
    except (sqlite3.Error, OSError) as error:
        partial.unlink(missing_ok=True)
        raise NotSaved(
            f"the database was not changed: no copy could be made before migrating: {error}"
        ) from error
    copies = sorted(path.parent.glob(f"{path.name}.before-*.bak"), key=lambda each: each.stat().st_mtime_ns)
    for old in copies[:-KEPT_COPIES]:
        old.unlink(missing_ok=True)
