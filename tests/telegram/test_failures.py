"""Each way a call can fail means one thing for its message."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from telegram.error import NetworkError, TimedOut

from bot.delivery import transport as t
from bot.telegram.failures import Conflicted, ThreadGone, no_answer, refusal


def body(description: str, **parameters: Any) -> dict[str, Any]:
    return {"ok": False, "description": description, "parameters": parameters}


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (400, body("Bad Request: message is not modified: specified new"), t.NotModified),
        (400, body("Bad Request: message to edit not found"), t.MessageGone),
        (400, body("Bad Request: chat not found"), t.ChatGone),
        (400, body("Bad Request: message thread not found"), ThreadGone),
        (400, body("Bad Request: can't parse entities"), t.Rejected),
        (400, body("Bad Request: group chat was upgraded", migrate_to_chat_id=-1005), t.Migrated),
        (403, body("Forbidden: bot was kicked from the supergroup chat"), t.ChatGone),
        (401, body("Unauthorized"), t.BadToken),
        (404, body("Not Found"), t.BadToken),
        (409, body("Conflict: terminated by other getUpdates request"), Conflicted),
        (413, None, t.Rejected),
        (429, body("Too Many Requests: retry after 7", retry_after=7), t.RetryAfter),
        (429, None, t.RetryAfter),
        (500, body("Internal Server Error"), t.Ambiguous),
        (502, None, t.Ambiguous),
        (400, ["odd"], t.Rejected),
    ],
)
def test_a_refusal_is_understood(status: int, answer: Any, kind: type[t.TransportError]) -> None:
    assert type(refusal(status, answer)) is kind


def test_what_the_server_tells_is_kept() -> None:
    wait, moved = refusal(429, body("x", retry_after=7)), refusal(400, body("x", migrate_to_chat_id=-1005))
    assert isinstance(wait, t.RetryAfter)
    assert isinstance(moved, t.Migrated)
    assert (wait.seconds, moved.to) == (7.0, -1005)


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (httpx.ConnectError("x"), t.Unreachable),
        (httpx.ConnectTimeout("x"), t.Unreachable),
        (httpx.PoolTimeout("x"), t.Unreachable),
        (httpx.ReadTimeout("x"), t.Ambiguous),
        (httpx.ReadError("x"), t.Ambiguous),
        (httpx.WriteTimeout("x"), t.Ambiguous),
        (httpx.RemoteProtocolError("x"), t.Ambiguous),
    ],
)
def test_no_answer_is_safe_to_repeat_only_if_the_call_never_left(
    cause: Exception, kind: type[t.TransportError]
) -> None:
    error = TimedOut() if isinstance(cause, httpx.TimeoutException) else NetworkError("x")
    error.__cause__ = cause
    assert type(no_answer(error)) is kind
