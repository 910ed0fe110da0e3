"""The outbox's way to Telegram."""

from __future__ import annotations

from pathlib import Path

from bot.delivery.transport import OutboxRow, Sent
from bot.messages import Instant
from bot.telegram.client import TelegramClient
from bot.telegram.failures import ThreadGone
from bot.telegram.render import Call, render, render_instant


class TelegramTransport:
    """Sends outbox rows and instant answers; ``files_dir`` holds what ``Outgoing`` names as files."""

    def __init__(self, client: TelegramClient, *, files_dir: Path, repeated_mark: str = "") -> None:
        self._client = client
        self._files_dir = files_dir
        self._repeated_mark = repeated_mark

    async def send(self, row: OutboxRow) -> Sent:
        """Make the call for the row's next part. Raises TransportError."""
        calls = render(row, files_dir=self._files_dir, repeated_mark=self._repeated_mark)
        if row.part >= len(calls):  # an older program cut the text into more parts
            return Sent()
        call = calls[row.part]
        try:
            message_id = await self._message_id(call)
        except ThreadGone:
            # Better in the chat's General topic than nowhere.
            call.params.pop("message_thread_id", None)
            message_id = await self._message_id(call)
        return Sent(message_id=message_id, more=row.part + 1 < len(calls))

    async def instant(self, instant: Instant) -> None:
        """Answer a tap or an inline query. Raises TransportError."""
        call = render_instant(instant)
        if call is not None:
            await self._client.call(call.method, call.params)

    async def _message_id(self, call: Call) -> int | None:
        result = await self._client.call(call.method, call.params, **call.files)
        found = result.get("message_id") if isinstance(result, dict) else None
        return found if isinstance(found, int) else None
