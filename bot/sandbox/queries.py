"""Queries that wait for a bot's answer: taps (callback queries) and inline queries."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.errors import BadRequestError

CALLBACK_TTL_S = 60.0
INLINE_TTL_S = 30.0
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@dataclass(kw_only=True, slots=True, eq=False)
class Query:
    """One waiting query; `answer` is set once, by the first answer; `expires_at` is monotonic."""

    id: str
    bot_id: int
    from_id: int
    kind: str
    expires_at: float
    text: str = ""
    answer: dict[str, Any] | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)


class Queries:
    """All queries of the world by id; `monotonic` gives seconds."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._by_id: dict[str, Query] = {}
        self._numbers = itertools.count(int(time.time()) * 1_000_000)

    def ask(self, kind: str, bot_id: int, from_id: int, text: str = "") -> Query:
        """Open a query of `kind` "callback" or "inline"."""
        ttl_s = CALLBACK_TTL_S if kind == "callback" else INLINE_TTL_S
        query = Query(
            id=str(next(self._numbers)),
            bot_id=bot_id,
            from_id=from_id,
            kind=kind,
            expires_at=self._monotonic() + ttl_s,
            text=text,
        )
        self._forget_expired()
        self._by_id[query.id] = query
        return query

    def _forget_expired(self) -> None:
        # Inline results stay choosable for a while after the time to answer is over.
        now = self._monotonic() - 600.0
        while self._by_id:
            oldest = next(iter(self._by_id.values()))
            if oldest.expires_at > now:
                return
            del self._by_id[oldest.id]

    def answer(self, kind: str, query_id: str, bot_id: int, answer: dict[str, Any]) -> Query:
        """Answer a query of this bot; BadRequestError when it is unknown, another bot's or too old."""
        query = self._by_id.get(query_id)
        if query is None or query.kind != kind or query.bot_id != bot_id:
            raise BadRequestError(_TOO_OLD)
        if self._monotonic() > query.expires_at:
            raise BadRequestError(_TOO_OLD)
        if query.answer is None:
            query.answer = answer
        query.answered.set()
        return query

    def get(self, query_id: str) -> Query | None:
        """Return a query by its id."""
        return self._by_id.get(query_id)

    def latest(self, kind: str, bot_id: int, from_id: int) -> Query | None:
        """Return the newest query of a person to a bot."""
        for query in reversed(self._by_id.values()):
            if (query.kind, query.bot_id, query.from_id) == (kind, bot_id, from_id):
                return query
        return None

    async def wait(self, query: Query, timeout_s: float) -> bool:
        """Wait until the query is answered; False when `timeout_s` is over first."""
        try:
            await asyncio.wait_for(query.answered.wait(), timeout_s)
        except TimeoutError:
            return False
        return True
