"""The log of Bot API calls: light rows, the last hundred thousand."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import Any

KEPT = 100_000


@dataclass(slots=True)
class CallRow:
    """One call; `at` is real Unix seconds of its arrival, `status` the HTTP status, 0 when cut off."""

    n: int
    at: float
    bot: int
    method: str
    chat_id: int | str | None
    status: int
    retry_after: int | None
    message_id: int | None

    def to_json(self) -> dict[str, Any]:
        """Return the row as /sim/calls shows it."""
        return {
            "n": self.n,
            "at": self.at,
            "bot": self.bot,
            "method": self.method,
            "chat_id": self.chat_id,
            "status": self.status,
            "retry_after": self.retry_after,
            "message_id": self.message_id,
        }


class CallLog:
    """Rows numbered from 1 in the order the calls were finished."""

    def __init__(self) -> None:
        self._rows: deque[CallRow] = deque(maxlen=KEPT)
        self._n = 0

    def add(
        self,
        *,
        bot: int,
        method: str,
        chat_id: int | str | None,
        status: int,
        retry_after: int | None = None,
        message_id: int | None = None,
        at: float | None = None,
    ) -> CallRow:
        """Append a row and return it."""
        self._n += 1
        moment = time.time() if at is None else at
        row = CallRow(self._n, moment, bot, method, chat_id, status, retry_after, message_id)
        self._rows.append(row)
        return row

    def after(self, n: int, limit: int | None = None) -> list[dict[str, Any]]:
        """Return the kept rows numbered above `n`, oldest first; with `limit` only the newest so many."""
        if not self._rows:
            return []
        skip = max(0, n - self._rows[0].n + 1)
        if limit is not None:
            skip = max(skip, len(self._rows) - max(limit, 0))
        return [row.to_json() for row in islice(self._rows, skip, None)]
