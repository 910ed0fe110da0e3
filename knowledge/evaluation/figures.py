"""What a question set measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from knowledge.answer.model import Answer
from knowledge.evaluation.sets import Question
from knowledge.plan import Plan

Ask = Callable[[Question], Answer]
COVERAGES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(kw_only=True)
class Figures:
    """Counts over one set; every share is against the count of its own kind."""

    name: str
    counts: dict[str, int] = field(default_factory=dict)
    certainty: list[tuple[float, bool]] = field(default_factory=list)
    missed: list[tuple[Question, Answer]] = field(default_factory=list)

    def add(self, key: str, amount: bool | int = 1) -> None:
        """Count."""
        self.counts[key] = self.counts.get(key, 0) + int(amount)

    def share(self, key: str, of: str) -> float | None:
        """counts[key] / counts[of], or None where there is nothing to divide by."""
        total = self.counts.get(of, 0)
        return self.counts.get(key, 0) / total if total else None

    def as_json(self) -> dict[str, Any]:
        """Shares for machines."""
        shares = {label: self.share(key, of) for label, key, of in ROWS}
        return {"set": self.name, "counts": self.counts, **shares, "risk_coverage": self.risk_coverage()}

    def risk_coverage(self) -> dict[str, float]:
        """Share of wrong first tasks among the surest x of the task questions, for each x."""
        ordered = sorted(self.certainty, key=lambda pair: -pair[0])
        out = {}
        for coverage in COVERAGES:
            kept = ordered[: round(len(ordered) * coverage)]
            if kept:
                out[f"{coverage:.0%}"] = sum(not right for _, right in kept) / len(kept)
        return out


# label, counted, against
ROWS = (
    ("first hit", "first", "task"),
    ("in three", "three", "task"),
    ("answered", "answered", "task"),
    ("right", "right", "task"),
    ("wrong", "wrong", "task"),
    ("asked", "asked", "task"),
    ("false refusals", "refused", "task"),
    ("units exact", "exact", "right"),
    ("uncovered refused", "oos_refused", "oos"),
    ("uncovered asked", "oos_asked", "oos"),
    ("uncovered answered", "oos_answered", "oos"),
    ("reverse look-up", "units_of_right", "units_of"),
    ("mechanism", "mechanism_right", "mechanism"),
    ("goal", "goal_right", "goal"),
    ("ambiguous asked", "ambiguous_asked", "ambiguous"),
    ("ambiguous fair", "ambiguous_fair", "ambiguous"),
    ("follow-ups", "followup_right", "followup"),
)


def measure(name: str, questions: Iterable[Question], ask: Ask, plan: Plan) -> Figures:
    """Ask every question and count. ``missed`` keeps what a reader would want to look at."""
    figures = Figures(name=name)
    for question in questions:
        answer = ask(question)
        figures.add(question.kind)
        if not _COUNTERS[question.kind](figures, question, answer, plan):
            figures.missed.append((question, answer))
    return figures


def pooled(name: str, parts: Sequence[Figures]) -> Figures:
    """The same figures over several sets together."""
    total = Figures(name=name)
    for part in parts:
        for key, amount in part.counts.items():
            total.add(key, amount)
        total.certainty += part.certainty
    return total


def _task(figures: Figures, question: Question, answer: Answer, plan: Plan) -> bool:
    ids = [hit.id for hit in answer.tasks] if answer.intent in ("task", "other") else []
    first = bool(ids) and ids[0] in question.tasks
    figures.add("first", first)
    figures.add("three", bool(set(ids[:3]) & set(question.tasks)))
    figures.certainty.append((answer.tasks[0].score if answer.tasks else 0.0, first))
    if answer.decision == "ask":
        figures.add("asked")
    elif answer.decision == "refuse":
        figures.add("refused")
    else:
        figures.add("answered")
        right = first and answer.intent == "task"
        figures.add("right" if right else "wrong")
        if right:
            figures.add("exact", _exact(answer, plan))
        return right
    return answer.decision == "ask"


def _exact(answer: Answer, plan: Plan) -> bool:
    """The units are the register's, and every quote is the plan's own text at its offsets."""
    task = plan.by_id[answer.tasks[0].id]
    quoted = all(quote.text == plan.text[quote.start : quote.end] for quote in answer.quotes)
    return (answer.lead, answer.units, answer.groups) == (task.lead, task.units, task.groups) and quoted


def _oos(figures: Figures, _: Question, answer: Answer, __: Plan) -> bool:
    key = {"refuse": "oos_refused", "ask": "oos_asked", "answer": "oos_answered"}[answer.decision]
    figures.add(key)
    return answer.decision == "refuse"


def _units_of(figures: Figures, question: Question, answer: Answer, _: Plan) -> bool:
    right = answer.intent == "units_of" and {hit.id for hit in answer.tasks} == set(question.tasks)
    figures.add("units_of_right", right)
    return right


def _mechanism(figures: Figures, question: Question, answer: Answer, _: Plan) -> bool:
    right = answer.intent == "mechanism" and set(question.units) <= set(answer.units)
    figures.add("mechanism_right", right)
    return right


def _goal(figures: Figures, _: Question, answer: Answer, __: Plan) -> bool:
    figures.add("goal_right", answer.intent == "goal")
    return answer.intent == "goal"


def _ambiguous(figures: Figures, question: Question, answer: Answer, _: Plan) -> bool:
    """Asking back is best; answering one of the candidates is fair."""
    asked = answer.decision == "ask" and bool({hit.id for hit in answer.tasks} & set(question.tasks))
    fair = answer.decision == "answer" and bool(answer.tasks) and answer.tasks[0].id in question.tasks
    figures.add("ambiguous_asked", asked)
    figures.add("ambiguous_fair", asked or fair)
    return asked or fair


def _followup(figures: Figures, question: Question, answer: Answer, _: Plan) -> bool:
    right = answer.decision == "answer" and bool(answer.tasks) and answer.tasks[0].id in question.tasks
    figures.add("followup_right", right)
    return right


_COUNTERS: dict[str, Callable[[Figures, Question, Answer, Plan], bool]] = {
    "task": _task, "oos": _oos, "units_of": _units_of, "mechanism": _mechanism,
    "goal": _goal, "ambiguous": _ambiguous, "followup": _followup,
}  # fmt: skip
