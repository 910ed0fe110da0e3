"""The value every reader returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a document without markup; ``heading`` is what the format itself marks as one.

    Plans mark headings unevenly (a level missing, a task in bold), so ``heading`` is a hint only.
    """

    text: str
    heading: bool = False
