"""What a handler answers with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection

from bot.messages import Incoming, Instant, Outgoing

Change: TypeAlias = Callable[[Connection, datetime], Iterable[Outgoing | Instant] | None]
"""A change of state, run in the transaction that finishes its update; ``now`` is the desk's time. It may run
again after a failed commit, so it must only use the connection. What it returns is sent once it is committed:
the place for an answer that says "saved"."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """``instants`` are sent at once, before anything is stored, so they must not claim that it was."""

    outgoing: tuple[Outgoing, ...] = ()
    instants: tuple[Instant, ...] = ()
    change: Change | None = None


Handler: TypeAlias = Callable[[Incoming], Awaitable[Reply]]
"""Decides what to do with one update, outside any transaction. It may be called again for the same update
after a failure, so lasting effects belong into ``Reply.change``."""
