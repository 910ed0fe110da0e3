"""From beliefs to one of: answer this task, ask which of these, say it is not covered, or another kind."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.retrieval.fusion import Thresholds
from knowledge.retrieval.retriever import Ranking

OTHER_KINDS = ("units_of", "mechanism", "goal", "followup")
OFFERED = 3
WORTH_OFFERING = 0.06


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What to do: ``kind`` is answer, ask, refuse, or one of OTHER_KINDS; ``tasks`` are ids, best first."""

    kind: str
    tasks: tuple[str, ...] = ()
    certainty: float = 0.0


def decide(ranking: Ranking, thresholds: Thresholds) -> Verdict:
    """Wrong is worse than asking, asking is worse than answering, refusing what is covered is worst of the rest."""
    families = ranking.families
    kind = max(families, key=lambda name: families[name])
    if kind in OTHER_KINDS:
        return Verdict(kind=kind, certainty=families[kind])
    (best, belief) = ranking.tasks[0]
    together = max(families["task"], 1e-9)
    uncovered = families["uncovered"] / max(families["uncovered"] + families["task"], 1e-9)
    if uncovered >= thresholds.uncovered:
        return Verdict(kind="refuse", certainty=uncovered)
    if belief >= thresholds.answer and belief / together >= thresholds.lead:
        return Verdict(kind="answer", tasks=(best,), certainty=belief)
    offered = [task for task, share in ranking.tasks[:OFFERED] if share / together >= WORTH_OFFERING]
    while len(offered) < 2 and len(offered) < len(ranking.tasks):
        offered.append(ranking.tasks[len(offered)][0])
    return Verdict(kind="ask", tasks=tuple(offered), certainty=belief)
