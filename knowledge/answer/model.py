"""What an answer is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

Decision = Literal["answer", "ask", "refuse"]
Intent = Literal["task", "units_of", "mechanism", "goal", "other"]
Role = Literal["lead", "responsible"]


@dataclass(frozen=True, kw_only=True)
class TaskHit:
    """A task with its score (0 to 1, a calibrated share of belief) and, in a reverse look-up, the unit's role."""

    id: str
    title: str
    score: float
    role: Role | None = None

    def as_json(self) -> dict[str, Any]:
        """The contract's shape."""
        out: dict[str, Any] = {"id": self.id, "title": self.title, "score": round(self.score, 4)}
        return out | {"role": self.role} if self.role else out


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A verbatim piece of the stored plan text: ``text == plan.text[start:end]``."""

    task: str
    text: str
    start: int
    end: int

    def as_json(self) -> dict[str, Any]:
        """The contract's shape."""
        return {"task": self.task, "text": self.text, "start": self.start, "end": self.end}


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """The unit likely in charge of one trade: an inference, never plan text."""

    unit: str
    because: str
    key: str
    confirmed: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer. ``units``, ``lead`` and ``groups`` are spelled exactly as the plan prints them.

    ``context`` is the question a later follow-up refers to; ``may_hand_over`` whether this was a question
    that the office could answer.
    """

    question: str
    decision: Decision
    intent: Intent
    tasks: tuple[TaskHit, ...] = ()
    lead: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    suggested: Suggestion | None = None
    quotes: tuple[Quote, ...] = ()
    text: str = ""
    subject: str = ""
    context: str = ""
    may_hand_over: bool = False
    legs: tuple[str, ...] = ()

    def saying(self, text: str) -> Answer:
        """The same answer with its wording."""
        return replace(self, text=text)

    def as_json(self) -> dict[str, Any]:
        """The shape printed by ``ask --json``."""
        hint = {"unit": self.suggested.unit, "because": self.suggested.because} if self.suggested else None
        return {
            "question": self.question, "decision": self.decision, "intent": self.intent,
            "tasks": [task.as_json() for task in self.tasks],
            "lead": list(self.lead), "units": list(self.units), "groups": list(self.groups),
            "suggested": hint, "quotes": [quote.as_json() for quote in self.quotes],
            "text": self.text, "legs": list(self.legs),
        }  # fmt: skip
