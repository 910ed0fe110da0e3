"""The way in: raw updates are committed before anything looks into them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, or_, select, update

from bot.clock import Clock
from bot.delivery.envelope import Envelope, open_envelope
from bot.errors import Unavailable
from storage.errors import LockLost, StorageError, StoreClosed
from storage.store import Store
from storage.tables import inbox
from storage.upsert import insert_new

OPEN = ("new", "retry")

# Built once: making a statement costs more than running it.
_FINISH = (
    update(inbox)
    .where(
        inbox.c.bot_id == bindparam("bot"),
        inbox.c.update_id == bindparam("number"),
        or_(inbox.c.state == "new", inbox.c.state == "retry"),
    )
    .values(state="done", done_at=bindparam("now"), error=None)
)


class NotAccepted(Unavailable):
    """A batch was not stored and must not be confirmed; ``final``: nor will a later one be, stop."""

    def __init__(self, error: StorageError) -> None:
        super().__init__(str(error))
        self.final = isinstance(error, LockLost | StoreClosed)


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxRow:
    """A stored update on its way through: ``raw`` is the decoded JSON object."""

    update_id: int
    lane: str
    raw: dict[str, Any]
    attempts: int = 0
    next_try_at: datetime | None = None


class Taker(Protocol):
    """Who works on stored updates."""

    async def take(self, rows: Sequence[InboxRow]) -> None:
        """Take over rows, in order; waits while there is too much to do."""


class Inbox:
    """Stores batches for one bot and hands what is new to ``taker``."""

    def __init__(self, store: Store, clock: Clock, *, bot_id: int, taker: Taker) -> None:
        self._store = store
        self._clock = clock
        self._bot_id = bot_id
        self._taker = taker

    async def accept(self, batch: list[Any]) -> None:
        """Commit a batch as it came and return; only then may it be confirmed to the messenger.

        An update stored before is not stored again. What has no usable update id is parked as a dead
        letter. Raises NotAccepted, and then nothing of the batch was stored.
        """
        if not batch:
            return
        envelopes = [open_envelope(update) for update in batch]
        now = self._clock.now()
        try:
            fresh = await self._store.awrite(lambda c: self._insert(c, envelopes, now))
        except StorageError as error:
            raise NotAccepted(error) from error
        rows = [
            InboxRow(update_id=envelope.update_id, lane=envelope.lane, raw=update)
            for envelope, update in zip(envelopes, batch, strict=True)
            if envelope.problem is None and envelope.update_id in fresh
        ]
        # The same id twice in one batch was stored once.
        await self._taker.take(list({row.update_id: row for row in reversed(rows)}.values())[::-1])

    def _insert(self, connection: Connection, envelopes: list[Envelope], now: datetime) -> set[int]:
        values = [
            {
                "bot_id": self._bot_id,
                "update_id": each.update_id,
                "raw": each.raw,
                "chat_id": each.chat_id,
                "user_id": each.user_id,
                "lane": each.lane,
                "state": "dead" if each.problem else "new",
                "error": each.problem,
                "received_at": now,
                "done_at": now if each.problem else None,
            }
            for each in {each.update_id: each for each in reversed(envelopes)}.values()
        ]
        statement = insert_new(connection, inbox).returning(inbox.c.update_id)
        return set(connection.execute(statement, values).scalars())


def open_rows(connection: Connection, *, bot_id: int, after: int, limit: int) -> list[InboxRow]:
    """Return updates not finished yet, oldest first, with ids greater than ``after``."""
    query = (
        select(inbox.c.update_id, inbox.c.lane, inbox.c.raw, inbox.c.attempts, inbox.c.next_try_at)
        .where(inbox.c.bot_id == bot_id, inbox.c.state.in_(OPEN), inbox.c.update_id > after)
        .order_by(inbox.c.update_id)
        .limit(limit)
    )
    return [
        InboxRow(
            update_id=row.update_id,
            lane=row.lane,
            raw=json.loads(row.raw),
            attempts=row.attempts,
            next_try_at=row.next_try_at,
        )
        for row in connection.execute(query)
    ]


def finish(connection: Connection, *, bot_id: int, update_id: int, now: datetime) -> bool:
    """Mark an update as done; False when it is finished already, and then nothing else may be done for it."""
    done = connection.execute(_FINISH, {"bot": bot_id, "number": update_id, "now": now})
    return done.rowcount == 1


def put_off(connection: Connection, *, bot_id: int, row: InboxRow, error: str, next_try_at: datetime) -> None:
    """Note a failed try and when the next one is due (real time)."""
    connection.execute(
        update(inbox)
        .where(inbox.c.bot_id == bot_id, inbox.c.update_id == row.update_id, inbox.c.state.in_(OPEN))
        .values(state="retry", attempts=row.attempts + 1, error=error, next_try_at=next_try_at)
    )


def bury(connection: Connection, *, bot_id: int, update_id: int, error: str, now: datetime) -> None:
    """Park an update for the operator to look at."""
    connection.execute(
        update(inbox)
        .where(inbox.c.bot_id == bot_id, inbox.c.update_id == update_id, inbox.c.state.in_(OPEN))
        .values(state="dead", attempts=inbox.c.attempts + 1, error=error, done_at=now)
    )


def revive(connection: Connection, *, bot_id: int, update_id: int) -> bool:
    """Give a parked update another life at the next start; False when there is none to revive."""
    done = connection.execute(
        update(inbox)
        .where(
            inbox.c.bot_id == bot_id,
            inbox.c.update_id == update_id,
            inbox.c.state == "dead",
            inbox.c.lane != "",
        )
        .values(state="new", attempts=0, error=None, done_at=None, next_try_at=None)
    )
    return done.rowcount == 1
