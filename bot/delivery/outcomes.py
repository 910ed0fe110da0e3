"""What follows from the end of one messenger call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.delivery import outbox_states as states
from bot.delivery.transport import (
    Ambiguous,
    BadToken,
    ChatGone,
    MessageGone,
    Migrated,
    NotModified,
    OutboxRow,
    Rejected,
    RetryAfter,
    Sent,
    Unreachable,
)
from storage.chats import leave_chat, move_chat

BACKOFF_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Pauses between tries while the messenger cannot be reached; the last one repeats."""

AMBIGUOUS_TRIES = 30
"""After so many tries of which each may have been accepted, going on would only add copies."""

RETRY_MARGIN_S = 0.1


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """``final`` None: the row waits again, for ``again_in_s``. ``counted``: it may have been accepted, so it
    counts against the limits."""

    final: states.FinalState | None
    counted: bool = True
    message_id: int | None = None
    error: str | None = None
    again_in_s: float = 0.0
    pause_s: float | None = None
    repeated: bool = False
    part_done: bool = False
    message_gone: bool = False
    migrated_to: int | None = None
    dropped_chat: bool = False

    def store(
        self,
        connection: Connection,
        row: OutboxRow,
        *,
        now: datetime,
        not_before: datetime | None,
        pause_until: datetime | None,
        on_settled: states.OnSettled | None,
    ) -> None:
        """Store it. ``now`` is the desk's time, the other two are real time."""
        if pause_until is not None:
            states.keep_pause(connection, row.chat_id, pause_until)
        if self.final is None:
            states.put_back(
                connection,
                row,
                not_before=not_before,
                error=self.error,
                repeated=self.repeated,
                part_done=self.part_done,
                message_gone=self.message_gone,
            )
        else:
            states.settle(
                connection,
                row,
                self.final,
                now=now,
                message_id=self.message_id,
                error=self.error,
                on_settled=on_settled,
            )
        if self.migrated_to is not None:
            move_chat(connection, old=row.chat_id, new=self.migrated_to, now=now)
        if self.dropped_chat:
            leave_chat(connection, chat_id=row.chat_id, now=now)
            states.drop_chat(
                connection, row.chat_id, now=now, error=self.error or "chat gone", on_settled=on_settled
            )


def conclude(row: OutboxRow, result: Sent | BaseException) -> Outcome:
    """Return what follows from a call's result or error."""
    text = str(result)[:500]
    match result:
        case Sent(more=True):
            return Outcome(final=None, part_done=True)
        case Sent(message_id=message_id):
            return Outcome(final="sent", message_id=message_id if message_id is not None else row.message_id)
        case NotModified():
            return Outcome(final="sent", message_id=row.message_id)
        case RetryAfter(seconds=seconds):
            pause_s = max(seconds, 1.0) + RETRY_MARGIN_S
            return Outcome(final=None, counted=False, pause_s=pause_s, error=text)
        case Migrated(to=to):
            return Outcome(final=None, counted=False, migrated_to=to, error=text)
        case ChatGone():
            return Outcome(final="failed", counted=False, dropped_chat=True, error=text)
        case MessageGone() if row.card_id is not None and row.message_id is not None:
            return Outcome(final=None, counted=False, message_gone=True, error=text)
        case Rejected() | MessageGone():
            return Outcome(final="failed", counted=False, error=text)
        case Unreachable() | BadToken():
            return Outcome(final=None, counted=False, again_in_s=_pause(row), error=text)
        case Ambiguous() | TimeoutError():
            if row.attempts >= AMBIGUOUS_TRIES:
                return Outcome(final="failed", error=f"given up after {row.attempts + 1} tries: {text}")
            return Outcome(final=None, again_in_s=_pause(row), repeated=True, error=text)
    # A mistake of ours (a file that cannot be read, a payload from the future): trying again cannot help.
    return Outcome(final="failed", counted=False, error=f"{type(result).__name__}: {text}"[:500])


def _pause(row: OutboxRow) -> float:
    return BACKOFF_S[min(row.attempts, len(BACKOFF_S) - 1)]
