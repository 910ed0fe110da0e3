"""Parameters of a call: form, multipart, JSON body and query string become one `Params`.

Clients differ: some send JSON, some put JSON into form fields, some send everything in the query string.
Fields are decoded when they are asked for by type, so that a text that looks like JSON stays a text.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from bot.sandbox.errors import BadRequestError, EntityTooLargeError
from bot.sandbox.multipart import read_parts

MAX_UPLOAD_BYTES = 50 * 1024 * 1024
MAX_BODY_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One uploaded file."""

    file_name: str
    mime_type: str
    data: bytes


class Params:
    """The fields of one call by name; an absent, null or empty-string field is "not given"."""

    __slots__ = ("files", "values")

    def __init__(self, values: dict[str, Any], files: dict[str, Upload] | None = None) -> None:
        self.values = values
        self.files = files or {}

    def has(self, name: str) -> bool:
        """Tell whether a field was given at all, even empty."""
        return self.values.get(name) is not None

    def text(self, name: str) -> str:
        """Return a field as text, "" when not given."""
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def integer(self, name: str) -> int | None:
        """Return a field as an integer, None when not given; 400 when it is none."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            return int(value)
        except (TypeError, ValueError, OverflowError):
            raise BadRequestError(f'parameter "{name}" is invalid: can\'t parse it as an integer') from None

    def number(self, name: str) -> float | None:
        """Return a field as a number, None when not given; 400 when it is none."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            raise BadRequestError(f'parameter "{name}" is invalid: can\'t parse it as a number')
        return number

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a field as a truth value; "true", "1", "yes" and "t" are true as for Telegram."""
        value = self.values.get(name)
        if value is None or value == "":
            return default
        if isinstance(value, str):
            return value.lower() in ("true", "1", "yes", "t")
        return bool(value)

    def json(self, name: str) -> Any:
        """Return a field that carries JSON, decoded; None when not given; 400 when it cannot be read."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise BadRequestError(f"can't parse {name} JSON object") from None

    def obj(self, name: str) -> dict[str, Any] | None:
        """Return a field that carries a JSON object; None when not given."""
        value = self.json(name)
        if value is not None and not isinstance(value, dict):
            raise BadRequestError(f"can't parse {name} JSON object: expected an Object")
        return value

    def array(self, name: str) -> list[Any] | None:
        """Return a field that carries a JSON array; None when not given."""
        value = self.json(name)
        if value is not None and not isinstance(value, list):
            raise BadRequestError(f"can't parse {name} JSON object: expected an Array")
        return value


async def read_params(request: web.Request) -> Params:
    """Read all parameters of `request`; raises BadRequestError or EntityTooLargeError."""
    values: dict[str, Any] = dict(request.query) if request.query_string else {}
    if not request.can_read_body:
        return Params(values)
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise EntityTooLargeError
    kind = request.content_type
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise EntityTooLargeError from None
    if kind == "multipart/form-data":
        return _multipart(body, request.headers["Content-Type"], values)
    if kind == "application/json":
        try:
            decoded = json.loads(body) if body.strip() else {}
        except ValueError:
            raise BadRequestError("can't parse JSON object") from None
        if not isinstance(decoded, dict):
            raise BadRequestError("can't parse JSON object: expected an Object")
        values.update(decoded)
    elif kind == "application/x-www-form-urlencoded":
        values.update(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    return Params(values)


def _multipart(body: bytes, content_type: str, values: dict[str, Any]) -> Params:
    files: dict[str, Upload] = {}
    try:
        for part in read_parts(body, content_type):
            if part.file_name is None:
                values[part.name] = part.data.decode(errors="replace")
                continue
            if len(part.data) > MAX_UPLOAD_BYTES:
                raise EntityTooLargeError
            files[part.name] = Upload(file_name=part.file_name, mime_type=part.mime_type, data=part.data)
    except ValueError:
        raise BadRequestError("can't parse multipart form data") from None
    return Params(values, files)
