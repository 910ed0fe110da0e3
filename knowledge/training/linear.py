"""Fit the linear classifier of the lexical leg with scikit-learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from knowledge.retrieval.corpus import Corpus, features
from knowledge.retrieval.labels import family
from knowledge.retrieval.text import gram_codes_of
from knowledge.units import UnitDirectory

INVERSE_REGULARISATION = 40.0
SMALLEST_WEIGHT = 0.12
TRIGRAM = 1 << 42
# Kinds of question with few phrases, which the thousands about tasks must not drown.
RARE_FAMILIES = {"units_of": 2.5, "mechanism": 2.0, "goal": 2.0, "followup": 1.5}


def fit_linear(corpus: Corpus, directory: UnitDirectory, path: Path) -> int:
    """Write the model to ``path`` (npz) and return the number of n-grams kept. Deterministic.

    An entry of several labels (a broad question) counts for each with an equal share.
    """
    rows = [(entry, label) for entry in corpus.entries for label in entry.labels]
    texts = [features(entry.text, directory) for entry, _ in rows]
    weight = np.array(
        [entry.weight / len(entry.labels) * RARE_FAMILIES.get(family(label), 1.0) for entry, label in rows]
    )
    grams, idf, matrix = _tfidf(texts)
    model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=150, tol=1e-3)
    model.fit(matrix, [label for _, label in rows], sample_weight=weight)
    weights = model.coef_.T.astype(np.float32)
    kept = np.abs(weights).max(axis=1) >= SMALLEST_WEIGHT
    np.savez_compressed(
        path,
        labels=np.array([str(label) for label in model.classes_]),
        grams=grams[kept],
        idf=idf[kept].astype(np.float16),
        weights=weights[kept].astype(np.float16),
        bias=model.intercept_.astype(np.float32),
        unseen_idf=np.float32(np.log(1 + len(texts)) + 1),
    )
    return int(kept.sum())


def _tfidf(texts: list[str]) -> tuple[np.ndarray, np.ndarray, sp.csr_matrix]:
    """Sublinear TF, IDF ln((1 + n) / (1 + df)) + 1, rows of unit length."""
    codes, owners = gram_codes_of(texts)
    _, first, times = np.unique(codes, return_inverse=True, return_counts=True)
    # A trigram seen once teaches nothing its bigrams do not, and is half of the model's size.
    kept = (times[first] > 1) | (codes < TRIGRAM)
    codes, owners = codes[kept], owners[kept]
    grams, column = np.unique(codes, return_inverse=True)
    matrix = sp.csr_matrix((np.ones(len(codes)), (owners, column)), shape=(len(texts), len(grams)))
    matrix.sum_duplicates()
    frequency = np.bincount(matrix.indices, minlength=len(grams))
    idf = np.log((1 + len(texts)) / (1 + frequency)) + 1
    matrix.data = 1 + np.log(matrix.data)
    matrix = matrix @ sp.diags(idf)
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return grams, idf, (sp.diags(1 / np.maximum(length, 1e-9)) @ matrix).tocsr()
