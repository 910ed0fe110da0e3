"""``zhuanban plan …``: look at the register."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bot.commands.refusing import refusing

app = typer.Typer(no_args_is_help=True, help="Look at the plan's register of tasks and units.")


@app.command()
@refusing
def show(as_json: Annotated[bool, typer.Option("--json", help="the whole register")] = False) -> None:
    """Print the plan's tasks with who is responsible."""
    from knowledge.engine import load_register

    plan, _ = load_register()
    if as_json:
        typer.echo(json.dumps(plan.as_json(), ensure_ascii=False))
        return
    typer.echo(plan.name)
    for task in plan.tasks:
        typer.echo(f"\n{task.id} {task.title} [{task.section}]")
        if task.lead:
            typer.echo(f"  lead: {', '.join(task.lead)}")
        if task.units or task.groups:
            more = ", and others" if task.open_ended else ""
            typer.echo(f"  responsible: {', '.join(task.units + task.groups)}{more}")


@app.command(name="list")
@refusing
def list_tasks() -> None:
    """One line a task."""
    from knowledge.engine import load_register

    plan, _ = load_register()
    for task in plan.tasks:
        typer.echo(f"{task.id}\t{task.title}")


@app.command(name="lint")
@refusing
def lint_plan() -> None:
    """Name what a clerk should know before relying on the plan."""
    from knowledge.engine import load_register
    from knowledge.plan.lint import lint

    plan, directory = load_register()
    for finding in lint(plan, directory):
        typer.echo(f"{finding.code}\t{finding.where}\t{finding.detail}")
