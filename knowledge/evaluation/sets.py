"""Question sets in JSON Lines: one labelled question a line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from knowledge.errors import DataError

Kind = Literal["task", "units_of", "mechanism", "goal", "ambiguous", "oos", "followup"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One labelled question: ``tasks`` are the accepted task ids, best first; ``previous`` only for a follow-up."""

    id: str
    q: str
    kind: Kind
    tasks: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    previous: str | None = None


def load_set(path: Path) -> tuple[Question, ...]:
    """Read one set. Raises DataError naming file and line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: {error}") from error
    questions = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            questions.append(_question(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path}, line {number}: {error}") from error
    if not questions:
        raise DataError(f"{path}: no questions")
    return tuple(questions)


def _question(row: dict[str, Any]) -> Question:
    if row["kind"] not in KINDS:
        raise ValueError(f"unknown kind {row['kind']!r}")
    return Question(
        id=str(row["id"]), q=str(row["q"]), kind=row["kind"],
        tasks=tuple(row.get("tasks", ())), units=tuple(row.get("units", ())), previous=row.get("prev"),
    )  # fmt: skip
