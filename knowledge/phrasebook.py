"""The phrasebook (问法库): how people really ask, a file a task, and what is near but not covered."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.errors import DataError
from knowledge.plan import Plan, Span

SLOTS = ("leader", "convener", "deputies", "office", "duties", "members", "count", "membership", "overview")
UNITS_OF_KINDS = ("all", "lead_only")
FOLLOWUP_KINDS = ("lead", "others", "more", "confirm", "deadline", "count", "thanks")
UNIT_SLOT = "{unit}"


@dataclass(frozen=True, kw_only=True)
class Topic:
    """One family of situations: example questions, bare words, and what they are about.

    ``label`` says what kind of question it is: ``task``, ``uncovered``, ``broad``, ``mechanism``,
    ``goal``, ``units_of`` or ``followup``; ``tasks`` are the task ids it stands for (several when broad),
    ``slot`` the mechanism slot, or the kind of a reverse look-up or follow-up.
    """

    label: str
    about: str
    ask: tuple[str, ...]
    words: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    slot: str = ""
    clause: str = ""
    anchor: Span | None = None


@dataclass(frozen=True, kw_only=True)
class Phrasebook:
    """All topics, bound to one plan."""

    topics: tuple[Topic, ...]
    unbound: tuple[str, ...] = ()

    def of(self, label: str) -> Iterator[Topic]:
        """The topics of one label, in file order."""
        return (topic for topic in self.topics if topic.label == label)


def load_phrasebook(folder: Path, plan: Plan) -> Phrasebook:
    """Read every file of ``folder`` and bind it to ``plan`` by task title.

    A file whose title the plan does not have is left out and named in ``unbound``: renumbering a plan
    loses nothing, rewording a title is seen. Raises DataError naming file and topic for anything broken.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such phrasebook folder")
    by_title = {_squash(task.title): task.id for task in plan.tasks}
    topics: list[Topic] = []
    unbound: list[str] = []
    for path in sorted(
        folder.glob("*.toml"),
        key=lambda p: [int(x) if x.isdigit() else x for x in re.split(r"(\d+)", p.name)],
    ):
        raw = _read(path)
        if "title" in raw:
            task_id = by_title.get(_squash(str(raw["title"])))
            if task_id is None:
                unbound.append(path.name)
                continue
            topics += [
                _topic(path, row, plan, label="task", tasks=(task_id,)) for row in raw.get("topic", [])
            ]
        elif path.stem in _GENERAL:
            topics += [_general(path, row, plan) for row in raw.get("topic", [])]
        else:
            raise DataError(f"{path}: neither a task's file (no title) nor one of {', '.join(_GENERAL)}")
    return Phrasebook(topics=tuple(topics), unbound=tuple(unbound))


_GENERAL = ("uncovered", "uncovered_near", "broad", "mechanism", "goal", "units_of", "followup")


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path}: {error}") from error


def _general(path: Path, row: Mapping[str, Any], plan: Plan) -> Topic:
    label = path.stem.partition("_near")[0]
    kinds = {"mechanism": SLOTS, "units_of": UNITS_OF_KINDS, "followup": FOLLOWUP_KINDS}.get(label, ("",))
    slot = str(row.get("slot") or row.get("kind") or kinds[0])
    if slot not in kinds:
        raise DataError(f"{path}: topic {row.get('about')!r}: {slot!r} is not one of {', '.join(kinds)}")
    tasks = tuple(str(task) for task in row.get("tasks", ()))
    known = tuple(task for task in tasks if task in plan.by_id)
    return _topic(path, row, plan, label=label, tasks=known, slot=slot)


def _topic(
    path: Path, row: Mapping[str, Any], plan: Plan, *, label: str, tasks: tuple[str, ...], slot: str = ""
) -> Topic:
    about = str(row.get("about", ""))
    ask = tuple(line.strip() for line in str(row.get("ask", "")).splitlines() if line.strip())
    if not about or not (ask or row.get("words")):
        raise DataError(f"{path}: a topic needs 'about' and 'ask' or 'words': {about!r}")
    clause = re.sub(r"\s", "", str(row.get("clause", "")))
    anchor = _anchor(plan, label, tasks, clause)
    if clause and anchor is None:
        raise DataError(f"{path}: topic {about!r}: clause is not in the plan: {clause}")
    return Topic(
        label=label, about=about, ask=ask, words=tuple(str(row.get("words", "")).split()),
        tasks=tasks, slot=slot, clause=clause, anchor=anchor,
    )  # fmt: skip


def _anchor(plan: Plan, label: str, tasks: tuple[str, ...], clause: str) -> Span | None:
    if not clause:
        return None
    mechanism = plan.mechanism.span if plan.mechanism else None
    within = (
        plan.by_id[tasks[0]].whole if label == "task" else mechanism if label == "mechanism" else plan.goals
    )
    if within is None:
        return None
    at = plan.text.find(clause, within.start, within.end)
    return Span(start=at, end=at + len(clause)) if at >= 0 else None


def _squash(title: str) -> str:
    return re.sub(r"\s", "", title)
