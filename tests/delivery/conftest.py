"""A store of either kind, a clock that tests move, and a messenger at the edge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.clock import Clock
from bot.delivery.transport import OutboxRow, Sent, TransportError
from bot.messages import Chat, Incoming, Instant
from storage.store import Store
from tests.storage.databases import (
    database_url,
    empty_url,
    postgres_server,
    postgres_template,
    private_postgres,
    sqlite_template,
)

__all__ = [
    "database_url",
    "empty_url",
    "postgres_server",
    "postgres_template",
    "private_postgres",
    "sqlite_template",
]

BOT_ID = 42
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


class FakeTransport:
    """A messenger in memory: remembers calls, and fails as told by ``script`` (chat id → errors in turn)."""

    def __init__(self) -> None:
        self.calls: list[OutboxRow] = []
        self.accepted: list[OutboxRow] = []
        self.instants: list[Instant] = []
        self.script: dict[int, list[TransportError | Exception]] = {}
        self.parts: dict[str, int] = {}
        self.gate: asyncio.Event | None = None
        self._next = 100

    async def send(self, row: OutboxRow) -> Sent:
        """Accept or fail."""
        self.calls.append(row)
        if self.gate is not None:
            await self.gate.wait()
        errors = self.script.get(row.chat_id)
        if errors:
            raise errors.pop(0)
        self.accepted.append(row)
        if row.part + 1 < self.parts.get(row.outgoing.text, 1):
            return Sent(more=True)
        if row.message_id is not None:
            return Sent(message_id=row.message_id)
        self._next += 1
        return Sent(message_id=self._next)

    async def instant(self, instant: Instant) -> None:
        """Remember."""
        self.instants.append(instant)

    def texts(self, chat_id: int | None = None) -> list[str]:
        """Texts accepted, in order."""
        return [row.outgoing.text for row in self.accepted if chat_id in (None, row.chat_id)]


def raw_message(update_id: int, *, chat_id: int = -5, user_id: int = 7, text: str = "hi") -> dict[str, Any]:
    """A raw update as the messenger would send it."""
    return {
        "update_id": update_id,
        "message": {
            "message_id": update_id,
            "date": 1_795_395_600,
            "chat": {"id": chat_id, "type": "group", "title": "T"},
            "from": {"id": user_id, "is_bot": False, "first_name": "N"},
            "text": text,
        },
    }


def simple_parse(raw: dict[str, Any]) -> Incoming | None:
    """A parser that knows text messages only."""
    message = raw["message"]
    if message["text"] == "nobody":
        return None
    chat = Chat(id=message["chat"]["id"], type="group")
    return Incoming(update_id=raw["update_id"], kind="message", at=NOW, chat=chat, text=message["text"])


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open store with our tables, of either kind."""
    with Store(database_url) as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    """The desk's clock, standing at a Monday morning of the county."""
    return Clock(real=lambda: NOW)


@pytest.fixture
def transport() -> FakeTransport:
    """A messenger in memory."""
    return FakeTransport()


Cleanup = Callable[[Any], Any]


@pytest.fixture
async def stopping() -> AsyncIterator[Cleanup]:
    """Register parts to be stopped at the end of a test."""
    parts: list[Any] = []

    def register(part: Any) -> Any:
        parts.append(part)
        return part

    yield register
    for part in reversed(parts):
        await part.stop(5.0)


async def until(condition: Callable[[], Any], *, within_s: float = 10.0) -> None:
    """Wait for a condition, not for a time."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - the condition belongs to code under test
            await asyncio.sleep(0.002)
