"""User side: people tap buttons and use inline mode, and get what the bot answers."""

from __future__ import annotations

import zlib
from typing import Any

from aiohttp import web

from bot.sandbox.accounts import User
from bot.sandbox.chats import Chat, Message
from bot.sandbox.errors import BadInputError, NotKnownError
from bot.sandbox.keyboards import find_button, labels
from bot.sandbox.membership import start_private
from bot.sandbox.methods.answers import new_inline_id, result_content
from bot.sandbox.posting import post
from bot.sandbox.queries import Query
from bot.sandbox.sim.body import Body
from bot.sandbox.sim.view import as_seen, bot_at_other_end, chat_of, message_of, need_member
from bot.sandbox.world import World


async def tap(world: World, request: web.Request) -> Any:
    """POST /sim/taps {chat_id, message_id, from_id, button: "label" | data: "raw", wait_s?}.

    Waits for answerCallbackQuery and returns {answer, alert, answered}. A button with an address returns
    `url`; one of a reply keyboard writes its label as a message and returns that as `message`.
    Messages deleted in the meantime can still be tapped, as by a phone that has not heard of it yet.
    """
    body = await Body.read(request)
    user = world.user(body.integer("from_id"))
    chat = chat_of(world, body.integer("chat_id"), user.id)
    need_member(chat, user.id)
    message = message_of(chat, body.integer("message_id"), deleted=True)
    data = body.maybe_text("data")
    if data is None:
        label = body.text("button")
        button = find_button(message.keyboard, label)
        if button is None:
            there = ", ".join(labels(message.keyboard)) or "none"
            raise NotKnownError(f"no button {label} on message {message.id}; there are: {there}")
        if "keyboard" in (message.keyboard or {}):
            return _pressed(world, chat, user, message, button)
        data = button.get("callback_data")
        if data is None:
            return {"answer": None, "alert": False, "answered": False, **_links(button)}
    bot_id = message.via_bot or message.sender_id
    if bot_id not in world.bots:
        raise BadInputError(f"message {message.id} is not a bot's")
    query = world.queries.ask("callback", bot_id, user.id)
    world.bots[bot_id].queue.push("callback_query", _callback(query, message, user, data))
    answered = await world.queries.wait(query, body.wait_s())
    answer = query.answer or {}
    shown = {"answer": answer.get("text"), "alert": bool(answer.get("alert")), "answered": answered}
    return {**shown, "url": answer["url"]} if answer.get("url") else shown


def _links(button: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in button.items() if name != "text"}


def _callback(query: Query, message: Message, user: User, data: str) -> dict[str, Any]:
    chat = message.chat
    callback: dict[str, Any] = {"id": query.id, "from": user.json}
    if message.inline_id is not None:
        callback["inline_message_id"] = message.inline_id
    elif message.deleted:
        # InaccessibleMessage: date is always 0.
        callback["message"] = {"chat": chat.json, "message_id": message.id, "date": 0}
    else:
        callback["message"] = message.json
    callback["chat_instance"] = str(zlib.crc32(str(chat.id).encode()))
    callback["data"] = data
    return callback


def _pressed(world: World, chat: Chat, user: User, message: Message, button: dict[str, Any]) -> Any:
    if any(name.startswith("request_") for name, value in button.items() if value):
        raise BadInputError("this button asks for something: send the contact or location as a message")
    sent = post(world, chat, {"text": button["text"]}, sender=user, bot_id=message.bot_id)
    return {"answer": None, "alert": False, "answered": False, "message": as_seen(sent)}


async def inline(world: World, request: web.Request) -> Any:
    """POST /sim/inline {bot, from_id, query, offset?, chat_type?, wait_s?} → the answer."""
    body = await Body.read(request)
    bot, user = world.bot_named(body.values.get("bot")), world.user(body.integer("from_id"))
    if not bot.inline:
        raise BadInputError(f"{bot.username} has no inline mode")
    text = body.maybe_text("query") or ""
    query = world.queries.ask("inline", bot.id, user.id, text)
    update = {"id": query.id, "from": user.json, "query": text, "offset": body.maybe_text("offset") or ""}
    if chat_type := body.maybe_text("chat_type"):
        update["chat_type"] = chat_type
    bot.queue.push("inline_query", update)
    answered = await world.queries.wait(query, body.wait_s())
    answer = query.answer or {"results": [], "next_offset": "", "is_personal": False, "button": None}
    return {"query_id": query.id, "answered": answered, **answer}


async def choose(world: World, request: web.Request) -> Any:
    """POST /sim/inline/choose {query_id | bot, from_id, result_id, chat_id, thread_id?} → the message.

    Sends the result in the person's name via the bot, which hears of it by chosen_inline_result.
    """
    body = await Body.read(request)
    user = world.user(body.integer("from_id"))
    query = _chosen_query(world, body, user)
    bot = world.bots[query.bot_id]
    wanted = body.text("result_id")
    results = (query.answer or {}).get("results", [])
    result = next((result for result in results if result["id"] == wanted), None)
    if result is None:
        raise NotKnownError(f"no result {wanted} for this query")
    chat_id = body.integer("chat_id")
    chat = chat_of(world, chat_id, user.id)
    need_member(chat, user.id)
    bot_id = None
    if chat.owner is not None:
        named = body.values.get("with_bot")
        bot_id = bot.id if named is None else bot_at_other_end(world, chat, chat_id, named)
        start_private(world, user, bot_id)
    keyboard = result.get("reply_markup")
    message = post(
        world,
        chat,
        result_content(world, result),
        sender=user,
        bot_id=bot_id,
        via_bot=bot,
        keyboard=keyboard,
        thread_id=body.maybe_integer("thread_id"),
    )
    chosen = {"result_id": wanted, "from": user.json, "query": query.text}
    if keyboard:
        message.inline_id = chosen["inline_message_id"] = new_inline_id()
        world.inline_messages[message.inline_id] = message
    bot.queue.push("chosen_inline_result", chosen)
    return as_seen(message)


def _chosen_query(world: World, body: Body, user: User) -> Query:
    query_id = body.maybe_text("query_id")
    if query_id is not None:
        query = world.queries.get(query_id)
    else:
        query = world.queries.latest("inline", world.bot_named(body.values.get("bot")).id, user.id)
    if query is None or query.kind != "inline" or query.from_id != user.id:
        raise NotKnownError("no such inline query")
    return query
