"""Markdown and plain text."""

from __future__ import annotations

import re
from pathlib import Path

from knowledge.errors import UnreadablePlan
from knowledge.reading.lines import Line

_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+")
_EMPHASIS = re.compile(r"\*\*|__")
MAX_BYTES = 8 * 1024 * 1024


def read_markdown(path: Path) -> tuple[Line, ...]:
    """Read UTF-8 (with or without BOM) or GB18030 text, dropping heading and emphasis marks.

    Raises UnreadablePlan if the file is larger than 8 MiB, binary, or in neither encoding.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadablePlan(f"{path}: {error.strerror or 'cannot be read'}") from error
    if len(raw) > MAX_BYTES:
        raise UnreadablePlan(f"{path}: larger than {MAX_BYTES // 1024 // 1024} MiB")
    if b"\0" in raw:
        raise UnreadablePlan(f"{path}: not a text file")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return tuple(_line(line) for line in text.splitlines())
    raise UnreadablePlan(f"{path}: neither UTF-8 nor GB18030 text")


def _line(source: str) -> Line:
    body, marks = _HEADING.subn("", source)
    return Line(text=_EMPHASIS.sub("", body).strip(), heading=bool(marks))
