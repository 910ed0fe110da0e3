"""Readers: a file in some format becomes plain lines; what the lines mean is the parser's business."""

from __future__ import annotations

from pathlib import Path

from knowledge.errors import UnreadablePlan
from knowledge.reading.lines import Line
from knowledge.reading.markdown import read_markdown

READERS = {".md": read_markdown, ".markdown": read_markdown, ".txt": read_markdown}

__all__ = ["READERS", "Line", "read_lines"]


def read_lines(path: Path) -> tuple[Line, ...]:
    """Read a plan file into lines, choosing the reader by the file's suffix.

    Raises UnreadablePlan for a missing file, an unknown suffix or undecodable content.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(READERS))
        raise UnreadablePlan(f"{path}: unknown plan format {path.suffix or '(none)'!r}; known: {known}")
    if not path.is_file():
        raise UnreadablePlan(f"{path}: no such plan file")
    return reader(path)
