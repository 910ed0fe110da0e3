"""Everything that changes, as a numbered stream for pages that watch."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import islice
from typing import Any

KEPT = 20_000

Event = tuple[int, str, Any]
"""(number from 1, kind, data): kinds are listed in README.md; data is JSON, a Message or a CallRow."""


class EventStream:
    """A ring of events; watchers wait for the next without costing the writers anything."""

    def __init__(self) -> None:
        self._ring: deque[Event] = deque(maxlen=KEPT)
        self._watchers: set[asyncio.Event] = set()
        self.last = 0
        self.closed = False

    def publish(self, kind: str, data: Any) -> None:
        """Append an event; `data` must not be changed afterwards."""
        self.last += 1
        self._ring.append((self.last, kind, data))
        for watcher in self._watchers:
            watcher.set()

    def after(self, n: int) -> list[Event]:
        """Return the kept events numbered above `n`."""
        if not self._ring:
            return []
        return list(islice(self._ring, max(0, n - self._ring[0][0] + 1), None))

    def missed(self, n: int) -> bool:
        """Tell whether events after `n` are no longer all kept, or `n` is of another run."""
        oldest = self._ring[0][0] if self._ring else self.last + 1
        return n < oldest - 1 or n > self.last

    async def wait(self, n: int, timeout_s: float) -> None:
        """Return once there is an event above `n`, the stream is closed, or `timeout_s` is over."""
        if self.last > n or self.closed:
            return
        watcher = asyncio.Event()
        self._watchers.add(watcher)
        try:
            await asyncio.wait_for(watcher.wait(), timeout_s)
        except TimeoutError:
            pass
        finally:
            self._watchers.discard(watcher)

    def close(self) -> None:
        """Let all watchers go."""
        self.closed = True
        for watcher in self._watchers:
            watcher.set()
