"""Wires the knowledge parts from files into one Answerer: the same for chat, command line and evaluation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from knowledge.answer.answerer import Answerer
from knowledge.answer.cautions import Cautions
from knowledge.answer.chooser import Chooser
from knowledge.duties import Duties
from knowledge.errors import ModelError
from knowledge.phrasebook import Phrasebook, load_phrasebook
from knowledge.plan import Plan, load_plan
from knowledge.retrieval.corpus import Corpus, build_corpus
from knowledge.retrieval.dense import DenseLeg
from knowledge.retrieval.embedding import OFF, Embedding, load_embedding
from knowledge.retrieval.fusion import Calibration
from knowledge.retrieval.lexical import LexicalLeg
from knowledge.retrieval.linear import LinearModel
from knowledge.retrieval.retriever import PlanRetriever
from knowledge.retrieval.static_model import fingerprint_of
from knowledge.units import UnitDirectory

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where the data files lie; ``models`` holds linear.npz, static/ and calibration/."""

    plan: Path = DATA / "plans" / "attachment-7.md"
    phrasebook: Path = DATA / "phrasebook"
    units: Path = DATA / "units.toml"
    duties: Path = DATA / "duties.toml"
    cautions: Path = DATA / "cautions.toml"
    models: Path = DATA / "model"
    calibrations: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Engine:
    """Everything loaded, and the name of what is missing: ``dense_fault`` is empty when the dense leg is on."""

    plan: Plan
    directory: UnitDirectory
    phrasebook: Phrasebook
    corpus: Corpus
    answerer: Answerer
    embedding: Embedding | None
    dense_fault: str


def load_register(sources: Sources | None = None) -> tuple[Plan, UnitDirectory]:
    """The plan and the units alone. Raises PlanError or DataError."""
    sources = sources or Sources()
    return load_plan(sources.plan), UnitDirectory.load(sources.units)


def load_engine(
    sources: Sources | None = None,
    *,
    embedding: str = "",
    chooser: Chooser | None = None,
    confirmed_hints: Collection[str] | None = None,
) -> Engine:
    """Load every leg before the first answer.

    A shipped embedding that cannot be loaded leaves the lexical leg, with its own thresholds, and a
    ``dense_fault``; one named by a setting must load. Raises KnowledgeError with one line for anything else.
    """
    sources = sources or Sources()
    plan, directory = load_register(sources)
    phrasebook = load_phrasebook(sources.phrasebook, plan)
    corpus = build_corpus(plan, directory, phrasebook)
    linear_file = sources.models / "linear.npz"
    linear = LinearModel.load(linear_file)
    model, fault = _embedding(embedding)
    fingerprint = f"{fingerprint_of(linear_file)}+{model.fingerprint if model else OFF}"
    calibration_file = _calibration_file(sources, model)
    calibration = Calibration.load(calibration_file, fingerprint)
    retriever = PlanRetriever(
        corpus=corpus,
        lexical=LexicalLeg(corpus, directory, linear),
        dense=DenseLeg(
            corpus,
            directory,
            model,
            cache=calibration_file.parent,
            keep=calibration_file.parent == sources.calibrations,
        )
        if model
        else None,
        calibration=calibration,
    )
    answerer = Answerer(
        plan=plan,
        directory=directory,
        retriever=retriever,
        duties=Duties.load(sources.duties, plan),
        cautions=Cautions.load(sources.cautions),
        chooser=chooser,
        confirmed_hints=confirmed_hints,
    )
    return Engine(
        plan=plan, directory=directory, phrasebook=phrasebook, corpus=corpus,
        answerer=answerer, embedding=model, dense_fault=fault,
    )  # fmt: skip


def _embedding(setting: str) -> tuple[Embedding | None, str]:
    try:
        model = load_embedding(setting)
    except ModelError as error:
        if setting:
            raise
        return None, str(error)
    return model, "" if model else f"switched {OFF}"


def _calibration_file(sources: Sources, model: Embedding | None) -> Path:
    """A calibration of one's own (for another embedding) lies in the data directory, the shipped ones beside the model."""
    name = f"{model.fingerprint if model else OFF}.json"
    own = sources.calibrations / name if sources.calibrations else None
    return own if own and own.is_file() else sources.models / "calibration" / name
