"""Who there is: people and bots."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.updates import UpdateQueue
from bot.sandbox.webhooks import Webhook

TOKEN = re.compile(r"(\d{1,15}):[A-Za-z0-9_-]{30,}")


@dataclass(frozen=True, kw_only=True)
class User:
    """A person or a bot's account (Bot API User); `json` is its rendered form, made once."""

    id: int
    first_name: str
    is_bot: bool = False
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    json: dict[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        shown: dict[str, Any] = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        for name in ("last_name", "username", "language_code"):
            if (value := getattr(self, name)) is not None:
                shown[name] = value
        object.__setattr__(self, "json", shown)

    def private_chat(self) -> dict[str, Any]:
        """Return this person as the chat a bot sees (Bot API Chat of type private)."""
        shown: dict[str, Any] = {"id": self.id, "first_name": self.first_name, "type": "private"}
        if self.last_name is not None:
            shown["last_name"] = self.last_name
        if self.username is not None:
            shown["username"] = self.username
        return shown


ANONYMOUS_ADMIN = User(id=1087968824, first_name="Group", is_bot=True, username="GroupAnonymousBot")
CHANNEL_BOT = User(id=136817688, first_name="Channel", is_bot=True, username="Channel_Bot")
SERVICE_ACCOUNT = User(id=777000, first_name="Telegram")


@dataclass(kw_only=True, slots=True, eq=False)
class Bot:
    """A bot and what it has told Telegram about itself.

    `privacy` is BotFather's group privacy; `commands` is keyed (scope type, chat, user, language).
    """

    token: str = field(repr=False)
    user: User
    queue: UpdateQueue
    privacy: bool = True
    inline: bool = True
    webhook: Webhook | None = None
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[str, int, int, str], list[dict[str, str]]] = field(default_factory=dict)
    menu_buttons: dict[int, dict[str, Any]] = field(default_factory=dict)
    default_rights: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def id(self) -> int:
        """The number before the token's colon."""
        return self.user.id

    @property
    def username(self) -> str:
        """The username without @."""
        return self.user.username or ""

    def me(self) -> dict[str, Any]:
        """Return the answer to getMe."""
        return {
            **self.user.json,
            "can_join_groups": True,
            "can_read_all_group_messages": not self.privacy,
            "supports_inline_queries": self.inline,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }
