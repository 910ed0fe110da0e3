"""What is finished is kept for a while and then removed, so that the database does not grow for ever."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection, delete, select, tuple_

from bot.delivery.ticker_jobs import Due
from bot.messages import Outgoing
from storage.tables import asked, conversation, inbox, outbox, throttle

INBOX_DAYS = 7
"""Telegram offers an unconfirmed update for 24 hours; done ones are remembered for longer than that."""

DEAD_DAYS = 90
OUTBOX_DAYS = 180
ASKED_DAYS = 30
BATCH = 2_000


def purge(connection: Connection, due: Due) -> Iterable[Outgoing] | None:
    """Remove up to a batch of each kind of what is finished: a handler for the ticker."""
    now = due.now
    old_done = inbox.c.state == "done", inbox.c.done_at < now - timedelta(days=INBOX_DAYS)
    old_dead = inbox.c.state == "dead", inbox.c.done_at < now - timedelta(days=DEAD_DAYS)
    for condition in (old_done, old_dead):
        oldest = select(inbox.c.bot_id, inbox.c.update_id).where(*condition).limit(BATCH)
        connection.execute(delete(inbox).where(tuple_(inbox.c.bot_id, inbox.c.update_id).in_(oldest)))
    ended = outbox.c.state.in_(("sent", "failed", "dropped"))
    old = (
        select(outbox.c.id).where(ended, outbox.c.created_at < now - timedelta(days=OUTBOX_DAYS)).limit(BATCH)
    )
    connection.execute(delete(outbox).where(outbox.c.id.in_(old)))
    connection.execute(delete(asked).where(asked.c.asked_at < now - timedelta(days=ASKED_DAYS)))
    connection.execute(delete(conversation).where(conversation.c.expires_at < now))
    connection.execute(delete(throttle).where(throttle.c.until < now - timedelta(days=1)))
    return None
