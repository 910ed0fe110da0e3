"""The way out, part two: what happens to rows when they are claimed, sent, put off or given up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, and_, bindparam, not_, or_, select, update

from bot.delivery.payload import load_outgoing
from bot.delivery.transport import OutboxRow
from storage.tables import card, outbox, throttle
from storage.upsert import upsert

FinalState = Literal["sent", "failed", "dropped"]

# Built once: making a statement costs more than running it.
_SETTLE = (
    update(outbox)
    .where(outbox.c.id == bindparam("row"))
    .values({name: bindparam(name) for name in ("state", "error", "message_id", "sent_at")})
)

Recheck: TypeAlias = Callable[[Connection, OutboxRow], str | None]
"""Asked just before a row is sent, in the transaction that claims it; a reason drops the row."""

OnSettled: TypeAlias = Callable[[Connection, OutboxRow, FinalState, int | None], None]
"""Told ``(connection, row, state, message_id)`` in the transaction in which a row reaches its end."""


def requeue_interrupted(connection: Connection) -> int:
    """After a crash: rows that were being sent may have been accepted, so they go again and say so.
    Returns how many."""
    connection.execute(update(card).where(card.c.in_flight.is_not(None)).values(in_flight=None))
    # Repeating an edit shows nobody anything twice.
    edited_cards = select(card.c.id).where(card.c.message_id.is_not(None))
    is_edit = or_(outbox.c.kind == "edit", and_(outbox.c.kind == "card", outbox.c.card_id.in_(edited_cards)))
    interrupted = outbox.c.state == "sending"
    connection.execute(update(outbox).where(interrupted, not_(is_edit)).values(possibly_repeated=True))
    done = connection.execute(update(outbox).where(interrupted).values(state="queued", not_before=None))
    return done.rowcount


def claim(
    connection: Connection,
    ids: Iterable[int],
    *,
    now: datetime,
    recheck: Recheck | None = None,
    on_settled: OnSettled | None = None,
) -> list[OutboxRow]:
    """Mark queued rows as being sent and return them with their newest content; the others of ``ids`` are
    not to be sent (any more)."""
    found = connection.execute(
        select(
            outbox,
            card.c.message_id.label("card_message"),
            card.c.desired,
            card.c.desired_version,
            card.c.sent_version,
        )
        .outerjoin_from(outbox, card, outbox.c.card_id == card.c.id)
        .where(outbox.c.id.in_(list(ids)), outbox.c.state == "queued")
        .order_by(outbox.c.id)
    ).all()
    claimed = []
    for stored in found:
        row = _row(stored)
        reason = None
        if row.card_id is not None and stored.sent_version >= stored.desired_version:
            reason = "superseded"
        elif recheck is not None:
            reason = recheck(connection, row)
        if reason is not None:
            settle(connection, row, "dropped", now=now, error=reason, on_settled=on_settled)
            continue
        claimed.append(row)
        if row.card_id is not None:
            connection.execute(
                update(card).where(card.c.id == row.card_id).values(in_flight=row.card_version)
            )
    if claimed:
        connection.execute(
            update(outbox)
            .where(outbox.c.id.in_([row.id for row in claimed]))
            .values(state="sending", attempts=outbox.c.attempts + 1)
        )
    return claimed


def settle(
    connection: Connection,
    row: OutboxRow,
    state: FinalState,
    *,
    now: datetime,
    message_id: int | None = None,
    error: str | None = None,
    on_settled: OnSettled | None = None,
) -> None:
    """End a row, and note on its card what people now see."""
    values = {
        "row": row.id,
        "state": state,
        "error": error,
        "message_id": message_id,
        "sent_at": now if state == "sent" else None,
    }
    connection.execute(_SETTLE, values)
    if row.card_id is not None:
        seen: dict[str, Any] = {"in_flight": None}
        if state == "sent":
            seen |= {"message_id": message_id, "sent_version": row.card_version}
        connection.execute(update(card).where(card.c.id == row.card_id).values(**seen))
    if on_settled is not None:
        on_settled(connection, row, state, message_id)


def spoil(connection: Connection, row_id: int, error: str) -> None:
    """End a row that cannot be read or prepared."""
    connection.execute(update(outbox).where(outbox.c.id == row_id).values(state="failed", error=error))


def put_back(
    connection: Connection,
    row: OutboxRow,
    *,
    not_before: datetime | None = None,
    error: str | None = None,
    repeated: bool = False,
    part_done: bool = False,
    message_gone: bool = False,
) -> None:
    """Queue a row again: for its next part, or after a failure that may pass."""
    values: dict[str, Any] = {"state": "queued", "not_before": not_before, "error": error}
    if repeated and row.kind != "edit" and row.message_id is None:
        values["possibly_repeated"] = True
    if part_done:
        values |= {"parts_done": row.part + 1, "attempts": 0}
    connection.execute(update(outbox).where(outbox.c.id == row.id).values(**values))
    if row.card_id is not None:
        seen: dict[str, Any] = {"in_flight": None}
        if message_gone:
            seen["message_id"] = None
        connection.execute(update(card).where(card.c.id == row.card_id).values(**seen))


def drop_chat(
    connection: Connection, chat_id: int, *, now: datetime, error: str, on_settled: OnSettled | None = None
) -> int:
    """Drop what waits for a chat that cannot be reached any more; returns how many rows."""
    found = connection.execute(
        select(outbox, card.c.message_id.label("card_message"), card.c.desired, card.c.desired_version)
        .outerjoin_from(outbox, card, outbox.c.card_id == card.c.id)
        .where(outbox.c.chat_id == chat_id, outbox.c.state == "queued")
    ).all()
    for stored in found:
        settle(connection, _row(stored), "dropped", now=now, error=error, on_settled=on_settled)
    return len(found)


def keep_pause(connection: Connection, chat_id: int, until: datetime) -> None:
    """Remember over a restart how long a chat must be left alone (real time)."""
    upsert(connection, throttle, {"chat_id": chat_id, "until": until}, keys=("chat_id",))


def kept_pauses(connection: Connection) -> dict[int, datetime]:
    """Return until when (real time) each chat must be left alone."""
    return {row.chat_id: row.until for row in connection.execute(select(throttle))}


def _row(stored: Any) -> OutboxRow:
    is_card = stored.card_id is not None
    outgoing = load_outgoing(stored.desired if is_card else stored.payload, chat_id=stored.chat_id)
    return OutboxRow(
        id=stored.id,
        chat_id=stored.chat_id,
        kind=stored.kind,
        outgoing=outgoing,
        part=stored.parts_done,
        message_id=stored.card_message if is_card else outgoing.edit_message_id,
        possibly_repeated=stored.possibly_repeated,
        attempts=stored.attempts,
        card_id=stored.card_id,
        card_version=stored.desired_version if is_card else None,
    )
