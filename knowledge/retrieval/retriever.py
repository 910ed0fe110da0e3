"""One retriever over both legs: a question in, every label's belief and the per-leg scores out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from knowledge.plan import Task
from knowledge.retrieval.corpus import Corpus, Entry
from knowledge.retrieval.dense import DenseLeg
from knowledge.retrieval.fusion import FAMILIES, Calibration, Floats
from knowledge.retrieval.labels import detail, family, task_label
from knowledge.retrieval.lexical import LexicalLeg


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """What the legs make of one question. Arrays follow ``labels``; tasks come first, in plan order."""

    question: str
    labels: tuple[str, ...]
    task_ids: tuple[str, ...]
    belief: Floats
    match: Floats
    logit: Floats | None
    dense: Floats | None
    hits: tuple[tuple[Entry, float], ...]

    @cached_property
    def tasks(self) -> tuple[tuple[str, float], ...]:
        """(task id, belief), best first."""
        beliefs = self.belief[: len(self.task_ids)]
        order = np.argsort(-beliefs, kind="stable")
        return tuple((self.task_ids[i], float(beliefs[i])) for i in order)

    @cached_property
    def families(self) -> dict[str, float]:
        """Belief in each kind of question, summing to 1."""
        sums = dict.fromkeys(FAMILIES, 0.0)
        for label, belief in zip(self.labels, self.belief, strict=True):
            sums[family(label)] = sums.get(family(label), 0.0) + float(belief)
        return sums

    def best(self, kind: str) -> str:
        """The detail (slot) of the most believed label of a kind, or an empty string."""
        found = [
            (float(self.belief[i]), detail(label))
            for i, label in enumerate(self.labels)
            if family(label) == kind
        ]
        return max(found, default=(0.0, ""))[1]


class PlanRetriever(BaseRetriever):
    """Fuses the lexical leg and, when there is one, the dense leg; scores are kept leg by leg."""

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    corpus: Corpus
    lexical: LexicalLeg
    dense: DenseLeg | None = None
    calibration: Calibration
    top: int = 5

    @property
    def legs(self) -> tuple[str, ...]:
        """The legs that take part, for ``doctor`` and the answer's JSON."""
        return ("lexical", "dense") if self.dense else ("lexical",)

    def rank(self, question: str) -> Ranking:
        """Score every label for a question."""
        lexical = self.lexical.score(question)
        dense = self.dense.score(question) if self.dense else None
        labels = self.lexical.labels
        return Ranking(
            question=question,
            labels=labels,
            task_ids=tuple(task.id for task in self.corpus.plan.tasks),
            belief=self.calibration.weights.probabilities(labels, lexical.match, lexical.logit, dense),
            match=lexical.match,
            logit=lexical.logit,
            dense=dense,
            hits=lexical.hits,
        )

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002
    ) -> list[Document]:
        ranking = self.rank(query)
        by_id = self.corpus.plan.by_id
        return [
            self._document(ranking, by_id[task_id], belief) for task_id, belief in ranking.tasks[: self.top]
        ]

    def _document(self, ranking: Ranking, task: Task, belief: float) -> Document:
        at = ranking.labels.index(task_label(task.title))
        scores = {"score": belief, "match": float(ranking.match[at])}
        if ranking.logit is not None:
            scores["linear"] = float(ranking.logit[at])
        if ranking.dense is not None:
            scores["dense"] = float(ranking.dense[at])
        return Document(page_content=task.text, metadata={"task": task.id, "title": task.title, **scores})
