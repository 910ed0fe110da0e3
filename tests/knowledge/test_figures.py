"""The promised figures, on questions by writers who saw neither the phrasebook nor each other."""

from __future__ import annotations

import pytest

from knowledge.answer.model import Answer, TaskHit
from knowledge.engine import Engine
from knowledge.evaluation.figures import Figures, measure, pooled
from knowledge.evaluation.sets import Question, load_set
from knowledge.evaluation.table import table
from knowledge.plan import Plan
from tests.conftest import EVAL

OPENED = ("dev", "village-cadre")


@pytest.fixture(scope="module")
def figures(engine: Engine) -> Figures:
    """Over the four sets that nobody opened while tuning."""
    parts = [
        measure(
            path.stem, load_set(path), lambda q: engine.answerer.answer(q.q, previous=q.previous), engine.plan
        )
        for path in sorted(EVAL.glob("*.jsonl"))
        if path.stem not in OPENED
    ]
    return pooled("unopened", parts)


@pytest.mark.parametrize(
    ("key", "of", "least"),
    [
        ("first", "task", 0.90), ("three", "task", 0.97), ("exact", "right", 1.0), ("units_of_right", "units_of", 0.85),
        ("mechanism_right", "mechanism", 0.80), ("followup_right", "followup", 0.80), ("oos_refused", "oos", 0.90),
        ("ambiguous_fair", "ambiguous", 0.75),
    ],
)  # fmt: skip
def test_shares_that_must_be_high(figures: Figures, key: str, of: str, least: float) -> None:
    share = figures.share(key, of)
    assert share is not None
    assert share >= least, table([figures])


@pytest.mark.parametrize(
    ("key", "of", "most"), [("wrong", "task", 0.04), ("refused", "task", 0.05), ("oos_answered", "oos", 0.07)]
)
def test_shares_that_must_be_low(figures: Figures, key: str, of: str, most: float) -> None:
    share = figures.share(key, of)
    assert share is not None
    assert share <= most, table([figures])


def test_a_wrong_answer_is_counted_as_wrong(plan: Plan) -> None:
    def always_first(question: Question) -> Answer:
        hit = TaskHit(id="1.1", title="", score=0.9)
        return Answer(
            question=question.q, decision="answer", intent="task", tasks=(hit,), units=("县教育局",)
        )

    questions = [
        Question(id="1", q="a", kind="task", tasks=("1.1",)), Question(id="2", q="b", kind="task", tasks=("2.1",)),
        Question(id="3", q="c", kind="oos"), Question(id="4", q="d", kind="units_of", tasks=("1.1",)),
    ]  # fmt: skip
    found = measure("x", questions, always_first, plan)
    assert (found.share("right", "task"), found.share("wrong", "task")) == (0.5, 0.5)
    assert found.share("exact", "right") == 0.0
    assert found.share("oos_answered", "oos") == 1.0
    assert found.share("units_of_right", "units_of") == 0.0
    assert found.risk_coverage()["100%"] == 0.5
