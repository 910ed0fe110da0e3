"""Telegram: raw updates become ``Incoming``, ``Outgoing`` becomes API calls. Nothing else knows the messenger."""
