"""The seeded demo: a local Bot API with the county's people and groups, and the desk beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Connection

from bot.clock import Clock
from bot.database import open_store
from bot.desk.parts import OFFICE_CHAT
from bot.sandbox import World
from bot.sandbox.accounts import User
from bot.sandbox.chats import Chat
from bot.sandbox.membership import set_member, standing
from bot.settings import Settings
from storage.chats import meet_chat
from storage.settings import get_value, put_value

TOKEN = "1000000:zhuanban-local-demo-bot-no-secret-0001"  # noqa: S105 - the local server takes any
USERNAME = "zhuanban_bot"
_NAMES = Path(__file__).parent.parent / "prompts" / "demo.toml"


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """Who and what the demo has: user ids by role, chat ids by title."""

    admin: int
    office: int
    leader: int
    outsider: int
    liaisons: dict[str, int]
    office_chat: int
    unit_chats: dict[str, int]


def seed_world(world: World, units: Sequence[str]) -> Seeded:
    """People, groups and the bot in a fresh world; ids are the same every time."""
    names = tomllib.loads(_NAMES.read_text(encoding="utf-8"))
    bot = world.add_bot(TOKEN, names["bot"], USERNAME, privacy=False)
    admin, office, leader, outsider = (
        world.add_user(names[role], role) for role in ("admin", "office", "leader", "outsider")
    )
    office_chat = _group(world, names["office_chat"], [admin, office], bot.user)
    liaisons, unit_chats = {}, {}
    for number, unit in enumerate(units, 1):
        liaison = world.add_user(names["liaison"].format(unit=unit), f"liaison{number}")
        liaisons[unit] = liaison.id
        unit_chats[unit] = _group(world, names["unit_chat"].format(unit=unit), [office, liaison], bot.user).id
    return Seeded(
        admin=admin.id,
        office=office.id,
        leader=leader.id,
        outsider=outsider.id,
        liaisons=liaisons,
        office_chat=office_chat.id,
        unit_chats=unit_chats,
    )


def seed_database(settings: Settings, seeded: Seeded, world: World) -> None:
    """Make the desk know the chats; a database that already has an office chat is left alone."""
    store, lock = open_store(settings)
    now = datetime.now(UTC)
    try:
        if store.read(lambda c: get_value(c, OFFICE_CHAT)) is not None:
            return

        def fill(connection: Connection) -> None:
            for chat_id in (seeded.office_chat, *seeded.unit_chats.values()):
                title = world.chats[chat_id].title or ""
                meet_chat(connection, chat_id=chat_id, kind="supergroup", title=title, now=now)
            put_value(connection, OFFICE_CHAT, seeded.office_chat)

        store.write(fill)
    finally:
        store.close()
        lock.release()


def demo_settings(settings: Settings, *, data_dir: Path, api_root: str, admin: int) -> Settings:
    """The operator's settings with the demo's bot, database and Bot API in their place."""
    return settings.model_copy(
        update={
            "token": SecretStr(TOKEN),
            "admins": str(admin),
            "database_url": None,
            "data_dir": data_dir,
            "api_root": api_root,
            "webhook_url": "",
            "clock_url": "",
        }
    )


def clock_of(world: World) -> Clock:
    """A desk clock that is the world's: moving one moves both."""
    return Clock(real=world.clock.now)


def _group(world: World, title: str, people: Sequence[User], bot: User) -> Chat:
    chat = world.add_chat("supergroup", title)
    creator = people[0]
    for person in people:
        set_member(
            world,
            chat,
            person,
            standing("creator" if person is creator else "member"),
            actor=creator,
            quiet=True,
        )
    set_member(world, chat, bot, standing("administrator"), actor=creator, quiet=True)
    return chat
