"""Text as Telegram counts it: in UTF-16 code units, at most 4,096 a message and 1,024 a caption."""

from __future__ import annotations

import html
import unicodedata

MESSAGE_UNITS = 4096
CAPTION_UNITS = 1024

_SENTENCE_ENDS = "\u3002\uff01\uff1f\uff1b!?;"
_SOFT_ENDS = "\uff0c\u3001, "
_JOINERS = ("\u200d", "\ufe0f")


def units(text: str) -> int:
    """Return the length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def escape(text: str) -> str:
    """Return the text for ``parse_mode`` HTML (Bot API, "HTML style")."""
    return html.escape(text, quote=False)


def split(text: str, limit: int = MESSAGE_UNITS) -> list[str]:
    """Cut a text into parts of at most ``limit`` units: at line ends, else after a sentence, else after a
    comma or space, else between two characters. Never empty."""
    parts: list[str] = []
    while units(text) > limit:
        cut = _cut(text, limit)
        head = text[:cut].rstrip()
        if head:
            parts.append(head)
        text = text[cut:].lstrip("\n")
    if text.strip() or not parts:
        parts.append(text)
    return parts


def shorten(text: str, limit: int) -> str:
    """Return the text, its end replaced by an ellipsis if it is longer than ``limit`` units."""
    return text if units(text) <= limit else text[: _prefix(text, limit - 1)].rstrip() + "\u2026"


def _cut(text: str, limit: int) -> int:
    longest = _prefix(text, limit)
    line = text.rfind("\n", 1, longest + 1)
    # A short line followed by a very long one: better to cut the long one than to send the short one alone.
    if line > longest // 3:
        return line
    for ends in (_SENTENCE_ENDS, _SOFT_ENDS):
        found = max(text.rfind(end, 0, longest) for end in ends)
        if found > longest // 2:
            return found + 1
    while longest > 1 and _glued(text, longest):
        longest -= 1
    return longest


def _prefix(text: str, limit: int) -> int:
    """Return how many characters fit into ``limit`` units."""
    used = 0
    for index, character in enumerate(text):
        used += 2 if ord(character) > 0xFFFF else 1
        if used > limit:
            return index
    return len(text)


def _glued(text: str, index: int) -> bool:
    """Whether a cut before ``index`` would tear one visible character apart."""
    if index >= len(text):
        return False
    after = text[index]
    return after in _JOINERS or text[index - 1] == "\u200d" or bool(unicodedata.combining(after))
