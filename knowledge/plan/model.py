"""The register: what a plan says, as values. Offsets index ``Plan.text``, in characters, end exclusive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Span:
    """A half-open range of characters of the stored plan text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return ``text[start:end]``."""
        return text[self.start : self.end]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One numbered task of the plan; every name is spelled exactly as the plan prints it."""

    id: str
    section: str
    title: str
    text: str
    lead: tuple[str, ...]
    units: tuple[str, ...]
    groups: tuple[str, ...]
    open_ended: bool
    deadline: str | None
    whole: Span
    body: Span
    bracket: Span | None

    @property
    def named(self) -> tuple[str, ...]:
        """Lead units, then responsible units, in plan order."""
        return self.lead + self.units

    @property
    def section_number(self) -> int:
        """The part of the plan the task stands in, from 1."""
        return int(self.id.split(".")[0])

    @property
    def number(self) -> int:
        """The task's number within its part, from 1."""
        return int(self.id.split(".")[1])

    def as_json(self) -> dict[str, Any]:
        """The shape printed by ``plan show --json``."""
        return {
            "id": self.id, "section": self.section, "title": self.title, "text": self.text,
            "lead": list(self.lead), "units": list(self.units), "groups": list(self.groups),
            "open_ended": self.open_ended, "deadline": self.deadline,
            "start": self.whole.start, "end": self.whole.end,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Mechanism:
    """The task force (工作专班): who leads it, who calls it together, its members, where its office sits."""

    span: Span
    lead_person: str = ""
    convener: str = ""
    deputy_conveners: tuple[str, ...] = ()
    deputy_title: str = ""
    roster: tuple[str, ...] = ()
    roster_open_ended: bool = False
    office: str = ""
    office_duties: str = ""


@dataclass(frozen=True, kw_only=True)
class Repair:
    """A place where a sentence had been cut by a page break and was joined again."""

    at: int
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A whole plan: stored text, tasks in order, goals and mechanism."""

    name: str
    text: str
    tasks: tuple[Task, ...]
    goals: Span | None
    mechanism: Mechanism | None
    repairs: tuple[Repair, ...] = ()
    oddities: tuple[str, ...] = field(default=())

    @cached_property
    def by_id(self) -> Mapping[str, Task]:
        """Tasks by id, for example ``"1.1"``."""
        return {task.id: task for task in self.tasks}

    @property
    def roster(self) -> tuple[str, ...]:
        """The member units, or nothing when the plan has no mechanism."""
        return self.mechanism.roster if self.mechanism else ()

    def as_json(self) -> dict[str, Any]:
        """The shape printed by ``plan show --json``."""
        mechanism = self.mechanism or Mechanism(span=Span(start=0, end=0))
        return {
            "plan": self.name, "text": self.text, "tasks": [task.as_json() for task in self.tasks],
            "roster": list(mechanism.roster), "office": mechanism.office,
            "lead_person": mechanism.lead_person, "convener": mechanism.convener,
            "deputy_conveners": list(mechanism.deputy_conveners),
            "deputy_title": mechanism.deputy_title, "office_duties": mechanism.office_duties,
            "goals": self.goals.of(self.text) if self.goals else "",
        }  # fmt: skip
