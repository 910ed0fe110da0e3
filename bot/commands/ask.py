"""``zhuanban ask`` and ``zhuanban eval``."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.refusing import refusing
from bot.settings import load_settings

if TYPE_CHECKING:
    from knowledge.answer.answerer import Answerer

MAX_LINE = 100_000


@refusing
def ask(
    question: Annotated[str | None, typer.Argument(help="the question; leave out with --jsonl")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the whole answer as JSON")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="questions on stdin, one answer a line")] = False,
    as_unit: Annotated[
        str | None, typer.Option(help="the asker's unit: what 'our bureau' stands for")
    ] = None,
) -> None:
    """Answer one question, or with --jsonl one a line of standard input."""
    if jsonl == (question is not None):
        raise typer.BadParameter("give a QUESTION, or --jsonl and questions on standard input")
    if not jsonl:
        # The process ends with its one answer: collecting garbage on the way costs a tenth of it.
        gc.disable()
    from bot.answering import build_engine

    engine = build_engine(load_settings())
    if as_unit and engine.directory.get(as_unit) is None:
        raise typer.BadParameter(f"unknown unit {as_unit!r}", param_hint="--as-unit")
    if jsonl:
        _answer_lines(engine.answerer, as_unit)
        return
    answer = engine.answerer.answer(question or "", as_unit=as_unit)
    typer.echo(json.dumps(answer.as_json(), ensure_ascii=False) if as_json else answer.text)


@refusing
def evaluate(
    files: Annotated[list[Path], typer.Argument(help="question sets, JSON Lines")],
    as_json: Annotated[bool, typer.Option("--json", help="print figures as JSON")] = False,
    missed: Annotated[bool, typer.Option(help="list the questions missed")] = False,
) -> None:
    """Measure question sets: accuracy, refusals, units, follow-ups, risk against coverage."""
    from bot.answering import build_engine
    from knowledge.evaluation.figures import measure, pooled
    from knowledge.evaluation.sets import load_set
    from knowledge.evaluation.table import missed_lines, table

    sets = [(path.stem, load_set(path)) for path in files]
    engine = build_engine(load_settings())
    figures = [
        measure(name, questions, lambda q: engine.answerer.answer(q.q, previous=q.previous), engine.plan)
        for name, questions in sets
    ]
    if len(figures) > 1:
        figures.append(pooled("all", figures))
    if as_json:
        typer.echo(json.dumps([part.as_json() for part in figures], ensure_ascii=False))
        return
    typer.echo(table(figures))
    if missed:
        typer.echo("\n".join(missed_lines(figures)))


def _answer_lines(answerer: Answerer, as_unit: str | None) -> None:
    """One JSON answer for every line, in order, flushed; a broken line gets an answer that says so."""
    for raw in sys.stdin.buffer:
        line = raw[:MAX_LINE].decode("utf-8", errors="replace").strip()
        question, previous = _question(line)
        answer = answerer.answer(question, previous=previous, as_unit=as_unit)
        # A lone surrogate in a question has no UTF-8 form.
        row = json.dumps(answer.as_json(), ensure_ascii=False).encode("utf-8", errors="replace")
        sys.stdout.buffer.write(row + b"\n")
        sys.stdout.buffer.flush()


def _question(line: str) -> tuple[str, str | None]:
    """A line is {"q": …, "prev": …} or the question itself."""
    if line.startswith("{"):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            return line, None
        if isinstance(row, dict) and isinstance(row.get("q"), str):
            previous = row.get("prev")
            return row["q"], previous if isinstance(previous, str) and previous.strip() else None
    return line, None
