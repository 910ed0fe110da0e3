"""Stored text → register. Written for plans of this kind: sections 一、, parts （一）, tasks 1. with a bracket."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from knowledge.errors import NotAPlan
from knowledge.plan.brackets import Responsibility, find_bracket, read_bracket
from knowledge.plan.mechanism import read_mechanism
from knowledge.plan.model import Mechanism, Plan, Span, Task
from knowledge.plan.repair import NUMBERED, SECTION, SUBSECTION, repair
from knowledge.reading import Line, read_lines

_GOALS = re.compile(r"目标|总体要求")
_DEADLINE = re.compile(
    r"(?:\d{4}年)?(?:\d{1,2}月(?:\d{1,2}日)?(?:前|底前?|之前)|年底前?|年内)(?=完成|实现|全面|[，。；]|$)"
)


def load_plan(path: Path) -> Plan:
    """Read and parse a plan file. Raises UnreadablePlan or NotAPlan."""
    return parse_plan(read_lines(path), source=path.name)


def parse_plan(lines: Iterable[Line], *, source: str = "plan") -> Plan:
    """Parse lines into a register; ``source`` names the file in errors. Raises NotAPlan without tasks."""
    text, repairs = repair(lines)
    state = _State(text)
    at = 0
    for paragraph in text.split("\n"):
        state.take(paragraph, at)
        at += len(paragraph) + 1
    if not state.tasks:
        raise NotAPlan(f"{source}: no numbered task with a responsibility bracket was found")
    return Plan(
        name=state.name or source,
        text=text,
        tasks=tuple(state.tasks),
        goals=state.goals,
        mechanism=state.mechanism,
        repairs=repairs,
        oddities=tuple(state.oddities),
    )


class _State:
    """Where the parser stands in the document."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.name = ""
        self.tasks: list[Task] = []
        self.goals: Span | None = None
        self.mechanism: Mechanism | None = None
        self.oddities: list[str] = []
        self._chapter = ""
        self._part = ""
        self._part_number = 0
        self._part_has_tasks = False

    def take(self, paragraph: str, at: int) -> None:
        """Take the next paragraph, which begins at character ``at``."""
        if match := SECTION.match(paragraph):
            self._chapter = self._part = match.group(2).strip()
            self._part_has_tasks = False
        elif (match := SUBSECTION.match(paragraph)) and not find_bracket(paragraph):
            self._part = match.group(2).strip()
            self._part_has_tasks = False
        elif match := NUMBERED.match(paragraph):
            self._take_task(paragraph, at, int(match.group(1)), match.start(2))
        elif not self._chapter:
            # Everything above the first chapter: the longest line without a full stop is the plan's name.
            if not paragraph.endswith("。") and len(paragraph) > len(self.name):
                self.name = paragraph
        else:
            self._take_prose(paragraph, at)

    def _take_task(self, paragraph: str, at: int, number: int, offset: int) -> None:
        found = find_bracket(paragraph)
        if found is None:
            self.oddities.append(f"no responsibility bracket: {paragraph[:30]}")
        who = read_bracket(paragraph[found[0] + 1 : found[1] - 1]) if found else Responsibility()
        body_end = found[0] if found else len(paragraph)
        title, _, _ = paragraph[offset:body_end].partition("。")
        if not self._part_has_tasks:
            self._part_number += 1
            self._part_has_tasks = True
        deadline = _DEADLINE.search(paragraph, offset, body_end)
        self.tasks.append(
            Task(
                id=f"{self._part_number}.{number}",
                section=self._part,
                title=title.strip(),
                text=paragraph,
                lead=who.lead,
                units=who.units,
                groups=who.groups,
                open_ended=who.open_ended,
                deadline=deadline.group(0) if deadline else None,
                whole=Span(start=at, end=at + len(paragraph)),
                body=Span(start=at + offset, end=at + body_end),
                bracket=Span(start=at + found[0], end=at + found[1]) if found else None,
            )
        )

    def _take_prose(self, paragraph: str, at: int) -> None:
        if self.mechanism is None and (mechanism := read_mechanism(paragraph, at)):
            self.mechanism = mechanism
        elif _GOALS.search(self._chapter):
            start = self.goals.start if self.goals else at
            self.goals = Span(start=start, end=at + len(paragraph))
