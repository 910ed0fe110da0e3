"""The way out, part three: claims rows, calls the messenger, and stores what came of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from bot.clock import Clock
from bot.delivery import outbox_states as states
from bot.delivery.lanes import Lanes
from bot.delivery.limiter import NEVER, Limiter
from bot.delivery.outbox import ORDINARY, TOPIC, URGENT, Queued, enqueue_claimed, waiting_rows
from bot.delivery.outcomes import BACKOFF_S, Outcome, conclude
from bot.delivery.tasks import Tasks
from bot.delivery.transport import BadToken, OutboxRow, Transport, TransportError
from bot.messages import Outgoing
from storage.chats import CHAT_MOVED
from storage.errors import LockLost, StorageError, StoreClosed
from storage.store import Store

_log = logging.getLogger(__name__)

RESCAN_S = 30.0
STORE_PAUSE_S = 1.0
CALL_LIMIT_S = 300.0
PAUSE_LIMIT_S = 24 * 3600.0


class OutboxSender:
    """Sends what waits, as fast as the limits allow. ``wall`` is real time; the desk's clock stamps rows.

    ``recheck`` may drop a row just before it is sent, ``on_settled`` hears of every row's end inside its
    transaction, ``on_fatal`` is called once when sending must stop (a bad token, a lost lock).
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        transport: Transport,
        *,
        limiter: Limiter | None = None,
        recheck: states.Recheck | None = None,
        on_settled: states.OnSettled | None = None,
        on_fatal: Callable[[Exception], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._clock = clock
        self._transport = transport
        self._lanes = Lanes(limiter or Limiter())
        self._recheck = recheck
        self._on_settled = on_settled
        self._on_fatal = on_fatal
        self._monotonic = monotonic
        self._wall = wall
        self._wake = asyncio.Event()
        self._stopping = False
        self._work = Tasks()
        self._loops = Tasks()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def waiting(self) -> int:
        """How many rows are queued or under way."""
        return len(self._lanes)

    async def start(self) -> None:
        """Take up what waits, marking what a crash interrupted as possibly repeated. Raises StorageError."""
        loop = asyncio.get_running_loop()
        self._store.subscribe(TOPIC, lambda rows: _safely(loop, self._add, rows))
        self._store.subscribe(CHAT_MOVED, lambda pair: _safely(loop, self._move, pair))
        interrupted = await self._store.awrite(states.requeue_interrupted)
        if interrupted:
            _log.warning(
                "%d messages were being sent when the last run ended: sent again, marked", interrupted
            )
        pauses = await self._store.aread(states.kept_pauses)
        for chat_id, until in pauses.items():
            self._lanes.limiter.pause(chat_id, self._at(until, at_most_s=PAUSE_LIMIT_S))
        self._add(await self._store.aread(waiting_rows))
        self._loops.start(self._run())
        self._loops.start(self._rescan())

    def reserve(self, outgoing: Outgoing) -> bool:
        """Keep a place for a message about to be stored, if it could leave at once. With ``store_claimed`` in
        its transaction and ``go`` after it, it is sent without the detour of a second transaction."""
        if self._stopping or outgoing.card is not None:
            return False
        return self._lanes.reserve(outgoing.chat_id, self._monotonic(), urgent=outgoing.urgent)

    def store_claimed(self, connection: Connection, outgoing: Outgoing, now: datetime) -> OutboxRow | None:
        """Store the message as being sent; None if it is not to be sent after all."""
        row = enqueue_claimed(connection, outgoing, now)
        reason = self._recheck(connection, row) if self._recheck is not None else None
        if reason is None:
            return row
        states.settle(connection, row, "dropped", now=now, error=reason, on_settled=self._on_settled)
        return None

    def go(self, chat_id: int, row: OutboxRow | None) -> None:
        """Send the row a place was kept for; None gives the place back."""
        if row is None:
            self._lanes.give_back(chat_id, self._monotonic())
        else:
            priority = URGENT if row.outgoing.urgent else ORDINARY
            self._lanes.enter(row.id, chat_id=chat_id, priority=priority)
            self._work.start(self._send(chat_id, row))
        self._changed()

    async def idle(self) -> None:
        """Wait until nothing waits and nothing is under way."""
        await self._idle.wait()

    async def stop(self, timeout_s: float) -> None:
        """Let calls under way end, for at most ``timeout_s``; the rest stays stored."""
        self._stopping = True
        self._wake.set()
        await self._loops.finish(0.0)
        await self._work.finish(timeout_s)

    def _add(self, rows: Sequence[Queued]) -> None:
        for row in rows:
            not_before = 0.0 if row.not_before is None else self._at(row.not_before)
            self._lanes.add(row.id, chat_id=row.chat_id, priority=row.priority, not_before=not_before)
        self._changed()

    def _move(self, pair: tuple[int, int]) -> None:
        self._lanes.move(*pair)
        self._changed()

    def _changed(self) -> None:
        if len(self._lanes):
            self._idle.clear()
        else:
            self._idle.set()
        self._wake.set()

    def _at(self, moment: datetime, *, at_most_s: float = BACKOFF_S[-1]) -> float:
        """Real time as monotonic; a time from a clock that was wrong is not believed beyond ``at_most_s``."""
        left_s = (moment - self._wall()).total_seconds()
        return self._monotonic() + min(max(left_s, 0.0), at_most_s)

    async def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            plan = self._lanes.plan(self._monotonic())
            if plan.send:
                self._work.start(self._deliver(plan.send))
            left_s = plan.look_again_at - self._monotonic()
            if left_s > 0:
                try:
                    async with asyncio.timeout(None if plan.look_again_at == NEVER else left_s):
                        await self._wake.wait()
                except TimeoutError:
                    pass
            else:
                await asyncio.sleep(0)

    async def _rescan(self) -> None:
        """Find rows that another process stored (or that a lost announcement hid)."""
        while True:
            await asyncio.sleep(RESCAN_S)
            try:
                rows = await self._store.aread(waiting_rows)
            except StorageError as error:
                _log.warning("the outbox could not be read: %s", error)
                continue
            self._add([row for row in rows if row.id not in self._lanes])
            self._lanes.limiter.forget_idle(self._monotonic())

    async def _deliver(self, chosen: Sequence[tuple[int, int]]) -> None:
        try:
            rows = await self._store.awrite(lambda c: self._claim(c, [row_id for _, row_id in chosen]))
        except StorageError as error:
            self._not_now(chosen, error)
            return
        except Exception as error:
            await self._deliver_apart(chosen, error)
            return
        claimed = {row.id: row for row in rows}
        for chat_id, row_id in chosen:
            row = claimed.get(row_id)
            if row is None:
                self._lanes.done(row_id, chat_id=chat_id, now=self._monotonic(), counted=False)
            else:
                self._work.start(self._send(chat_id, row))
        self._changed()

    async def _deliver_apart(self, chosen: Sequence[tuple[int, int]], error: Exception) -> None:
        """A row that cannot even be read must not hold up the others."""
        if len(chosen) > 1:
            for each in chosen:
                await self._deliver([each])
            return
        chat_id, row_id = chosen[0]
        _log.error("message %d cannot be prepared", row_id, exc_info=error)
        reason = f"{type(error).__name__}: {error}"[:500]
        try:
            await self._store.awrite(lambda c: states.spoil(c, row_id, reason))
        except StorageError as second:
            self._not_now(chosen, second)
            return
        self._lanes.done(row_id, chat_id=chat_id, now=self._monotonic(), counted=False)
        self._changed()

    def _claim(self, connection: Connection, ids: list[int]) -> list[OutboxRow]:
        return states.claim(
            connection, ids, now=self._clock.now(), recheck=self._recheck, on_settled=self._on_settled
        )

    def _not_now(self, chosen: Sequence[tuple[int, int]], error: Exception) -> None:
        """The database refused: nothing was sent, try again soon."""
        now = self._monotonic()
        for chat_id, row_id in chosen:
            self._lanes.again(row_id, chat_id=chat_id, now=now, counted=False, not_before=now + STORE_PAUSE_S)
        if isinstance(error, LockLost | StoreClosed):
            self._fatal(error)
        else:
            _log.warning("messages could not be claimed: %s", error)
        self._changed()

    async def _send(self, chat_id: int, row: OutboxRow) -> None:
        try:
            async with asyncio.timeout(CALL_LIMIT_S):
                outcome = conclude(row, await self._transport.send(row))
        except (TransportError, TimeoutError) as error:
            outcome = conclude(row, error)
            if isinstance(error, BadToken):
                self._fatal(error)
        except Exception as error:
            _log.exception("message %d could not be sent", row.id)
            outcome = conclude(row, error)
        ended_at = self._monotonic()
        if outcome.pause_s is not None:
            self._lanes.limiter.pause(chat_id, ended_at + outcome.pause_s)
        if not await self._store_outcome(row, outcome):
            return
        if outcome.dropped_chat:
            self._lanes.clear(chat_id)
        if outcome.final is None:
            not_before = ended_at + outcome.again_in_s if outcome.again_in_s else 0.0
            self._lanes.again(
                row.id, chat_id=chat_id, now=ended_at, counted=outcome.counted, not_before=not_before
            )
        else:
            self._lanes.done(row.id, chat_id=chat_id, now=ended_at, counted=outcome.counted)
        self._changed()

    async def _store_outcome(self, row: OutboxRow, outcome: Outcome) -> bool:
        """Store what came of a call, however long the database takes: it cannot be asked of the messenger
        again."""
        while True:
            try:
                await self._store.awrite(lambda c: self._apply(c, row, outcome))
            except (LockLost, StoreClosed) as error:
                self._fatal(error)
                return False
            except StorageError as error:
                _log.warning("the outcome of message %d could not be stored yet: %s", row.id, error)
                await asyncio.sleep(STORE_PAUSE_S)
            else:
                return True

    def _apply(self, connection: Connection, row: OutboxRow, outcome: Outcome) -> None:
        wall, now = self._wall(), self._clock.now()
        outcome.store(
            connection,
            row,
            now=now,
            not_before=wall + timedelta(seconds=outcome.again_in_s) if outcome.again_in_s else None,
            pause_until=None if outcome.pause_s is None else wall + timedelta(seconds=outcome.pause_s),
            on_settled=self._on_settled,
        )

    def _fatal(self, error: Exception) -> None:
        if self._stopping:
            return
        self._stopping = True
        self._wake.set()
        _log.error("sending stops: %s", error)
        if self._on_fatal is not None:
            self._on_fatal(error)


def _safely(loop: asyncio.AbstractEventLoop, call: Callable[..., None], value: object) -> None:
    """Hand news from the writer thread to a loop that may be gone already."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(call, value)
