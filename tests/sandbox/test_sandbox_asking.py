"""Taps and inline mode, seen from both sides."""

from __future__ import annotations

import asyncio

import pytest

MARKUP = {
    "inline_keyboard": [[{"text": "Sign", "callback_data": "s:1"}, {"text": "Web", "url": "http://e.org"}]]
}


@pytest.fixture
async def card(stage):
    """A message with buttons in a group: (chat id, message id)."""
    group = await stage.group()
    sent = await stage.api("sendMessage", chat_id=group, text="card", reply_markup=MARKUP)
    return group, sent["message_id"]


async def tapped(stage, place, **more):
    """Tap, and return the tap's task with the callback query the bot gets."""
    body = {"chat_id": place[0], "message_id": place[1], "from_id": stage.ben, **more}
    task = asyncio.create_task(stage.sim("taps", body))
    (update,) = await stage.api("getUpdates", timeout=10)
    await stage.api("getUpdates", offset=update["update_id"] + 1, timeout=0)
    return task, update["callback_query"]


async def test_tap_brings_back_the_bots_answer(stage, card):
    task, query = await tapped(stage, card, button="Sign")
    assert (query["data"], query["from"]["id"]) == ("s:1", stage.ben)
    assert query["message"]["message_id"] == card[1]
    await stage.api("answerCallbackQuery", callback_query_id=query["id"], text="done", show_alert=True)
    assert await task == {"answer": "done", "alert": True, "answered": True}


async def test_unanswered_tap_ends_after_its_time(stage, card):
    task, _ = await tapped(stage, card, button="Sign", wait_s=0.05)
    assert await task == {"answer": None, "alert": False, "answered": False}


async def test_raw_data_can_be_forged_and_links_are_returned(stage, card, refusal):
    task, query = await tapped(stage, card, data="forged")
    assert query["data"] == "forged"
    await stage.api("answerCallbackQuery", callback_query_id=query["id"])
    assert (await task)["answered"] is True
    body = {"chat_id": card[0], "message_id": card[1], "from_id": stage.ben}
    assert (await stage.sim("taps", {**body, "button": "Web"}))["url"] == "http://e.org"
    with pytest.raises(refusal, match="there are: Sign, Web"):
        await stage.sim("taps", {**body, "button": "Nothing"})
    stranger = (await stage.sim("users", {"first_name": "Cleo"}))["id"]
    with pytest.raises(refusal, match="is not in chat"):
        await stage.sim("taps", {**body, "from_id": stranger, "button": "Sign"})


async def test_tap_on_a_deleted_message_is_inaccessible(stage, card):
    await stage.api("deleteMessage", chat_id=card[0], message_id=card[1])
    task, query = await tapped(stage, card, button="Sign", wait_s=0.01)
    assert query["message"] == {"chat": query["message"]["chat"], "message_id": card[1], "date": 0}
    await task


async def test_callback_answers_are_checked(stage, card, refusal):
    _, query = await tapped(stage, card, button="Sign", wait_s=0.01)
    with pytest.raises(refusal):
        await stage.api("answerCallbackQuery", callback_query_id=query["id"], text="x" * 201)
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    with pytest.raises(refusal) as caught:
        await stage.api("answerCallbackQuery", callback_query_id="123")
    assert caught.value.text == too_old
    with pytest.raises(refusal) as caught:
        await stage.api("answerCallbackQuery", token=stage.other, callback_query_id=query["id"])
    assert caught.value.text == too_old
    stage.world.queries.get(query["id"]).expires_at = 0.0
    with pytest.raises(refusal) as caught:
        await stage.api("answerCallbackQuery", callback_query_id=query["id"])
    assert caught.value.text == too_old


async def test_reply_keyboard_button_writes_its_label(stage):
    chat = await stage.private()
    sent = await stage.api("sendMessage", chat_id=chat, text="x", reply_markup={"keyboard": [["Skip"]]})
    body = {"chat_id": chat, "message_id": sent["message_id"], "from_id": stage.ann, "button": "Skip"}
    assert (await stage.sim("taps", body))["message"]["text"] == "Skip"
    assert await stage.seen_by() == ["Skip"]


def article(result_id="r1", **more):
    content = {"message_text": "<b>found</b>", "parse_mode": "HTML"}
    return {"type": "article", "id": result_id, "title": "t", "input_message_content": content, **more}


async def asked(stage, text="word"):
    body = {"bot": "desk_bot", "from_id": stage.ben, "query": text}
    task = asyncio.create_task(stage.sim("inline", body))
    (update,) = await stage.updates() or await stage.api("getUpdates", timeout=10)
    await stage.updates()
    return task, update["inline_query"]


async def test_inline_result_is_chosen_and_edited_by_its_inline_id(stage):
    group = await stage.group()
    task, query = await asked(stage)
    assert (query["query"], query["from"]["id"]) == ("word", stage.ben)
    await stage.api("answerInlineQuery", inline_query_id=query["id"], results=[article(reply_markup=MARKUP)])
    answer = await task
    assert answer["answered"] and answer["results"][0]["id"] == "r1"
    choice = {"query_id": answer["query_id"], "from_id": stage.ben, "result_id": "r1", "chat_id": group}
    message = await stage.sim("inline/choose", choice)
    assert (message["text"], message["via_bot"]["id"], message["from"]["id"]) == (
        "found",
        stage.bot.id,
        stage.ben,
    )
    told, chosen = await stage.updates()
    assert told["message"]["via_bot"]["username"] == "desk_bot"
    inline_id = chosen["chosen_inline_result"]["inline_message_id"]
    assert await stage.api("editMessageText", inline_message_id=inline_id, text="later") is True
    task, query = await tapped(stage, (group, message["message_id"]), data="x", wait_s=0.01)
    assert query["inline_message_id"] == inline_id and "message" not in query
    await task


async def test_inline_works_where_the_bot_is_not(stage):
    await stage.api("getMe", token=stage.other)
    group = await stage.group(members=[stage.ben])
    task, query = await asked(stage)
    await stage.api("answerInlineQuery", inline_query_id=query["id"], results=[article()])
    await task
    choice = {"bot": "desk_bot", "from_id": stage.ben, "result_id": "r1", "chat_id": group}
    await stage.sim("inline/choose", choice)
    (chosen,) = await stage.updates()
    assert chosen["chosen_inline_result"] == {
        "result_id": "r1",
        "from": chosen["chosen_inline_result"]["from"],
        "query": "word",
    }


@pytest.mark.parametrize(
    ("results", "why"),
    [
        ([article(str(n)) for n in range(51)], "RESULTS_TOO_MUCH"),
        ([article(), article()], "RESULT_ID_DUPLICATE"),
        ([article("x" * 65)], "RESULT_ID_INVALID"),
        (
            [article(input_message_content={"message_text": "<b>", "parse_mode": "HTML"})],
            "can't parse entities",
        ),
        ([article(input_message_content=None)], "message content must be specified"),
    ],
)
async def test_bad_inline_answers_are_refused(stage, refusal, results, why):
    task, query = await asked(stage)
    with pytest.raises(refusal, match=why):
        await stage.api("answerInlineQuery", inline_query_id=query["id"], results=results)
    await stage.api("answerInlineQuery", inline_query_id=query["id"], results=[])
    assert (await task)["results"] == []
