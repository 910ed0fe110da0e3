"""Takes updates by long polling. An update is confirmed to Telegram only once it is stored."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from bot.delivery.envelope import update_number
from bot.delivery.inbox import Inbox, NotAccepted
from bot.delivery.tasks import Tasks
from bot.delivery.transport import BadToken, TransportError
from bot.telegram.client import TelegramClient
from bot.telegram.failures import Conflicted

_log = logging.getLogger(__name__)

ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "channel_post",
    "callback_query",
    "inline_query",
    "my_chat_member",
)
BACKOFF_S = (0.1, 0.5, 1.0, 2.0, 5.0)
BATCH = 100


class Poller:
    """Feeds an Inbox. ``on_fatal`` is called once with the error that ended polling for good."""

    def __init__(
        self,
        client: TelegramClient,
        inbox: Inbox,
        *,
        on_fatal: Callable[[Exception], None],
        timeout_s: int = 50,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._inbox = inbox
        self._on_fatal = on_fatal
        self._timeout_s = timeout_s
        self._monotonic = monotonic
        self._contact = monotonic()
        self._stopping = asyncio.Event()
        self._loop = Tasks()

    def silent_s(self) -> float:
        """Return how long ago Telegram last answered a poll, in seconds."""
        return self._monotonic() - self._contact

    async def start(self) -> None:
        """Begin polling."""
        self._contact = self._monotonic()
        self._loop.start(self._run())

    async def stop(self) -> None:
        """Take no more. What was answered but not stored comes again with the next start."""
        self._stopping.set()
        await self._loop.finish(0.0)

    async def _run(self) -> None:
        offset: int | None = None
        failures = 0
        while not self._stopping.is_set():
            try:
                batch = await self._client.get_updates(
                    offset=offset, timeout_s=self._timeout_s, limit=BATCH, allowed=ALLOWED_UPDATES
                )
                self._contact = self._monotonic()
                await self._inbox.accept(batch)
            except (TransportError, NotAccepted) as error:
                if isinstance(error, BadToken) or (isinstance(error, NotAccepted) and error.final):
                    _log.error("polling stops: %s", error)
                    self._on_fatal(error)
                    return
                if isinstance(error, Conflicted):
                    await self._resolve_conflict(error)
                else:
                    _log.warning("polling fails: %s", error)
                await self._pause(failures)
                failures += 1
                continue
            numbers = [number for update in batch if (number := update_number(update)) is not None]
            if numbers:
                offset = max(numbers) + 1
            elif batch:
                # Nothing in it can be confirmed: it will come again until the server drops it.
                await self._pause(len(BACKOFF_S) - 1)
            failures = 0

    async def _resolve_conflict(self, error: Conflicted) -> None:
        if "webhook" not in str(error).lower():
            _log.error("another process is polling with this bot's token; only one may: %s", error)
            return
        _log.warning("a webhook is set: removing it in favour of polling")
        try:
            await self._client.call("deleteWebhook", {"drop_pending_updates": False})
        except TransportError as second:
            _log.warning("the webhook could not be removed: %s", second)

    async def _pause(self, failures: int) -> None:
        try:
            async with asyncio.timeout(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]):
                await self._stopping.wait()
        except TimeoutError:
            pass
