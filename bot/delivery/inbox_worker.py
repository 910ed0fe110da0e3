"""Works on stored updates: each person's in order, many people at once, one transaction out."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection

from bot.clock import Clock
from bot.delivery.inbox import InboxRow, bury, finish, open_rows, put_off
from bot.delivery.outbox import enqueue
from bot.delivery.reply import Handler, Reply
from bot.delivery.tasks import Tasks
from bot.delivery.transport import OutboxRow
from bot.messages import Incoming, Instant, Outgoing
from storage.errors import LockLost, StorageError, StoreClosed
from storage.store import Store

_log = logging.getLogger(__name__)

BACKOFF_S = (1.0, 5.0, 30.0, 120.0, 600.0)
PAGE = 500


class Express(Protocol):
    """A sender that can take a message over in the very transaction that stores it."""

    def reserve(self, outgoing: Outgoing) -> bool:
        """Keep a place, if the message could leave at once."""

    def store_claimed(self, connection: Connection, outgoing: Outgoing, now: datetime) -> OutboxRow | None:
        """Store the message as being sent; None if it is not to be sent after all."""

    def go(self, chat_id: int, row: OutboxRow | None) -> None:
        """Send it, or give the place back."""


Parse = Callable[[dict[str, Any]], Incoming | None]
OnFailure = Callable[[Incoming, Exception, bool], Awaitable[None]]


class InboxWorker:
    """Runs ``parse`` and ``handler`` on every stored update and commits what they decide, exactly once.

    ``instant`` answers taps; ``express`` is the sender, if answers should leave with the least delay; ``on_failure(incoming, error, final)`` may tell the person that a try failed.
    Neither can hold up or fail an update. ``wall`` is real time: a moved desk clock must not hold a retry.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        bot_id: int,
        parse: Parse,
        handler: Handler,
        instant: Callable[[Instant], Awaitable[None]],
        on_failure: OnFailure | None = None,
        express: Express | None = None,
        concurrency: int = 32,
        max_waiting: int = 2_000,
        handler_timeout_s: float = 120.0,
        backoff_s: Sequence[float] = BACKOFF_S,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._clock = clock
        self._bot_id = bot_id
        self._parse = parse
        self._handler = handler
        self._instant = instant
        self._on_failure = on_failure
        self._express = express
        self._slots = asyncio.Semaphore(concurrency)
        self._max_waiting = max_waiting
        self._handler_timeout_s = handler_timeout_s
        self._backoff_s = tuple(backoff_s)
        self._wall = wall
        self._lanes: dict[str, deque[InboxRow]] = {}
        self._held: set[int] = set()
        self._room = asyncio.Event()
        self._room.set()
        self._stopping = asyncio.Event()
        self._work = Tasks()
        self._side = Tasks()

    @property
    def waiting(self) -> int:
        """How many updates are in hand."""
        return len(self._held)

    async def start(self) -> None:
        """Take up what an earlier run left; call before anything new is accepted. Raises StorageError."""
        after = -1
        while True:
            rows = await self._store.aread(
                lambda c, a=after: open_rows(c, bot_id=self._bot_id, after=a, limit=PAGE)  # type: ignore[misc]
            )
            if not rows:
                return
            await self.take(rows)
            after = rows[-1].update_id

    async def take(self, rows: Sequence[InboxRow]) -> None:
        """Take over stored rows, in order; waits while too many are in hand."""
        for row in rows:
            if row.update_id in self._held:
                continue
            self._held.add(row.update_id)
            lane = self._lanes.get(row.lane)
            if lane is None:
                lane = self._lanes[row.lane] = deque()
                self._work.start(self._run_lane(row.lane, lane))
            lane.append(row)
        if len(self._held) >= self._max_waiting:
            self._room.clear()
            await self._room.wait()

    async def idle(self) -> None:
        """Wait until nothing is in hand."""
        await self._work.done()

    async def stop(self, timeout_s: float) -> None:
        """Finish the updates being handled, for at most ``timeout_s``; the others stay stored."""
        self._stopping.set()
        self._room.set()
        await self._work.finish(timeout_s)
        await self._side.finish(1.0)

    async def _run_lane(self, key: str, lane: deque[InboxRow]) -> None:
        while lane and not self._stopping.is_set():
            row = lane[0]
            pause_s = self._pause(row)
            if pause_s > 0 and await self._stopped_within(pause_s):
                break
            try:
                async with self._slots:
                    if self._stopping.is_set():
                        break
                    again = await self._process(row)
            except (LockLost, StoreClosed) as error:
                _log.error("updates are no longer handled here: %s", error)
                self._stopping.set()
                break
            if again is None:
                lane.popleft()
                self._held.discard(row.update_id)
                if len(self._held) < self._max_waiting:
                    self._room.set()
            else:
                lane[0] = again
        del self._lanes[key]

    def _pause(self, row: InboxRow) -> float:
        if row.next_try_at is None:
            return 0.0
        left_s = (row.next_try_at - self._wall()).total_seconds()
        return min(left_s, max(self._backoff_s, default=0.0))

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return False
        return True

    async def _process(self, row: InboxRow) -> InboxRow | None:
        """Work on one row; return it as it is to be tried again, or None when it is finished."""
        try:
            incoming = self._parse(row.raw)
        except Exception as error:
            _log.warning("update %d cannot be parsed and is parked: %s", row.update_id, _line(error))
            return await self._give_up(row, f"parse: {_line(error)}")
        try:
            reply = Reply()
            if incoming is not None:
                async with asyncio.timeout(self._handler_timeout_s):
                    reply = await self._handler(incoming)
            for instant in reply.instants:
                self._side.start(self._answer(instant))
            for instant in await self._commit(row, reply):
                self._side.start(self._answer(instant))
        except (LockLost, StoreClosed):
            raise
        except Exception as error:
            return await self._fail(row, incoming, error)
        return None

    async def _commit(self, row: InboxRow, reply: Reply) -> list[Instant]:
        """Store what was decided; the first answer leaves without another transaction where it can."""
        express = self._express
        first = reply.outgoing[0] if reply.outgoing else None
        if first is None or express is None or not express.reserve(first):
            return (await self._store.awrite(lambda c: self._settle(c, row, reply, None)))[0]
        claimed = None
        try:
            instants, claimed = await self._store.awrite(lambda c: self._settle(c, row, reply, express))
        finally:
            express.go(first.chat_id, claimed)
        return instants

    def _settle(
        self, connection: Connection, row: InboxRow, reply: Reply, express: Express | None
    ) -> tuple[list[Instant], OutboxRow | None]:
        now = self._clock.now()
        if not finish(connection, bot_id=self._bot_id, update_id=row.update_id, now=now):
            return [], None
        made = list(reply.change(connection, now) or ()) if reply.change is not None else []
        outgoing = [*reply.outgoing, *(each for each in made if isinstance(each, Outgoing))]
        claimed = None
        if express is not None:
            claimed = express.store_claimed(connection, outgoing.pop(0), now)
        enqueue(connection, outgoing, now)
        return [each for each in made if isinstance(each, Instant)], claimed

    async def _fail(self, row: InboxRow, incoming: Incoming | None, error: Exception) -> InboxRow | None:
        final = row.attempts >= len(self._backoff_s)
        _log.warning(
            "update %d failed (try %d%s): %s",
            row.update_id,
            row.attempts + 1,
            ", parked" if final else "",
            _line(error),
            exc_info=None if isinstance(error, StorageError | TimeoutError) else error,
        )
        if incoming is not None and self._on_failure is not None:
            self._side.start(self._tell(incoming, error, final))
        if final:
            return await self._give_up(row, _line(error))
        next_try_at = self._wall() + timedelta(seconds=self._backoff_s[row.attempts])
        try:
            await self._store.awrite(
                lambda c: put_off(
                    c, bot_id=self._bot_id, row=row, error=_line(error), next_try_at=next_try_at
                )
            )
        except (LockLost, StoreClosed):
            raise
        except StorageError:
            _log.warning("the failed try of update %d could not be noted", row.update_id)
        return replace(row, attempts=row.attempts + 1, next_try_at=next_try_at)

    async def _give_up(self, row: InboxRow, error: str) -> InboxRow | None:
        try:
            await self._store.awrite(
                lambda c: bury(
                    c, bot_id=self._bot_id, update_id=row.update_id, error=error, now=self._clock.now()
                )
            )
        except (LockLost, StoreClosed):
            raise
        except StorageError:
            # Not parked for now: come back to it when the database does.
            return replace(
                row, next_try_at=self._wall() + timedelta(seconds=max(self._backoff_s, default=1.0))
            )
        return None

    async def _answer(self, instant: Instant) -> None:
        try:
            await self._instant(instant)
        except Exception as error:
            _log.info("an instant answer failed: %s", _line(error))

    async def _tell(self, incoming: Incoming, error: Exception, final: bool) -> None:
        try:
            if self._on_failure is not None:
                await self._on_failure(incoming, error, final)
        except Exception as second:
            _log.info("a failure could not be told: %s", _line(second))


def _line(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return f"{type(error).__name__}: {text.splitlines()[0]}"[:500]
