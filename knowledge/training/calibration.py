"""Fit the fusion weights and the three-way thresholds on question sets the phrasebook never saw."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from knowledge.evaluation.sets import Question
from knowledge.plan import Plan
from knowledge.retrieval.dense import DenseLeg
from knowledge.retrieval.fusion import FAMILIES, Calibration, Thresholds, Weights
from knowledge.retrieval.labels import family, task_label
from knowledge.retrieval.lexical import LexicalLeg

_FAMILY_OF_KIND = {"oos": "uncovered", "units_of": "units_of", "mechanism": "mechanism", "goal": "goal"}
# What an outcome costs: wrong is worse than asking, asking is worse than answering.
COSTS = {
    ("task", "wrong"): 4.0, ("task", "refuse"): 2.5, ("task", "ask"): 0.6, ("task", "right"): 0.0,
    ("oos", "wrong"): 8.0, ("oos", "ask"): 2.0, ("oos", "refuse"): 0.0,
    ("ambiguous", "wrong"): 3.0, ("ambiguous", "refuse"): 2.0, ("ambiguous", "right"): 0.4, ("ambiguous", "ask"): 0.0,
}  # fmt: skip
# Of the calibration questions, which are told as stories and harder than most of what is asked.
MAX_FALSE_REFUSALS = 0.08
_GRID = {
    "uncovered": np.arange(0.20, 0.86, 0.05),
    "answer": np.arange(0.15, 0.76, 0.05),
    "lead": np.arange(0.35, 0.76, 0.05),
}
_BOUNDS = [(0.0, 6.0), (0.0, 30.0), (0.0, 30.0)] + [(-4.0, 4.0)] * (len(FAMILIES) - 1)


@dataclass(frozen=True, kw_only=True)
class _Scores:
    """Per question, rows; per label, columns: what the legs say and which labels are right (shares)."""

    linear: NDArray[np.float64]
    match: NDArray[np.float64]
    dense: NDArray[np.float64]
    target: NDArray[np.float64]


def fit_calibration(
    questions: Sequence[Question], plan: Plan, lexical: LexicalLeg, dense: DenseLeg | None, fingerprint: str
) -> Calibration:
    """Weights by likelihood, then thresholds by cost over a grid. Deterministic."""
    used = [question for question in questions if question.kind != "followup"]
    scores = _score(used, plan, lexical, dense)
    of_family = np.array([FAMILIES.index(family(label)) for label in lexical.labels])
    found = minimize(
        _loss, np.array([1.0, 1.0, 1.0 if dense else 0.0] + [0.0] * (len(FAMILIES) - 1)),
        args=(scores, of_family), method="L-BFGS-B", bounds=_BOUNDS,
    ).x  # fmt: skip
    belief = _belief(found, scores, of_family)
    bias = {name: round(float(value), 4) for name, value in zip(FAMILIES[1:], found[3:], strict=True)}
    linear, match, cosine = (round(float(value), 4) for value in found[:3])
    return Calibration(
        fingerprint=fingerprint,
        weights=Weights(linear=linear, match=match, dense=cosine if dense else 0.0, bias=bias),
        thresholds=_thresholds(used, plan, belief, of_family),
        fitted_on=f"{len(used)} questions",
    )


def _score(used: Sequence[Question], plan: Plan, lexical: LexicalLeg, dense: DenseLeg | None) -> _Scores:
    position = {label: i for i, label in enumerate(lexical.labels)}
    linear, match, cosine, target = [], [], [], []
    for question in used:
        scores = lexical.score(question.q)
        match.append(scores.match)
        linear.append(scores.logit if scores.logit is not None else np.zeros_like(scores.match))
        cosine.append(dense.score(question.q) if dense else np.zeros_like(scores.match))
        row = np.zeros(len(lexical.labels))
        if question.kind in _FAMILY_OF_KIND:
            wanted = _FAMILY_OF_KIND[question.kind]
            row[[i for i, label in enumerate(lexical.labels) if family(label) == wanted]] = 1.0
        else:
            row[[position[task_label(plan.by_id[task].title)] for task in question.tasks]] = 1.0
        target.append(row)
    return _Scores(
        linear=np.array(linear, dtype=float), match=np.array(match, dtype=float),
        dense=np.array(cosine, dtype=float), target=np.array(target),
    )  # fmt: skip


def _belief(x: NDArray[np.float64], scores: _Scores, of_family: NDArray[np.int64]) -> NDArray[np.float64]:
    z = x[0] * scores.linear + x[1] * scores.match + x[2] * scores.dense + np.append(0.0, x[3:])[of_family]
    z -= z.max(axis=1, keepdims=True)
    e = np.exp(z)
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def _loss(x: NDArray[np.float64], scores: _Scores, of_family: NDArray[np.int64]) -> float:
    """Mean negative log of the belief in any right label, with a light pull of the biases to zero."""
    right = (_belief(x, scores, of_family) * scores.target).sum(axis=1)
    return float(-np.log(right + 1e-9).mean() + 2e-3 * (x[3:] ** 2).sum())


def _thresholds(
    used: Sequence[Question], plan: Plan, belief: NDArray[np.float64], of_family: NDArray[np.int64]
) -> Thresholds:
    """Refuse as readily as the false refusals allow; then the cheapest point of the grid for the rest.

    Of equally cheap points, the one nearest the middle of their plateau.
    """
    judged = [
        (i, question) for i, question in enumerate(used) if question.kind in ("task", "oos", "ambiguous")
    ]
    foreign = belief[:, of_family == FAMILIES.index("uncovered")].sum(axis=1)
    together = belief[:, : len(plan.tasks)].sum(axis=1)
    share = (foreign / np.maximum(foreign + together, 1e-9))[[q.kind == "task" for q in used]]
    readiest = next(u for u in _GRID["uncovered"] if (share >= u).mean() <= MAX_FALSE_REFUSALS)
    points = list(itertools.product([readiest], _GRID["answer"], _GRID["lead"]))
    costs = np.array([_cost(point, judged, plan, belief, of_family) for point in points])
    cheap = np.array([point for point, cost in zip(points, costs, strict=True) if cost <= costs.min() * 1.01])
    middle = cheap[np.argmin(((cheap - cheap.mean(axis=0)) ** 2).sum(axis=1))]
    uncovered, answer, lead = (round(float(value), 3) for value in middle)
    return Thresholds(uncovered=uncovered, answer=answer, lead=lead)


def _cost(
    point: tuple[float, ...], judged: Sequence[tuple[int, Question]], plan: Plan,
    belief: NDArray[np.float64], of_family: NDArray[np.int64],
) -> float:  # fmt: skip
    uncovered, answer, lead = point
    total = 0.0
    for i, question in judged:
        tasks = belief[i, : len(plan.tasks)]
        together, foreign = tasks.sum(), belief[i, of_family == FAMILIES.index("uncovered")].sum()
        best = int(tasks.argmax())
        if foreign / max(foreign + together, 1e-9) >= uncovered:
            outcome = "refuse"
        elif tasks[best] >= answer and tasks[best] / max(together, 1e-9) >= lead:
            outcome = "right" if plan.tasks[best].id in question.tasks else "wrong"
        else:
            outcome = "ask"
        total += COSTS[question.kind, outcome]
    return total
