"""What the desk needs, checked one by one; nothing is changed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from bot.answering import build_chooser, build_engine
from bot.database import database_url
from bot.delivery.transport import TransportError
from bot.desk.parts import OFFICE_CHAT
from bot.errors import BotError
from bot.settings import Settings
from bot.telegram.client import TelegramClient
from bot.telegram.logs import quiet
from knowledge.answer.chooser import Candidate
from knowledge.errors import KnowledgeError
from knowledge.plan.lint import lint
from storage import schema
from storage.errors import StorageError
from storage.settings import get_value
from storage.store import Store
from storage.urls import sqlite_path

State = Literal["ok", "note", "bad"]
# SQLite before these can lose data when several connections write and checkpoint at once (its release notes).
FIXED_SQLITE = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


@dataclass(frozen=True, kw_only=True)
class Check:
    """One finding: ``ok``, ``note`` (works, but should be known) or ``bad``."""

    name: str
    state: State
    detail: str

    def as_json(self) -> dict[str, Any]:
        """For ``doctor --json``."""
        return asdict(self)


def examine(settings: Settings) -> list[Check]:
    """Every check in order; one that fails hides none of the others."""
    quiet()
    checks: list[Callable[[Settings], list[Check]]] = [_plan_and_legs, _llm, _database, _telegram]
    found = []
    for check in checks:
        try:
            found += check(settings)
        except (KnowledgeError, StorageError, BotError) as error:
            found.append(
                Check(name=check.__name__.strip("_").replace("_", " "), state="bad", detail=str(error))
            )
    return found


def _plan_and_legs(settings: Settings) -> list[Check]:
    engine = build_engine(settings.model_copy(update={"llm": ""}))
    findings = lint(engine.plan, engine.directory)
    dense = (
        Check(name="dense leg", state="note", detail=f"lexical only: {engine.dense_fault}")
        if engine.embedding is None
        else Check(name="dense leg", state="ok", detail=engine.embedding.name)
    )
    unbound = engine.phrasebook.unbound
    return [
        Check(
            name="plan",
            state="ok",
            detail=f"{len(engine.plan.tasks)} tasks, {len(engine.plan.roster)} members",
        ),
        Check(
            name="plan lint",
            state="note" if findings else "ok",
            detail=f"{len(findings)} remarks (plan lint)",
        ),
        Check(
            name="phrasebook",
            state="note" if unbound else "ok",
            detail=f"not bound to this plan: {', '.join(unbound)}"
            if unbound
            else f"{len(engine.phrasebook.topics)} topics",
        ),
        dense,
    ]


def _llm(settings: Settings) -> list[Check]:
    chooser = build_chooser(settings)
    if chooser is None:
        return [Check(name="LLM", state="ok", detail="off")]
    chooser.choose("test", [Candidate(id="1.1", title="test")], sure=True)
    fault = chooser.last_fault
    detail = f"{settings.llm}: not used: {fault}" if fault else settings.llm
    return [Check(name="LLM", state="note" if fault else "ok", detail=detail)]


def _database(settings: Settings) -> list[Check]:
    url = database_url(settings)
    path = sqlite_path(url)
    if path is not None and not path.exists():
        return [Check(name="database", state="note", detail=f"none yet at {path}; the first run makes it")]
    revision, newest = schema.current(url), schema.newest()
    current = Check(
        name="database",
        state="ok" if revision == newest else "bad",
        detail=f"at {revision}"
        if revision == newest
        else f"at {revision}, needs {newest}: zhuanban db upgrade",
    )
    checks = [current]
    if path is not None and not _sqlite_is_fixed():
        detail = f"SQLite {sqlite3.sqlite_version}: safe here, since one connection writes"
        checks.append(Check(name="SQLite", state="note", detail=detail))
    if revision == newest:
        with Store(url) as store:
            office = store.read(lambda c: get_value(c, OFFICE_CHAT))
        bound = Check(name="office chat", state="ok", detail=f"chat {office}")
        missing = Check(
            name="office chat",
            state="note",
            detail="not bound: a super admin sends /bind in the office's group",
        )
        checks.append(bound if office else missing)
    return checks


def _sqlite_is_fixed() -> bool:
    version = sqlite3.sqlite_version_info
    return version >= FIXED_SQLITE[0] or any(
        version[:2] == fixed[:2] and version >= fixed for fixed in FIXED_SQLITE[1:]
    )


def _telegram(settings: Settings) -> list[Check]:
    if settings.token is None:
        return [
            Check(name="Telegram", state="note", detail="ZHUANBAN_TOKEN is not set; zhuanban demo needs none")
        ]
    token = settings.bot_token

    async def ask() -> list[Check]:
        async with TelegramClient(token, api_root=settings.api_root) as client:
            me = await client.me()
        privacy = "reads all group messages" if me.reads_all_group_messages else (
            "privacy mode is on: in groups it hears commands and replies; make it an admin for @mentions"
        )  # fmt: skip
        return [
            Check(name="Telegram", state="ok", detail=f"@{me.username}"),
            Check(name="privacy", state="ok" if me.reads_all_group_messages else "note", detail=privacy),
        ]

    try:
        return asyncio.run(ask())
    except TransportError as error:
        return [Check(name="Telegram", state="bad", detail=str(error))]
