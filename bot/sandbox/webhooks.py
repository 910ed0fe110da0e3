"""Webhooks: updates are posted to the bot's address with its secret, and again until they are taken."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import ClientError, ClientSession, ClientTimeout

if TYPE_CHECKING:
    from bot.sandbox.accounts import Bot

AUTH_HEADER = "X-Telegram-Bot-Api-Secret-Token"
FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 60.0
TIMEOUT_S = 30.0

Reply = Callable[["Bot", dict[str, Any]], Awaitable[None]]
"""Acts on a method call that a bot put into its answer (Bot API "Making requests when getting updates")."""


@dataclass(kw_only=True, slots=True)
class Webhook:
    """Where a bot wants its updates (setWebhook) and how that went (getWebhookInfo)."""

    url: str = field(repr=False)
    secret: str = field(default="", repr=False)
    max_connections: int = 40
    last_error_date: int | None = None
    last_error: str | None = None
    in_flight: int = 0
    task: asyncio.Task[None] | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def info(self, pending: int, allowed: list[str] | None) -> dict[str, Any]:
        """Return the Bot API WebhookInfo."""
        shown: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": pending + self.in_flight,
            "max_connections": self.max_connections,
        }
        if self.last_error is not None:
            shown["last_error_date"] = self.last_error_date
            shown["last_error_message"] = self.last_error
        if allowed:
            shown["allowed_updates"] = allowed
        return shown


class WebhookSender:
    """Posts updates of all bots with a webhook; one task a bot, as many requests as it allows."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._session: ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, bot: Bot, webhook: Webhook) -> None:
        """Replace the bot's webhook and begin sending; a waiting getUpdates ends with 409."""
        self.stop(bot)
        bot.queue.terminate("terminated by setWebhook request")
        bot.webhook = webhook
        webhook.task = self._keep(self._pump(bot, webhook))

    def stop(self, bot: Bot) -> None:
        """Take the bot's webhook away; updates in flight may still arrive."""
        if bot.webhook is not None:
            bot.webhook.ended.set()
            if bot.webhook.task is not None:
                bot.webhook.task.cancel()
        bot.webhook = None

    async def close(self) -> None:
        """Cancel everything and close the connections."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _keep(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _pump(self, bot: Bot, webhook: Webhook) -> None:
        free = asyncio.Semaphore(webhook.max_connections)
        while True:
            await free.acquire()
            while (update := bot.queue.pop()) is None:
                await bot.queue.wait(3600.0)
            webhook.in_flight += 1
            sending = self._keep(self._deliver(bot, webhook, update))
            sending.add_done_callback(lambda _: free.release())

    async def _deliver(self, bot: Bot, webhook: Webhook, update: dict[str, Any]) -> None:
        pause_s = FIRST_RETRY_S
        try:
            while not webhook.ended.is_set():
                answer = await self._post(webhook, update)
                if answer is not None:
                    if "method" in answer:
                        await self._reply(bot, answer)
                    return
                await _pause(webhook.ended, pause_s)
                pause_s = min(pause_s * 2, LONGEST_RETRY_S)
            # The address changed while this one waited: the next way of delivery gets it.
            bot.queue.push_raw(update)
        finally:
            webhook.in_flight -= 1

    async def _post(self, webhook: Webhook, update: dict[str, Any]) -> dict[str, Any] | None:
        if self._session is None:
            self._session = ClientSession(timeout=ClientTimeout(total=TIMEOUT_S))
        headers = {AUTH_HEADER: webhook.secret} if webhook.secret else {}
        try:
            async with self._session.post(webhook.url, json=update, headers=headers) as response:
                body = await response.read()
                if 200 <= response.status < 300:
                    return _object(body)
                error = f"Wrong response from the webhook: {response.status} {response.reason}"
        except TimeoutError:
            error = "Read timeout expired"
        except (ClientError, ValueError):
            # The reason is not taken from the exception: it may quote the address, which may hold a token.
            error = "Connection refused"
        webhook.last_error_date = int(time.time())
        webhook.last_error = error
        return None


async def _pause(ended: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(ended.wait(), seconds)
    except TimeoutError:
        return


def _object(body: bytes) -> dict[str, Any]:
    try:
        decoded = json.loads(body)
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}
