"""A clock that can be moved: it dates messages and nothing else.

Limits, long-poll timeouts, retries and retention run on monotonic time, so moving this clock
can neither open nor close a throttle.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime


class MovableClock:
    """Real time plus an offset; `wall` gives Unix seconds."""

    def __init__(self, *, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self.offset_s = 0.0

    def unix(self) -> float:
        """Return the moved time in Unix seconds."""
        return self._wall() + self.offset_s

    def date(self) -> int:
        """Return the moved time as a Bot API date (whole Unix seconds)."""
        return int(self._wall() + self.offset_s)

    def now(self) -> datetime:
        """Return the moved time, aware, UTC."""
        return datetime.fromtimestamp(self.unix(), UTC)

    def advance(self, seconds: float) -> None:
        """Move by `seconds`, backwards when negative."""
        self.offset_s += seconds

    def move_to(self, moment: datetime) -> None:
        """Move so that it is `moment` (aware) now; it goes on running from there."""
        self.offset_s = moment.timestamp() - self._wall()
