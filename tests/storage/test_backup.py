"""A backup restores; a restore changes nothing unless it can be done whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storage import schema
from storage.backup import backup, restore
from storage.errors import BackupError
from storage.lock import lock_for
from storage.settings import get_value, put_value
from storage.store import Store
from storage.urls import sqlite_path


def put(url: str, value: int) -> None:
    with Store(url) as store:
        store.write(lambda c: put_value(c, "v", value))


def got(url: str) -> object:
    with Store(url) as store:
        return store.read(lambda c: get_value(c, "v"))


def test_a_backup_of_a_running_desk_restores(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "b.backup"
    with Store(database_url) as store:
        store.write(lambda c: put_value(c, "v", 1))
        backup(database_url, file)
    put(database_url, 2)
    kept = restore(database_url, file)
    assert got(database_url) == 1
    schema.require_current(database_url)
    if kept is not None:
        assert got(f"sqlite:///{kept}") == 2


def test_a_running_desk_is_not_restored_over(database_url: str, tmp_path: Path) -> None:
    put(database_url, 1)
    backup(database_url, tmp_path / "b")
    put(database_url, 2)
    lock = lock_for(database_url)
    lock.acquire()
    with pytest.raises(BackupError, match="stop the desk"):
        restore(database_url, tmp_path / "b")
    lock.release()
    assert got(database_url) == 2


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A SQLite desk that holds 1."""
    made = f"sqlite:///{tmp_path}/desk.db"
    schema.upgrade(made)
    put(made, 1)
    return made


def test_a_damaged_or_foreign_backup_changes_nothing(url: str, tmp_path: Path) -> None:
    file = tmp_path / "b"
    backup(url, file)
    whole = file.read_bytes()
    for number, content in enumerate(
        [b"", b"not a database" * 500, whole[: len(whole) // 2], os.urandom(8192)]
    ):
        file.write_bytes(content)
        with pytest.raises(BackupError):
            restore(url, file)
        assert got(url) == 1, number
    with pytest.raises(BackupError, match="no backup"):
        restore(url, tmp_path / "missing")


def test_a_restore_replaces_a_broken_database_and_its_log(url: str, tmp_path: Path) -> None:
    backup(url, tmp_path / "b")
    path = sqlite_path(url)
    assert path is not None
    path.write_bytes(b"broken" * 1000)
    path.with_name(path.name + "-wal").write_bytes(b"old log")
    kept = restore(url, tmp_path / "b")
    assert kept is not None
    assert kept.read_bytes() == b"broken" * 1000
    assert got(url) == 1


def test_a_failed_backup_leaves_the_last_good_one(url: str, tmp_path: Path) -> None:
    backup(url, tmp_path / "b")
    good = (tmp_path / "b").read_bytes()
    path = sqlite_path(url)
    assert path is not None
    path.write_bytes(b"broken" * 1000)
    with pytest.raises(BackupError):
        backup(url, tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == good
    assert sorted(each.name for each in tmp_path.glob("b*")) == ["b"]
