"""How fast messages may leave: Telegram's limits, kept strictly and on monotonic time only.

About 30 messages a second overall, one a second in a chat with a burst of three, 20 a minute in a group
(Bots FAQ, "My bot is hitting limits"). A message counts from the answer to its call, not from the call: the
server took it somewhere in between, so no server that counts strictly ever sees more than its limit.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

NEVER = float("inf")


@dataclass(frozen=True, kw_only=True)
class Rates:
    """``group_reserved`` of a group's messages a minute are left to urgent ones. All None: no limits."""

    overall: int | None = 30
    overall_s: float = 1.0
    chat: int | None = 3
    chat_s: float = 3.0
    group: int | None = 20
    group_s: float = 60.0
    group_reserved: int = 5


class Window:
    """At most ``capacity`` messages in any ``span_s`` seconds, those under way included."""

    __slots__ = ("_ended", "capacity", "span_s", "under_way")

    def __init__(self, capacity: int, span_s: float) -> None:
        self.capacity = capacity
        self.span_s = span_s
        self.under_way = 0
        self._ended: deque[float] = deque()

    def wait_s(self, now: float, *, reserved: int = 0) -> float:
        """Return how long until one more fits while ``reserved`` places stay free; inf: not before a
        message under way has ended."""
        ended = self._ended
        while ended and ended[0] + self.span_s <= now:
            ended.popleft()
        excess = len(ended) + self.under_way + 1 - (self.capacity - reserved)
        if excess <= 0:
            return 0.0
        return ended[excess - 1] + self.span_s - now if excess <= len(ended) else NEVER

    def start(self) -> None:
        """Count a message under way."""
        self.under_way += 1

    def end(self, now: float, *, counted: bool) -> None:
        """Its call has ended; one that certainly was not accepted is not counted."""
        self.under_way -= 1
        if counted:
            self._ended.append(now)

    def idle(self, now: float) -> bool:
        """Whether nothing is remembered here any more."""
        return not self.under_way and (not self._ended or self._ended[-1] + self.span_s <= now)


class Limiter:
    """The windows of one bot. Group chats have negative ids."""

    def __init__(self, rates: Rates | None = None) -> None:
        self.rates = rates or Rates()
        self._overall = Window(self.rates.overall, self.rates.overall_s) if self.rates.overall else None
        self._chats: dict[int, tuple[Window, ...]] = {}
        self._pauses: dict[int, float] = {}

    def overall_wait_s(self, now: float) -> float:
        """Return how long until any message may leave; inf: not before one under way has ended."""
        return 0.0 if self._overall is None else self._overall.wait_s(now)

    def chat_wait_s(self, chat_id: int, now: float, *, urgent: bool) -> float:
        """Return how long until this chat may take one more; inf: not before one under way has ended."""
        wait = self._pauses.get(chat_id, 0.0) - now
        reserved = 0 if urgent else self.rates.group_reserved
        for window, is_minute in zip(self._chats.get(chat_id, ()), (False, True), strict=False):
            wait = max(wait, window.wait_s(now, reserved=reserved if is_minute else 0))
        return max(wait, 0.0)

    def start(self, chat_id: int) -> None:
        """Count a message under way to a chat."""
        if self._overall is not None:
            self._overall.start()
        for window in self._windows(chat_id):
            window.start()

    def end(self, chat_id: int, now: float, *, counted: bool = True) -> None:
        """Its call has ended."""
        if self._overall is not None:
            self._overall.end(now, counted=counted)
        for window in self._windows(chat_id):
            window.end(now, counted=counted)

    def pause(self, chat_id: int, until: float) -> None:
        """Leave a chat alone until ``until``."""
        self._pauses[chat_id] = max(until, self._pauses.get(chat_id, 0.0))

    def forget_idle(self, now: float) -> None:
        """Drop what is remembered of quiet chats."""
        self._chats = {
            chat_id: windows
            for chat_id, windows in self._chats.items()
            if not all(window.idle(now) for window in windows)
        }
        self._pauses = {chat_id: until for chat_id, until in self._pauses.items() if until > now}

    def _windows(self, chat_id: int) -> tuple[Window, ...]:
        windows = self._chats.get(chat_id)
        if windows is None:
            rates = self.rates
            made = [Window(rates.chat, rates.chat_s)] if rates.chat else []
            if rates.group and chat_id < 0:
                made.append(Window(rates.group, rates.group_s))
            windows = self._chats[chat_id] = tuple(made)
        return windows
