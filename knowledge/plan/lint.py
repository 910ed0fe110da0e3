"""What a clerk should know about a plan before relying on it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from knowledge.plan.model import Plan
from knowledge.units import UnitDirectory

Code = Literal[
    "unit-not-in-roster", "one-unit-two-names", "mixed-brackets", "split-sentence",
    "no-responsible-unit", "no-mechanism", "roster-not-in-tasks", "duplicate-number", "odd-paragraph",
]  # fmt: skip
_MIXED = re.compile(r"（[^（()）]*\)|\([^（()）]*）")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One remark: what kind, where (task id or '-'), and the plan's own words about it."""

    code: Code
    where: str
    detail: str


def lint(plan: Plan, directory: UnitDirectory) -> tuple[Finding, ...]:
    """Return every remark on ``plan``, gravest kinds first, in plan order within a kind."""
    return tuple(
        finding
        for check in (
            _roster,
            _two_names,
            _responsible,
            _numbers,
            _brackets,
            _splits,
            _idle_members,
            _oddities,
        )
        for finding in check(plan, directory)
    )


def _roster(plan: Plan, directory: UnitDirectory) -> Iterator[Finding]:
    if plan.mechanism is None:
        yield Finding(code="no-mechanism", where="-", detail="no task force and no roster of members found")
        return
    members = {directory.canonical(name) for name in plan.roster}
    places: dict[str, list[str]] = {}
    for task in plan.tasks:
        for name in task.named:
            if directory.canonical(name) not in members:
                places.setdefault(name, []).append(task.id)
    for name, ids in places.items():
        yield Finding(code="unit-not-in-roster", where=",".join(ids), detail=name)


def _two_names(plan: Plan, directory: UnitDirectory) -> Iterator[Finding]:
    spellings: dict[str, Counter[str]] = {}
    for name in [*plan.roster, *(name for task in plan.tasks for name in task.named)]:
        spellings.setdefault(directory.canonical(name), Counter())[name] += 1
    for variants in spellings.values():
        if len(variants) > 1:
            yield Finding(
                code="one-unit-two-names", where=_where(plan, variants), detail=" / ".join(variants)
            )


def _where(plan: Plan, names: Counter[str]) -> str:
    rarest = min(names, key=lambda name: names[name])
    return ",".join(task.id for task in plan.tasks if rarest in task.named) or "-"


def _responsible(plan: Plan, _: UnitDirectory) -> Iterator[Finding]:
    for task in plan.tasks:
        if not task.named and not task.groups:
            yield Finding(code="no-responsible-unit", where=task.id, detail=task.title)


def _numbers(plan: Plan, _: UnitDirectory) -> Iterator[Finding]:
    for task_id, times in Counter(task.id for task in plan.tasks).items():
        if times > 1:
            yield Finding(code="duplicate-number", where=task_id, detail=f"{times} tasks carry this number")


def _brackets(plan: Plan, _: UnitDirectory) -> Iterator[Finding]:
    for task in plan.tasks:
        for match in _MIXED.finditer(task.text):
            text = match.group(0)
            yield Finding(
                code="mixed-brackets",
                where=task.id,
                detail=text if len(text) < 30 else f"{text[:12]}…{text[-12:]}",
            )


def _splits(plan: Plan, _: UnitDirectory) -> Iterator[Finding]:
    for repair in plan.repairs:
        where = next((task.id for task in plan.tasks if task.whole.start <= repair.at < task.whole.end), "-")
        yield Finding(code="split-sentence", where=where, detail=f"{repair.before}|{repair.after}")


def _idle_members(plan: Plan, directory: UnitDirectory) -> Iterator[Finding]:
    busy = {directory.canonical(name) for task in plan.tasks for name in task.named}
    for name in plan.roster:
        if directory.canonical(name) not in busy:
            yield Finding(code="roster-not-in-tasks", where="-", detail=name)


def _oddities(plan: Plan, _: UnitDirectory) -> Iterator[Finding]:
    for detail in plan.oddities:
        yield Finding(code="odd-paragraph", where="-", detail=detail)
