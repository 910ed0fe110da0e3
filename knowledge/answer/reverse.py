"""Reverse look-up: every task that names a unit."""

from __future__ import annotations

from knowledge.answer.model import Answer, TaskHit
from knowledge.plan import Plan
from knowledge.units import Unit, UnitDirectory
from prompts import say


def tasks_of(unit: Unit, plan: Plan, directory: UnitDirectory) -> tuple[TaskHit, ...]:
    """Tasks in plan order whose bracket names the unit under any spelling, with its role."""
    hits = []
    for task in plan.tasks:
        if unit.name in map(directory.canonical, task.lead):
            hits.append(TaskHit(id=task.id, title=task.title, score=1.0, role="lead"))
        elif unit.name in map(directory.canonical, (*task.units, *task.groups)):
            hits.append(TaskHit(id=task.id, title=task.title, score=1.0, role="responsible"))
    return tuple(hits)


def answer_units_of(
    question: str, unit: Unit, plan: Plan, directory: UnitDirectory, *, outside: bool, lead_only: bool
) -> Answer:
    """All tasks of a unit; with ``lead_only`` the wording speaks of those it leads."""
    hits = tasks_of(unit, plan, directory)
    leads = [hit for hit in hits if hit.role == "lead"]
    joins = [hit for hit in hits if hit.role != "lead"]
    members = {directory.canonical(name) for name in plan.roster}
    text = say(
        "answer/lead_of" if lead_only else "answer/units_of",
        unit=unit.name,
        outside=outside,
        leads=leads,
        joins=joins,
        spelled=[name for name in unit.spellings if name in plan.text],
        member=unit.name in members,
    )
    return Answer(
        question=question,
        decision="answer",
        intent="units_of",
        tasks=tuple(leads) if lead_only and leads else hits,
        units=unit.printed,
        text=text,
        subject=unit.name,
    )
