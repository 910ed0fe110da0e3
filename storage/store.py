"""The door to the database: one unit of work per call, from threads or from asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError

from storage.announce import Subscriber
from storage.engine import BUSY_TIMEOUT_MS, reader_engine, writer_engine
from storage.errors import NotRead, StoreClosed
from storage.failures import classify, reason
from storage.urls import parse_url
from storage.writer import Writer

T = TypeVar("T")


class Store:
    """A database. A function given to ``write`` is one transaction, all or nothing, on the one writer
    thread; a function given to ``read`` sees one snapshot. Either may be run more than once, so it must do
    nothing but use the connection it is given, and a written one should be short: everybody waits for it.
    """

    def __init__(
        self,
        url: str | URL,
        *,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        readers: int = 4,
        max_group: int = 64,
    ) -> None:
        self.url = parse_url(url)
        self._write_engine = writer_engine(self.url, busy_timeout_ms=busy_timeout_ms)
        self._read_engine = reader_engine(self.url, connections=readers, busy_timeout_ms=busy_timeout_ms)
        self._writer = Writer(self._write_engine, max_group=max_group)
        self._readers = ThreadPoolExecutor(max_workers=readers, thread_name_prefix="storage-reader")
        self._closed = False

    @property
    def commits(self) -> int:
        """How many write transactions were committed so far."""
        return self._writer.commits

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` as one transaction and return its value once it is on disk.

        Raises NotSaved (nothing stored), MaybeSaved, StoreClosed, LockLost, or what ``work`` raised.
        """
        result: T = self._writer.submit(work).result()
        return result

    async def awrite(self, work: Callable[[Connection], T]) -> T:
        """``write`` for asyncio. A caller that is cancelled does not undo what has begun."""
        result: T = await asyncio.wrap_future(self._writer.submit(work))
        return result

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` on one read-only snapshot. Raises NotRead, StoreClosed, or what ``work`` raised."""
        if self._closed:
            raise StoreClosed("the store is closed")
        try:
            with self._read_engine.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            if classify(error) == "bug":
                raise
            raise NotRead(reason(error)) from error

    async def aread(self, work: Callable[[Connection], T]) -> T:
        """``read`` for asyncio, on the store's own threads."""
        if self._closed:
            raise StoreClosed("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read, work)

    def subscribe(self, topic: str, subscriber: Subscriber) -> None:
        """Have ``subscriber`` called on the writer thread, after the commit, with what is announced on
        ``topic`` (see storage.announce)."""
        self._writer.subscribe(topic, subscriber)

    def guard(self, fence: Callable[[Connection], None]) -> None:
        """Have ``fence`` called first in every write transaction; what it raises refuses the transaction."""
        self._writer.fence = fence

    def close(self) -> None:
        """Finish the queued writes and close every connection. May be called twice."""
        self._closed = True
        self._writer.close()
        self._readers.shutdown(wait=True)
        self._read_engine.dispose()
        self._write_engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
