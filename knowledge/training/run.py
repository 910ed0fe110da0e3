"""``zhuanban train``: every model file from the data files, in order."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from knowledge.engine import DATA, Sources, load_register
from knowledge.errors import ModelError
from knowledge.evaluation.sets import load_set
from knowledge.phrasebook import load_phrasebook
from knowledge.retrieval.corpus import build_corpus
from knowledge.retrieval.dense import DenseLeg
from knowledge.retrieval.embedding import OFF, load_embedding
from knowledge.retrieval.lexical import LexicalLeg
from knowledge.retrieval.linear import LinearModel
from knowledge.retrieval.static_model import fingerprint_of

CALIBRATION_SETS = DATA / "calibration"
Tell = Callable[[str], None]


def train(sources: Sources, tell: Tell) -> None:
    """Train classifier and static embedding into ``sources.models``, then fit the thresholds of both set-ups.

    Raises ModelError when the extra [models] is missing.
    """
    try:
        from knowledge.training.linear import fit_linear
        from knowledge.training.static import train_static
    except ImportError as error:
        raise ModelError(
            f"training needs the extra [models] ({error.name} is missing): make models"
        ) from error
    plan, directory = load_register(sources)
    corpus = build_corpus(plan, directory, load_phrasebook(sources.phrasebook, plan), single_words=True)
    target, making = sources.models, sources.models.with_name(sources.models.name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    made = replace(sources, models=making, calibrations=making / "calibration")
    tell(f"corpus: {len(corpus.entries)} texts, {len(corpus.labels)} labels")
    kept = fit_linear(corpus, directory, making / "linear.npz")
    tell(f"linear model: {kept} n-grams")
    folder = making / "static"
    pairs = train_static(corpus, directory, folder)
    tell(f"static embedding: {pairs} pairs")
    for setting in (str(folder), OFF):
        calibrate(made, setting, tell)
    # The old files answer until all new ones are there.
    old = target.with_name(target.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    making.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def calibrate(sources: Sources, embedding: str, tell: Tell) -> Path:
    """Fit weights and thresholds for one embedding setting into ``sources.calibrations`` and return the file."""
    from knowledge.training.calibration import fit_calibration

    plan, directory = load_register(sources)
    corpus = build_corpus(plan, directory, load_phrasebook(sources.phrasebook, plan))
    questions = [question for path in sorted(CALIBRATION_SETS.glob("*.jsonl")) for question in load_set(path)]
    linear = sources.models / "linear.npz"
    model = load_embedding(embedding)
    name = model.fingerprint if model else OFF
    folder = sources.calibrations or sources.models / "calibration"
    folder.mkdir(parents=True, exist_ok=True)
    fitted = fit_calibration(
        questions,
        plan,
        LexicalLeg(corpus, directory, LinearModel.load(linear)),
        DenseLeg(corpus, directory, model, cache=folder, keep=True) if model else None,
        f"{fingerprint_of(linear)}+{name}",
    )
    fitted.save(folder / f"{name}.json")
    tell(f"thresholds for {name}: {fitted.weights}, {fitted.thresholds}, fitted on {fitted.fitted_on}")
    return folder / f"{name}.json"
