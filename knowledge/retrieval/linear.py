"""A linear classifier over character n-grams: what ``zhuanban train`` learned from the phrasebook."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import ModelError
from knowledge.retrieval.text import Codes, gram_codes


class LinearModel:
    """Multinomial logistic regression on L2-normalised TF-IDF; only numpy at run time."""

    def __init__(
        self,
        *,
        labels: tuple[str, ...],
        grams: Codes,
        idf: NDArray[np.float32],
        weights: NDArray[np.float16],
        bias: NDArray[np.float32],
        unseen_idf: float,
    ) -> None:
        if (
            weights.shape != (len(grams), len(labels))
            or idf.shape != grams.shape
            or bias.shape != (len(labels),)
        ):
            raise ModelError("linear model: its arrays do not fit each other")
        self.labels = labels
        self._grams, self._idf, self._weights, self._bias = grams, idf, weights, bias
        self._unseen_idf = unseen_idf

    @classmethod
    def load(cls, path: Path) -> LinearModel:
        """Read an ``.npz`` written by training. Raises ModelError."""
        try:
            with np.load(path, allow_pickle=False) as data:
                return cls(
                    labels=tuple(str(label) for label in data["labels"]),
                    grams=data["grams"],
                    idf=data["idf"].astype(np.float32),
                    weights=data["weights"],
                    bias=data["bias"].astype(np.float32),
                    unseen_idf=float(data["unseen_idf"]),
                )
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"{path}: cannot be read: {error}") from error

    def logits(self, folded: str) -> NDArray[np.float32]:
        """One score a label, float32, shape (len(labels),); softmax of it is the probability.

        N-grams never seen in training count in the length, so that a question made of unknown words
        falls back towards the bias instead of being decided by one lucky bigram.
        """
        codes, counts = np.unique(gram_codes(folded), return_counts=True)
        if not len(codes):
            return self._bias
        tf = 1 + np.log(counts)
        at = np.minimum(np.searchsorted(self._grams, codes), len(self._grams) - 1)
        known = self._grams[at] == codes
        x = np.where(known, self._idf[at], self._unseen_idf) * tf
        x /= np.linalg.norm(x)
        rows = self._weights[at[known]].astype(np.float32)
        return np.asarray(x[known].astype(np.float32) @ rows + self._bias, dtype=np.float32)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities along the last axis."""
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True), dtype=np.float32)
