"""A thin Bot API client: one call, one answer, one kind of error. It never puts the token into an error."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from telegram import InputFile
from telegram.error import TelegramError
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.delivery.transport import Ambiguous, Rejected, TransportError
from bot.telegram.connections import Connections, Timeouts
from bot.telegram.failures import no_answer, refusal

MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Me:
    """Who this bot is (getMe)."""

    id: int
    username: str
    reads_all_group_messages: bool = False


class TelegramClient:
    """Calls Bot API methods at ``api_root``, opening connections as needed. Polling has a connection of its own, so that it never waits
    behind sends."""

    def __init__(
        self,
        token: str,
        *,
        api_root: str = "https://api.telegram.org",
        connections: int = 24,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._base = f"{api_root}/bot{token}/"
        self._files = f"{api_root}/file/bot{token}/"
        self._timeouts = timeouts or Timeouts()
        self._sending = Connections(connections, self._timeouts)
        self._polling = Connections(1, self._timeouts)

    async def close(self) -> None:
        """Close the connections."""
        await self._sending.close()
        await self._polling.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def call(self, method: str, params: dict[str, Any] | None = None, **files: Path) -> Any:
        """Call a Bot API method and return its ``result``, as decoded JSON. Values of ``params`` are sent as
        JSON where they are not text; None is left out; ``files`` are uploaded. Raises TransportError."""
        parameters = [
            RequestParameter(name, value, None) for name, value in (params or {}).items() if value is not None
        ]
        for name, path in files.items():
            parameters.append(RequestParameter(name, None, [await _input_file(path)]))
        return await self._ask(self._sending, method, parameters, self._timeouts.read)

    async def get_updates(
        self, *, offset: int | None, timeout_s: int, limit: int, allowed: tuple[str, ...]
    ) -> list[Any]:
        """Long-poll raw updates (getUpdates). Raises TransportError."""
        asked: dict[str, Any] = {"timeout": timeout_s, "limit": limit, "allowed_updates": list(allowed)}
        if offset is not None:
            asked["offset"] = offset
        parameters = [RequestParameter(name, value, None) for name, value in asked.items()]
        result = await self._ask(self._polling, "getUpdates", parameters, timeout_s + self._timeouts.read)
        if not isinstance(result, list):
            raise Ambiguous("getUpdates did not answer with a list")
        return result

    async def me(self) -> Me:
        """Return who this bot is. Raises BadToken, or another TransportError when nobody answers."""
        found = await self.call("getMe")
        return Me(
            id=found["id"],
            username=found.get("username", ""),
            reads_all_group_messages=bool(found.get("can_read_all_group_messages")),
        )

    async def download(self, file_id: str) -> bytes:
        """Return a file's content (getFile), at most 20 MB. Raises TransportError."""
        found = await self.call("getFile", {"file_id": file_id})
        if found.get("file_size", 0) > MAX_DOWNLOAD_BYTES or not found.get("file_path"):
            raise Rejected("the file is too big")
        try:
            async with self._sending.one() as request:
                status, content = await request.do_request(
                    self._files + found["file_path"], "GET", read_timeout=self._timeouts.upload
                )
        except TelegramError as error:
            raise no_answer(error) from None
        if status != 200:
            raise refusal(status, None)
        return content

    async def _ask(
        self, connections: Connections, method: str, parameters: list[RequestParameter], read_timeout_s: float
    ) -> Any:
        data = RequestData(parameters) if parameters else None
        try:
            async with connections.one() as request:
                status, payload = await request.do_request(
                    self._base + method, "POST", request_data=data, read_timeout=read_timeout_s
                )
        except TelegramError as error:
            # Without the cause: an HTTP library's error may name the address, and with it the token.
            raise no_answer(error) from None
        try:
            body = json.loads(payload)
        except ValueError:
            body = None
        if status == 200 and isinstance(body, dict) and body.get("ok"):
            return body.get("result")
        raise _failure(status, body)


def _failure(status: int, body: Any) -> TransportError:
    if status == 200:
        return Ambiguous("the answer cannot be read")
    return refusal(status, body)


async def _input_file(path: Path) -> InputFile:
    try:
        content = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise Rejected(f"the file cannot be read: {error.strerror}") from error
    return InputFile(content, filename=path.name)
