"""The desk's clock, which a demo or a test can move. Timeouts and rate limits never use it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus an offset. ``now()`` is always aware, in UTC."""

    def __init__(self, *, real: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._real = real
        self._offset = timedelta(0)

    @property
    def offset(self) -> timedelta:
        """How far the desk's time is ahead of real time."""
        return self._offset

    def now(self) -> datetime:
        """The desk's time."""
        return self._real() + self._offset

    def advance(self, by: timedelta) -> None:
        """Move the clock; a negative amount moves it back."""
        self._offset += by

    def set(self, to: datetime) -> None:
        """Move the clock to ``to`` (aware)."""
        self._offset = to - self._real()
