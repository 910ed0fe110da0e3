"""Entities of a text in UTF-16 units: measuring, trimming, finding (Bot API MessageEntity)."""

from __future__ import annotations

import re
from typing import Any

Entity = dict[str, Any]
"""{"type", "offset", "length", …}; offset and length in UTF-16 code units."""

# Full-width punctuation ends an address: Chinese text goes on without a space.
_FOUND = re.compile(
    r"(?P<url>https?://[^\s<>\"'\uff0c\u3002\uff1b\uff09\u3011\u300d]+|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|org|net|cn|gov|io|me|ru|info)"
    r"(?:/[^\s<>\"'\uff0c\u3002\uff1b\uff09\u3011\u300d]*)?(?![\w@.-]))"
    r"|(?P<email>(?<![\w.+-])[a-zA-Z0-9._+-]+@[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+)"
    r"|(?P<mention>(?<![\w@`])@[a-zA-Z][a-zA-Z0-9_]{2,31}(?![a-zA-Z0-9_]))"
    r"|(?P<bot_command>(?<![\w/<>@])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z][a-zA-Z0-9_]{2,31})?(?![\w/<>@]))"
    r"|(?P<hashtag>(?<![\w#/])#(?=\w*[^\W\d_])\w{1,256})"
    r"|(?P<cashtag>(?<![\w$])\$[A-Z]{1,8}(?![\w$]))",
)
_HINTS = frozenset("/@#$.")


def utf16_length(text: str) -> int:
    """Return the length of `text` in UTF-16 code units."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def find_entities(text: str) -> list[Entity]:
    """Return the entities Telegram marks by itself: commands, mentions, links, hashtags."""
    if _HINTS.isdisjoint(text):
        return []
    ascii_text = text.isascii()
    found: list[Entity] = []
    for match in _FOUND.finditer(text):
        start = match.start() if ascii_text else utf16_length(text[: match.start()])
        found.append({"type": match.lastgroup, "offset": start, "length": utf16_length(match[0])})
    return found


def trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Take white space off both ends of `text` as Telegram does and cut the entities to what is left."""
    if text and not (text[0].isspace() or text[-1].isspace()):
        return text, entities
    shorter = text.lstrip()
    removed = len(text) - len(shorter)
    shorter = shorter.rstrip()
    total = utf16_length(shorter)
    kept = []
    for entity in entities:
        start = max(entity["offset"] - removed, 0)
        end = min(entity["offset"] - removed + entity["length"], total)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return shorter, kept


def merge(marked: list[Entity], found: list[Entity]) -> list[Entity]:
    """Join marked-up and found entities in Telegram's order; nothing is found inside code or links."""
    closed = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in marked
        if entity["type"] in ("code", "pre", "text_link", "text_mention", "custom_emoji")
    ]
    kept = [
        entity
        for entity in found
        if not any(
            entity["offset"] < end and entity["offset"] + entity["length"] > start for start, end in closed
        )
    ]
    return sorted([*marked, *kept], key=lambda entity: (entity["offset"], -entity["length"]))
