"""Keeps the bot's token out of every log: request URLs hold it, and HTTP libraries like to log them."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable
from typing import Any

CHATTY = ("httpx", "httpcore", "telegram", "asyncio", "aiohttp.access")
MASK = "<token>"


def quiet(names: Iterable[str] = CHATTY) -> None:
    """Let the HTTP libraries speak of trouble only."""
    for name in names:
        logging.getLogger(name).setLevel(logging.WARNING)


def redact(secrets: Iterable[str]) -> Callable[[], None]:
    """Replace ``secrets`` in every record made from now on, whatever its logger, level or handler, in message
    and traceback; returns a function that ends it."""
    hidden = tuple(secret for secret in secrets if secret)
    before = logging.getLogRecordFactory()

    def hide(text: str) -> str:
        for secret in hidden:
            text = text.replace(secret, MASK)
        return text

    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = before(*args, **kwargs)
        try:
            text = record.getMessage()
        except Exception:  # a wrong format string: leave its complaint to logging
            return record
        if any(secret in text for secret in hidden):
            record.msg, record.args = hide(text), ()
        if record.exc_info and record.exc_info[0] is not None:
            trace = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
            if any(secret in trace for secret in hidden):
                # Formatters print this text instead of formatting the exception themselves.
                record.exc_text, record.exc_info = hide(trace), None
        return record

    logging.setLogRecordFactory(make)

    def end() -> None:
        if logging.getLogRecordFactory() is make:
            logging.setLogRecordFactory(before)

    return end


def secrets_of(token: str) -> tuple[str, ...]:
    """Return the token and its secret half."""
    return (token, token.partition(":")[2])
