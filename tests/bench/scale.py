"""A thousand counties in one index: 23,000 synthetic tasks."""

from __future__ import annotations

import random
import resource
import time

import numpy as np

from knowledge.engine import load_register
from knowledge.evaluation.sets import load_set
from knowledge.retrieval.bm25 import Bm25Index
from knowledge.retrieval.embedding import load_embedding
from knowledge.retrieval.text import fold
from tests.conftest import EVAL

COPIES = 1000
SWAPPED = 0.3


def run() -> None:
    """Build lexical and dense indexes over 23,000 tasks and print build time, memory and query times."""
    plan, _ = load_register()
    rng = random.Random(7)
    pieces = [piece for task in plan.tasks for piece in task.body.of(plan.text).split("，")]
    texts = [
        fold(
            "，".join(
                p if rng.random() > SWAPPED else rng.choice(pieces)
                for p in task.body.of(plan.text).split("，")
            )
        )
        for _ in range(COPIES)
        for task in plan.tasks
    ]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started = time.perf_counter()
    index = Bm25Index(texts, longest=2)
    lexical_s = time.perf_counter() - started
    started = time.perf_counter()
    embedding = load_embedding()
    if embedding is None:
        raise RuntimeError("the shipped embedding is missing")
    vectors = np.asarray(embedding.model.embed_documents(texts), dtype=np.float32)
    dense_s = time.perf_counter() - started
    questions = [fold(q.q) for path in sorted(EVAL.glob("*.jsonl")) for q in load_set(path)][:200]
    times = []
    for question in questions:
        started = time.perf_counter()
        scores = index.scores(question)
        scores = scores / max(index.weight_of(question), 1e-6) + vectors @ np.asarray(
            embedding.model.embed_query(question)
        )
        np.argpartition(-scores, 5)
        times.append((time.perf_counter() - started) * 1e3)
    p50, p99 = np.percentile(times, [50, 99])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(texts)} tasks: build {lexical_s + dense_s:.1f} s (lexical {lexical_s:.1f}, dense {dense_s:.1f}; aim 30), "
        f"query p50 {p50:.2f} ms (aim 10), p99 {p99:.2f} ms, memory {peak:.0f} MB ({peak - before:.0f} for the index; aim 1000)"
    )
