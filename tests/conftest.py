"""Shared fixtures. Unit tests cannot open a connection; tests marked ``network`` may, on this machine only."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.engine import Engine, load_engine, load_register
from knowledge.plan import Plan
from knowledge.units import UnitDirectory

ROOT = Path(__file__).parent.parent
EVAL = ROOT / "tests" / "eval"
NETWORKED = ("browser", "delivery", "desk", "sandbox", "storage", "telegram")
LOCAL = ("127.0.0.1", "::1", "localhost")


@pytest.fixture(autouse=True)
def _sockets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = request.node.path.parent.name
    allowed = folder in NETWORKED or request.node.get_closest_marker("network") is not None
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        local = not isinstance(address, tuple) or address[0] in LOCAL
        if not (allowed and local):
            raise RuntimeError(f"a test tried to connect to {address!r}")
        real(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)
    yield


@pytest.fixture(scope="session")
def register() -> tuple[Plan, UnitDirectory]:
    """The shipped plan and the unit directory."""
    return load_register()


@pytest.fixture(scope="session")
def plan(register: tuple[Plan, UnitDirectory]) -> Plan:
    """The shipped plan."""
    return register[0]


@pytest.fixture(scope="session")
def directory(register: tuple[Plan, UnitDirectory]) -> UnitDirectory:
    """The unit directory."""
    return register[1]


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Everything loaded as the chat and the command line load it."""
    return load_engine()
