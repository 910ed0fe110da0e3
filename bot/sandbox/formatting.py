"""A text with its formatting, from parse_mode or a list of entities, checked as Telegram checks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.accounts import User
from bot.sandbox.entities import Entity, find_entities, merge, trim, utf16_length
from bot.sandbox.errors import BadRequestError
from bot.sandbox.html_markup import parse_html
from bot.sandbox.markdown_markup import parse_markdown, parse_markdown_v2

MAX_TEXT = 4096
MAX_CAPTION = 1024

_ENTITY_FIELDS: dict[str, type] = {
    "type": str,
    "offset": int,
    "length": int,
    "url": str,
    "language": str,
    "custom_emoji_id": str,
}
_NEEDED = ("type", "offset", "length")


def formatted(
    source: str,
    parse_mode: str,
    entities: list[Any] | None,
    users: Mapping[int, User],
) -> tuple[str, list[Entity]]:
    """Return the trimmed text and all its entities, marked and found.

    `parse_mode` is "", "HTML", "MarkdownV2" or "Markdown" in any case; explicit `entities` count only
    without one. BadRequestError on bad markup. Length is left to the caller, who knows what the text is for.
    """
    mode = parse_mode.lower()
    marked: list[Entity] = []
    text = source
    if mode == "html":
        text, marked = parse_html(source)
    elif mode == "markdownv2":
        text, marked = parse_markdown_v2(source)
    elif mode == "markdown":
        text, marked = parse_markdown(source)
    elif mode:
        raise BadRequestError("unsupported parse_mode")
    elif entities:
        marked = [_given(entity) for entity in entities]
    if marked:
        marked = [known for entity in marked if (known := _with_user(entity, users)) is not None]
    text = text.replace("\r", "")
    text, marked = trim(text, marked)
    found = find_entities(text)
    return text, merge(marked, found) if marked else found


def _given(entity: Any) -> Entity:
    if not isinstance(entity, dict):
        raise BadRequestError("can't parse MessageEntity: expected an Object")
    for name, kind in _ENTITY_FIELDS.items():
        given = name in _NEEDED or entity.get(name) is not None
        if given and not isinstance(entity.get(name), kind):
            raise BadRequestError(f'can\'t parse MessageEntity: Field "{name}" is wrong')
    kept = {name: entity[name] for name in _ENTITY_FIELDS if entity.get(name) is not None}
    if kept["type"] == "text_mention":
        user = entity.get("user")
        kept["user_id"] = user.get("id") if isinstance(user, dict) else None
    return kept


def _with_user(entity: Entity, users: Mapping[int, User]) -> Entity | None:
    """Put the user into a mention by id; None when nobody has that id, as Telegram drops it."""
    if "user_id" not in entity:
        return entity
    user = users.get(entity["user_id"])
    if user is None:
        return None
    rest = {name: value for name, value in entity.items() if name != "user_id"}
    return {**rest, "user": user.json}


def checked_text(text: str) -> None:
    """Raise BadRequestError unless a message's text has 1 to 4096 UTF-16 units."""
    if not text:
        raise BadRequestError("message text is empty")
    if utf16_length(text) > MAX_TEXT:
        raise BadRequestError("message is too long")


def checked_caption(text: str) -> None:
    """Raise BadRequestError when a caption has more than 1024 UTF-16 units."""
    if utf16_length(text) > MAX_CAPTION:
        raise BadRequestError("message caption is too long")
