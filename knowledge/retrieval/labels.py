"""What a question can be about: one label a task, and one for every other kind of question."""

from __future__ import annotations

from knowledge.phrasebook import Topic
from knowledge.plan import Plan

UNCOVERED = "uncovered"
GOAL = "goal"
UNITS_OF = "units_of"
MECHANISM = "mechanism"
FOLLOWUP = "followup"
TASK = "task"


def task_label(title: str) -> str:
    """The label of a task: by title, so that renumbering a plan needs no new training."""
    return f"{TASK}:{title}"


def labels_of(topic: Topic, plan: Plan) -> tuple[str, ...]:
    """The labels a topic's phrases stand for; several only for a broad topic."""
    if topic.tasks and topic.label in ("task", "broad"):
        return tuple(task_label(plan.by_id[task].title) for task in topic.tasks)
    if topic.label in (UNITS_OF, MECHANISM, FOLLOWUP):
        return (f"{topic.label}:{topic.slot}",)
    return (topic.label,)


def family(label: str) -> str:
    """The part of a label before the colon: task, uncovered, units_of, mechanism, goal or followup."""
    return label.partition(":")[0]


def detail(label: str) -> str:
    """The part of a label after the colon, or an empty string."""
    return label.partition(":")[2]
