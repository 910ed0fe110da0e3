"""What a failed Bot API call means for the message it carried."""

from __future__ import annotations

from typing import Any

import httpx
from telegram.error import TelegramError

from bot.delivery.transport import (
    Ambiguous,
    BadToken,
    ChatGone,
    MessageGone,
    Migrated,
    NotModified,
    Rejected,
    RetryAfter,
    TransportError,
    Unreachable,
)

_NOT_MODIFIED = "message is not modified"
_MESSAGE_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
_CHAT_GONE = ("chat not found", "chat_id_invalid", "peer_id_invalid", "user not found", "user_id_invalid")
_THREAD_GONE = ("message thread not found", "topic_closed", "topic_deleted", "topic_id_invalid")
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


class Conflicted(TransportError):
    """Another process reads this bot's updates, or a webhook is set (HTTP 409)."""


class ThreadGone(Rejected):
    """The forum topic was closed or deleted; the chat itself is there."""


def refusal(status: int, body: Any) -> TransportError:
    """Return the error for an answer that is not OK: ``body`` is the decoded JSON, or None if there was none.

    Source: Bot API, "Making requests" and ResponseParameters; the texts are the server's.
    """
    body = body if isinstance(body, dict) else {}
    text = str(body.get("description") or f"HTTP {status}")
    parameters = body.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    if isinstance(to := parameters.get("migrate_to_chat_id"), int):
        return Migrated(to)
    if status == 429:
        seconds = parameters.get("retry_after")
        return RetryAfter(float(seconds) if isinstance(seconds, int | float) else 1.0)
    if status in (401, 404):
        return BadToken(f"the server does not know this bot: {text}")
    if status == 403:
        return ChatGone(text)
    if status == 409:
        return Conflicted(text)
    if status == 400:
        return _bad_request(text)
    if 400 <= status < 500:
        return Rejected(text)
    # A server that fails, or a gateway before it, may have passed the message on.
    return Ambiguous(text)


def no_answer(error: TelegramError) -> TransportError:
    """Return the error for a call that got no answer at all."""
    cause = error.__cause__
    text = type(cause).__name__ if cause is not None else str(error)
    return Unreachable(text) if isinstance(cause, _NEVER_SENT) else Ambiguous(text)


def _bad_request(text: str) -> TransportError:
    lower = text.lower()
    if _NOT_MODIFIED in lower:
        return NotModified(text)
    if any(each in lower for each in _MESSAGE_GONE):
        return MessageGone(text)
    if any(each in lower for each in _CHAT_GONE):
        return ChatGone(text)
    if any(each in lower for each in _THREAD_GONE):
        return ThreadGone(text)
    return Rejected(text)
