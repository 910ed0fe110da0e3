"""The methods of the Bot API by family; names are looked up without regard to case, as Telegram does."""

from __future__ import annotations

from bot.sandbox.methods import (
    answers,
    chats,
    edits,
    forum,
    media,
    members,
    messages,
    polls,
    profile,
    receiving,
)
from bot.sandbox.methods.call import Call, Handler
from bot.sandbox.webhooks import WebhookSender

__all__ = ["Call", "Handler", "method_table"]


def method_table(sender: WebhookSender) -> dict[str, tuple[str, Handler]]:
    """Return lower-case name → (proper name, handler) of every method this server has."""
    table: dict[str, tuple[str, Handler]] = {}
    families = (answers, chats, edits, forum, media, members, messages, polls, profile, receiving)
    for methods in (*(family.METHODS for family in families), receiving.webhook_methods(sender)):
        table.update((name.lower(), (name, handler)) for name, handler in methods.items())
    return table
