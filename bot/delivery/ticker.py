"""The loop that sees to due work. It sleeps on monotonic time and compares with the desk's clock, so the
clock may be moved either way: nothing is done twice, nothing is forgotten."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.clock import Clock
from bot.delivery.tasks import Tasks
from bot.delivery.ticker_jobs import TickHandler, due_names, fulfil, note_failure
from storage.errors import LockLost, StorageError, StoreClosed
from storage.store import Store

_log = logging.getLogger(__name__)

RETRY_S = (5.0, 30.0, 120.0, 600.0)


class Ticker:
    """Looks for due rows every ``every_s`` seconds. Handlers are registered by name before ``start``."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        every_s: float = 1.0,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._clock = clock
        self._every_s = every_s
        self._wall = wall
        self._handlers: dict[str, TickHandler] = {}
        self._failures: dict[str, int] = {}
        self._wake = asyncio.Event()
        self._stopping = False
        self._loop = Tasks()

    def register(self, name: str, handler: TickHandler) -> None:
        """Let ``handler`` do the jobs that name it. Raises ValueError for a name taken."""
        if name in self._handlers:
            raise ValueError(f"two handlers are named {name!r}")
        self._handlers[name] = handler

    def start(self) -> None:
        """Begin looking."""
        self._loop.start(self._run())

    def wake(self) -> None:
        """Look now: the clock was moved or a job was added."""
        self._wake.set()

    async def stop(self, timeout_s: float) -> None:
        """Finish the occurrence under way."""
        self._stopping = True
        self._wake.set()
        await self._loop.finish(timeout_s)

    async def tick(self) -> int:
        """Do everything that is due and return how many occurrences that was."""
        done = 0
        while not self._stopping:
            names = await self._store.aread(lambda c: due_names(c, now=self._clock.now(), wall=self._wall()))
            if not names:
                break
            # Each is a transaction of its own; queued together they share commits.
            done += sum(await asyncio.gather(*(self._one(name) for name in names)))
        return done

    async def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                await self.tick()
            except (LockLost, StoreClosed) as error:
                _log.error("due work is no longer done here: %s", error)
                return
            except StorageError as error:
                _log.warning("due work must wait: %s", error)
            try:
                async with asyncio.timeout(self._every_s):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _one(self, name: str) -> int:
        try:
            did = await self._store.awrite(lambda c: fulfil(c, name, self._handlers, now=self._clock.now()))
        except StorageError:
            raise
        except Exception as error:
            _log.exception("due work %r failed", name)
            await self._put_off(name, error)
            return 0
        self._failures.pop(name, None)
        return int(did)

    async def _put_off(self, name: str, error: Exception) -> None:
        failures = self._failures.get(name, 0)
        self._failures[name] = failures + 1
        retry_at = self._wall() + timedelta(seconds=RETRY_S[min(failures, len(RETRY_S) - 1)])
        line = f"{type(error).__name__}: {error}"[:500]
        await self._store.awrite(lambda c: note_failure(c, name, error=line, retry_at=retry_at))
