"""Databases of both kinds for tests: a SQLite file, and a PostgreSQL server of our own in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from storage import schema


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """A server that listens on this machine only and trusts everybody on it."""

    port: int
    bin: Path
    data: Path
    runner: tuple[str, ...]

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = f"-p {self.port} -k {self.data.parent} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._control("-l", str(self.data.parent / "server.log"), "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop: ``fast`` or, as a crash, ``immediate``."""
        self._control("-m", mode, "stop")

    def remove(self) -> None:
        """Stop if need be, and delete everything."""
        if (self.data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.data.parent, ignore_errors=True)

    def new_database(self, *, template: str = "template0", name: str = "") -> str:
        """Create a database, empty or a copy of ``template``, and return its URL."""
        name = name or f"t{uuid.uuid4().hex}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return f"postgresql+psycopg://desk@127.0.0.1:{self.port}/{name}"

    def drop_database(self, url: str) -> None:
        """Remove a database whatever still uses it."""
        self._run(f'DROP DATABASE "{url.rpartition("/")[2]}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        address = f"host=127.0.0.1 port={self.port} user=desk dbname=postgres"
        with psycopg.connect(address, autocommit=True) as link:
            link.execute(statement)

    def _control(self, *arguments: str) -> None:
        command = [*self.runner, str(self.bin / "pg_ctl"), "-D", str(self.data), "-w", *arguments]
        with (self.data.parent / "control.log").open(
            "ab"
        ) as out:  # the server would keep a pipe open for ever
            subprocess.run(command, check=True, stdout=out, stderr=out, cwd=self.data.parent)


def start_postgres() -> PostgresServer:
    """Create and start a server; skips by name where the programs are missing."""
    folder = _programs()
    if folder is None:
        pytest.skip("PostgreSQL: initdb not found")
    runner, owner = _unprivileged()
    home = Path(tempfile.mkdtemp(prefix="zhuanban-pg-", dir=_folder()))
    if owner is not None:
        os.chown(home, owner, -1)
    command = ["-D", str(home / "data"), "-U", "desk", "-A", "trust", "-E", "UTF8", "-N"]
    subprocess.run([*runner, str(folder / "initdb"), *command], check=True, capture_output=True, cwd=home)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = PostgresServer(port=port, bin=folder, data=home / "data", runner=runner)
    server.start()
    return server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server shared by a test run."""
    server = start_postgres()
    yield server
    server.remove()


@pytest.fixture
def private_postgres() -> Iterator[PostgresServer]:
    """A server that a test may stop and start."""
    server = start_postgres()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with our tables."""
    path = tmp_path_factory.mktemp("template") / "desk.db"
    schema.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a PostgreSQL database with our tables."""
    schema.upgrade(postgres_server.new_database(name="with_tables"))
    return "with_tables"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/desk.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.new_database()
    yield url
    server.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database with our tables, of either kind."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "desk.db")
        yield f"sqlite:///{tmp_path}/desk.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.new_database(template=request.getfixturevalue("postgres_template"))
    yield url
    server.drop_database(url)


def _folder() -> str:
    """Memory where there is plenty, else the disk."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1_000_000_000
    return str(memory) if roomy else tempfile.gettempdir()


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _unprivileged() -> tuple[tuple[str, ...], int | None]:
    """PostgreSQL refuses to run as root: return a command prefix and the user id it runs as."""
    if os.geteuid() != 0:
        return (), None
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"), user.pw_uid
    pytest.skip("PostgreSQL: no unprivileged user")
