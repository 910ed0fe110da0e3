"""The dense leg: topics and clauses as vectors in an in-memory Chroma, rebuilt at every start."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from knowledge.retrieval.corpus import MASK, Corpus, Entry
from knowledge.retrieval.embedding import Embedding
from knowledge.retrieval.vectors import document_vectors
from knowledge.units import UnitDirectory

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection
    from langchain_chroma import Chroma

NEIGHBOURS = 24
CHUNK_LINES = 64
_BATCH = 5_000
_names = itertools.count(1)


class DenseLeg:
    """Cosine similarity of a question to the nearest documents of every label.

    A document is a clause of the plan or up to 64 phrases of one topic. Chroma is a disposable cache: its
    in-memory clients share state within a process, so every leg takes a collection of its own. ``store`` is
    the same collection as a langchain vector store.
    """

    def __init__(
        self,
        corpus: Corpus,
        directory: UnitDirectory,
        embedding: Embedding,
        *,
        cache: Path | None = None,
        keep: bool = False,
    ) -> None:
        """``cache`` is a folder of document vectors; ones not found there are computed, and with ``keep`` kept."""
        self.labels = corpus.labels
        self._position = {label: i for i, label in enumerate(self.labels)}
        self._directory = directory
        self._documents = list(_documents(corpus))
        self._model = embedding.model
        name = f"plan-{next(_names)}"
        self.store, self._collection = _store(name, embedding)
        vectors = document_vectors(
            [self._text(text) for text, _ in self._documents], embedding, cache, keep=keep
        )
        for at in range(0, len(vectors), _BATCH):
            part = vectors[at : at + _BATCH]
            # Straight into the collection, as one array and without texts: ten times as fast as add_texts.
            self._collection.add(ids=[str(at + i) for i in range(len(part))], embeddings=part)

    def score(self, question: str, *, neighbours: int = NEIGHBOURS) -> NDArray[np.float32]:
        """Best cosine similarity a label among the nearest documents (0 where none is near): float32."""
        scores = np.zeros(len(self.labels), dtype=np.float32)
        vector = np.asarray(self._model.embed_query(self._text(question)), dtype=np.float32)
        if not vector.any():
            return scores
        count = min(neighbours, len(self._documents))
        found = self._collection.query(
            query_embeddings=vector[None, :], n_results=count, include=["distances"]
        )
        for document, distance in zip(found["ids"][0], (found["distances"] or [[]])[0], strict=True):
            for label in self._documents[int(document)][1]:
                at = self._position[label]
                scores[at] = max(scores[at], 1.0 - distance)
        return scores

    def _text(self, text: str) -> str:
        return self._directory.mask(text, MASK)


def _store(name: str, embedding: Embedding) -> tuple[Chroma, Collection]:
    """A langchain vector store in memory, and the collection below it."""
    import chromadb
    from chromadb.config import Settings
    from langchain_chroma import Chroma

    client = chromadb.EphemeralClient(Settings(anonymized_telemetry=False))
    store = Chroma(
        client=client,
        collection_name=name,
        embedding_function=embedding.model,
        collection_configuration={"hnsw": {"space": "cosine"}},
    )
    return store, client.get_collection(name)


def _documents(corpus: Corpus) -> Iterator[tuple[str, tuple[str, ...]]]:
    by_topic: dict[int, list[Entry]] = {}
    for entry in corpus.entries:
        if entry.topic is None:
            yield entry.text, entry.labels
        else:
            by_topic.setdefault(entry.topic, []).append(entry)
    for entries in by_topic.values():
        for at in range(0, len(entries), CHUNK_LINES):
            chunk = entries[at : at + CHUNK_LINES]
            yield "\n".join(entry.text for entry in chunk), chunk[0].labels
