"""The lexical leg: BM25 over clauses and phrases, and the linear classifier over the same n-grams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.retrieval.bm25 import Bm25Index
from knowledge.retrieval.corpus import Corpus, Entry, features
from knowledge.retrieval.linear import LinearModel
from knowledge.units import UnitDirectory

UNKNOWN_LOGIT = -4.0


@dataclass(frozen=True, kw_only=True)
class LexicalScores:
    """Scores a label, float32, in the order of ``LexicalLeg.labels``.

    ``match`` is the best entry's BM25 over the query's own weight (about 0 to 1.5); ``logit`` the linear
    model's, or None when there is no model. ``hits`` are the best entries with their match, best first.
    """

    match: NDArray[np.float32]
    logit: NDArray[np.float32] | None
    hits: tuple[tuple[Entry, float], ...]


class LexicalLeg:
    """Index of one corpus, held in memory."""

    def __init__(self, corpus: Corpus, directory: UnitDirectory, linear: LinearModel | None = None) -> None:
        self.labels = corpus.labels
        self._directory = directory
        position = {label: i for i, label in enumerate(self.labels)}
        # An entry of a broad topic counts for each of its labels; entries are sorted by label for reduceat.
        pairs = sorted(
            ((position[label], i) for i, entry in enumerate(corpus.entries) for label in entry.labels),
        )
        self._entries = corpus.entries
        self._index = Bm25Index([features(entry.text, directory) for entry in corpus.entries])
        self._entry_of = np.array([i for _, i in pairs], dtype=np.int64)
        label_of = np.array([label for label, _ in pairs], dtype=np.int64)
        self._present, self._starts = np.unique(label_of, return_index=True)
        self._linear = linear
        if linear:
            known = {label: i for i, label in enumerate(linear.labels)}
            self._columns = np.array([known.get(label, -1) for label in self.labels])

    def score(self, question: str, *, hits: int = 12) -> LexicalScores:
        """Score every label for a question in its original form."""
        folded = features(question, self._directory)
        raw = self._index.scores(folded)
        scores = raw / max(self._index.weight_of(folded), 1e-6)
        match = np.zeros(len(self.labels), dtype=np.float32)
        match[self._present] = np.maximum.reduceat(scores[self._entry_of], self._starts)
        count = min(hits, len(scores))
        top = np.argpartition(-scores, count - 1)[:count]
        top = top[np.argsort(-scores[top], kind="stable")]
        return LexicalScores(
            match=match,
            logit=self._logits(folded),
            hits=tuple((self._entries[i], float(scores[i])) for i in top if scores[i] > 0),
        )

    def _logits(self, folded: str) -> NDArray[np.float32] | None:
        if self._linear is None:
            return None
        logits = self._linear.logits(folded)
        known = np.where(self._columns >= 0, logits[self._columns], UNKNOWN_LOGIT)
        return known.astype(np.float32)
