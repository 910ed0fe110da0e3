"""The command lists people see when they type a slash, per scope, given as data."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from bot.delivery.transport import ChatGone, Rejected
from bot.telegram.client import TelegramClient

_log = logging.getLogger(__name__)

Scope = Literal[
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
]


@dataclass(frozen=True, kw_only=True)
class CommandList:
    """``commands`` is pairs of name (no slash) and description, at most 100; ``chat_id`` for the scopes of
    one chat (Bot API, BotCommandScope)."""

    scope: Scope
    commands: tuple[tuple[str, str], ...]
    chat_id: int | None = None
    language: str = ""


async def register(client: TelegramClient, lists: Iterable[CommandList]) -> None:
    """Set every list; a chat that is gone is skipped. Raises other TransportErrors."""
    for each in lists:
        scope: dict[str, Any] = {"type": each.scope}
        if each.chat_id is not None:
            scope["chat_id"] = each.chat_id
        params: dict[str, Any] = {"scope": scope}
        if each.language:
            params["language_code"] = each.language
        if each.commands:
            params["commands"] = [{"command": name, "description": text} for name, text in each.commands]
        try:
            await client.call("setMyCommands" if each.commands else "deleteMyCommands", params)
        except (ChatGone, Rejected) as error:
            if each.chat_id is None:
                raise
            _log.warning("commands of chat %d were not set: %s", each.chat_id, error)
