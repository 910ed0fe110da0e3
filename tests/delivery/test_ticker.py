"""Due work happens once, whatever the clock does and whenever the process was down."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.clock import Clock
from bot.delivery.ticker import Ticker
from bot.delivery.ticker_jobs import Due, Policy, cancel, keep_scheduled, schedule
from bot.delivery.triggers import BadTrigger, next_fire
from bot.messages import Outgoing
from storage import audit, schema
from storage.store import Store
from storage.tables import audit as audit_table
from storage.tables import outbox, ticker_job
from tests.delivery.conftest import NOW, Cleanup, until

MORNING = {"kind": "cron", "hour": 8, "minute": 30, "day_of_week": "mon-fri", "timezone": "Asia/Shanghai"}
HOURLY = {"kind": "interval", "seconds": 3600, "start": "2026-11-23T00:30:00+00:00"}


class Desk:
    """A handler under test."""

    def __init__(self) -> None:
        self.done: list[Due] = []
        self.fail = 0

    def handle(self, _connection: Connection, due: Due) -> Iterable[Outgoing]:
        if self.fail > 0:
            self.fail -= 1
            raise ValueError("no")
        self.done.append(due)
        return [Outgoing(chat_id=1, text=due.due_at.isoformat())]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def ticker(store: Store, clock: Clock, desk: Desk) -> Ticker:
    made = Ticker(store, clock, every_s=60.0)
    made.register("note", desk.handle)
    return made


def plan(store: Store, clock: Clock, name: str = "job", **options: Any) -> None:
    store.write(lambda c: schedule(c, name=name, handler="note", now=clock.now(), **options))


def job(store: Store, name: str = "job") -> Any:
    return store.read(lambda c: c.execute(select(ticker_job).where(ticker_job.c.name == name)).one())


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("trigger", "after", "expected"),
    [
        (MORNING, at(0, 29), at(0, 30)),
        (MORNING, at(0, 30), at(0, 30, 24)),
        (MORNING, at(0, 30, 27), at(0, 30, 30)),
        ({"kind": "cron", "day": "last", "hour": 9, "timezone": "UTC"}, at(10, 0, 23), at(9, 0, 30)),
        (HOURLY, at(0, 29), at(0, 30)),
        (HOURLY, at(0, 30), at(1, 30)),
        (HOURLY, at(23, 59), at(0, 30, 24)),
        (None, at(0), None),
    ],
)
def test_the_next_time_is_strictly_later(trigger: Any, after: datetime, expected: datetime | None) -> None:
    assert next_fire(trigger, after) == expected


@pytest.mark.parametrize(
    "trigger",
    [
        {},
        {"kind": "moon"},
        {"kind": "cron", "hour": 99},
        {"kind": "cron", "hours": 9},
        {"kind": "cron", "hour": 9, "timezone": "Moon/Base"},
        {"kind": "interval"},
        {"kind": "interval", "seconds": 0},
        {"kind": "interval", "seconds": 5, "start": "2026-01-01T00:00:00"},
    ],
)
def test_a_trigger_that_makes_no_sense_is_refused(trigger: Any) -> None:
    with pytest.raises(BadTrigger):
        next_fire(trigger, NOW)


async def test_work_is_done_when_it_is_due_and_not_before(
    store: Store, clock: Clock, ticker: Ticker, desk: Desk
) -> None:
    plan(store, clock, trigger=HOURLY, payload={"n": 1})
    assert await ticker.tick() == 0
    clock.set(at(1, 30))
    assert await ticker.tick() == 1
    assert await ticker.tick() == 0
    (due,) = desk.done
    assert (due.due_at, due.late, due.missed, due.payload) == (at(1, 30), False, 0, {"n": 1})
    assert job(store).next_due_at == at(2, 30)
    assert store.read(lambda c: c.execute(select(outbox)).all())[0].state == "queued"


async def test_work_without_a_trigger_is_done_once(
    store: Store, clock: Clock, ticker: Ticker, desk: Desk
) -> None:
    plan(store, clock, first_at=at(2))
    clock.set(at(2))
    assert await ticker.tick() == 1
    clock.set(at(5))
    assert await ticker.tick() == 0
    assert job(store).next_due_at is None


@pytest.mark.parametrize(
    ("policy", "done", "skipped"),
    [
        ("catch_up", [(1, True), (2, True), (3, True), (4, False)], 0),
        ("send_late", [(4, False)], 3),
        ("skip", [(4, False)], 3),
    ],
)
async def test_what_an_outage_missed_follows_the_policy_when_the_newest_is_on_time(
    store: Store, clock: Clock, ticker: Ticker, desk: Desk, policy: Policy, done: list[Any], skipped: int
) -> None:
    plan(store, clock, trigger=HOURLY, policy=policy)
    clock.set(at(4, 31))
    await ticker.tick()
    assert [(due.due_at.hour, due.late) for due in desk.done] == done
    assert job(store).skipped == skipped
    assert job(store).next_due_at == at(5, 30)


@pytest.mark.parametrize(
    ("policy", "done", "skipped"), [("catch_up", 4, 0), ("send_late", 1, 3), ("skip", 0, 4)]
)
async def test_what_an_outage_missed_follows_the_policy_when_all_are_late(
    store: Store, clock: Clock, ticker: Ticker, desk: Desk, policy: Policy, done: int, skipped: int
) -> None:
    plan(store, clock, trigger=HOURLY, policy=policy)
    clock.set(at(5, 0))
    await ticker.tick()
    assert len(desk.done) == done
    assert all(due.late for due in desk.done)
    assert job(store).skipped == skipped
    assert job(store).next_due_at == at(5, 30)
    recorded = store.read(lambda c: c.execute(select(audit_table.c.detail)).scalars().all())
    assert sum(detail["count"] for detail in recorded) == skipped
    assert store.read(audit.verify).broken_at is None


async def test_a_year_of_misses_is_settled_in_one_go(
    store: Store, clock: Clock, ticker: Ticker, desk: Desk
) -> None:
    plan(store, clock, trigger=MORNING)
    clock.advance(timedelta(days=365))
    assert await ticker.tick() == 1
    assert len(desk.done) == 1
    assert desk.done[0].missed == 260
    assert clock.now() < job(store).next_due_at <= clock.now() + timedelta(days=3)


@pytest.mark.parametrize("jump", [timedelta(hours=2), timedelta(hours=-2)])
async def test_a_clock_that_jumps_and_comes_back_does_nothing_twice_and_forgets_nothing(
    store: Store, clock: Clock, ticker: Ticker, desk: Desk, jump: timedelta
) -> None:
    plan(store, clock, trigger=HOURLY, policy="catch_up")
    for step in range(24 * 4):
        clock.set(NOW + timedelta(minutes=15 * step) + (jump if 20 <= step < 30 else timedelta(0)))
        await ticker.tick()
    assert [due.due_at for due in desk.done] == [at(1, 30) + timedelta(hours=n) for n in range(23)] + [
        at(0, 30, 24)
    ]


async def test_work_that_fails_leaves_nothing_and_is_tried_again(
    store: Store, clock: Clock, desk: Desk
) -> None:
    wall = [NOW]
    ticker = Ticker(store, clock, wall=lambda: wall[0])
    ticker.register("note", desk.handle)
    desk.fail = 2
    plan(store, clock, name="bad", first_at=at(1))
    plan(store, clock, name="good", first_at=at(1))
    assert await ticker.tick() == 0 + (len(desk.done))
    for _ in range(2):
        wall[0] += timedelta(minutes=1)
        await ticker.tick()
    assert sorted(due.name for due in desk.done) == ["bad", "good"]
    assert (job(store, "bad").error, job(store, "bad").attempts) == (None, 0)
    assert len(store.read(lambda c: c.execute(select(outbox)).all())) == 2


async def test_work_for_an_unknown_handler_is_noted_and_harms_no_other(
    store: Store, clock: Clock, ticker: Ticker, desk: Desk
) -> None:
    store.write(lambda c: schedule(c, name="lost", handler="renamed", now=NOW))
    plan(store, clock, first_at=at(1))
    assert await ticker.tick() == 1
    assert "renamed" in job(store, "lost").error


async def test_two_processes_do_the_same_work_once(database_url: str, clock: Clock, desk: Desk) -> None:
    with Store(database_url) as one, Store(database_url) as two:
        tickers = [Ticker(each, clock) for each in (one, two)]
        for each in tickers:
            each.register("note", desk.handle)
        one.write(lambda c: schedule(c, name="job", handler="note", now=NOW, trigger=HOURLY))
        clock.set(at(1, 30))
        done = await asyncio.gather(*(each.tick() for each in tickers))
        assert sum(done) == 1
        assert len(one.read(lambda c: c.execute(select(outbox)).all())) == 1


async def test_a_job_of_the_programs_own_keeps_its_due_time_over_a_restart(
    store: Store, clock: Clock, ticker: Ticker, desk: Desk
) -> None:
    def keep(trigger: dict[str, Any]) -> None:
        store.write(lambda c: keep_scheduled(c, name="job", handler="note", trigger=trigger, now=clock.now()))

    keep(HOURLY)
    clock.set(at(3, 45))
    keep(HOURLY)
    assert job(store).next_due_at == at(1, 30)
    keep({**HOURLY, "seconds": 1800})
    assert job(store).next_due_at == at(4, 0)
    assert store.write(lambda c: cancel(c, "job"))
    assert not store.write(lambda c: cancel(c, "job"))


async def test_the_loop_does_what_is_due_when_woken_and_stops(
    store: Store, clock: Clock, ticker: Ticker, desk: Desk, stopping: Cleanup
) -> None:
    class Part:
        async def stop(self, timeout_s: float) -> None:
            await ticker.stop(timeout_s)

    stopping(Part())
    plan(store, clock, trigger=HOURLY)
    ticker.start()
    clock.set(at(1, 30))
    ticker.wake()
    await until(lambda: desk.done)


def test_looking_for_due_work_does_not_read_every_job(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    schema.upgrade(url)
    query = (
        "EXPLAIN QUERY PLAN SELECT name FROM ticker_job WHERE next_due_at <= '2026' "
        "AND (retry_at IS NULL OR retry_at <= '2026') ORDER BY next_due_at LIMIT 200"
    )
    with Store(url) as store:
        found = store.read(lambda c: [row[3] for row in c.exec_driver_sql(query)])
    assert "ix_ticker_job_next_due_at" in found[0]


def test_a_handler_name_is_taken_once(ticker: Ticker, desk: Desk) -> None:
    with pytest.raises(ValueError, match="note"):
        ticker.register("note", desk.handle)
