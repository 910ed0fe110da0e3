"""Starts and stops the parts of delivery in the order that loses nothing."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Protocol

from bot.delivery.inbox_worker import InboxWorker
from bot.delivery.outbox import newest_rows
from bot.delivery.outbox_sender import OutboxSender
from bot.delivery.ticker import Ticker
from storage.store import Store

_log = logging.getLogger(__name__)


class Source(Protocol):
    """Where updates come from: a poller or a webhook server, which feeds an Inbox."""

    async def start(self) -> None:
        """Begin taking updates."""

    async def stop(self) -> None:
        """Take no more; what was taken is stored when this returns."""


class Delivery:
    """The running parts of one desk. ``failed`` is set to the error that should end the process."""

    def __init__(
        self,
        *,
        store: Store,
        worker: InboxWorker,
        sender: OutboxSender,
        ticker: Ticker,
        sources: tuple[Source, ...],
        stop_within_s: float = 10.0,
    ) -> None:
        self._store = store
        self._worker = worker
        self._sender = sender
        self._ticker = ticker
        self._sources = sources
        self._stop_within_s = stop_within_s
        self._failed: asyncio.Future[Exception] | None = None

    async def start(self) -> None:
        """Take up what an earlier run left, then begin taking updates. Raises StorageError."""
        self._failed = asyncio.get_running_loop().create_future()
        await self._sender.start()
        await self._worker.start()
        self._ticker.start()
        for source in self._sources:
            await source.start()

    def fail(self, error: Exception) -> None:
        """Report what should end the process; from the loop's thread, more than once if need be."""
        if self._failed is not None and not self._failed.done():
            self._failed.set_result(error)

    async def failure(self) -> Exception:
        """Wait for the error that should end the process."""
        if self._failed is None:
            raise RuntimeError("delivery was not started")
        return await asyncio.shield(self._failed)

    async def outbox(self, newest: int) -> list[dict[str, Any]]:
        """The newest outbox rows, for people: id, chat, state, urgency, first words, attempts, error."""
        return await self._store.aread(lambda connection: newest_rows(connection, newest))

    async def stop(self) -> None:
        """Stop taking, finish what is under way within the time given, close the store."""
        for source in self._sources:
            try:
                await source.stop()
            except Exception:
                _log.exception("a source did not stop cleanly")
        await self._ticker.stop(self._stop_within_s)
        await self._worker.stop(self._stop_within_s)
        await self._sender.stop(self._stop_within_s)
        await asyncio.get_running_loop().run_in_executor(None, self._store.close)
