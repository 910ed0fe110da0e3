"""Looks, independently of who should have done it, for what should have happened and did not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import Connection, func, select

from bot.delivery.ticker_jobs import Due
from bot.messages import Outgoing
from storage.settings import get_value, put_value
from storage.tables import inbox, outbox, ticker_job

KNOWN = "auditor.known"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """``check`` and ``subject`` together name it: the same finding is reported once, until it is gone."""

    check: str
    subject: str
    detail: str = ""


Check: TypeAlias = Callable[[Connection, datetime], Iterable[Finding]]
Report: TypeAlias = Callable[[Connection, list[Finding]], Iterable[Outgoing] | None]
"""Told of new findings inside the auditor's transaction; what it returns is sent."""


class Auditor:
    """Runs registered checks. ``run`` is a handler for the ticker."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._checks: list[Check] = []

    def register(self, check: Check) -> None:
        """Add a check."""
        self._checks.append(check)

    def findings(self, connection: Connection, now: datetime) -> list[Finding]:
        """Return all that is wrong now."""
        return [finding for check in self._checks for finding in check(connection, now)]

    def run(self, connection: Connection, due: Due) -> Iterable[Outgoing] | None:
        """Check, and report what was not known before."""
        found = self.findings(connection, due.now)
        known = {tuple(each) for each in get_value(connection, KNOWN, [])}
        put_value(connection, KNOWN, sorted({(each.check, each.subject) for each in found}) or None)
        fresh = [each for each in found if (each.check, each.subject) not in known]
        return self._report(connection, fresh) if fresh else None


def stuck_outbox(*, older_than: timedelta = timedelta(minutes=10)) -> Check:
    """Chats whose messages have waited too long, one finding a chat."""

    def check(connection: Connection, now: datetime) -> Iterable[Finding]:
        query = (
            select(outbox.c.chat_id, func.count(), func.max(outbox.c.error))
            .where(outbox.c.state.in_(("queued", "sending")), outbox.c.created_at < now - older_than)
            .group_by(outbox.c.chat_id)
        )
        for chat_id, count, error in connection.execute(query):
            yield Finding(
                check="stuck_outbox", subject=str(chat_id), detail=f"{count} waiting: {error or '?'}"
            )

    return check


def failed_outbox(connection: Connection, now: datetime) -> Iterable[Finding]:
    """Messages of the last day that could not be delivered."""
    query = select(outbox.c.id, outbox.c.chat_id, outbox.c.error).where(
        outbox.c.state == "failed", outbox.c.created_at > now - timedelta(days=1)
    )
    for row in connection.execute(query):
        yield Finding(
            check="failed_outbox", subject=str(row.id), detail=f"chat {row.chat_id}: {row.error or '?'}"
        )


def dead_letters(connection: Connection, now: datetime) -> Iterable[Finding]:
    """Updates of the last week that were parked."""
    query = select(inbox.c.update_id, inbox.c.error).where(
        inbox.c.state == "dead", inbox.c.received_at > now - timedelta(days=7)
    )
    for row in connection.execute(query):
        yield Finding(check="dead_letter", subject=str(row.update_id), detail=row.error or "")


def failing_jobs(connection: Connection, now: datetime) -> Iterable[Finding]:
    """Due work that keeps failing."""
    query = select(ticker_job.c.name, ticker_job.c.error).where(
        ticker_job.c.error.is_not(None), ticker_job.c.next_due_at <= now
    )
    for row in connection.execute(query):
        yield Finding(check="failing_job", subject=row.name, detail=row.error)


def silent_poller(seconds_since_contact: Callable[[], float], *, limit_s: float = 180.0) -> Check:
    """The messenger has not answered for too long; the argument measures on monotonic time."""

    def check(_connection: Connection, _now: datetime) -> Iterable[Finding]:
        silent_s = seconds_since_contact()
        if silent_s > limit_s:
            yield Finding(check="silent_poller", subject="poller", detail=f"no answer for {silent_s:.0f} s")

    return check


def as_json(finding: Finding) -> dict[str, str]:
    """Return the finding for ``doctor --json``."""
    return asdict(finding)
