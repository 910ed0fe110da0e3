"""Getting updates by polling or webhook, and files."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.errors import BadRequestError, ConflictError
from bot.sandbox.files import MAX_DOWNLOAD_BYTES
from bot.sandbox.methods.call import Call, Handler
from bot.sandbox.updates import WEBHOOK_SET
from bot.sandbox.webhooks import Webhook, WebhookSender

_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
_LONGEST_POLL_S = 50


async def get_updates(call: Call) -> list[dict[str, Any]]:
    """Return updates, waiting up to `timeout` seconds, 50 at most (getUpdates)."""
    if call.bot.webhook is not None:
        raise ConflictError(WEBHOOK_SET)
    params = call.params
    limit = params.integer("limit")
    if params.has("allowed_updates"):
        call.bot.queue.allow(params.array("allowed_updates") or [])
    return await call.bot.queue.poll(
        offset=params.integer("offset") or 0,
        limit=min(max(limit, 1), 100) if limit else 100,
        timeout_s=min(max(params.number("timeout") or 0.0, 0.0), _LONGEST_POLL_S),
    )


def get_webhook_info(call: Call) -> dict[str, Any]:
    """Return the webhook's state (getWebhookInfo)."""
    queue = call.bot.queue
    webhook = call.bot.webhook or Webhook(url="")
    info = webhook.info(len(queue), queue.allowed_given)
    if call.bot.webhook is None:
        del info["max_connections"]
    return info


def get_file(call: Call) -> dict[str, Any]:
    """Tell where a file of up to 20 MB can be fetched (getFile)."""
    file_id = call.params.text("file_id")
    if not file_id:
        raise BadRequestError("file_id not specified")
    stored = call.world.files.get(file_id)
    if len(stored.data) > MAX_DOWNLOAD_BYTES:
        raise BadRequestError("file is too big")
    return {**stored.to_json(), "file_path": stored.file_path}


def webhook_methods(sender: WebhookSender) -> dict[str, Handler]:
    """Return the methods that need the sender of webhooks (setWebhook, deleteWebhook).

    Addresses may be plain http and local, as with a local Bot API server.
    """

    def set_webhook(call: Call) -> bool:
        params = call.params
        url = params.text("url").strip()
        if not url:
            return delete_webhook(call)
        if not re.match(r"https?://[^/\s]+", url):
            raise BadRequestError("bad webhook: invalid webhook URL specified")
        secret = params.text("secret_token")
        if not _SECRET.fullmatch(secret):
            raise BadRequestError("secret token contains unallowed characters")
        if params.has("allowed_updates"):
            call.bot.queue.allow(params.array("allowed_updates") or [])
        if params.flag("drop_pending_updates"):
            call.bot.queue.clear()
        connections = min(max(params.integer("max_connections") or 40, 1), 100)
        sender.start(call.bot, Webhook(url=url, secret=secret, max_connections=connections))
        return True

    def delete_webhook(call: Call) -> bool:
        sender.stop(call.bot)
        if call.params.flag("drop_pending_updates"):
            call.bot.queue.clear()
        return True

    return {"setWebhook": set_webhook, "deleteWebhook": delete_webhook}


METHODS: dict[str, Handler] = {
    "getUpdates": get_updates,
    "getWebhookInfo": get_webhook_info,
    "getFile": get_file,
}
