"""What is known beside a question's words: the answer before it, or that it names a unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from knowledge.answer.model import Answer
from knowledge.retrieval.labels import family, task_label
from knowledge.retrieval.retriever import Ranking

PREVIOUS_TASK = 3.0
FOLLOWUP = 8.0
NAMED_UNIT = 4.0


def after(before: Answer, ranking: Ranking) -> Ranking:
    """After an answer, a follow-up is likely, and so is the same task; its own words may say otherwise."""
    if before.decision == "refuse":
        return ranking
    factors = {"followup": FOLLOWUP}
    if before.intent == "task" and before.decision == "answer":
        factors[task_label(before.tasks[0].title)] = PREVIOUS_TASK
    return _weighted(ranking, factors)


def naming_a_unit(ranking: Ranking) -> Ranking:
    """A question that names a unit is likelier about what that unit does, or whether it is a member."""
    return _weighted(ranking, {"units_of": NAMED_UNIT, "mechanism": NAMED_UNIT})


def without(kind: str, ranking: Ranking) -> Ranking:
    """As if the question could not be of that kind; what is left is believed no more than before."""
    keep = np.array([0.0 if family(label) == kind else 1.0 for label in ranking.labels], dtype=np.float32)
    return replace(ranking, belief=ranking.belief * keep)


def _weighted(ranking: Ranking, factors: Mapping[str, float]) -> Ranking:
    weights = [factors.get(label, factors.get(family(label), 1.0)) for label in ranking.labels]
    belief = ranking.belief * np.array(weights, dtype=np.float32)
    return replace(ranking, belief=belief / max(float(belief.sum()), 1e-9))
