"""The one thread that writes: a queue of units of work, several to a commit where they wait together.

Each unit runs inside its own savepoint, so that a failing one takes no other with it, and its future
resolves only after the common commit. What cannot be committed together is run again one by one.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from storage.announce import Subscriber, take_announced
from storage.errors import LockLost, MaybeSaved, NotSaved, StoreClosed
from storage.failures import classify, reason

_log = logging.getLogger(__name__)

Work = Callable[[Connection], Any]
_IN_ERROR = 3  # psycopg.pq.TransactionStatus.INERROR, named here so that SQLite needs no psycopg
RETRY_PAUSES_S = (0.01, 0.05, 0.2, 0.5, 1.0)


@dataclass(slots=True, eq=False)
class Job:
    """A unit of work and who waits for it."""

    work: Work
    future: Future[Any] = field(default_factory=Future)
    result: Any = None
    error: BaseException | None = None
    news: list[tuple[str, Any]] = field(default_factory=list)


class _ApartError(Exception):
    """The group cannot be committed together."""


class Writer:
    """Runs jobs in order on one thread. ``fence`` is called first in every transaction and may refuse it."""

    def __init__(self, engine: Engine, *, max_group: int = 64) -> None:
        self._engine = engine
        self._max_group = max_group
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._connection: Connection | None = None
        self._subscribers: dict[str, list[Subscriber]] = {}
        self.fence: Callable[[Connection], None] | None = None
        self.commits = 0

    def subscribe(self, topic: str, subscriber: Subscriber) -> None:
        """Call ``subscriber`` on the writer thread with each value announced on ``topic``."""
        self._subscribers.setdefault(topic, []).append(subscriber)

    def submit(self, work: Work) -> Future[Any]:
        """Queue a unit of work. Raises StoreClosed."""
        job = Job(work)
        with self._gate:
            if self._closed:
                raise StoreClosed("the store is closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="storage-writer", daemon=True)
                self._thread.start()
            elif threading.current_thread() is self._thread:
                raise RuntimeError("a unit of work may not wait for another one")
            self._queue.put(job)
        return job.future

    def close(self) -> None:
        """Finish what is queued, then stop the thread."""
        with self._gate:
            self._closed = True
            thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def _run(self) -> None:
        going = True
        while going:
            group: list[Job] = []
            job = self._queue.get()
            while job is not None:
                if job.future.set_running_or_notify_cancel():
                    group.append(job)
                if len(group) >= self._max_group:
                    break
                try:
                    job = self._queue.get_nowait()
                except queue.Empty:
                    break
            going = job is not None
            try:
                self._perform(group)
            except BaseException as error:  # a future left open would hang its caller for ever
                for each in group:
                    if not each.future.done():
                        each.future.set_exception(error)
                if not isinstance(error, Exception):
                    raise
        self._drop()

    def _perform(self, group: list[Job]) -> None:
        if len(group) > 1:
            try:
                self._together(group)
                return self._resolve(group)
            except (_ApartError, LockLost):
                self._drop()
        for job in group:
            self._alone(job)
            self._resolve([job])
        return None

    def _together(self, group: list[Job]) -> None:
        """Commit the group as one transaction, or raise _ApartError with nothing stored."""
        try:
            connection = self._begin()
        except DBAPIError as error:
            self._drop()
            if error.connection_invalidated:
                raise _ApartError from error
            # Locked by another process, or no server: waiting once per job would only add up.
            refused = NotSaved(reason(error))
            for job in group:
                job.error = refused
            return
        try:
            for job in group:
                # Plain statements: SQLAlchemy's nested transactions cost as much as the work itself.
                connection.exec_driver_sql("SAVEPOINT unit_of_work")
                try:
                    job.result = job.work(connection)
                    connection.exec_driver_sql("RELEASE SAVEPOINT unit_of_work")
                    job.error, job.news = None, take_announced(connection)
                except DBAPIError as error:
                    if classify(error) != "bug":
                        raise _ApartError from error
                    self._undo(job, connection, error)
                except Exception as error:
                    self._undo(job, connection, error)
        except DBAPIError as error:
            raise _ApartError from error
        try:
            connection.commit()
            self.commits += 1
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise _ApartError from error
            self._drop()
            lost = MaybeSaved(f"the server vanished while committing: {reason(error)}")
            for job in group:
                job.error = lost

    def _undo(self, job: Job, connection: Connection, error: Exception) -> None:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT unit_of_work")
        connection.exec_driver_sql("RELEASE SAVEPOINT unit_of_work")
        take_announced(connection)
        job.result, job.error, job.news = None, error, []

    def _alone(self, job: Job) -> None:
        """Run one job in a transaction of its own, again where that may help."""
        for pause_s in (*RETRY_PAUSES_S, None):
            job.result, job.error, job.news = None, None, []
            committing = False
            try:
                connection = self._begin()
                job.result = job.work(connection)
                _require_sound(connection)
                committing = True
                connection.commit()
                self.commits += 1
                job.news = take_announced(connection)
                return
            except DBAPIError as error:
                self._drop()
                kind = classify(error)
                job.error = error if kind == "bug" else NotSaved(reason(error))
                if committing and error.connection_invalidated:
                    job.error = MaybeSaved(f"the server vanished while committing: {reason(error)}")
                elif pause_s is not None and (kind == "again" or error.connection_invalidated):
                    time.sleep(pause_s)
                    continue
                return
            except Exception as error:
                self._drop()
                job.error = error
                return

    def _begin(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        self._connection.begin()
        take_announced(self._connection)
        if self.fence is not None:
            self.fence(self._connection)
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.close()
        except SQLAlchemyError:
            _log.debug("closing a broken connection failed", exc_info=True)

    def _resolve(self, group: list[Job]) -> None:
        for job in group:
            for topic, value in job.news:
                for subscriber in self._subscribers.get(topic, ()):
                    try:
                        subscriber(value)
                    except Exception:
                        _log.exception("a subscriber of %s failed", topic)
            if job.error is None:
                job.future.set_result(job.result)
            else:
                job.future.set_exception(job.error)


def _require_sound(connection: Connection) -> None:
    """PostgreSQL answers COMMIT after a failed statement with a quiet rollback: that must not pass as saved."""
    if connection.dialect.name != "postgresql":
        return
    status: Any = connection.connection.dbapi_connection
    if status.info.transaction_status == _IN_ERROR:
        raise RuntimeError("a unit of work hid a database error; use begin_nested() around what may fail")
