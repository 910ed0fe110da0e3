"""``zhuanban doctor``, ``backup``, ``restore`` and ``db``: looking after a desk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.refusing import refusing
from bot.settings import load_settings

db = typer.Typer(no_args_is_help=True, help="Look after the database.")


@refusing
def doctor(as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False) -> None:
    """Check everything the desk needs; exit 1 if something is broken."""
    from bot.doctor import examine

    checks = examine(load_settings())
    if as_json:
        typer.echo(json.dumps([check.as_json() for check in checks], ensure_ascii=False))
    else:
        for check in checks:
            typer.echo(f"{check.state:<5} {check.name}: {check.detail}")
    if any(check.state == "bad" for check in checks):
        raise typer.Exit(1)


@refusing
def backup(file: Annotated[Path, typer.Argument(help="file to write")]) -> None:
    """Write a consistent copy of the database while the desk may go on running."""
    from bot.database import database_url
    from storage.backup import backup as write

    write(database_url(load_settings()), file)
    typer.echo(f"wrote {file}")


@refusing
def restore(file: Annotated[Path, typer.Argument(help="a backup")]) -> None:
    """Put a backup in the database's place; refused while a desk is running."""
    from bot.database import database_url
    from storage.backup import restore as put_back

    kept = put_back(database_url(load_settings()), file)
    typer.echo(f"restored {file}" + (f"; the old database is kept at {kept}" if kept else ""))


@db.command()
@refusing
def upgrade() -> None:
    """Bring the database to this version's form; a copy is kept first."""
    from bot.database import database_url
    from storage import schema

    settings = load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    typer.echo(f"database is at {schema.upgrade(database_url(settings))}")
