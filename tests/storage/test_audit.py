"""The audit trail is only ever added to, and says where it was tampered with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from storage import audit
from storage.store import Store
from storage.tables import audit as table

NOW = datetime(2026, 11, 23, 9, 0, 0, 1, tzinfo=UTC)


def fill(store: Store, rows: int) -> None:
    for number in range(rows):
        store.write(
            lambda c, n=number: audit.append(
                c,
                at=NOW + timedelta(seconds=n),
                actor=f"user:{n}",
                action="did",
                subject="x\ud800",
                detail={"n": n},
            )
        )


def test_a_whole_chain_verifies(store: Store) -> None:
    assert store.read(audit.verify) == audit.Verdict(rows=0, broken_at=None, head=audit.GENESIS)
    fill(store, 5)
    verdict = store.read(audit.verify)
    assert (verdict.rows, verdict.broken_at) == (5, None)
    assert verdict.head == store.read(audit.head)


@pytest.mark.parametrize("change", [update(table).values(actor="other"), delete(table)])
def test_the_database_refuses_changes(store: Store, change: object) -> None:
    fill(store, 2)
    with pytest.raises(DBAPIError, match="append-only"):
        store.write(lambda c: c.execute(change))
    assert store.read(audit.verify).rows == 2


def test_a_change_behind_the_triggers_is_found(store: Store) -> None:
    fill(store, 5)
    postgres = store.url.get_backend_name() == "postgresql"
    off = (
        ["ALTER TABLE audit DISABLE TRIGGER ALL"]
        if postgres
        else [f"DROP TRIGGER audit_no_{x}" for x in ("update", "delete")]
    )
    for statement in off:
        store.write(lambda c, s=statement: c.exec_driver_sql(s))
    store.write(lambda c: c.execute(update(table).where(table.c.id == 3).values(detail={"n": 99})))
    assert store.read(audit.verify).broken_at == 3
    store.write(lambda c: c.execute(update(table).where(table.c.id == 3).values(detail={"n": 2})))
    assert store.read(audit.verify).broken_at is None
    store.write(lambda c: c.execute(delete(table).where(table.c.id == 2)))
    assert store.read(audit.verify).broken_at == 3
