"""Reading what the user side sends: a JSON object whose fields are checked when asked for."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from bot.sandbox.errors import BadInputError


class Body:
    """The JSON object of one request; raises BadInputError naming the field that is wrong."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    @classmethod
    async def read(cls, request: web.Request) -> Body:
        """Read the request; an empty body is an empty object."""
        raw = await request.read()
        try:
            values = json.loads(raw) if raw.strip() else {}
        except ValueError:
            raise BadInputError("the body is not JSON") from None
        if not isinstance(values, dict):
            raise BadInputError("the body is not a JSON object")
        return cls(values)

    def integer(self, name: str) -> int:
        """Return a required integer."""
        value = self.maybe_integer(name)
        if value is None:
            raise BadInputError(f"{name} is missing")
        return value

    def maybe_integer(self, name: str) -> int | None:
        """Return an integer, None when absent."""
        value = self.values.get(name)
        if isinstance(value, str) and value.lstrip("-").isdigit():
            value = int(value)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise BadInputError(f"{name} must be an integer")
        return value

    def maybe_number(self, name: str, least: float | None = None) -> float | None:
        """Return a number of at least `least`, None when absent."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise BadInputError(f"{name} must be a number")
        if least is not None and value < least:
            raise BadInputError(f"{name} must be at least {least:g}")
        return float(value)

    def text(self, name: str) -> str:
        """Return a required text."""
        value = self.maybe_text(name)
        if value is None:
            raise BadInputError(f"{name} is missing")
        return value

    def maybe_text(self, name: str) -> str | None:
        """Return a text, None when absent."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, str):
            raise BadInputError(f"{name} must be a text")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a truth value."""
        value = self.values.get(name, default)
        if not isinstance(value, bool):
            raise BadInputError(f"{name} must be true or false")
        return value

    def maybe_object(self, name: str) -> dict[str, Any] | None:
        """Return an object, None when absent."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, dict):
            raise BadInputError(f"{name} must be an object")
        return value

    def items(self, name: str) -> list[Any]:
        """Return a list, empty when absent."""
        value = self.values.get(name, [])
        if not isinstance(value, list):
            raise BadInputError(f"{name} must be a list")
        return value

    def wait_s(self) -> float:
        """Return how long to wait for the bot's answer, 5 seconds unless told."""
        value = self.maybe_number("wait_s", 0.0)
        return 5.0 if value is None else min(value, 120.0)


def query_integer(request: web.Request, name: str) -> int | None:
    """Return an integer of the query string, None when absent."""
    raw = request.query.get(name)
    if raw is None or raw == "":
        return None
    try:
        return int(raw)
    except ValueError:
        raise BadInputError(f"{name} must be an integer") from None
