"""Figures as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knowledge.evaluation.figures import ROWS, Figures

COLUMN = 12


def table(figures: Sequence[Figures]) -> str:
    """One column a set, one row a figure, counts below the set's name; then risk against coverage."""
    width = max(COLUMN, *(len(part.name) + 2 for part in figures))
    lines = ["".ljust(20) + "".join(part.name.rjust(width) for part in figures)]
    for label, key, of in ROWS:
        cells = [_cell(part, key, of) for part in figures]
        if any(cells):
            lines.append(label.ljust(20) + "".join((cell or "-").rjust(width) for cell in cells))
    for part in figures:
        risks = part.risk_coverage()
        if risks:
            line = "  ".join(f"{coverage}: {risk:.1%}" for coverage, risk in risks.items())
            lines.append(f"risk at coverage, {part.name}: {line}")
    return "\n".join(lines)


def missed_lines(figures: Sequence[Figures]) -> Iterator[str]:
    """One line a missed question: what was wanted and what came."""
    for part in figures:
        for question, answer in part.missed:
            came = " ".join(f"{hit.id}:{hit.score:.2f}" for hit in answer.tasks[:3])
            wanted = ",".join(question.tasks) or ",".join(question.units[:3])
            yield f"{part.name} {question.kind} {question.q} | wanted {wanted} | {answer.decision}/{answer.intent} {came}"


def _cell(part: Figures, key: str, of: str) -> str:
    share = part.share(key, of)
    return "" if share is None else f"{share:.1%}"
