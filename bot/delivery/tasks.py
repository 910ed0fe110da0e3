"""Background tasks that are neither forgotten nor left behind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

_log = logging.getLogger(__name__)


class Tasks:
    """A set of running tasks; a finished one leaves by itself."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine in the background."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a background task failed", exc_info=error)

    async def done(self) -> None:
        """Wait until none is running, counting those started meanwhile."""
        while self._running:
            await asyncio.wait(self._running)

    async def finish(self, timeout_s: float) -> None:
        """Wait for at most ``timeout_s``, then cancel the rest and wait for that."""
        try:
            async with asyncio.timeout(timeout_s):
                await self.done()
        except TimeoutError:
            pass
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
