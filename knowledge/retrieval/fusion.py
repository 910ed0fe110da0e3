"""Fusion of the legs and the calibrated three-way decision, fitted by ``zhuanban train``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import FingerprintMismatch, ModelError
from knowledge.retrieval.labels import family
from knowledge.retrieval.linear import softmax

Floats = NDArray[np.float32]
FAMILIES = ("task", "uncovered", "units_of", "mechanism", "goal", "followup")


@dataclass(frozen=True, kw_only=True)
class Weights:
    """score = linear * logit + match * BM25 + dense * cosine + bias[family]; softmax of it is the belief."""

    linear: float
    match: float
    dense: float
    bias: Mapping[str, float]

    def probabilities(
        self, labels: tuple[str, ...], match: Floats, logit: Floats | None, dense: Floats | None
    ) -> Floats:
        """Belief a label, float32, last axis in the order of ``labels``, summing to 1."""
        score = self.match * match + np.array([self.bias.get(family(label), 0.0) for label in labels])
        if logit is not None:
            score = score + self.linear * logit
        if dense is not None:
            score = score + self.dense * dense
        return softmax(score.astype(np.float32))


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """When to answer, ask or refuse. All are shares between 0 and 1.

    ``uncovered``: refuse when "not covered" has at least this share of (tasks + not covered).
    ``answer``: answer when the best task has at least this belief;
    ``lead``: and at least this share of what all tasks have together. Otherwise ask.
    """

    uncovered: float
    answer: float
    lead: float


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Weights and thresholds, with the fingerprint of what they were fitted for."""

    fingerprint: str
    weights: Weights
    thresholds: Thresholds
    fitted_on: str = ""

    def save(self, path: Path) -> None:
        """Write as JSON."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path, fingerprint: str) -> Calibration:
        """Read and check. Raises FingerprintMismatch if it was fitted for something else, ModelError if broken."""
        try:
            raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            found = cls(
                fingerprint=str(raw["fingerprint"]),
                weights=Weights(**raw["weights"]),
                thresholds=Thresholds(**raw["thresholds"]),
                fitted_on=str(raw.get("fitted_on", "")),
            )
        except FileNotFoundError as error:
            raise FingerprintMismatch(
                f"no thresholds fitted for this embedding ({fingerprint}); run: zhuanban train --calibrate"
            ) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path}: cannot be read: {error}") from error
        if found.fingerprint != fingerprint:
            raise FingerprintMismatch(
                f"{path}: thresholds belong to {found.fingerprint}, not to {fingerprint}; run: zhuanban train --calibrate"
            )
        return found


# Used only where nothing was trained: a plan without phrasebook, or a synthetic one in the bench.
UNTRAINED = Calibration(
    fingerprint="untrained",
    weights=Weights(linear=0.0, match=12.0, dense=6.0, bias={}),
    thresholds=Thresholds(uncovered=1.1, answer=0.5, lead=0.5),
)
