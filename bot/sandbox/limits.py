"""Telegram's flood limits as strict sliding windows on monotonic time.

Bots FAQ ("My bot is hitting limits"): about 30 messages a second overall, one a second in a chat with
short bursts, 20 a minute in a group. Only requests that post messages are charged; a refused one is not.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.sandbox.errors import TooManyRequestsError

_K = TypeVar("_K")

CHAT_BURST = 3
"""Messages a quiet chat takes at once before one a second applies."""

JITTER_S = 0.05
"""Windows are this much shorter than nominal: a client that spaces its requests exactly must pass
although they arrive a few milliseconds early or late."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many messages pass; None switches a limit off."""

    overall_per_s: float | None = 30.0
    chat_per_s: float | None = 1.0
    group_per_min: float | None = 20.0

    @classmethod
    def off(cls) -> Limits:
        """Return no limits at all."""
        return cls(overall_per_s=None, chat_per_s=None, group_per_min=None)


class Window:
    """At most `capacity` messages in any `span_s` seconds."""

    __slots__ = ("blocked_until", "capacity", "span_s", "times")

    def __init__(self, capacity: int, span_s: float) -> None:
        self.capacity = capacity
        self.span_s = max(span_s - JITTER_S, 0.0)
        self.times: deque[float] = deque()
        self.blocked_until = 0.0

    def wait_s(self, now: float, cost: int) -> float:
        """Return how long until `cost` more messages fit; 0 when they fit now."""
        times = self.times
        while times and now - times[0] >= self.span_s:
            times.popleft()
        wait = self.blocked_until - now
        excess = len(times) + min(cost, self.capacity) - self.capacity
        if excess > 0:
            wait = max(wait, times[excess - 1] + self.span_s - now)
        return max(wait, 0.0)

    def add(self, now: float, cost: int) -> None:
        """Count `cost` messages."""
        self.times.extend([now] * cost)


class Limiter:
    """The windows of all bots; `monotonic` gives seconds."""

    def __init__(self, limits: Limits, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self.set(limits)

    def set(self, limits: Limits) -> None:
        """Change the limits and forget what was counted."""
        self.limits = limits
        self._overall: dict[int, Window] = {}
        self._chats: dict[tuple[int, int], Window] = {}
        self._groups: dict[tuple[int, int], Window] = {}

    def charge(self, bot_id: int, chat_id: int, *, is_group: bool, messages: int = 1) -> None:
        """Count `messages` of one request, or raise TooManyRequestsError and count nothing.

        An album is one request to its chat, but as many messages overall and in its group's minute.
        """
        limits = self.limits
        held: list[tuple[Window, int]] = []
        if limits.overall_per_s is not None:
            capacity = max(1, int(limits.overall_per_s))
            held.append((_window(self._overall, bot_id, capacity, capacity / limits.overall_per_s), messages))
        key = (bot_id, chat_id)
        if limits.chat_per_s is not None:
            held.append((_window(self._chats, key, CHAT_BURST, CHAT_BURST / limits.chat_per_s), 1))
        if is_group and limits.group_per_min is not None:
            capacity = max(1, int(limits.group_per_min))
            span_s = 60.0 * capacity / limits.group_per_min
            held.append((_window(self._groups, key, capacity, span_s), messages))
        now = self._monotonic()
        waits = [window.wait_s(now, cost) for window, cost in held]
        if any(waits):
            retry_after_s = max(1, math.ceil(max(waits)))
            for (window, _), wait in zip(held, waits, strict=True):
                if wait and window.blocked_until <= now:
                    # As on Telegram, coming back early is refused again until retry_after is over.
                    window.blocked_until = now + retry_after_s - JITTER_S
            raise TooManyRequestsError(retry_after_s)
        for window, cost in held:
            window.add(now, cost)


def _window(windows: dict[_K, Window], key: _K, capacity: int, span_s: float) -> Window:
    found = windows.get(key)
    if found is None:
        found = windows[key] = Window(capacity, span_s)
    return found
