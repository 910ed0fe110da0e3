"""BM25 over character n-grams with Lucene's IDF, postings in numpy arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.retrieval.text import Codes, gram_codes, gram_codes_of

K1 = 1.2
B = 0.75


class Bm25Index:
    """Scores every text against a query.

    IDF is ln(1 + (N - df + 0.5) / (df + 0.5)) as in Lucene, which never reaches zero: a plan has so few tasks
    that the classic form would silence half of its words. ``longest`` is the n-gram length, 1 to 3.
    """

    def __init__(self, texts: Sequence[str], *, longest: int = 3, k1: float = K1, b: float = B) -> None:
        self.size = len(texts)
        self._longest = longest
        codes, owners = gram_codes_of(texts, longest)
        lengths = np.bincount(owners, minlength=self.size).astype(np.float32)
        order = np.lexsort((owners, codes))
        codes, owners = codes[order], owners[order]
        first = np.ones(len(codes), dtype=bool)
        first[1:] = (codes[1:] != codes[:-1]) | (owners[1:] != owners[:-1])
        starts = np.flatnonzero(first)
        counts = np.diff(np.append(starts, len(codes))).astype(np.float32)
        codes, self._docs = codes[starts], owners[starts].astype(np.int32)
        self._grams, at, frequency = np.unique(codes, return_index=True, return_counts=True)
        self._at = np.append(at, len(codes)).astype(np.int64)
        self._idf = np.log1p((self.size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        mean = float(lengths.mean()) if self.size else 1.0
        norm = k1 * (1 - b + b * lengths / max(mean, 1.0))
        weight = counts * (k1 + 1) / (counts + norm[self._docs])
        self._weights = weight * np.repeat(self._idf, np.diff(self._at))
        self._unseen_idf = float(np.log1p((self.size + 0.5) / 0.5))

    def scores(self, folded: str) -> NDArray[np.float32]:
        """Score of every text for a folded query: float32, shape (size,), 0 where nothing is shared."""
        rows = self._rows(np.unique(gram_codes(folded, self._longest)))
        spans = [slice(self._at[row], self._at[row + 1]) for row in rows]
        if not spans:
            return np.zeros(self.size, dtype=np.float32)
        docs = np.concatenate([self._docs[span] for span in spans])
        weights = np.concatenate([self._weights[span] for span in spans])
        return np.bincount(docs, weights, minlength=self.size).astype(np.float32)

    def weight_of(self, folded: str) -> float:
        """Sum of the query's IDF, unseen n-grams included: what a text holding every n-gram once would near."""
        codes = np.unique(gram_codes(folded, self._longest))
        rows = self._rows(codes)
        return float(self._idf[rows].sum()) + self._unseen_idf * (len(codes) - len(rows))

    def _rows(self, codes: Codes) -> NDArray[np.int64]:
        if not len(self._grams):
            return np.zeros(0, dtype=np.int64)
        at = np.minimum(np.searchsorted(self._grams, codes), len(self._grams) - 1)
        return np.asarray(at[self._grams[at] == codes])
