"""A local Telegram Bot API server with simulated people, for demos and end-to-end tests.

It knows the Bot API and nothing of the bots that run on it; README.md describes both of its sides.
"""

from __future__ import annotations

from bot.sandbox.limits import Limits
from bot.sandbox.server import Sandbox, make_app
from bot.sandbox.world import World

__all__ = ["Limits", "Sandbox", "World", "make_app"]
