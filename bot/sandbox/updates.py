"""A bot's queue of updates: confirmation by offset, long polling, 24 h retention, 409 conflicts."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bot.sandbox.errors import ConflictError

RETENTION_S = 24 * 3600.0

ALL_KINDS = frozenset(
    {
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
    }
)
DEFAULT_KINDS = ALL_KINDS - {"chat_member", "message_reaction", "message_reaction_count"}
"""What an empty allowed_updates means (getUpdates)."""

POLLED_TWICE = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_SET = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


def first_update_id() -> int:
    """Return where to start counting: later runs start higher, so that no id comes twice to a bot that
    keeps a durable inbox (ten a second since a fixed day, below 2^31 until 2030)."""
    return max(1, int((time.time() - 1_750_000_000) * 10))


@dataclass(slots=True)
class _Entry:
    at: float
    id: int
    update: dict[str, Any]
    unseen_raw: bool = False
    """A raw update counts as confirmed only once it was handed out: its id may lie below the offset."""


class UpdateQueue:
    """Updates not yet confirmed, oldest first; `monotonic` gives seconds for the retention."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._pending: deque[_Entry] = deque()
        self._next_id = first_update_id()
        self._has_raw = False
        self._waiter: asyncio.Future[str] | None = None
        self.allowed: frozenset[str] = DEFAULT_KINDS
        self.allowed_given: list[str] | None = None
        self.closed = False

    def allow(self, kinds: list[Any] | None) -> None:
        """Set allowed_updates; None leaves them, an empty list means the default."""
        if kinds is None:
            return
        known = [kind for kind in kinds if kind in ALL_KINDS]
        self.allowed = frozenset(known) if known else DEFAULT_KINDS
        self.allowed_given = known or None

    def push(self, kind: str, payload: dict[str, Any]) -> None:
        """Append an update unless the bot did not ask for its kind."""
        if kind in self.allowed:
            self._append(
                _Entry(self._monotonic(), self._next_id, {"update_id": self._next_id, kind: payload})
            )
            self._next_id += 1

    def push_raw(self, update: dict[str, Any]) -> int:
        """Append any JSON object as it is (duplicates, malformed ones) and return the id it goes under.

        One is added when it has none at all.
        """
        given = update.get("update_id")
        if not isinstance(given, int):
            given = self._next_id
            update = {"update_id": given, **update}
        self._next_id = max(self._next_id, given + 1)
        self._has_raw = True
        self._append(_Entry(self._monotonic(), given, update, unseen_raw=True))
        return given

    def _append(self, entry: _Entry) -> None:
        self._pending.append(entry)
        self._wake("news")

    def _wake(self, why: str) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(why)

    def expire(self) -> None:
        """Drop what is older than 24 hours."""
        limit = self._monotonic() - RETENTION_S
        while self._pending and self._pending[0].at < limit:
            self._pending.popleft()

    def confirm(self, offset: int) -> None:
        """Forget updates below `offset`; a negative one keeps only the last -offset (getUpdates)."""
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popleft()
            return
        if self._has_raw:
            # Raw updates may be out of order, therefore all are looked at, not only the head.
            kept = [entry for entry in self._pending if entry.id >= offset or entry.unseen_raw]
            self._pending = deque(kept)
            return
        while self._pending and self._pending[0].id < offset:
            self._pending.popleft()

    def clear(self) -> None:
        """Forget everything (drop_pending_updates)."""
        self._pending.clear()

    def __len__(self) -> int:
        return len(self._pending)

    def head(self, limit: int) -> list[dict[str, Any]]:
        """Hand out up to `limit` updates without confirming them."""
        entries = list(islice(self._pending, limit))
        for entry in entries:
            entry.unseen_raw = False
        return [entry.update for entry in entries]

    def pop(self) -> dict[str, Any] | None:
        """Take the oldest update, for a webhook."""
        return self._pending.popleft().update if self._pending else None

    def terminate(self, why: str) -> None:
        """End a waiting getUpdates with 409 and the text `why`."""
        self._wake(why)

    def close(self) -> None:
        """Answer a waiting getUpdates at once: the server stops."""
        self.closed = True
        self._wake("closed")

    async def poll(self, *, offset: int, limit: int, timeout_s: float) -> list[dict[str, Any]]:
        """Return updates as getUpdates does, waiting up to `timeout_s`; a later one ends it with 409."""
        self.terminate(POLLED_TWICE)
        self.expire()
        if offset:
            self.confirm(offset)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while not self._pending and not self.closed and (left := deadline - loop.time()) > 0:
            why = await self.wait(left)
            if why not in ("news", "closed", "timeout"):
                raise ConflictError(why)
        return self.head(limit)

    async def wait(self, timeout_s: float) -> str:
        """Wait for the next change; return "news", "closed", "timeout" or why it was terminated."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiter = waiter
        try:
            return await asyncio.wait_for(waiter, timeout_s)
        except TimeoutError:
            return "timeout"
        finally:
            if self._waiter is waiter:
                self._waiter = None
