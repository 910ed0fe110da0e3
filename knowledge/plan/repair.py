"""Lines of a document that went through paper become the stored text: paragraphs, one a line."""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.plan.model import Repair
from knowledge.reading import Line

_NUMERAL = "一二三四五六七八九十百零〇"
SECTION = re.compile(rf"^([{_NUMERAL}]+)[、．.]\s*(.+)$")
SUBSECTION = re.compile(rf"^[（(]([{_NUMERAL}]+)[）)]\s*(.+)$")
NUMBERED = re.compile(r"^(\d{1,3})\s*[.．、](?!\d)\s*(.+)$")
_ENDS_SENTENCE = re.compile(r"[。！？!?；;：:…][”’」』）)]*$|[）)]$")
_LATIN = re.compile(r"[A-Za-z0-9]")


def repair(lines: Iterable[Line]) -> tuple[str, tuple[Repair, ...]]:
    """Join sentences cut by page breaks and return (stored text, what was joined).

    A paragraph goes on over blank lines until a sentence or a bracket ends, or a heading begins.
    """
    paragraphs: list[str] = []
    joined: list[tuple[int, int]] = []
    open_tail = False
    for line in lines:
        text = line.text
        if not text:
            continue
        heading = line.heading or _is_heading(text)
        if open_tail and not heading and not NUMBERED.match(text):
            glue = " " if _LATIN.match(paragraphs[-1][-1]) and _LATIN.match(text[0]) else ""
            joined.append((len(paragraphs) - 1, len(paragraphs[-1])))
            paragraphs[-1] += glue + text
        else:
            paragraphs.append(text)
        open_tail = not heading and not _complete(paragraphs[-1])
    starts = _starts(paragraphs)
    text = "\n".join(paragraphs)
    repairs = tuple(
        Repair(
            at=starts[i] + at, before=paragraphs[i][max(0, at - 12) : at], after=paragraphs[i][at : at + 12]
        )
        for i, at in joined
    )
    return text, repairs


def _is_heading(text: str) -> bool:
    return bool(SECTION.match(text) or SUBSECTION.match(text)) and not text.endswith(("。", "）", ")"))


def _complete(paragraph: str) -> bool:
    """A paragraph is complete when it ends a sentence and no bracket is still open."""
    opened = sum(paragraph.count(c) for c in "（(")
    closed = sum(paragraph.count(c) for c in "）)")
    return opened <= closed and bool(_ENDS_SENTENCE.search(paragraph))


def _starts(paragraphs: list[str]) -> list[int]:
    starts, at = [], 0
    for paragraph in paragraphs:
        starts.append(at)
        at += len(paragraph) + 1
    return starts
