"""HTTP connections to the Bot API, the last one used first.

One HTTPXRequest with a pool of many connections looks at every idle one for every request, which costs more
than the request itself; so each connection is a pool of its own here.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from telegram.request import HTTPXRequest


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Seconds; a long poll's own time comes on top of ``read``."""

    connect: float = 5.0
    read: float = 15.0
    write: float = 15.0
    upload: float = 60.0


class Connections:
    """At most ``most`` requests at a time; others wait their turn."""

    def __init__(self, most: int, timeouts: Timeouts) -> None:
        self._timeouts = timeouts
        self._slots = asyncio.Semaphore(most)
        self._free: list[HTTPXRequest] = []
        self._all: list[HTTPXRequest] = []
        self._context: ssl.SSLContext | None = None

    @asynccontextmanager
    async def one(self) -> AsyncIterator[HTTPXRequest]:
        """Borrow a connection."""
        async with self._slots:
            request = self._free.pop() if self._free else await self._make()
            try:
                yield request
            finally:
                self._free.append(request)

    async def close(self) -> None:
        """Close them all."""
        for request in self._all:
            await request.shutdown()
        self._all.clear()
        self._free.clear()

    async def _make(self) -> HTTPXRequest:
        if self._context is None:
            # Reading the certificates takes a while and some memory: once is enough.
            self._context = await asyncio.to_thread(httpx.create_ssl_context)
        times = self._timeouts
        request = HTTPXRequest(
            connection_pool_size=1,
            connect_timeout=times.connect,
            read_timeout=times.read,
            write_timeout=times.write,
            media_write_timeout=times.upload,
            pool_timeout=times.connect,
            httpx_kwargs={"verify": self._context},
        )
        await request.initialize()
        self._all.append(request)
        return request
