"""Takes updates by webhook: answered with 200 only once they are stored, so Telegram keeps them until then."""

from __future__ import annotations

import hmac
import json
import logging

from aiohttp import web

from bot.delivery.inbox import Inbox, NotAccepted
from bot.telegram.client import TelegramClient
from bot.telegram.poller import ALLOWED_UPDATES

_log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
MAX_BODY_BYTES = 1024 * 1024


def make_app(inbox: Inbox, *, secret: str, path: str = "/") -> web.Application:
    """Return an application that accepts updates at ``path`` from whoever knows ``secret``."""
    if not secret:
        raise ValueError("a webhook without a secret would accept updates from anybody")
    expected = secret.encode()

    async def accept(request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, expected):
            return web.Response(status=403)
        try:
            update = json.loads(await request.read())
        except ValueError:  # not JSON, not even text
            return web.Response(status=400)
        try:
            await inbox.accept([update])
        except NotAccepted as error:
            _log.warning("an update was not stored, Telegram will offer it again: %s", error)
            return web.Response(status=503)
        return web.Response()

    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.router.add_post(path, accept)
    return app


class WebhookServer:
    """Listens and tells Telegram where: ``url`` is the public address that leads to ``host``:``port``."""

    def __init__(
        self,
        client: TelegramClient,
        inbox: Inbox,
        *,
        url: str,
        secret: str,
        host: str,
        port: int,
        path: str = "/",
    ) -> None:
        self._client = client
        self._url = url
        self._secret = secret
        self._host = host
        self._port = port
        self._app = make_app(inbox, secret=secret, path=path)
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen, then register with Telegram. Raises TransportError, OSError."""
        self._runner = web.AppRunner(self._app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        await self._client.call(
            "setWebhook",
            {
                "url": self._url,
                "secret_token": self._secret,
                "allowed_updates": list(ALLOWED_UPDATES),
                "max_connections": 10,
            },
        )

    async def stop(self) -> None:
        """Stop listening after the requests under way; Telegram keeps offering what comes meanwhile."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
