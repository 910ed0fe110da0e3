"""The audit trail: append in the transaction of the change, verify the chain from the start.

hash = SHA-256(prev_hash + canonical JSON of the row). Changing, removing or inserting a row breaks every
hash after it; cutting off the end shows only against a head noted elsewhere (``head``).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from storage.tables.audit import audit
from storage.tables.columns import storable

GENESIS = "0" * 64


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Result of a check: rows read, and the id of the first row that does not fit (None: the chain holds)."""

    rows: int
    broken_at: int | None
    head: str


def append(
    connection: Connection,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    chat_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> str:
    """Add a row and return its hash. ``actor`` is ``user:ID``, ``office`` or ``system``; ``at`` is aware."""
    previous = head(connection)
    row = {
        "at": at.astimezone(UTC),
        "actor": storable(actor),
        "chat_id": chat_id,
        "action": storable(action),
        "subject": storable(subject),
        "detail": detail or {},
    }
    digest = _digest(previous, row)
    connection.execute(insert(audit).values(**row, prev_hash=previous, hash=digest))
    return digest


def head(connection: Connection) -> str:
    """Return the hash of the newest row, or 64 zeros."""
    newest = connection.execute(select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)).scalar()
    return newest or GENESIS


def verify(connection: Connection) -> Verdict:
    """Recompute the whole chain."""
    previous, rows = GENESIS, 0
    query = select(audit).order_by(audit.c.id).execution_options(yield_per=1000)
    with connection.execute(query) as found:
        for row in found.mappings():
            stored = {name: row[name] for name in ("at", "actor", "chat_id", "action", "subject", "detail")}
            if row["prev_hash"] != previous or row["hash"] != _digest(previous, stored):
                return Verdict(rows=rows, broken_at=row["id"], head=previous)
            previous, rows = row["hash"], rows + 1
    return Verdict(rows=rows, broken_at=None, head=previous)


def _digest(previous: str, row: dict[str, Any]) -> str:
    plain = {**row, "at": row["at"].astimezone(UTC).isoformat()}
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((previous + text).encode()).hexdigest()
