"""The optional LLM's seam: it may choose among candidate tasks, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One task offered for choice."""

    id: str
    title: str


class Chooser(Protocol):
    """Chooses one of the candidates, or none. Never raises: a failure is None, and ``last_fault`` says why."""

    last_fault: str

    def choose(self, question: str, candidates: Sequence[Candidate], *, sure: bool) -> str | None:
        """The id of a candidate, or None. ``sure`` is whether the plan is known to cover the question."""
        ...
