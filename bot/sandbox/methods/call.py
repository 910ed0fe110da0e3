"""One call of a Bot API method, as its handler sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.access import reachable_chat
from bot.sandbox.accounts import Bot
from bot.sandbox.chats import Chat
from bot.sandbox.entities import Entity
from bot.sandbox.errors import BadRequestError
from bot.sandbox.formatting import checked_caption, formatted
from bot.sandbox.params import Params
from bot.sandbox.world import World


@dataclass(slots=True, eq=False)
class Call:
    """Who calls, with which parameters, in which world."""

    world: World
    bot: Bot
    params: Params

    def chat(self) -> Chat:
        """Return the chat of `chat_id` when the bot is in it."""
        return reachable_chat(self.world, self.bot, self.params)

    def need_integer(self, name: str) -> int:
        """Return a required integer field; BadRequestError when it is missing."""
        value = self.params.integer(name)
        if value is None:
            raise BadRequestError(f'parameter "{name}" is required')
        return value

    def formatted(self, name: str, entities_name: str) -> tuple[str, list[Entity]]:
        """Return a text field with its entities, by parse_mode or by the entities field."""
        return formatted_field(self.world, self.params, name, entities_name)

    def caption(self) -> dict[str, Any]:
        """Return the Message fields of the caption, empty when there is none."""
        if not self.params.has("caption"):
            return {}
        text, entities = self.formatted("caption", "caption_entities")
        return caption_fields(text, entities)


Handler = Callable[[Call], Any]
"""A method: takes the call, returns the JSON result or an awaitable of it, raises ApiError."""


def formatted_field(world: World, fields: Params, name: str, entities_name: str) -> tuple[str, list[Entity]]:
    """Return a text among `fields` with its entities, by parse_mode or by the entities field."""
    entities = fields.array(entities_name) if entities_name in fields.values else None
    return formatted(fields.text(name), fields.text("parse_mode"), entities, world.users)


def caption_fields(text: str, entities: list[Entity]) -> dict[str, Any]:
    """Return the Message fields of a caption, checked for length; empty when it is empty."""
    checked_caption(text)
    if not text:
        return {}
    return {"caption": text, "caption_entities": entities} if entities else {"caption": text}
