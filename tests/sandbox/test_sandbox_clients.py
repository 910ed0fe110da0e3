"""Other people's libraries run on the sandbox unchanged: the same story with each of them.

The story: a command, a keyboard, a tap, an edit, an upload, a download, a poll, an album, and the refusals
each library turns into exceptions of its own. Long polling brings the updates.
"""

from __future__ import annotations

import asyncio
import base64
import io

import pytest

FILE_NAME = "\u62a5\u544a 1.txt"


async def follow(stage):
    """Play the person's side of the story; every bot below answers it the same way."""
    people = [stage.ann, stage.ben, stage.bot.id]
    office = {"type": "supergroup", "title": "Office", "members": people}
    group = (await stage.sim("chats", office))["id"]
    place = {"chat_id": group, "from_id": stage.ann}
    await stage.say(group, "/start hello")
    await stage.until_calls("sendMessage")
    asked = (await stage.sim(f"chats/{group}/messages"))[-1]
    assert asked["text"] == "choose"
    tap = await stage.sim("taps", {**place, "message_id": asked["message_id"], "button": "Go"})
    assert tap == {"answer": "went", "alert": True, "answered": True}
    await stage.until_calls("editMessageText")
    edited = (await stage.sim(f"chats/{group}/messages"))[-1]
    assert (edited["text"], edited["edits"][0]["text"]) == ("chosen", "choose")
    assert "reply_markup" not in edited
    await stage.say(group, "/file")
    await stage.until_calls("sendDocument")
    sent = (await stage.sim(f"chats/{group}/messages"))[-1]
    assert (sent["document"]["file_name"], sent["caption"]) == (FILE_NAME, "bold")
    assert sent["caption_entities"] == [{"type": "bold", "offset": 0, "length": 4}]
    async with stage.session.get(stage.sandbox.url + sent["files"][0]["url"]) as response:
        assert await response.read() == b"report"
    document = {"name": "up.txt", "base64": base64.b64encode(b"from ann").decode()}
    await stage.sim("messages", {**place, "document": document, "reply_to": sent["message_id"]})
    await stage.until_calls("sendMessage", 2)
    assert (await stage.sim(f"chats/{group}/messages"))[-1]["text"] == "got from ann"
    await stage.say(group, "/poll")
    await stage.until_calls("sendPoll")
    assert (await stage.sim(f"chats/{group}/messages"))[-1]["poll"]["question"] == "q?"
    await stage.say(group, "/album")
    await stage.until_calls("sendMediaGroup")
    assert len((await stage.sim(f"chats/{group}/messages"))[-1]["photo"]) == 1
    members = await stage.sim(f"chats/{group}/members", {"user_id": stage.bot.id, "status": "administrator"})
    assert {"user_id": stage.bot.id, "status": "administrator"} in members["members"]
    await stage.say(group, "/members")
    await stage.until_calls("sendMessage", 3)
    assert (await stage.sim(f"chats/{group}/messages"))[-1]["text"] == "creator member administrator Office"
    statuses = {row["status"] for row in stage.world.calls.after(0)}
    assert statuses == {200}


@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
async def test_python_telegram_bot(stage):
    telegram = pytest.importorskip("telegram")
    ext = pytest.importorskip("telegram.ext")

    async def start(update, _):
        keyboard = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("Go", callback_data="go")]])
        await update.message.reply_text("choose", reply_markup=keyboard)

    async def tapped(update, _):
        await update.callback_query.answer("went", show_alert=True)
        await update.callback_query.edit_message_text("chosen")

    async def file(update, _):
        await update.message.reply_document(
            io.BytesIO(b"report"), filename=FILE_NAME, caption="<b>bold</b>", parse_mode="HTML"
        )

    async def got(update, _):
        found = await update.message.document.get_file()
        data = bytes(await found.download_as_bytearray())
        await update.message.reply_text("got " + data.decode())

    async def poll(update, _):
        await update.message.reply_poll("q?", ["a", "b"])

    async def album(update, _):
        photos = [telegram.InputMediaPhoto(stage.png), telegram.InputMediaPhoto(stage.png)]
        await update.message.reply_media_group(photos)

    async def members(update, context):
        chat = (
            await update.effective_chat.get_member(stage.ann),
            await update.effective_chat.get_member(stage.ben),
        )
        me = await update.effective_chat.get_member(context.bot.id)
        full = await context.bot.get_chat(update.effective_chat.id)
        await update.message.reply_text(" ".join([*(m.status for m in chat), me.status, full.title]))

    application = (
        ext.Application.builder()
        .token(stage.token)
        .base_url(f"{stage.sandbox.url}/bot")
        .base_file_url(f"{stage.sandbox.url}/file/bot")
        .build()
    )
    for name, handler in (
        ("start", start),
        ("file", file),
        ("poll", poll),
        ("album", album),
        ("members", members),
    ):
        application.add_handler(ext.CommandHandler(name, handler))
    application.add_handler(ext.CallbackQueryHandler(tapped))
    application.add_handler(ext.MessageHandler(ext.filters.Document.ALL, got))
    async with application:
        await application.start()
        await application.updater.start_polling()
        await follow(stage)
        with pytest.raises(telegram.error.BadRequest, match="Chat not found"):
            await application.bot.send_message(99, "x")
        with pytest.raises(telegram.error.Forbidden, match="bot can't initiate conversation"):
            await application.bot.send_message(stage.ben, "x")
        group = await stage.sim(
            "chats", {"type": "group", "title": "g", "members": [stage.ann, stage.bot.id]}
        )
        new = await stage.sim(f"chats/{group['id']}/migrate", {})
        with pytest.raises(telegram.error.ChatMigrated) as caught:
            await application.bot.send_message(group["id"], "x")
        assert caught.value.new_chat_id == new["id"]
        await stage.sim("faults", {"method": "sendMessage", "status": 429, "parameters": {"retry_after": 7}})
        with pytest.raises(telegram.error.RetryAfter):
            await application.bot.send_message(stage.ann, "x")
        await application.updater.stop()
        await application.stop()


async def test_python_telegram_bot_webhook_types(stage):
    """What arrives parses into the library's types without leaving anything out."""
    telegram = pytest.importorskip("telegram")
    group = await stage.sim("chats", {"type": "group", "title": "g", "members": [stage.ann, stage.bot.id]})
    await stage.sim(f"chats/{group['id']}/members", {"user_id": stage.bot.id, "status": "restricted"})
    await stage.sim(f"chats/{group['id']}/members", {"user_id": stage.bot.id, "status": "administrator"})
    await stage.sim(f"chats/{group['id']}/migrate", {})
    for raw in await stage.updates():
        parsed = telegram.Update.de_json(raw, None)
        assert parsed.to_dict().keys() == raw.keys()


async def test_aiogram(stage):
    aiogram = pytest.importorskip("aiogram")
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
    from aiogram.filters import Command
    from aiogram.types import (
        BufferedInputFile,
        InlineKeyboardButton,
        InlineKeyboardMarkup,
        InputMediaPhoto,
    )

    dispatcher = aiogram.Dispatcher()
    session = AiohttpSession(api=TelegramAPIServer.from_base(stage.sandbox.url))
    bot = aiogram.Bot(stage.token, session=session)

    @dispatcher.message(Command("start"))
    async def start(message):
        keyboard = InlineKeyboardMarkup(
            inline_keyboard=[[InlineKeyboardButton(text="Go", callback_data="go")]]
        )
        await message.answer("choose", reply_markup=keyboard)

    @dispatcher.callback_query()
    async def tapped(query):
        await query.answer("went", show_alert=True)
        await query.message.edit_text("chosen")

    @dispatcher.message(Command("file"))
    async def file(message):
        document = BufferedInputFile(b"report", filename=FILE_NAME)
        await message.answer_document(document, caption="<b>bold</b>", parse_mode="HTML")

    @dispatcher.message(Command("poll"))
    async def poll(message):
        await message.answer_poll("q?", ["a", "b"])

    @dispatcher.message(Command("album"))
    async def album(message):
        photo = BufferedInputFile(stage.png, filename="p.png")
        await message.answer_media_group([InputMediaPhoto(media=photo), InputMediaPhoto(media=photo)])

    @dispatcher.message(Command("members"))
    async def members(message):
        ids = (stage.ann, stage.ben, bot.id)
        found = [(await bot.get_chat_member(message.chat.id, user_id)).status for user_id in ids]
        full = await bot.get_chat(message.chat.id)
        await message.answer(" ".join([*found, full.title]))

    @dispatcher.message(aiogram.F.document)
    async def got(message):
        data = await bot.download(message.document)
        await message.reply("got " + data.read().decode())

    polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, polling_timeout=1))
    await stage.until_calls("getUpdates")
    await follow(stage)
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(99, "x")
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(stage.ben, "x")
    await stage.sim("faults", {"method": "sendMessage", "status": 429, "parameters": {"retry_after": 7}})
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(stage.ann, "x")
    assert caught.value.retry_after == 7
    await dispatcher.stop_polling()
    await polling
    await bot.session.close()


async def test_pytelegrambotapi_async(stage):
    pytest.importorskip("telebot")
    from telebot import asyncio_helper, types
    from telebot.async_telebot import AsyncTeleBot

    asyncio_helper.API_URL = stage.sandbox.url + "/bot{0}/{1}"
    asyncio_helper.FILE_URL = stage.sandbox.url + "/file/bot{0}/{1}"
    bot = AsyncTeleBot(stage.token)

    @bot.message_handler(commands=["start"])
    async def start(message):
        keyboard = types.InlineKeyboardMarkup([[types.InlineKeyboardButton("Go", callback_data="go")]])
        await bot.send_message(message.chat.id, "choose", reply_markup=keyboard)

    @bot.callback_query_handler(func=lambda _: True)
    async def tapped(query):
        await bot.answer_callback_query(query.id, "went", show_alert=True)
        await bot.edit_message_text("chosen", query.message.chat.id, query.message.message_id)

    @bot.message_handler(commands=["file"])
    async def file(message):
        document = types.InputFile(io.BytesIO(b"report"), file_name=FILE_NAME)
        await bot.send_document(message.chat.id, document, caption="<b>bold</b>", parse_mode="HTML")

    @bot.message_handler(commands=["poll"])
    async def poll(message):
        await bot.send_poll(message.chat.id, "q?", [types.InputPollOption("a"), types.InputPollOption("b")])

    @bot.message_handler(commands=["album"])
    async def album(message):
        photos = [types.InputMediaPhoto(types.InputFile(io.BytesIO(stage.png))) for _ in range(2)]
        await bot.send_media_group(message.chat.id, photos)

    @bot.message_handler(commands=["members"])
    async def members(message):
        ids = (stage.ann, stage.ben, stage.bot.id)
        found = [(await bot.get_chat_member(message.chat.id, user_id)).status for user_id in ids]
        full = await bot.get_chat(message.chat.id)
        await bot.send_message(message.chat.id, " ".join([*found, full.title]))

    @bot.message_handler(content_types=["document"])
    async def got(message):
        found = await bot.get_file(message.document.file_id)
        data = await bot.download_file(found.file_path)
        await bot.reply_to(message, "got " + data.decode())

    polling = asyncio.create_task(bot.infinity_polling(timeout=1, skip_pending=False))
    await stage.until_calls("getUpdates")
    await follow(stage)
    with pytest.raises(asyncio_helper.ApiTelegramException) as caught:
        await bot.send_message(99, "x")
    assert (caught.value.error_code, caught.value.description) == (400, "Bad Request: chat not found")
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
    await bot.close_session()


async def test_pytelegrambotapi_sync(stage):
    pytest.importorskip("telebot")
    from telebot import TeleBot, apihelper, types

    apihelper.API_URL = stage.sandbox.url + "/bot{0}/{1}"
    apihelper.FILE_URL = stage.sandbox.url + "/file/bot{0}/{1}"
    bot = TeleBot(stage.token, threaded=False)

    @bot.message_handler(commands=["start"])
    def start(message):
        keyboard = types.InlineKeyboardMarkup([[types.InlineKeyboardButton("Go", callback_data="go")]])
        bot.send_message(message.chat.id, "choose", reply_markup=keyboard)

    @bot.callback_query_handler(func=lambda _: True)
    def tapped(query):
        bot.answer_callback_query(query.id, "went", show_alert=True)
        bot.edit_message_text("chosen", query.message.chat.id, query.message.message_id)

    @bot.message_handler(commands=["file"])
    def file(message):
        document = types.InputFile(io.BytesIO(b"report"), file_name=FILE_NAME)
        bot.send_document(message.chat.id, document, caption="<b>bold</b>", parse_mode="HTML")

    @bot.message_handler(commands=["poll"])
    def poll(message):
        bot.send_poll(message.chat.id, "q?", [types.InputPollOption("a"), types.InputPollOption("b")])

    @bot.message_handler(commands=["album"])
    def album(message):
        photos = [types.InputMediaPhoto(types.InputFile(io.BytesIO(stage.png))) for _ in range(2)]
        bot.send_media_group(message.chat.id, photos)

    @bot.message_handler(commands=["members"])
    def members(message):
        ids = (stage.ann, stage.ben, stage.bot.id)
        found = [bot.get_chat_member(message.chat.id, user_id).status for user_id in ids]
        bot.send_message(message.chat.id, " ".join([*found, bot.get_chat(message.chat.id).title]))

    @bot.message_handler(content_types=["document"])
    def got(message):
        data = bot.download_file(bot.get_file(message.document.file_id).file_path)
        bot.reply_to(message, "got " + data.decode())

    polling = asyncio.create_task(
        asyncio.to_thread(bot.polling, non_stop=True, timeout=1, long_polling_timeout=1)
    )
    await stage.until_calls("getUpdates")
    await follow(stage)
    bot.stop_polling()
    await polling
