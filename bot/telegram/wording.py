"""What a message says and to whom: commands and mentions, found by Telegram's own entities.

Entity offsets count UTF-16 code units (Bot API, MessageEntity); one emoji before a mention shifts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telegram import Message, MessageEntity

from bot.telegram.client import Me


@dataclass(frozen=True, kw_only=True)
class Wording:
    """``text`` has mentions of this bot cut out; ``command`` is lower-case, without slash and bot name, and
    ``args`` what follows it."""

    text: str = ""
    command: str | None = None
    args: str = ""
    mentioned: bool = False
    for_another_bot: bool = False


def read_wording(message: Message, me: Me) -> Wording:
    """Read a message's text or caption."""
    text = message.text if message.text is not None else (message.caption or "")
    entities: Sequence[MessageEntity] = (
        message.entities if message.text is not None else message.caption_entities
    ) or ()
    raw = text.encode("utf-16-le", "surrogatepass")
    first = next(
        (each for each in entities if each.type == MessageEntity.BOT_COMMAND and each.offset == 0), None
    )
    command = None
    if first is not None:
        command, _, addressee = _piece(raw, first)[1:].lower().partition("@")
        if addressee and addressee != me.username.lower():
            return Wording(text=text, for_another_bot=True)
    mentions = [each for each in entities if _is_mention_of(each, raw, me)]
    args = _without(raw, [*mentions, *([first] if first is not None else [])])
    return Wording(
        text=_without(raw, mentions) if mentions else text,
        command=command,
        args=args if command is not None else "",
        mentioned=bool(mentions),
    )


def _is_mention_of(entity: MessageEntity, raw: bytes, me: Me) -> bool:
    if entity.type == MessageEntity.TEXT_MENTION:
        return entity.user is not None and entity.user.id == me.id
    return entity.type == MessageEntity.MENTION and _piece(raw, entity)[1:].lower() == me.username.lower()


def _piece(raw: bytes, entity: MessageEntity) -> str:
    return _text(raw[entity.offset * 2 : (entity.offset + entity.length) * 2])


def _without(raw: bytes, entities: Sequence[MessageEntity]) -> str:
    """Return the text without these pieces and without the gaps they leave."""
    pieces, position = [], 0
    for entity in sorted(entities, key=lambda each: each.offset):
        pieces.append(_text(raw[position : entity.offset * 2]))
        position = max(position, (entity.offset + entity.length) * 2)
    pieces.append(_text(raw[position:]))
    kept = [piece.strip(" ") for piece in pieces]
    return " ".join(piece for piece in kept if piece).strip()


def _text(raw: bytes) -> str:
    return raw.decode("utf-16-le", "replace")
