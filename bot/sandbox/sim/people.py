"""User side: users, bots, chats and who is in them."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.sandbox.accounts import Bot, User
from bot.sandbox.chats import Chat
from bot.sandbox.errors import BadInputError
from bot.sandbox.membership import migrate, set_blocked, set_member, standing, start_private
from bot.sandbox.methods.profile import commands_shown
from bot.sandbox.posting import service
from bot.sandbox.rights import ADMIN_RIGHTS, PERMISSIONS, STATUSES, Member, Status
from bot.sandbox.sim.body import Body, query_integer
from bot.sandbox.sim.view import chat_of
from bot.sandbox.world import World

_TYPES = ("private", "group", "supergroup", "channel")


async def list_users(world: World, _: web.Request) -> Any:
    """GET /sim/users."""
    return [user.json for user in world.people()]


async def add_user(world: World, request: web.Request) -> Any:
    """POST /sim/users {first_name, username?, last_name?, language_code?, id?}."""
    body = await Body.read(request)
    return world.add_user(
        body.text("first_name"),
        body.maybe_text("username"),
        user_id=body.maybe_integer("id"),
        last_name=body.maybe_text("last_name"),
        language_code=body.maybe_text("language_code"),
    ).json


def bot_shown(bot: Bot) -> dict[str, Any]:
    """Return a bot as /sim/bots shows it."""
    return {**bot.me(), "privacy": bot.privacy, "webhook": bot.webhook is not None, "pending": len(bot.queue)}


async def list_bots(world: World, _: web.Request) -> Any:
    """GET /sim/bots."""
    return [bot_shown(bot) for bot in world.bots.values()]


async def add_bot(world: World, request: web.Request) -> Any:
    """POST /sim/bots {token | bot, first_name?, username?, privacy?, inline?}: make one or change one."""
    body = await Body.read(request)
    token = body.maybe_text("token") or world.bot_named(body.values.get("bot")).token
    known = world.bot_for(token)
    bot = world.add_bot(
        token,
        body.maybe_text("first_name"),
        body.maybe_text("username"),
        privacy=body.flag("privacy", known.privacy),
        inline=body.flag("inline", known.inline),
    )
    return bot_shown(bot)


async def list_chats(world: World, request: web.Request) -> Any:
    """GET /sim/chats[?user_id=]: all chats, or those a person is in."""
    user_id = query_integer(request, "user_id")
    return [
        world.chat_summary(chat)
        for chat in world.chats.values()
        if user_id is None or (chat.id == user_id if chat.private else chat.member(user_id).present)
    ]


async def get_chat(world: World, request: web.Request) -> Any:
    """GET /sim/chats/ID."""
    return world.chat_summary(_chat(world, request))


def _chat(world: World, request: web.Request) -> Chat:
    return chat_of(world, int(request.match_info["chat_id"]), query_integer(request, "user_id"))


async def add_chat(world: World, request: web.Request) -> Any:
    """POST /sim/chats {type, title?, members:[id…], forum?, admins?:[id…], username?, description?}.

    The first person is the creator. A private chat has one person, and the bots named (all, when none is)
    count as started.
    """
    body = await Body.read(request)
    kind = body.text("type")
    if kind not in _TYPES:
        raise BadInputError(f"type must be one of {', '.join(_TYPES)}")
    users = [world.user(user_id) for user_id in body.items("members")]
    people = [user for user in users if not user.is_bot]
    bots = [user for user in users if user.id in world.bots]
    if kind == "private":
        return _private(world, people, bots)
    forum = body.flag("forum")
    if forum and kind != "supergroup":
        raise BadInputError("only a supergroup can be a forum")
    admins = set(body.items("admins"))
    username = body.maybe_text("username")
    chat = world.add_chat(kind, body.maybe_text("title") or "", forum=forum, username=username)
    chat.description = body.maybe_text("description")
    for number, user in enumerate(people):
        status: Status = "creator" if number == 0 else "administrator" if user.id in admins else "member"
        chat.set_member(user, standing(status))
    creator = people[0] if people else None
    for user in bots:
        bot_status: Status = "administrator" if user.id in admins or kind == "channel" else "member"
        set_member(world, chat, user, standing(bot_status), actor=creator or user, quiet=True)
    if creator is not None and bots and kind == "group":
        service(world, chat, creator, {"group_chat_created": True})
    elif creator is not None and bots and kind == "supergroup":
        service(world, chat, creator, {"new_chat_members": [user.json for user in bots]})
    world.events.publish("chat.new", world.chat_summary(chat))
    return world.chat_summary(chat)


def _private(world: World, people: list[User], bots: list[User]) -> Any:
    if len(people) != 1:
        raise BadInputError("a private chat has exactly one person among its members")
    for bot_id in [user.id for user in bots] or list(world.bots):
        start_private(world, people[0], bot_id)
    summary = world.chat_summary(world.chats[people[0].id])
    world.events.publish("chat.changed", summary)
    return summary


def _creator(world: World, chat: Chat) -> User | None:
    return next(
        (world.users[uid] for uid, member in chat.members.items() if member.status == "creator"), None
    )


def _new_standing(body: Body) -> Member:
    wanted = body.maybe_text("status") or "member"
    status = next((known for known in STATUSES if known == wanted), None)
    if status is None:
        raise BadInputError(f"status must be one of {', '.join(STATUSES)}")
    more: dict[str, Any] = {}
    if (rights := body.maybe_object("rights")) is not None:
        more["rights"] = frozenset(name for name in ADMIN_RIGHTS if rights.get(name))
    if (permissions := body.maybe_object("permissions")) is not None:
        more["permissions"] = frozenset(name for name in PERMISSIONS if permissions.get(name))
    return standing(status, until_date=body.maybe_integer("until_date") or 0, **more)


async def put_member(world: World, request: web.Request) -> Any:
    """POST /sim/chats/ID/members {user_id, status?, rights?, permissions?, by?}: join, promote, ban, ….

    In a private chat `user_id` is a bot: "kicked" blocks it, "member" starts or unblocks it.
    """
    body = await Body.read(request)
    chat, user, new = _chat(world, request), world.user(body.integer("user_id")), _new_standing(body)
    if chat.owner is not None:
        if user.id not in world.bots:
            raise BadInputError("only bots can be let into or out of a private chat")
        if new.present:
            start_private(world, chat.owner, user.id)
        else:
            set_blocked(world, chat.owner, user.id, True)
        return world.chat_summary(chat)
    by = body.maybe_integer("by")
    by_self = new.status == "left" or (new == standing("member") and not chat.member(user.id).present)
    if by is not None:
        actor = world.user(by)
    elif by_self and not user.is_bot:
        actor = user
    else:
        actor = _creator(world, chat) or user
    set_member(world, chat, user, new, actor=actor)
    return world.chat_summary(chat)


async def drop_member(world: World, request: web.Request) -> Any:
    """DELETE /sim/chats/ID/members/USER[?by=]: a person leaves, a bot is removed by the creator."""
    chat, user = _chat(world, request), world.user(int(request.match_info["user_id"]))
    if chat.owner is not None:
        if user.id not in world.bots:
            raise BadInputError("only bots can be let into or out of a private chat")
        set_blocked(world, chat.owner, user.id, True)
        return world.chat_summary(chat)
    by = query_integer(request, "by")
    actor = world.user(by) if by is not None else (_creator(world, chat) if user.is_bot else user) or user
    status: Status = "left" if actor is user else "kicked"
    set_member(world, chat, user, standing(status), actor=actor)
    return world.chat_summary(chat)


async def migrate_chat(world: World, request: web.Request) -> Any:
    """POST /sim/chats/ID/migrate: the group becomes a supergroup; returns the new chat."""
    chat = _chat(world, request)
    if chat.type != "group" or chat.migrated_to is not None:
        raise BadInputError(f"chat {chat.id} is no group that can be upgraded")
    new = migrate(world, chat, _creator(world, chat) or next(world.users[uid] for uid in chat.members))
    return world.chat_summary(new)


async def list_commands(world: World, request: web.Request) -> Any:
    """GET /sim/chats/ID/commands?user_id=[&language=]: what the "/" menu shows a person there."""
    chat = _chat(world, request)
    user_id = query_integer(request, "user_id") or (chat.id if chat.private else 0)
    bot_ids = (
        [bot_id for bot_id, peer in chat.peers.items() if peer.started] if chat.private else chat.bot_ids
    )
    language = request.query.get("language", "")
    return [
        {"bot": world.bots[bot_id].username, "bot_id": bot_id, **command}
        for bot_id in bot_ids
        for command in commands_shown(world.bots[bot_id], chat, user_id, language)
    ]
