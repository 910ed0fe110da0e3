"""Due work as rows: what is due is claimed and fulfilled in one transaction, so it happens once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, delete, or_, select, update

from bot.delivery.outbox import enqueue
from bot.delivery.triggers import Trigger, next_fire
from bot.messages import Outgoing
from storage import audit
from storage.tables import ticker_job
from storage.upsert import upsert

Policy = Literal["catch_up", "send_late", "skip"]
"""What becomes of occurrences missed by more than the job's grace: each is made up for in order; only the
newest is, marked late; none is. Every one left out is recorded in the audit trail."""

GRACE_S = 300


@dataclass(frozen=True, kw_only=True)
class Due:
    """One occurrence: ``late`` when its grace had passed; ``missed`` counts older ones left out for it."""

    name: str
    due_at: datetime
    now: datetime
    late: bool
    missed: int
    payload: dict[str, Any]


TickHandler: TypeAlias = Callable[[Connection, Due], Iterable[Outgoing] | None]
"""Does the work of one occurrence inside its transaction; must be quick and use only the connection."""


def schedule(
    connection: Connection,
    *,
    name: str,
    handler: str,
    now: datetime,
    trigger: Trigger | None = None,
    first_at: datetime | None = None,
    policy: Policy = "send_late",
    grace_s: int = GRACE_S,
    payload: dict[str, Any] | None = None,
) -> datetime | None:
    """Add a job, or change the one of that name, and return when it is due: at ``first_at`` or when its
    trigger says; a job with neither is due now. Raises BadTrigger."""
    due = first_at or (next_fire(trigger, now) if trigger is not None else now)
    values = {
        "name": name,
        "handler": handler,
        "trigger": trigger,
        "policy": policy,
        "grace_s": grace_s,
        "payload": payload or {},
        "next_due_at": due,
        "retry_at": None,
        "attempts": 0,
        "error": None,
    }
    upsert(connection, ticker_job, values, keys=("name",))
    return due


def keep_scheduled(
    connection: Connection, *, name: str, trigger: Trigger, now: datetime, **rest: Any
) -> None:
    """``schedule`` for a job of the program's own at every start: an unchanged one keeps its due time, so
    that what was missed while the program was down is still seen."""
    known = connection.execute(
        select(ticker_job.c.trigger, ticker_job.c.next_due_at).where(ticker_job.c.name == name)
    ).first()
    keeps = known is not None and known.trigger == trigger and known.next_due_at is not None
    schedule(
        connection,
        name=name,
        trigger=trigger,
        now=now,
        first_at=known.next_due_at if known is not None and keeps else None,
        **rest,
    )


def cancel(connection: Connection, name: str) -> bool:
    """Remove a job; False when there is none."""
    return connection.execute(delete(ticker_job).where(ticker_job.c.name == name)).rowcount == 1


def due_names(connection: Connection, *, now: datetime, wall: datetime, limit: int = 200) -> list[str]:
    """Return the jobs that are due, oldest first, without those waiting to be tried again."""
    query = (
        select(ticker_job.c.name)
        .where(
            ticker_job.c.next_due_at <= now,
            or_(ticker_job.c.retry_at.is_(None), ticker_job.c.retry_at <= wall),
        )
        .order_by(ticker_job.c.next_due_at)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def fulfil(connection: Connection, name: str, handlers: dict[str, TickHandler], *, now: datetime) -> bool:
    """Do one occurrence of a job and set its next due time; True when it did something.

    One occurrence a call: after an outage under ``catch_up`` the job stays due until all are made up for.
    """
    job = connection.execute(select(ticker_job).where(ticker_job.c.name == name)).first()
    if job is None or job.next_due_at is None or job.next_due_at > now:
        return False
    handler = handlers.get(job.handler)
    if handler is None:
        raise LookupError(f"no handler named {job.handler!r}")
    grace = timedelta(seconds=job.grace_s)
    due_at, following, missed = job.next_due_at, next_fire(job.trigger, job.next_due_at), 0
    if job.policy != "catch_up" and following is not None and following <= now:
        # Jump to the newest occurrence that has come; the ones before it are left out.
        newest = _newest(job.trigger, following, now)
        missed = _count(job.trigger, due_at, newest)
        due_at, following = newest, next_fire(job.trigger, newest)
    late = now - due_at > grace
    skipped = late and job.policy == "skip"
    if missed or skipped:
        audit.append(
            connection,
            at=now,
            actor="system",
            action="ticker.skipped",
            subject=name,
            detail={"from": job.next_due_at.isoformat(), "count": missed + skipped, "policy": job.policy},
        )
    if not skipped:
        due = Due(name=name, due_at=due_at, now=now, late=late, missed=missed, payload=job.payload)
        outgoing = list(handler(connection, due) or ())
        if outgoing:
            enqueue(connection, outgoing, now)
    connection.execute(
        # The handler may have rescheduled or cancelled its own job; then its word counts.
        update(ticker_job)
        .where(ticker_job.c.name == name, ticker_job.c.next_due_at == job.next_due_at)
        .values(
            next_due_at=following,
            last_due_at=due_at,
            last_run_at=now,
            skipped=job.skipped + missed + skipped,
            attempts=0,
            retry_at=None,
            error=None,
        )
    )
    return True


def note_failure(connection: Connection, name: str, *, error: str, retry_at: datetime) -> None:
    """Keep an occurrence that failed for another try at ``retry_at`` (real time)."""
    connection.execute(
        update(ticker_job)
        .where(ticker_job.c.name == name)
        .values(attempts=ticker_job.c.attempts + 1, error=error, retry_at=retry_at)
    )


def _newest(trigger: Trigger, known: datetime, now: datetime) -> datetime:
    """Return the newest occurrence up to ``now``, given one of them, in few steps however long ago it was."""
    found, span = known, max(now - known, timedelta(seconds=1))
    while span >= timedelta(microseconds=1):
        candidate = next_fire(trigger, max(found, now - span))
        if candidate is not None and candidate <= now:
            found = candidate
        span /= 2
    while (candidate := next_fire(trigger, found)) is not None and candidate <= now:
        found = candidate
    return found


def _count(trigger: Trigger, first: datetime, newest: datetime, *, most: int = 1_000) -> int:
    """Return how many occurrences lie in ``[first, newest)``, at most ``most``."""
    count, each = 0, first
    while each < newest and count < most:
        count += 1
        following = next_fire(trigger, each)
        if following is None:
            break
        each = following
    return count
