"""The way out, part one: messages become rows in the transaction of the change that caused them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, insert, select, update

from bot.delivery.payload import dump_outgoing
from bot.delivery.transport import OutboxKind, OutboxRow
from bot.messages import Outgoing
from storage.announce import announce
from storage.tables import card, outbox

TOPIC = "outbox"
"""Topic of ``list[Queued]`` once the rows are committed."""

_INSERT = insert(outbox)  # built once: making a statement costs more than running it

URGENT = 0
ORDINARY = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Queued:
    """What planning needs to know of a waiting row. Lower ``priority`` goes first; ``not_before`` is real
    time."""

    id: int
    chat_id: int
    priority: int
    not_before: datetime | None = None


def enqueue(connection: Connection, outgoings: Iterable[Outgoing], now: datetime) -> list[int]:
    """Store messages to be sent after this transaction commits, in order; returns their outbox ids.

    A message with ``card`` sets the card's newest state: while a row for that card still waits, it is that
    row that will carry the state, and its id is returned.
    """
    ids: list[int] = []
    queued: list[Queued] = []
    for outgoing in outgoings:
        if outgoing.card is not None:
            row_id, chat_id, priority = _enqueue_card(connection, outgoing, outgoing.card, now)
        else:
            chat_id, priority = outgoing.chat_id, _priority(outgoing)
            row_id = _insert(
                connection, outgoing, priority, now, payload=dump_outgoing(outgoing), kind=_kind(outgoing)
            )
        ids.append(row_id)
        queued.append(Queued(id=row_id, chat_id=chat_id, priority=priority))
    if queued:
        announce(connection, TOPIC, queued)
    return ids


def enqueue_claimed(connection: Connection, outgoing: Outgoing, now: datetime) -> OutboxRow:
    """Store a message (no card) as being sent already, for a caller that sends it as soon as this transaction
    is committed."""
    kind = _kind(outgoing)
    row_id = _insert(
        connection,
        outgoing,
        _priority(outgoing),
        now,
        payload=dump_outgoing(outgoing),
        kind=kind,
        state="sending",
    )
    return OutboxRow(
        id=row_id,
        chat_id=outgoing.chat_id,
        kind=kind,
        outgoing=outgoing,
        message_id=outgoing.edit_message_id,
    )


def waiting_rows(connection: Connection) -> list[Queued]:
    """Return every queued row, oldest first."""
    query = (
        select(outbox.c.id, outbox.c.chat_id, outbox.c.priority, outbox.c.not_before)
        .where(outbox.c.state == "queued")
        .order_by(outbox.c.id)
    )
    return [
        Queued(id=row.id, chat_id=row.chat_id, priority=row.priority, not_before=row.not_before)
        for row in connection.execute(query)
    ]


def _enqueue_card(
    connection: Connection, outgoing: Outgoing, key: str, now: datetime
) -> tuple[int, int, int]:
    priority, desired = _priority(outgoing), dump_outgoing(outgoing)
    known = connection.execute(
        select(card.c.id, card.c.desired_version).where(card.c.chat_id == outgoing.chat_id, card.c.key == key)
    ).first()
    if known is None:
        inserted = connection.execute(
            insert(card).values(key=key, chat_id=outgoing.chat_id, desired=desired, desired_version=1)
        )
        card_id = _new_id(inserted)
    else:
        card_id = known.id
        connection.execute(
            update(card)
            .where(card.c.id == card_id)
            .values(desired=desired, desired_version=known.desired_version + 1)
        )
        waiting = connection.execute(
            select(outbox.c.id, outbox.c.priority).where(
                outbox.c.card_id == card_id, outbox.c.state == "queued"
            )
        ).first()
        if waiting is not None:
            if priority < waiting.priority:
                connection.execute(update(outbox).where(outbox.c.id == waiting.id).values(priority=priority))
            return waiting.id, outgoing.chat_id, min(priority, waiting.priority)
    row_id = _insert(connection, outgoing, priority, now, payload={}, kind="card", card_id=card_id)
    return row_id, outgoing.chat_id, priority


def _insert(
    connection: Connection,
    outgoing: Outgoing,
    priority: int,
    now: datetime,
    *,
    payload: dict[str, Any],
    kind: OutboxKind,
    card_id: int | None = None,
    state: Literal["queued", "sending"] = "queued",
) -> int:
    values = {
        "chat_id": outgoing.chat_id,
        "thread_id": outgoing.thread_id,
        "priority": priority,
        "kind": kind,
        "payload": payload,
        "state": state,
        "attempts": 0 if state == "queued" else 1,
        "card_id": card_id,
        "tag": outgoing.tag,
        "created_at": now,
    }
    return _new_id(connection.execute(_INSERT, values))


def _new_id(inserted: Any) -> int:
    key: int = inserted.inserted_primary_key[0]
    return key


def _kind(outgoing: Outgoing) -> OutboxKind:
    if outgoing.edit_message_id is not None:
        return "edit"
    if outgoing.photo is not None:
        return "photo"
    return "send" if outgoing.document is None else "document"


def _priority(outgoing: Outgoing) -> int:
    return URGENT if outgoing.urgent else ORDINARY


def newest_rows(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """The newest rows, newest first, for people to look at; ``text`` is cut to 60 characters."""
    found = connection.execute(
        select(outbox, card.c.desired)
        .outerjoin_from(outbox, card, outbox.c.card_id == card.c.id)
        .order_by(outbox.c.id.desc())
        .limit(limit)
    )
    return [
        {
            "id": row.id,
            "chat_id": row.chat_id,
            "state": row.state,
            "urgent": row.priority == URGENT,
            "text": str((row.payload or row.desired or {}).get("text", "")).partition("\n")[0][:60],
            "attempts": row.attempts,
            "repeated": row.possibly_repeated,
            "error": row.error,
            "created": row.created_at.isoformat(),
            "sent": row.sent_at.isoformat() if row.sent_at else None,
        }
        for row in found
    ]
