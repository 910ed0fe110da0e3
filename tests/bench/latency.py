"""How long one answer takes in a running process."""

from __future__ import annotations

import resource
import time

import numpy as np

from knowledge.engine import load_engine
from knowledge.evaluation.sets import load_set
from tests.conftest import EVAL


def run() -> None:
    """Print p50 and p99 of a whole answer over every test question, and the process's peak memory."""
    engine = load_engine()
    questions = [question for path in sorted(EVAL.glob("*.jsonl")) for question in load_set(path)]
    for question in questions[:20]:
        engine.answerer.answer(question.q)
    times = []
    for question in questions:
        started = time.perf_counter()
        engine.answerer.answer(question.q)
        times.append((time.perf_counter() - started) * 1e3)
    p50, p99 = np.percentile(times, [50, 99])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(times)} answers: p50 {p50:.2f} ms (aim 4), p99 {p99:.2f} ms (aim 10), peak memory {peak:.0f} MB"
    )
