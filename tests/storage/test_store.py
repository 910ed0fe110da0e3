"""One unit of work: all or nothing, in order, on one thread, whichever engine is below."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from storage import schema
from storage.announce import announce
from storage.errors import NotRead, NotSaved, StorageError, StoreClosed
from storage.settings import get_value, put_value
from storage.store import Store
from storage.tables import chat, setting
from tests.storage.databases import PostgresServer


def add_one(connection: Connection) -> None:
    put_value(connection, "count", get_value(connection, "count", 0) + 1)


def test_no_increment_is_lost_among_threads(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: store.write(add_one), range(200)))
    assert store.read(lambda connection: get_value(connection, "count")) == 200


def test_no_increment_is_lost_among_stores(database_url: str) -> None:
    with Store(database_url) as one, Store(database_url) as two, ThreadPoolExecutor(2) as pool:
        done = [
            pool.submit(lambda each=each: [each.write(add_one) for _ in range(40)]) for each in (one, two)
        ]
        for each in done:
            each.result()
        assert one.read(lambda connection: get_value(connection, "count")) == 80


async def test_waiting_units_share_a_commit_and_a_failing_one_takes_no_other_with_it(store: Store) -> None:
    gate = threading.Event()

    def work(number: int, connection: Connection) -> int:
        put_value(connection, f"key{number}", number)
        if number % 10 == 3:
            raise LookupError(str(number))
        return number

    blocker = asyncio.ensure_future(store.awrite(lambda _: gate.wait(10)))
    waiting = [asyncio.ensure_future(store.awrite(lambda c, n=n: work(n, c))) for n in range(50)]
    await asyncio.sleep(0)
    before = store.commits
    gate.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    await blocker
    assert store.commits - before <= 3
    for number, result in enumerate(results):
        if number % 10 == 3:
            assert isinstance(result, LookupError)
        else:
            assert result == number
    kept = store.read(lambda connection: set(connection.execute(select(setting.c.key)).scalars()))
    assert kept == {f"key{n}" for n in range(50) if n % 10 != 3}


async def test_a_constraint_broken_in_a_group_harms_only_its_unit(store: Store) -> None:
    gate = threading.Event()
    blocker = asyncio.ensure_future(store.awrite(lambda _: gate.wait(10)))
    twice = [
        asyncio.ensure_future(
            store.awrite(lambda c, v=v: c.execute(insert(setting).values(key="same", value=v)))
        )
        for v in (1, 2)
    ]
    other = asyncio.ensure_future(store.awrite(lambda c: put_value(c, "other", 3)))
    await asyncio.sleep(0)
    gate.set()
    first, second = await asyncio.gather(*twice, return_exceptions=True)
    await asyncio.gather(other, blocker)
    assert not isinstance(first, Exception)
    assert isinstance(second, IntegrityError)
    assert store.read(lambda c: (get_value(c, "same"), get_value(c, "other"))) == (1, 3)


def test_a_failed_unit_leaves_nothing(store: Store) -> None:
    def work(connection: Connection) -> None:
        put_value(connection, "a", 1)
        raise KeyError("no")

    with pytest.raises(KeyError):
        store.write(work)
    assert store.read(lambda connection: get_value(connection, "a")) is None


def test_news_comes_after_the_commit_and_never_of_a_failure(store: Store) -> None:
    heard: list[tuple[int, object]] = []
    store.subscribe("topic", lambda value: heard.append((value, store.read(lambda c: get_value(c, "a")))))

    def work(connection: Connection, value: int, *, fail: bool) -> None:
        put_value(connection, "a", value)
        announce(connection, "topic", value)
        if fail:
            raise KeyError

    store.write(lambda c: work(c, 1, fail=False))
    with pytest.raises(KeyError):
        store.write(lambda c: work(c, 2, fail=True))
    store.write(lambda c: work(c, 3, fail=False))
    assert heard == [(1, 1), (3, 3)]


def test_a_read_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match=r"read-?only|readonly"):
        store.read(lambda c: c.execute(update(setting).values(value=None)))


def test_a_read_sees_one_snapshot(store: Store) -> None:
    store.write(add_one)

    def twice(connection: Connection) -> tuple[int, int]:
        first = get_value(connection, "count")
        store.write(add_one)
        return first, get_value(connection, "count")

    assert store.read(twice) == (1, 1)
    assert store.read(lambda c: get_value(c, "count")) == 2


def test_times_come_back_aware_in_utc_and_naive_ones_are_refused(store: Store) -> None:
    beijing = datetime(2026, 11, 23, 8, 30, 0, 5, tzinfo=timezone(timedelta(hours=8)))
    row = {"chat_id": -5_000_000_000, "type": "group", "title": "a\x00b\ud800", "state": "active"}
    store.write(lambda c: c.execute(insert(chat).values(**row, seen_at=beijing)))
    found = store.read(lambda c: c.execute(select(chat)).one())
    assert found.seen_at == beijing
    assert found.seen_at.tzinfo is UTC
    assert found.title == "ab?"
    with pytest.raises(Exception, match="aware"):
        store.write(lambda c: c.execute(update(chat).values(seen_at=datetime(2026, 1, 1))))  # noqa: DTZ001


def test_json_keeps_what_a_database_would_refuse(store: Store) -> None:
    value = {"text": "\u5b57\x00\ud83d", "n": [1, None, 1.5]}
    store.write(lambda c: put_value(c, "j", value))
    assert store.read(lambda c: get_value(c, "j")) == value


def test_a_closed_store_says_so(store: Store) -> None:
    store.write(add_one)
    store.close()
    store.close()
    with pytest.raises(StoreClosed):
        store.write(add_one)
    with pytest.raises(StoreClosed):
        store.read(lambda c: get_value(c, "count"))


async def test_closing_finishes_what_is_queued(database_url: str) -> None:
    store = Store(database_url)
    waiting = [asyncio.ensure_future(store.awrite(add_one)) for _ in range(30)]
    await asyncio.sleep(0)
    await asyncio.to_thread(store.close)
    await asyncio.gather(*waiting)
    with Store(database_url) as again:
        assert again.read(lambda c: get_value(c, "count")) == 30


def test_a_unit_that_waits_for_another_is_refused_instead_of_hanging(store: Store) -> None:
    with pytest.raises(RuntimeError, match="wait for another"):
        store.write(lambda _: store.write(add_one))


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    schema.upgrade(f"sqlite:///{tmp_path}/desk.db")
    return tmp_path / "desk.db"


def test_a_database_locked_by_somebody_else_is_not_saved_for_all_who_wait(sqlite_file: Path) -> None:
    other = sqlite3.connect(sqlite_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Store(f"sqlite:///{sqlite_file}", busy_timeout_ms=50) as store:
        with ThreadPoolExecutor(8) as pool:
            waiting = [pool.submit(store.write, add_one) for _ in range(8)]
            for each in waiting:
                with pytest.raises(NotSaved, match="locked"):
                    each.result(timeout=10)
        other.execute("ROLLBACK")
        other.close()
        store.write(add_one)
        assert store.read(lambda c: get_value(c, "count")) == 1


def test_a_full_disk_is_not_saved_and_loses_nothing(sqlite_file: Path) -> None:
    url = f"sqlite:///{sqlite_file}"
    with Store(url) as store:
        store.write(lambda c: put_value(c, "before", 1))
        pages = store.read(lambda c: c.exec_driver_sql("PRAGMA page_count").scalar())
        store.write(lambda c: c.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}"))
        with pytest.raises(NotSaved, match="full"):
            store.write(lambda c: put_value(c, "big", "x" * 100_000))
        store.write(lambda c: put_value(c, "after", 2))
        assert store.read(lambda c: [get_value(c, k) for k in ("before", "big", "after")]) == [1, None, 2]


async def test_a_full_disk_in_a_group_refuses_only_what_does_not_fit(sqlite_file: Path) -> None:
    with Store(f"sqlite:///{sqlite_file}") as store:
        pages = store.read(lambda c: c.exec_driver_sql("PRAGMA page_count").scalar())
        store.write(lambda c: c.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}"))
        gate = threading.Event()
        blocker = asyncio.ensure_future(store.awrite(lambda _: gate.wait(10)))
        sizes = [10, 100_000, 10]
        waiting = [
            asyncio.ensure_future(store.awrite(lambda c, n=n, s=s: put_value(c, f"k{n}", "x" * s)))
            for n, s in enumerate(sizes)
        ]
        await asyncio.sleep(0)
        gate.set()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        await blocker
        assert [type(result) for result in results] == [type(None), NotSaved, type(None)]
        assert store.read(lambda c: [get_value(c, f"k{n}") is not None for n in range(3)]) == [
            True,
            False,
            True,
        ]


def test_the_file_is_in_wal_mode_and_every_commit_reaches_the_disk(sqlite_file: Path) -> None:
    with Store(f"sqlite:///{sqlite_file}") as store:
        settings = store.write(
            lambda c: [
                c.execute(text(f"PRAGMA {name}")).scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        )
    assert settings == ["wal", 2, 1]


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_other_databases_are_refused_in_one_line(url: str) -> None:
    with pytest.raises(StorageError):
        Store(url)


def test_a_unit_that_hides_a_database_error_is_never_taken_for_saved(store: Store) -> None:
    def work(connection: Connection) -> None:
        put_value(connection, "a", 1)
        for _ in range(2):
            try:
                connection.execute(insert(setting).values(key="same", value=1))
            except IntegrityError:
                continue

    try:
        store.write(work)
    except RuntimeError:
        assert store.read(lambda c: get_value(c, "a")) is None
    else:
        assert store.read(lambda c: get_value(c, "a")) == 1


def test_a_server_that_restarts_is_come_back_to(private_postgres: PostgresServer) -> None:
    url = private_postgres.new_database()
    schema.upgrade(url)
    with Store(url) as store:
        store.write(add_one)
        assert store.read(lambda c: get_value(c, "count")) == 1
        private_postgres.stop("immediate")
        with pytest.raises(NotSaved):
            store.write(add_one)
        with pytest.raises(NotRead):
            store.read(lambda c: get_value(c, "count"))
        private_postgres.start()
        store.write(add_one)
        assert store.read(lambda c: get_value(c, "count")) == 2


def test_no_password_is_told_by_an_error() -> None:
    with Store("postgresql://desk:s3cret@127.0.0.1:9/none") as store, pytest.raises(NotSaved) as refusal:
        store.write(add_one)
    assert "s3cret" not in str(refusal.value)
