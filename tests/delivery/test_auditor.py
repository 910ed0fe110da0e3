"""What should have happened and did not is found once, by somebody who did not have to do it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, insert, select, update

from bot.delivery.auditor import (
    Auditor,
    Finding,
    dead_letters,
    failed_outbox,
    failing_jobs,
    silent_poller,
    stuck_outbox,
)
from bot.delivery.outbox import enqueue
from bot.delivery.retention import purge
from bot.delivery.ticker_jobs import Due
from bot.messages import Outgoing
from storage.store import Store
from storage.tables import conversation, inbox, outbox, ticker_job
from tests.delivery.conftest import NOW


def due(days: float = 0.0) -> Due:
    now = NOW + timedelta(days=days)
    return Due(name="audit", due_at=now, now=now, late=False, missed=0, payload={})


def stored_update(number: int, state: str) -> dict[str, object]:
    done_at = NOW if state in ("done", "dead") else None
    return {
        "bot_id": 1,
        "update_id": number,
        "raw": "{}",
        "lane": "l",
        "state": state,
        "error": state,
        "received_at": NOW,
        "done_at": done_at,
    }


def prepare(connection: Connection) -> None:
    enqueue(connection, [Outgoing(chat_id=n, text="x") for n in (1, 1, 2, 3)], NOW)
    connection.execute(update(outbox).where(outbox.c.chat_id == 2).values(state="failed", error="refused"))
    connection.execute(update(outbox).where(outbox.c.chat_id == 3).values(state="sent"))
    connection.execute(insert(inbox), [stored_update(n, s) for n, s in enumerate(("new", "done", "dead"))])
    connection.execute(
        insert(ticker_job).values(
            name="j", handler="h", policy="skip", grace_s=1, payload={}, next_due_at=NOW, error="no"
        )
    )
    connection.execute(
        insert(conversation).values(
            chat_id=1, thread_id=0, user_id=1, question="q", answer={}, expires_at=NOW
        )
    )


def test_each_kind_of_trouble_is_found_and_reported_once(store: Store) -> None:
    silent = [10.0]
    reported: list[list[Finding]] = []

    def report(_connection: Connection, findings: list[Finding]) -> list[Outgoing]:
        reported.append(findings)
        return [Outgoing(chat_id=9, text=str(len(findings)))]

    auditor = Auditor(report)
    for check in (
        stuck_outbox(),
        failed_outbox,
        dead_letters,
        failing_jobs,
        silent_poller(lambda: silent[0]),
    ):
        auditor.register(check)
    store.write(prepare)
    later = due(0.01)
    store.write(lambda c: auditor.run(c, later))
    assert [(each.check, each.subject) for each in reported[0]] == [
        ("stuck_outbox", "1"),
        ("failed_outbox", "3"),
        ("dead_letter", "2"),
        ("failing_job", "j"),
    ]
    store.write(lambda c: auditor.run(c, later))
    assert len(reported) == 1
    silent[0] = 500.0
    store.write(lambda c: auditor.run(c, later))
    assert [each.check for each in reported[1]] == ["silent_poller"]
    silent[0] = 1.0
    store.write(lambda c: auditor.run(c, later))
    silent[0] = 500.0
    store.write(lambda c: auditor.run(c, later))
    assert len(reported) == 3


def test_what_is_finished_is_kept_for_a_while_and_then_removed(store: Store) -> None:
    def counts() -> list[int]:
        return store.read(
            lambda c: [len(c.execute(select(table)).all()) for table in (inbox, outbox, conversation)]
        )

    store.write(prepare)
    store.write(lambda c: purge(c, due(6)))
    assert counts() == [3, 4, 0]
    store.write(lambda c: purge(c, due(8)))
    assert counts() == [2, 4, 0]
    store.write(lambda c: purge(c, due(91)))
    assert counts() == [1, 4, 0]
    store.write(lambda c: purge(c, due(181)))
    assert counts() == [1, 2, 0]
