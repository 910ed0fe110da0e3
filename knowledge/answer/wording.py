"""Answers as the chat shows them; every text is a file of prompts/answer."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.answer.model import Answer, Quote
from knowledge.answer.quoting import shown
from knowledge.plan import Plan, Task
from knowledge.units import UnitDirectory
from prompts import say

OUTSIDE_MARK = "※"
Relation = str  # "lead", "responsible" or "unnamed": what a unit asked about is to a task


class Wording:
    """Renders answers about one plan."""

    def __init__(self, plan: Plan, directory: UnitDirectory) -> None:
        self._plan = plan
        self._directory = directory
        self._members = {directory.canonical(name) for name in plan.roster}

    def is_outside(self, printed: str) -> bool:
        """Whether a unit stands neither on the roster itself nor as part of a unit that does."""
        unit = self._directory.get(printed)
        names = unit.printed if unit else (printed,)
        return bool(self._plan.roster) and not any(
            name in self._members or any(name.startswith(member) for member in self._members)
            for name in names
        )

    def marked(self, names: Sequence[str]) -> list[str]:
        """Names with ※ behind those outside the roster."""
        return [name + (OUTSIDE_MARK if self.is_outside(name) else "") for name in names]

    def task(
        self,
        answer: Answer,
        task: Task,
        quote: Quote,
        *,
        asked_units: Sequence[str] = (),
        hint_ok: bool = True,
    ) -> str:
        """The main answer; ``asked_units`` are units the question itself named."""
        verdict = say(
            "answer/verdict",
            lead=self.marked(task.lead),
            units=task.units,
            groups=task.groups,
            open_ended=task.open_ended,
        )
        return say(
            "answer/task",
            subject=answer.subject or task.title,
            task=task,
            title=task.title,
            verdict=verdict,
            units=self.marked(task.units),
            groups=task.groups,
            open_ended=task.open_ended,
            relations=[
                (unit, self.relation(unit, task)) for unit in asked_units if not self._is_council(unit)
            ],
            quote=shown(quote, self._plan, task),
            part=_chinese(task.section_number),
            number=task.number,
            suggestion=answer.suggested if hint_ok else None,
            footnote=any(self.is_outside(name) for name in task.named),
        )

    def _is_council(self, name: str) -> bool:
        """Of a body that meets (…联席会议), the plan names only "its members": nothing to say of itself."""
        unit = self._directory.get(name)
        return unit is not None and unit.kind == "council"

    def relation(self, unit: str, task: Task) -> Relation:
        """What ``unit`` (canonical) is to ``task`` by the plan's words."""
        if unit in {self._directory.canonical(name) for name in task.lead}:
            return "lead"
        if unit in {self._directory.canonical(name) for name in task.units}:
            return "responsible"
        return "unnamed"


def _chinese(number: int) -> str:
    """1 to 99 in Chinese numerals."""
    digits = "零一二三四五六七八九十"
    if number <= 10:
        return digits[number]
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
