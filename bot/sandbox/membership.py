"""People and bots come, go and change their standing; the updates and service messages of that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.sandbox.accounts import User
from bot.sandbox.chats import GROUPS, Chat
from bot.sandbox.posting import service
from bot.sandbox.rights import ALL_RIGHTS, Member, Status, member_json
from bot.sandbox.world import World


def standing(status: Status, **more: Any) -> Member:
    """Return a member of a status; administrators get all rights unless `rights` says otherwise."""
    if status == "administrator" and "rights" not in more:
        more["rights"] = ALL_RIGHTS
    return Member(status=status, **more)


def set_member(
    world: World, chat: Chat, user: User, new: Member, *, actor: User, quiet: bool = False
) -> None:
    """Give `user` a new standing in `chat` because `actor` did something.

    Bots concerned get my_chat_member, administrators chat_member; a group says who came or left.
    With `quiet` there is no service message.
    """
    old = chat.member(user.id)
    if old == new:
        return
    chat.set_member(user, new)
    changed = _changed(world, chat, user, old, new, actor)
    if user.id in world.bots:
        world.bots[user.id].queue.push("my_chat_member", changed)
    for bot_id in chat.bot_ids:
        if bot_id != user.id and chat.members[bot_id].admin:
            world.bots[bot_id].queue.push("chat_member", changed)
    world.events.publish("member", {"chat_id": chat.id, "user_id": user.id, "status": new.status})
    if quiet or chat.type not in GROUPS:
        return
    if new.present and not old.present:
        service(world, chat, actor, {"new_chat_members": [user.json], "new_chat_member": user.json})
    elif old.present and not new.present:
        content = {"left_chat_member": user.json}
        message = service(world, chat, actor, content)
        if user.id in world.bots and actor.id != user.id:
            # The bot is out already, but it still hears that it was sent away.
            world.bots[user.id].queue.push("message", message.json)


def _changed(world: World, chat: Chat, user: User, old: Member, new: Member, actor: User) -> dict[str, Any]:
    return {
        "chat": chat.json,
        "from": actor.json,
        "date": world.clock.date(),
        "old_chat_member": member_json(user, old, chat.type),
        "new_chat_member": member_json(user, new, chat.type),
    }


def start_private(world: World, person: User, bot_id: int) -> None:
    """Open a person's private chat with a bot; an unblocked bot hears that it is welcome again."""
    peer = world.peer(person.id, bot_id)
    chat = world.chats[person.id]
    chat.last_bot_id = bot_id
    if peer.blocked:
        set_blocked(world, person, bot_id, False)
    peer.started = True


def set_blocked(world: World, person: User, bot_id: int, blocked: bool) -> None:
    """Let a person block or unblock a bot (my_chat_member with status kicked or member)."""
    peer = world.peer(person.id, bot_id)
    if peer.blocked == blocked:
        return
    peer.blocked = blocked
    bot = world.bots[bot_id]
    inside, outside = standing("member"), standing("kicked")
    old, new = (inside, outside) if blocked else (outside, inside)
    chat = world.chats[person.id]
    bot.queue.push("my_chat_member", _changed(world, chat, bot.user, old, new, person))
    world.events.publish("member", {"chat_id": chat.id, "user_id": bot_id, "status": new.status})


def migrate(world: World, chat: Chat, actor: User) -> Chat:
    """Turn a group into a supergroup under a new id and return that; both say so in a service message."""
    new = world.add_chat("supergroup", chat.title or "", forum=False)
    new.description = chat.description
    for user_id, member in chat.members.items():
        new.set_member(world.users[user_id], replace(member))
    chat.migrated_to = new.id
    service(world, chat, actor, {"migrate_to_chat_id": new.id})
    service(world, new, actor, {"migrate_from_chat_id": chat.id})
    world.events.publish("chat.migrated", {"chat_id": chat.id, "to": new.id})
    return new
