"""One process is active; another is refused or stands by and takes over when the first is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.errors import Locked, LockLost
from storage.lock import FileLock, ProcessLock, lock_for, take_over
from storage.settings import put_value
from storage.store import Store
from tests.storage.databases import PostgresServer

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys, time
from storage.lock import lock_for
lock_for(sys.argv[1]).acquire()
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def holder(empty_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLDER, empty_url]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_second_process_is_refused(empty_url: str, holder: subprocess.Popen[bytes]) -> None:
    lock = lock_for(empty_url)
    with pytest.raises(Locked, match="another process") as refusal:
        lock.acquire()
    if isinstance(lock, FileLock):
        assert str(holder.pid) in str(refusal.value)
    lock.release()


def test_a_standby_takes_over_when_the_first_is_killed(
    empty_url: str, holder: subprocess.Popen[bytes]
) -> None:
    lock = lock_for(empty_url)
    taken = threading.Event()

    def stand_by() -> None:
        lock.acquire(wait=True)
        taken.set()

    thread = threading.Thread(target=stand_by)
    thread.start()
    assert not taken.wait(0.7)
    holder.send_signal(signal.SIGKILL)
    assert taken.wait(10)
    thread.join()
    lock.release()


def test_standing_by_can_be_called_off(empty_url: str, holder: subprocess.Popen[bytes]) -> None:
    stop = threading.Event()
    stop.set()
    lock: ProcessLock = lock_for(empty_url)
    with pytest.raises(Locked):
        lock.acquire(wait=True, stop=stop)
    lock.release()


def test_a_released_lock_can_be_taken_again(empty_url: str) -> None:
    one, two = lock_for(empty_url), lock_for(empty_url)
    one.acquire()
    with pytest.raises(Locked):
        two.acquire()
    one.release()
    one.release()
    two.acquire()
    two.release()


def test_losing_the_servers_connection_is_reported_once(private_postgres: PostgresServer) -> None:
    lock = lock_for(private_postgres.new_database())
    lock.acquire()
    lost: list[LockLost] = []
    told = threading.Event()
    lock.watch(lambda error: (lost.append(error), told.set()), every_s=0.05)
    private_postgres.stop("immediate")
    assert told.wait(10)
    assert len(lost) == 1
    lock.release()


def test_a_former_holder_that_has_not_noticed_cannot_write(database_url: str) -> None:
    with Store(database_url) as old, Store(database_url) as new:
        take_over(old)
        old.write(lambda c: put_value(c, "a", 1))
        take_over(new)
        with pytest.raises(LockLost):
            old.write(lambda c: put_value(c, "a", 2))
        new.write(lambda c: put_value(c, "a", 3))
