"""Lines that stand beside an answer whatever it is: call for help first; verdicts belong to people."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import DataError
from prompts import say


@dataclass(frozen=True, kw_only=True)
class Cautions:
    """Words that show danger now, and words that ask for a verdict."""

    emergency: tuple[str, ...] = ()
    blame: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Cautions:
        """Read ``cautions.toml``. Raises DataError."""
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
            return cls(emergency=tuple(raw["emergency"]), blame=tuple(raw["blame"]))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise DataError(f"{path}: {error}") from error

    def around(self, question: str, text: str) -> str:
        """The text with what the question calls for before and after it."""
        if any(word in question for word in self.emergency):
            text = say("answer/caution", kind="emergency") + "\n" + text
        if any(word in question for word in self.blame):
            text = text + "\n" + say("answer/caution", kind="blame")
        return text
