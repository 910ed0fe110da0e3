"""When something is due next: calendar arithmetic on plain JSON, by APScheduler's triggers.

Only their arithmetic is used. APScheduler's own scheduler drops a job that a busy loop delays by a second
and stops firing when the clock goes back.

``{"kind": "cron", "hour": 8, "minute": 30, "day_of_week": "mon-fri", "timezone": "Asia/Shanghai"}``
``{"kind": "interval", "seconds": 300, "start": "2026-11-23T00:00:00+00:00"}``
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger

from bot.errors import BotError

Trigger = dict[str, Any]

_CRON_FIELDS: Final = ("year", "month", "day", "week", "day_of_week", "hour", "minute", "second")
_STEP: Final = timedelta(microseconds=1)


class BadTrigger(BotError):
    """A trigger cannot be understood; the message says why."""


def next_fire(trigger: Trigger | None, after: datetime) -> datetime | None:
    """Return the first moment strictly later than ``after`` (aware), in UTC; None when there is none (a
    trigger of None fires once). Raises BadTrigger."""
    if trigger is None:
        return None
    kind = trigger.get("kind")
    if kind == "cron":
        return _next_cron(trigger, after)
    if kind == "interval":
        return _next_interval(trigger, after)
    raise BadTrigger(f"unknown kind of trigger: {kind!r}")


def _next_cron(trigger: Trigger, after: datetime) -> datetime | None:
    fields = {name: value for name, value in trigger.items() if name not in ("kind", "timezone")}
    if unknown := fields.keys() - set(_CRON_FIELDS):
        raise BadTrigger(f"unknown cron field: {', '.join(sorted(unknown))}")
    try:
        zone = ZoneInfo(str(trigger.get("timezone", "Asia/Shanghai")))
        cron = CronTrigger(**fields, timezone=zone)
    except (ValueError, TypeError, ZoneInfoNotFoundError) as error:
        raise BadTrigger(str(error)) from error
    fire: datetime | None = cron.get_next_fire_time(None, (after + _STEP).astimezone(zone))
    return None if fire is None else fire.astimezone(UTC)


def _next_interval(trigger: Trigger, after: datetime) -> datetime:
    try:
        step = timedelta(seconds=float(trigger["seconds"]))
        start = datetime.fromisoformat(trigger.get("start", "1970-01-01T00:00:00+00:00"))
        if step < timedelta(seconds=1) or start.tzinfo is None:
            raise BadTrigger("an interval needs at least one second and an aware start")
    except (KeyError, ValueError, TypeError) as error:
        raise BadTrigger(f"an interval needs seconds: {error}") from error
    if after < start:
        return start.astimezone(UTC)
    passed = (after - start) // step + 1
    return (start + passed * step).astimezone(UTC)
