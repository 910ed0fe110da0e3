"""Which legs earn their place, and against the pipeline one would build from langchain's own parts."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence

import numpy as np

from knowledge.engine import DATA, Sources, load_register
from knowledge.evaluation.sets import Question, load_set
from knowledge.phrasebook import load_phrasebook
from knowledge.plan import Plan
from knowledge.retrieval.corpus import Corpus, build_corpus
from knowledge.retrieval.dense import DenseLeg
from knowledge.retrieval.embedding import Embedding, load_embedding
from knowledge.retrieval.fusion import Calibration
from knowledge.retrieval.labels import task_label
from knowledge.retrieval.lexical import LexicalLeg
from knowledge.retrieval.linear import LinearModel
from knowledge.retrieval.retriever import PlanRetriever
from knowledge.retrieval.static_model import fingerprint_of
from knowledge.units import UnitDirectory
from tests.conftest import EVAL

Rank = Callable[[str], Sequence[str]]


def run() -> None:
    """Print first hit and in three for each set-up, on the development and on the held-out questions."""
    sources = Sources()
    plan, directory = load_register(sources)
    bare = build_corpus(plan, directory)
    corpus = build_corpus(plan, directory, load_phrasebook(sources.phrasebook, plan))
    embedding = load_embedding()
    if embedding is None:
        raise RuntimeError("the shipped embedding is missing")
    linear = sources.models / "linear.npz"
    lexical = LexicalLeg(corpus, directory, LinearModel.load(linear))
    dense = DenseLeg(corpus, directory, embedding)
    rows: list[tuple[str, Rank]] = [
        ("BM25 over clauses", _by_match(LexicalLeg(bare, directory), plan)),
        ("+ phrasebook (BM25)", _by_match(LexicalLeg(corpus, directory), plan)),
        ("+ phrasebook (lexical leg)", _fused(corpus, lexical, None, sources, linear, "off")),
        ("dense leg alone", _by_dense(dense, plan)),
        ("all", _fused(corpus, lexical, dense, sources, linear, embedding.fingerprint)),
        ("stock: clauses only", _stock(bare, directory, embedding)),
        ("stock: + phrasebook", _stock(corpus, directory, embedding)),
    ]
    sets = {
        "dev": _tasks(load_set(EVAL / "dev.jsonl")),
        "held out": [
            q for path in sorted(EVAL.glob("*.jsonl")) if path.stem != "dev" for q in _tasks(load_set(path))
        ],
        "calibration": [
            q for path in sorted((DATA / "calibration").glob("*.jsonl")) for q in _tasks(load_set(path))
        ],
    }
    print(
        "task questions".ljust(30)
        + "".join(f"{name} ({len(qs)})".rjust(22) for name, qs in sets.items())
        + "  ms/question"
    )
    for name, rank in rows:
        started = time.perf_counter()
        cells = [_figures(rank, questions) for questions in sets.values()]
        ms = (time.perf_counter() - started) * 1e3 / sum(map(len, sets.values()))
        print(
            name.ljust(30)
            + "".join(f"{first:6.1%} / {three:6.1%}".rjust(22) for first, three in cells)
            + f"{ms:13.2f}"
        )


def _tasks(questions: Sequence[Question]) -> list[Question]:
    return [question for question in questions if question.kind == "task"]


def _figures(rank: Rank, questions: Sequence[Question]) -> tuple[float, float]:
    first = three = 0
    for question in questions:
        ids = list(rank(question.q))
        first += bool(ids) and ids[0] in question.tasks
        three += bool(set(ids[:3]) & set(question.tasks))
    return first / len(questions), three / len(questions)


def _by_match(leg: LexicalLeg, plan: Plan) -> Rank:
    return lambda q: [
        plan.tasks[i].id for i in np.argsort(-leg.score(q).match[: len(plan.tasks)], kind="stable")
    ]


def _by_dense(leg: DenseLeg, plan: Plan) -> Rank:
    return lambda q: [plan.tasks[i].id for i in np.argsort(-leg.score(q)[: len(plan.tasks)], kind="stable")]


def _fused(
    corpus: Corpus, lexical: LexicalLeg, dense: DenseLeg | None, sources: Sources, linear: object, name: str
) -> Rank:
    fingerprint = f"{fingerprint_of(sources.models / 'linear.npz')}+{name}"
    calibration = Calibration.load(sources.models / "calibration" / f"{name}.json", fingerprint)
    retriever = PlanRetriever(corpus=corpus, lexical=lexical, dense=dense, calibration=calibration)
    return lambda q: [task for task, _ in retriever.rank(q).tasks]


def _stock(corpus: Corpus, directory: UnitDirectory, embedding: Embedding) -> Rank:
    """BM25 with jieba, Chroma and EnsembleRetriever, each text carrying its task."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import chromadb
        import jieba
        from chromadb.config import Settings
        from langchain_chroma import Chroma
        from langchain_classic.retrievers import EnsembleRetriever
        from langchain_community.retrievers import BM25Retriever
    jieba.setLogLevel(60)
    ids = {task_label(task.title): task.id for task in corpus.plan.tasks}
    texts, metadatas = [], []
    for entry in corpus.entries:
        if len(entry.labels) == 1 and entry.labels[0] in ids:
            texts.append(entry.text)
            metadatas.append({"task": ids[entry.labels[0]]})
    sparse = BM25Retriever.from_texts(texts, metadatas=metadatas, preprocess_func=jieba.lcut, k=20)
    client = chromadb.EphemeralClient(Settings(anonymized_telemetry=False))
    store = Chroma.from_texts(
        texts, embedding.model, metadatas=metadatas, client=client, collection_name=f"stock-{len(texts)}"
    )
    ensemble = EnsembleRetriever(
        retrievers=[sparse, store.as_retriever(search_kwargs={"k": 20})], weights=[0.5, 0.5]
    )

    def rank(question: str) -> list[str]:
        found = ensemble.invoke(question)
        return list(dict.fromkeys(document.metadata["task"] for document in found))

    return rank
