"""Hints to the unit likely in charge of one trade: inferences, kept apart from what the plan says."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import DataError
from knowledge.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Hint:
    """For ``task``, questions holding one of ``words`` are likely for ``unit``, because of that trade."""

    task: str
    unit: str
    because: str
    words: tuple[str, ...]

    @property
    def key(self) -> str:
        """What the office confirms: task, unit and trade."""
        return f"{self.task}|{self.unit}|{self.because}"


class Duties:
    """The hints of one plan."""

    def __init__(self, hints: Iterable[Hint] = ()) -> None:
        self.hints = tuple(hints)

    @classmethod
    def load(cls, path: Path, plan: Plan) -> Duties:
        """Read ``duties.toml`` and bind it by task title; hints of other plans' tasks are left out.

        Raises DataError for broken data, and for a unit that is not one of the task's own.
        """
        try:
            rows = tomllib.loads(path.read_text(encoding="utf-8")).get("hint", [])
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise DataError(f"{path}: {error}") from error
        by_title = {task.title: task for task in plan.tasks}
        hints = []
        for row in rows:
            try:
                title, unit = str(row["task"]), str(row["unit"])
                because, words = str(row["because"]), tuple(str(word) for word in row["words"])
            except (KeyError, TypeError) as error:
                raise DataError(f"{path}: a hint needs task, unit, because and words: {row}") from error
            task = by_title.get(title)
            if task is None:
                continue
            if unit not in task.named:
                raise DataError(f"{path}: {unit} is not a unit of task {task.id}")
            hints.append(Hint(task=task.id, unit=unit, because=because, words=words))
        return cls(hints)

    def suggest(self, task: str, question: str) -> Hint | None:
        """The hint of ``task`` whose longest word stands in the question, or None."""
        best, length = None, 0
        for hint in self.hints:
            if hint.task != task:
                continue
            found = max((len(word) for word in hint.words if word in question), default=0)
            if found > length:
                best, length = hint, found
        return best
