"""What to send next: one lane a chat, urgent first, one call at a time in a lane. Pure planning: no clock,
no database, no messenger."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.delivery.limiter import NEVER, Limiter

Key = tuple[int, int]
"""(priority, outbox id): lower goes first."""

URGENT_BELOW = 1
RESERVED = -1


@dataclass(slots=True)
class Lane:
    """The rows waiting for one chat, the one under way, and the head that planning knows of already."""

    keys: list[Key] = field(default_factory=list)
    under_way: int | None = None
    offered: Key | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Rows to send now as ``(chat_id, row_id)``, and when to look again (monotonic; inf: when something
    changes)."""

    send: tuple[tuple[int, int], ...]
    look_again_at: float


class Lanes:
    """The waiting rows of all chats. Times are monotonic seconds."""

    def __init__(self, limiter: Limiter) -> None:
        self.limiter = limiter
        self._lanes: dict[int, Lane] = {}
        self._homes: dict[int, tuple[int, int]] = {}
        self._held: dict[int, float] = {}
        self._ready: list[tuple[int, int, int]] = []
        self._later: list[tuple[float, int]] = []

    def __len__(self) -> int:
        return len(self._homes)

    def __contains__(self, row_id: int) -> bool:
        return row_id in self._homes

    def add(self, row_id: int, *, chat_id: int, priority: int, not_before: float = 0.0) -> None:
        """Add a row, or raise the priority of one that waits already."""
        known = self._homes.get(row_id)
        if known == (chat_id, priority):
            return
        self._homes[row_id] = (chat_id, priority)
        if not_before > 0.0:
            self._held[row_id] = not_before
        heapq.heappush(self._lane(chat_id).keys, (priority, row_id))
        self._offer(chat_id)

    def plan(self, now: float, *, most: int = 100) -> Plan:
        """Choose what leaves now and count it as under way; each choice must be followed by ``done``."""
        while self._later and self._later[0][0] <= now:
            chat_id = heapq.heappop(self._later)[1]
            if (due := self._lanes.get(chat_id)) is not None:
                due.offered = None
                self._offer(chat_id)
        chosen: list[tuple[int, int]] = []
        while self._ready and len(chosen) < most:
            wait = self.limiter.overall_wait_s(now)
            if wait > 0.0:
                # A row under way will end and call again; the others have a time.
                return Plan(send=tuple(chosen), look_again_at=min(now + wait, self._next_later()))
            priority, row_id, chat_id = heapq.heappop(self._ready)
            lane = self._lanes.get(chat_id)
            if lane is None or lane.under_way is not None or self._head(lane) != (priority, row_id):
                continue
            urgent = priority < URGENT_BELOW
            wait = self.limiter.chat_wait_s(chat_id, now, urgent=urgent)
            wait = max(wait, self._held.get(row_id, 0.0) - now)
            if wait > 0.0:
                if wait != NEVER:
                    heapq.heappush(self._later, (now + wait, chat_id))
                continue
            lane.under_way, lane.offered = row_id, None
            self.limiter.start(chat_id)
            chosen.append((chat_id, row_id))
        return Plan(send=tuple(chosen), look_again_at=now if self._ready else self._next_later())

    def done(self, row_id: int, *, chat_id: int, now: float, counted: bool) -> None:
        """A planned row's call has ended and the row is gone; ``counted``: it may have been accepted."""
        self.limiter.end(chat_id, now, counted=counted)
        self._homes.pop(row_id, None)
        self._free(row_id, chat_id)

    def again(self, row_id: int, *, chat_id: int, now: float, counted: bool, not_before: float = 0.0) -> None:
        """A planned row's call has ended and the row stays at the head of its lane."""
        self.limiter.end(chat_id, now, counted=counted)
        self._held[row_id] = not_before
        self._free(row_id, chat_id, forget=False)

    def reserve(self, chat_id: int, now: float, *, urgent: bool) -> bool:
        """Count a row that is about to be stored as under way, if its chat is quiet and the limits allow it
        at once; must be followed by ``enter`` or ``give_back``."""
        if chat_id in self._lanes or self.limiter.overall_wait_s(now) > 0.0:
            return False
        if self.limiter.chat_wait_s(chat_id, now, urgent=urgent) > 0.0:
            return False
        self._lane(chat_id).under_way = RESERVED
        self.limiter.start(chat_id)
        return True

    def enter(self, row_id: int, *, chat_id: int, priority: int) -> None:
        """Name the row a place was reserved for; ``done`` or ``again`` must follow."""
        self._homes[row_id] = (chat_id, priority)
        lane = self._lane(chat_id)
        heapq.heappush(lane.keys, (priority, row_id))
        lane.under_way = row_id

    def give_back(self, chat_id: int, now: float) -> None:
        """Nothing came of a reservation."""
        self.limiter.end(chat_id, now, counted=False)
        self._free(RESERVED, chat_id)

    def clear(self, chat_id: int) -> None:
        """Forget what waits for a chat."""
        for row_id in [each for each, home in self._homes.items() if home[0] == chat_id]:
            del self._homes[row_id]
            self._held.pop(row_id, None)

    def move(self, old: int, new: int) -> None:
        """Let what waits for one chat wait for another."""
        moved = [(row_id, home[1]) for row_id, home in self._homes.items() if home[0] == old]
        for row_id, priority in moved:
            self.add(row_id, chat_id=new, priority=priority)

    def sync(self, rows: Iterable[int]) -> None:
        """Forget rows that wait no more according to the database, except those under way."""
        waiting = set(rows)
        busy = {lane.under_way for lane in self._lanes.values()}
        for row_id in [each for each in self._homes if each not in waiting and each not in busy]:
            del self._homes[row_id]
            self._held.pop(row_id, None)

    def _free(self, row_id: int, chat_id: int, *, forget: bool = True) -> None:
        if forget:
            self._held.pop(row_id, None)
        lane = self._lanes.get(chat_id)
        if lane is not None:
            lane.under_way = lane.offered = None
        home = self._homes.get(row_id)
        for affected in {chat_id} if home is None else {chat_id, home[0]}:
            self._offer(affected)

    def _offer(self, chat_id: int) -> None:
        """Put a lane's head among the candidates; drop the lane when it is empty."""
        lane = self._lanes.get(chat_id)
        if lane is None or lane.under_way is not None:
            return
        head = self._head(lane)
        if head is None:
            del self._lanes[chat_id]
        elif head != lane.offered:
            lane.offered = head
            heapq.heappush(self._ready, (*head, chat_id))

    def _head(self, lane: Lane) -> Key | None:
        """Return the first row that still belongs here, forgetting those that do not."""
        while lane.keys:
            priority, row_id = lane.keys[0]
            home = self._homes.get(row_id)
            if home is not None and home[1] == priority and self._lanes.get(home[0]) is lane:
                return lane.keys[0]
            heapq.heappop(lane.keys)
        return None

    def _lane(self, chat_id: int) -> Lane:
        lane = self._lanes.get(chat_id)
        if lane is None:
            lane = self._lanes[chat_id] = Lane()
        return lane

    def _next_later(self) -> float:
        return self._later[0][0] if self._later else NEVER
