"""The commands of ``zhuanban``."""

from __future__ import annotations

import typer

from bot.commands import ask, care, plan, serve, train

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Who is responsible for what in the county's plan, and the duty desk around it.",
)
app.command(name="ask")(ask.ask)
app.command(name="eval")(ask.evaluate)
app.command(name="train")(train.train)
app.command(name="run")(serve.run)
app.command(name="demo")(serve.demo)
app.command(name="sandbox")(serve.sandbox)
app.command(name="doctor")(care.doctor)
app.command(name="backup")(care.backup)
app.command(name="restore")(care.restore)
app.add_typer(plan.app, name="plan")
app.add_typer(care.db, name="db")


def main() -> None:
    """Entry point of the command line."""
    app()


if __name__ == "__main__":
    main()
